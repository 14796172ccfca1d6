// What was given up, why, and the button that brings it back.

import { explain, get, part, post } from "./api.js";
import { byId, element, notice, plural, setText, timeElement, words } from "./dom.js";

const pageSize = 10;

export class DeadLetters {
  #list = element("ul", { class: "rows", id: "dead-list" });
  #message = element("p", { class: "empty", text: "Loading…" });
  #more = element("button", { type: "button", text: "Show more", onclick: () => this.#showMore() });
  #pages = 1;
  #rows = new Map();
  #isLoading = false;

  constructor() {
    byId("dead").append(this.#message, this.#list, this.#more);
    this.#more.hidden = true;
  }

  count(number) { setText(byId("dead-count"), plural(number, "letter")); }

  async load() {
    if (this.#isLoading) return;
    this.#isLoading = true;
    try {
      const page = await get(`/v1/dead-letters?limit=${Math.min(1000, this.#pages * pageSize)}`);
      this.#show(page);
    } catch (error) {
      if (this.#rows.size > 0 && error.status === 0) return;
      this.#message.hidden = false;
      setText(this.#message, explain(error));
    } finally {
      this.#isLoading = false;
    }
  }

  #showMore() {
    this.#pages += 1;
    this.load();
  }

  #show(page) {
    setText(this.#message, "Nothing was given up.");
    this.#message.hidden = page.items.length > 0;
    this.#more.hidden = !page.next;
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
  }

  #row(letter) {
    const message = typeof letter.message === "string" ? letter.message : JSON.stringify(letter.message);
    const button = letter.can_redrive ? element("button", {
      type: "button", text: "Redrive", "aria-label": `Redrive dead letter ${letter.id}`,
      onclick: () => this.#redrive(letter.id, button),
    }) : element("span", { class: "faint", text: "its producer must send it again" });
    const row = element("li", { "data-id": letter.id },
      element("div", { class: "what" },
        element("strong", { text: words(letter.reason) }),
        element("span", { class: "faint" }, `${words(letter.topic)}${letter.recipient_id === null ? "" : ` for ${letter.recipient_id}`}, `,
          timeElement(letter.failed_at)),
        letter.error ? element("span", { class: "error", text: letter.error }) : null,
        element("details", {}, element("summary", { text: "Message" }), element("code", { text: message }))),
      button);
    this.#rows.set(letter.id, row);
    return row;
  }

  async #redrive(id, button) {
    button.disabled = true;
    try {
      await post(`/v1/dead-letters/${part(id)}/redrive`);
      notice("The message is on its way again.");
      await this.load();
    } catch (error) {
      notice(explain(error));
    } finally {
      button.disabled = false;
    }
  }
}
