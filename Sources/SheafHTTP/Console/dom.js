// What the page's parts share: elements, words for times and numbers, and short notices.

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

/** A span of time in at most two units: 4 s, 2 min 5 s, 3 h 12 min. */
export function span(seconds) {
  const left = Math.max(0, Math.ceil(seconds));
  if (left < 60) return `${left} s`;
  if (left < 3600) return left % 60 ? `${Math.floor(left / 60)} min ${left % 60} s` : `${left / 60} min`;
  if (left < 86400) return `${Math.floor(left / 3600)} h ${Math.floor((left % 3600) / 60)} min`;
  return `${Math.floor(left / 86400)} d ${Math.floor((left % 86400) / 3600)} h`;
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const short = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** A moment as people say it: the time, and the day where it was not today. */
export function time(text, format = clock) {
  const date = new Date(text);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? format.format(date) : `${day.format(date)}, ${format.format(date)}`;
}

/** The same to the minute, as phones show it. */
export const shortTime = (text) => time(text, short);

/** A sentence of the API, its moments as people say them. */
export const sentence = (text) => text.charAt(0).toUpperCase()
  + text.slice(1).replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, (moment) => time(moment));

export const timeElement = (text) => element("time", { datetime: text, title: text, text: time(text) });

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

let noticeTimer;
/** Says something for a few seconds. */
export function notice(text) {
  const place = byId("notice");
  place.textContent = text;
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => { place.textContent = ""; }, 6000);
}
