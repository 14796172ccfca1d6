// The types of notifications: what their events hold, when they are notified, and with which texts.

import { Reading, explain, get } from "./api.js";
import { byId, count, element, languageName, plural, setText, title, words } from "./dom.js";
import { Preview } from "./preview.js";

/** How many are listed at once; the filter finds the others. */
const most = 50;

/** As text that does not depend on the order of members. */
const sorted = (value) => JSON.stringify(value, (_, inner) => (
  inner && typeof inner === "object" && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).sort()) : inner));

/** The texts of a type, in the order that readers meet them. */
const parts = ["list_title", "list_description", "full_title", "full_text", "url", "line"];

/** When events are notified, in a few words. */
function policy({ mode, window, max_wait: longest, max_events: events, at, days }) {
  const room = events === undefined ? "" : `, at most ${plural(events, "event")}`;
  switch (mode) {
    case "immediate": return "At once, each by itself";
    case "at": return `At ${at}${days ? ` on ${days.join(", ")}` : " each day"}, in the recipient's zone`;
    case "sliding": return `${window} after the last event, at the latest ${longest} after the first${room}`;
    case "leading": return `The first at once, those of the next ${window} together${room}`;
    case "tumbling": return `${window} after the first event${room}`;
    default: return title(mode);
  }
}

export class Types {
  #types = [];
  #known = "";
  #selected = null;
  #shown = null;
  #filter = element("input", {
    id: "types-filter", type: "search", placeholder: "Name, field or category", autocomplete: "off",
    spellcheck: "false", oninput: () => this.#list(),
  });
  #filterLine = element("div", { class: "line" },
    element("label", { for: "types-filter", text: "Filter" }), this.#filter);
  #message = element("p", { class: "empty", text: "Loading…" });
  #rows = element("ul", { class: "rows", id: "types-list" });
  #more = element("p", { class: "faint" });
  #detail = element("div", { id: "type-detail" });
  #reading = new Reading(() => this.#read());

  #know;

  /** `know(types)` gets the types whenever they change. */
  constructor(know) {
    this.#know = know;
    byId("types").append(
      element("div", { class: "types-side" }, this.#filterLine, this.#message, this.#rows, this.#more), this.#detail);
    this.#filterLine.hidden = true;
  }

  load() { return this.#reading.load(); }
  refresh() { this.#reading.refresh(); }

  async #read() {
    try {
      const found = await get("/v1/types");
      // What did not change stays as it is, with what was written into it.
      const known = sorted(found);
      if (known === this.#known) return;
      this.#known = known;
      this.#types = found.items;
      this.#know(found.items);
      setText(byId("types-count"), found.revision === null
        ? plural(found.items.length, "type") : `${plural(found.items.length, "type")}, revision ${found.revision}`);
      this.#message.hidden = true;
      this.#filterLine.hidden = found.items.length < 10;
      this.#list();
      this.#show();
    } catch (error) {
      if (this.#types.length > 0 && error.status === 0) return;
      this.#message.hidden = false;
      setText(this.#message, explain(error));
    }
  }

  #list() {
    const wanted = this.#filter.value.trim().toLowerCase().replaceAll(" ", "_");
    const found = this.#types.filter((type) => wanted === "" || [type.name, type.category,
      ...type.fields.map((field) => field.name)].some((text) => text.toLowerCase().includes(wanted)));
    const focused = document.activeElement?.dataset?.type;
    this.#rows.replaceChildren(...found.slice(0, most).map((type) => this.#row(type)));
    setText(this.#more, found.length === 0 ? "No type fits." : found.length > most
      ? `and ${count(found.length - most)} more; the filter finds them` : "");
    if (focused) this.#rows.querySelector(`[data-type="${CSS.escape(focused)}"]`)?.focus();
  }

  #row(type) {
    const isShown = type.name === this.#selected;
    const badges = [type.built_in ? "built in" : null, type.retired ? "retired" : null].filter(Boolean);
    return element("li", {},
      element("button", {
        type: "button", class: "type", "data-type": type.name, "aria-expanded": String(isShown),
        "aria-controls": "type-detail", onclick: () => this.#select(type.name),
      },
      element("strong", { text: title(type.name) }),
      ...badges.map((text) => element("span", { class: "tag", text })),
      element("span", { class: "faint", text: policy(type.delivery) }),
      element("span", { class: "faint", text: type.languages.map(languageName).join(", ") })));
  }

  #select(name) {
    this.#selected = this.#selected === name ? null : name;
    this.#list();
    this.#show();
  }

  #show() {
    const type = this.#types.find(({ name }) => name === this.#selected);
    const known = sorted(type ?? null);
    if (this.#shown === known) return;
    this.#shown = known;
    this.#detail.replaceChildren(...type ? Types.#nodes(type) : []);
  }

  static #nodes(type) {
    const facts = [
      ["Name", type.name], ["Delivery", policy(type.delivery)],
      ["Windows by", type.key === undefined ? "the program's rule" : type.key.length > 0
        ? `recipient, ${type.key.join(", ")}` : "recipient"],
      ["Only if", type.when], ["Counts", type.distinct && `distinct values of ${type.distinct}`],
      ["Takes back", type.retracts && `events of ${type.retracts.type} with the same ${type.retracts.by.join(", ")}`],
      ["Category", words(type.category)], ["Importance", type.importance], ["Topic", type.topic],
      ["Its service returns", type.returns?.map(({ name, type: kind }) => `${name}: ${kind}`).join(", ")],
    ].filter(([, value]) => value);
    const fields = element("table", {},
      element("caption", { class: "hidden", text: `Fields of ${type.name}` }),
      element("thead", {}, element("tr", {}, ...["Field", "Holds", "Needed"].map((text) => (
        element("th", { scope: "col", text }))))),
      element("tbody", {}, ...type.fields.map((field) => element("tr", {},
        element("th", { scope: "row" }, element("code", { text: field.name })),
        element("td", { text: field.type }),
        element("td", { text: field.optional === undefined ? "–" : field.optional ? "no" : "yes" })))));
    return [
      element("h3", { text: title(type.name) }),
      type.retired ? element("p", { class: "faint", text: "It is retired and takes no new events." }) : "",
      element("dl", { class: "facts" }, ...facts.flatMap(([name, value]) => [
        element("dt", { text: name }), element("dd", { text: value })])),
      element("h4", { text: "Fields" }), fields,
      element("h4", { text: "Texts" }), ...Types.#texts(type),
      element("h4", { text: "Preview" }), new Preview(type).node,
    ];
  }

  static #texts(type) {
    if (!type.texts) return [element("p", { class: "faint", text: "The program has them." })];
    const languages = Object.keys(type.texts).sort();
    if (languages.length === 0) return [element("p", { class: "faint", text: "It has none: it only takes back." })];
    return languages.map((tag) => element("details", languages.length === 1 ? { open: "" } : {},
      element("summary", { text: languageName(tag) }),
      element("dl", { class: "texts" }, ...parts.filter((part) => type.texts[tag][part] !== undefined).flatMap((part) => [
        element("dt", { text: words(part) }),
        element("dd", {}, element("code", { lang: tag, dir: "auto", text: type.texts[tag][part] }))]))));
  }
}
