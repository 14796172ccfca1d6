// A type's texts for events that somebody writes, as a phone would show them.

import { APIFailure, explain, open, parse, part } from "./api.js";
import { bell, outlines } from "./feed.js";
import { drawing, element, languageName, plural, setText, words } from "./dom.js";

/** How long nobody types before the preview is made anew, in milliseconds. */
const pause = 400;

/** A value that a field of this kind may hold. */
function sampleValue(kind, name) {
  if (kind.startsWith("[")) return kind.slice(1, -1).split(", ")[0];
  switch (kind) {
    case "id": return 1001;
    case "integer": return 3;
    case "number": return 9.5;
    case "boolean": return true;
    case "time": return "2026-01-05T12:00:00Z";
    case "any": return 1;
    default: return name;
  }
}

/** What the data of a type's events may be: its first example, or values that fit its fields. */
export const sampleData = (type) => (type.sample?.length > 0 ? type.sample : [sampleOf(type.fields)]);

const sampleOf = (fields) => Object.fromEntries(fields.map(({ name, type }) => [name, sampleValue(type, name)]));

/** A list of events, one a line. */
const lines = (events) => `[\n${events.map((event) => `  ${JSON.stringify(event)}`).join(",\n")}\n]`;

let zones;
/** The zones that the browser knows, once for all previews. */
function zoneList() {
  if (!zones) {
    zones = element("datalist", { id: "zones" }, ...["UTC", ...Intl.supportedValuesOf("timeZone")].map((zone) => (
      element("option", { value: zone }))));
    document.body.append(zones);
  }
  return zones.id;
}

export class Preview {
  #type;
  #timer = null;
  #turn = 0;
  #events;
  #enrich = null;
  #locale;
  #zone;
  #now = null;
  #said = element("p", { class: "error", role: "alert" });
  #phone = element("div", { class: "device", role: "region", "aria-label": "What a phone would show", "aria-live": "polite" });
  node;

  constructor(type) {
    this.#type = type;
    const oninput = () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#make(), pause);
    };
    this.#events = element("textarea", { id: "preview-events", rows: 8, spellcheck: "false", autocomplete: "off", oninput });
    this.#events.value = lines(sampleData(type));
    this.#locale = element("select", { id: "preview-locale", onchange: oninput },
      ...type.languages.map((tag) => element("option", { value: tag, text: languageName(tag) })));
    const { example } = type;
    const own = navigator.languages.flatMap((tag) => [tag, tag.split("-")[0]]).find((tag) => type.languages.includes(tag));
    if (own) this.#locale.value = own;
    // An example is shown as it is notified: to its recipient, at its time, with its service's answer.
    if (example?.locale) {
      if (!type.languages.includes(example.locale)) {
        this.#locale.append(element("option", { value: example.locale, text: languageName(example.locale) }));
      }
      this.#locale.value = example.locale;
    }
    this.#zone = element("input", {
      id: "preview-zone", list: zoneList(), autocomplete: "off", spellcheck: "false", placeholder: "as configured",
      value: example?.time_zone ?? "", oninput,
    });
    const fields = [
      ["Events: a list of what their data holds", this.#events],
      ["Language", this.#locale], ["Time zone", this.#zone],
    ];
    if (type.when?.includes("occurred_at")) {
      this.#now = element("input", {
        id: "preview-now", autocomplete: "off", spellcheck: "false", placeholder: "now", value: example?.now ?? "", oninput,
      });
      fields.push(["When they happen", this.#now]);
    }
    if (type.returns) {
      this.#enrich = element("textarea", { id: "preview-enrich", rows: 3, spellcheck: "false", autocomplete: "off", oninput });
      const answer = example ? example.enrich : { variables: sampleOf(type.returns) };
      this.#enrich.value = answer ? JSON.stringify(answer) : "";
      fields.push(["What its service would answer", this.#enrich]);
    }
    const form = element("form", {
      class: "preview-form", onsubmit: (event) => {
        event.preventDefault();
        this.#make();
      },
    }, ...fields.map(([text, input]) => element("div", {}, element("label", { for: input.id, text }), input)),
    element("button", { type: "submit", class: "primary", text: "Preview" }), this.#said);
    this.node = element("div", { class: "preview" }, form, this.#phone);
    this.#make();
  }

  async #make() {
    clearTimeout(this.#timer);
    this.#turn += 1;
    const turn = this.#turn;
    try {
      const answer = await this.#ask();
      if (turn !== this.#turn) return;
      setText(this.#said, "");
      this.#events.removeAttribute("aria-invalid");
      this.#phone.replaceChildren(...this.#nodes(answer));
    } catch (error) {
      if (turn !== this.#turn) return;
      setText(this.#said, error.field ? `${error.field}: ${explain(error)}` : explain(error));
      this.#events.setAttribute("aria-invalid", "true");
    }
  }

  async #ask() {
    // The texts go out as they are, so that numbers of 64 bits stay exact.
    const members = [`"events":${Preview.#checked(this.#events, "The list of events")}`];
    if (this.#locale.value) members.push(`"locale":${JSON.stringify(this.#locale.value)}`);
    if (this.#zone.value.trim()) members.push(`"time_zone":${JSON.stringify(this.#zone.value.trim())}`);
    if (this.#now?.value.trim()) members.push(`"now":${JSON.stringify(this.#now.value.trim())}`);
    if (this.#enrich?.value.trim()) members.push(`"enrich":${Preview.#checked(this.#enrich, "The service's answer")}`);
    const response = await open(`/v1/types/${part(this.#type.name)}/preview`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: `{${members.join(",")}}`,
    });
    return parse(await response.text());
  }

  static #checked(input, what) {
    try {
      JSON.parse(input.value);
      return input.value;
    } catch (error) {
      throw new APIFailure(-1, "invalid", `${what} is not JSON: ${error.message}`);
    }
  }

  #nodes(answer) {
    const notes = [
      ...answer.left_out.map(({ event, reason }) => `Event ${event + 1} is left out: ${words(reason)}.`),
      answer.windows > 1 ? `These events are of ${plural(answer.windows, "window")}; they are in one notification here.` : null,
      ...answer.notes.map((note) => `${note.charAt(0).toUpperCase()}${note.slice(1)}.`),
    ].filter(Boolean).map((text) => element("p", { class: "faint", text }));
    if (answer.suppressed !== undefined) {
      return [element("p", { class: "empty", text: `No notification: ${words(answer.suppressed)}.` }), ...notes];
    }
    const text = (tag, properties, value) => element(tag, { ...properties, lang: answer.locale, dir: "auto", text: value });
    const badge = element("span", { class: "badge" },
      drawing("0 0 24 24", ["path", { d: outlines[answer.type] ?? bell }]));
    return [
      element("p", { class: "faint", text: `In the list, of ${plural(answer.event_count, "event")}` }),
      element("div", { class: "message" }, badge,
        element("span", { class: "meta" }, element("span", { text: words(answer.category) }), element("span", { text: "now" })),
        text("strong", {}, answer.list_title), text("span", { class: "description" }, answer.list_description)),
      element("p", { class: "faint", text: "Opened" }),
      element("div", { class: "opened" },
        answer.full_title || answer.full_text
          ? text("strong", { class: "full-title" }, answer.full_title) : element("span", { class: "faint", text: "No texts of its own." }),
        text("p", { class: "full" }, answer.full_text),
        answer.url ? element("code", { text: answer.url }) : null),
      ...notes,
    ];
  }
}
