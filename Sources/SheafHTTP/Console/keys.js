// Keys that lead to the page's parts, and the dialog that lists them.

import { byId, element, openDialog } from "./dom.js";

const setting = "sheaf-keys";
const to = (id) => () => byId(id).focus();

const keys = [
  ["/", "Search for a recipient or an event", to("query")],
  ["w", "Go to the open windows", to("windows-title")],
  ["d", "Go to the dead letters", to("dead-title")],
  ["n", "Go to the latest notifications", to("feed-title")],
  ["r", "Go to the rates of the last ten minutes", to("rates-title")],
  ["t", "Go to the types", to("types-title")],
  ["?", "Show these keys", () => openDialog(byId("keys"))],
];
const always = [
  ["Tab", "Go to the next control; with Shift, to the one before"],
  ["Enter", "Do what the control says"],
  ["Esc", "Close a dialog, or the search's result"],
];

/** Speech and some keyboards type letters that nobody means, so the keys can be turned off. */
const areOn = () => localStorage.getItem(setting) !== "off";

export function listenToKeys() {
  byId("keys-list").append(...[...keys, ...always].flatMap(([key, what]) => [
    element("dt", {}, element("kbd", { text: key })), element("dd", { text: what })]));
  byId("keys-on").checked = areOn();
  byId("keys-on").addEventListener("change", (event) => localStorage.setItem(setting, event.target.checked ? "on" : "off"));
  byId("keys-open").addEventListener("click", () => openDialog(byId("keys")));
  document.addEventListener("keydown", (event) => {
    const isTyped = event.target.closest("input:not([type=checkbox]), select, textarea");
    if (!areOn() || isTyped || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const [, , action] = keys.find(([key]) => key === event.key) ?? [];
    if (!action || document.querySelector("dialog[open]")) return;
    // Otherwise "/" would be typed into the field that it leads to.
    event.preventDefault();
    action();
  });
}
