// What failed for good, why, and the button that brings it back.

import { Reading, explain, get, part, post } from "./api.js";
import { act, byId, element, notice, plural, setText, title, words } from "./dom.js";
import { timeElement } from "./times.js";

const pageSize = 10;

/** What a message of a topic would have done. */
const tasks = { event_occurred: "An event", notification_send: "A notification" };

export class DeadLetters {
  #list = element("ul", { class: "rows", id: "dead-list" });
  #message = element("p", { class: "empty", text: "Loading…" });
  #more = element("button", { type: "button", text: "Show more", onclick: () => this.#showMore() });
  #pages = 1;
  #rows = new Map();
  #reading = new Reading(() => this.#read());

  constructor() {
    byId("dead").append(this.#message, this.#list, this.#more);
    this.#more.hidden = true;
  }

  count(number) { setText(byId("dead-count"), number > 0 ? plural(number, "letter") : ""); }

  load() { return this.#reading.load(); }
  refresh() { this.#reading.refresh(); }

  async #read() {
    try {
      this.#show(await get(`/v1/dead-letters?limit=${Math.min(1000, this.#pages * pageSize)}`));
    } catch (error) {
      if (this.#rows.size > 0 && error.status === 0) return;
      this.#list.replaceChildren();
      this.#rows.clear();
      this.#message.hidden = false;
      setText(this.#message, explain(error));
    }
  }

  #showMore() {
    this.#pages += 1;
    this.load();
  }

  #show(page) {
    setText(this.#message, "There are no dead letters.");
    this.#message.hidden = page.items.length > 0;
    this.#more.hidden = !page.next;
    const hadFocus = this.#list.contains(document.activeElement);
    const ids = new Set(page.items.map((letter) => letter.id));
    for (const [id, row] of this.#rows) {
      if (ids.has(id)) continue;
      row.remove();
      this.#rows.delete(id);
    }
    page.items.forEach((letter, index) => {
      const row = this.#rows.get(letter.id) ?? this.#row(letter);
      const there = this.#list.children[index];
      if (there !== row) this.#list.insertBefore(row, there ?? null);
    });
    if (hadFocus && !this.#list.contains(document.activeElement)) byId("dead-title").focus({ preventScroll: true });
  }

  #row(letter) {
    const message = typeof letter.message === "string" ? letter.message : JSON.stringify(letter.message, null, 2);
    const whose = letter.recipient_id === null ? "" : ` for ${letter.recipient_id}`;
    const button = letter.can_redrive ? element("button", {
      type: "button", text: "Redrive", "aria-label": `Redrive dead letter ${letter.id}`,
      onclick: () => act(button, () => this.#redrive(letter.id)),
    }) : element("span", { class: "faint", text: "its producer must send it again" });
    const row = element("li", { "data-id": letter.id },
      element("div", { class: "what" },
        element("strong", {}, title(letter.reason),
          element("span", { class: "faint", text: ` · ${tasks[letter.topic] ?? words(letter.topic)}${whose}` })),
        letter.error ? element("span", { class: "error", text: letter.error }) : null,
        element("span", { class: "faint" }, "failed ", timeElement(letter.failed_at)),
        element("details", {}, element("summary", { text: "Message" }), element("code", { text: message }))),
      button);
    this.#rows.set(letter.id, row);
    return row;
  }

  async #redrive(id) {
    try {
      await post(`/v1/dead-letters/${part(id)}/redrive`);
      notice("The message is on its way again.");
    } catch (error) {
      notice(error.status === 404 ? "This dead letter is gone already." : explain(error));
    }
    await this.load();
  }
}
