// What the page's parts share: elements, words for numbers, dialogs and short notices.

export const byId = (id) => document.getElementById(id);

/** An element. Texts are put in as texts, never as HTML. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (key === "text") made.textContent = value;
    else if (key === "class") made.className = value;
    else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const svg = "http://www.w3.org/2000/svg";

/** A drawing that only decorates. */
export function drawing(viewBox, ...parts) {
  const made = document.createElementNS(svg, "svg");
  made.setAttribute("viewBox", viewBox);
  made.setAttribute("aria-hidden", "true");
  for (const [name, attributes] of parts) {
    const part = made.appendChild(document.createElementNS(svg, name));
    for (const [key, value] of Object.entries(attributes)) part.setAttribute(key, value);
  }
  return made;
}

/** Writes only what differs, so that what did not change is not laid out again. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

const whole = new Intl.NumberFormat("en");
const one = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
export const count = (number) => whole.format(number);
export const rate = (number) => (number >= 100 ? whole : one).format(number >= 100 ? Math.round(number) : number);
export const plural = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;

/** snake_case as words, and the same at the start of a line. */
export const words = (text) => text.replaceAll("_", " ");
export const title = (text) => words(text).charAt(0).toUpperCase() + words(text).slice(1);

const languages = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" });

/** A language by its English name and its tag. */
export function languageName(tag) {
  try {
    return `${languages.of(tag)} (${tag})`;
  } catch {
    return tag;
  }
}

/** Does what a button is for, once at a time. The button keeps the focus meanwhile, unlike one that is disabled. */
export async function act(button, work) {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  try {
    await work();
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

/** Opens a dialog over the page. It keeps the focus, and gives it back to what had it, or to `orElse` if that is gone. */
export function openDialog(dialog, orElse = null) {
  if (dialog.open) return;
  const before = document.activeElement;
  const close = () => dialog.close();
  const button = dialog.querySelector("[data-close]");
  const beside = (event) => { if (event.target === dialog) close(); };
  button.addEventListener("click", close);
  dialog.addEventListener("click", beside);
  dialog.addEventListener("close", () => {
    button.removeEventListener("click", close);
    dialog.removeEventListener("click", beside);
    if (!before.isConnected) orElse?.focus({ preventScroll: true });
  }, { once: true });
  dialog.showModal();
}

let noticeTimer;
/** Says something for a few seconds. */
export function notice(text) {
  const place = byId("notice");
  place.textContent = text;
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => { place.textContent = ""; }, 6000);
}
