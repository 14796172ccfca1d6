// Open windows, a page at a time: however many there are, only those of one page are asked for and drawn.

import { explain, get, part, post } from "./api.js";
import { byId, count, element, notice, plural, setText, span, words } from "./dom.js";

const pageSize = 25;

export class Windows {
  #rows = new Map();
  #cursors = [null];
  #next = null;
  #list = element("ul", { class: "rows", id: "windows-list" });
  #message = element("p", { class: "empty", text: "Loading…" });
  #back = element("button", { type: "button", text: "Earlier", onclick: () => this.#turn(-1) });
  #forth = element("button", { type: "button", text: "Later", onclick: () => this.#turn(1) });
  #place = element("span", { class: "faint" });
  #pager = element("nav", { class: "pager", "aria-label": "Pages of open windows" },
    this.#back, this.#place, this.#forth);
  #isLoading = false;

  constructor() {
    byId("windows").append(this.#message, this.#list, this.#pager);
    this.#pager.hidden = true;
    setInterval(() => this.#tick(), 1000);
  }

  async load() {
    if (this.#isLoading) return;
    this.#isLoading = true;
    const after = this.#cursors.at(-1);
    try {
      const page = await get(`/v1/windows?limit=${pageSize}${after ? `&after=${part(after)}` : ""}`);
      if (page.items.length === 0 && this.#cursors.length > 1) this.#cursors.pop();
      else this.#show(page);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isLoading = false;
    }
  }

  #turn(step) {
    if (step > 0 && this.#next) this.#cursors.push(this.#next);
    if (step < 0 && this.#cursors.length > 1) this.#cursors.pop();
    this.load();
  }

  #show(page) {
    this.#next = page.next;
    setText(byId("windows-count"), plural(page.total, "window"));
    setText(this.#message, "No window is open. Events that wait to be bound show here.");
    this.#message.hidden = page.total > 0;
    const pages = Math.max(1, Math.ceil(page.total / pageSize));
    this.#pager.hidden = pages === 1 && this.#cursors.length === 1;
    this.#back.disabled = this.#cursors.length === 1;
    this.#forth.disabled = !page.next;
    setText(this.#place, `Page ${count(this.#cursors.length)} of ${count(Math.max(pages, this.#cursors.length))}`);
    const keys = new Set(page.items.map((item) => item.key));
    for (const [key, row] of this.#rows) {
      if (keys.has(key)) continue;
      row.node.remove();
      this.#rows.delete(key);
    }
    page.items.forEach((item, index) => this.#arrange(item, index));
    this.#tick();
  }

  /** Puts a window's row where it belongs; rows that stay keep their focus. */
  #arrange(item, index) {
    const row = this.#rows.get(item.key) ?? this.#row(item.key);
    row.item = item;
    setText(row.title, `${words(item.type)} for ${item.recipient_id}`);
    setText(row.events, plural(item.events, "event"));
    const opened = new Date(item.opened_at).getTime();
    row.bar.max = Math.max(1, (new Date(item.closes_at).getTime() - opened) / 1000);
    const there = this.#list.children[index];
    if (there !== row.node) this.#list.insertBefore(row.node, there ?? null);
  }

  #row(key) {
    const title = element("strong");
    const events = element("span");
    const left = element("span", { class: "countdown" });
    const bar = element("progress", { "aria-label": `Time that has passed of window ${key}`, value: 0, max: 1 });
    const button = element("button", {
      type: "button", text: "Flush", "aria-label": `Flush window ${key}`, onclick: () => this.#flush(key, button),
    });
    const node = element("li", { "data-key": key },
      element("div", { class: "what" }, title, element("code", { text: key })),
      element("div", { class: "how" }, events, left, bar), button);
    const row = { node, title, events, left, bar, item: null };
    this.#rows.set(key, row);
    return row;
  }

  #tick() {
    const now = Date.now();
    for (const row of this.#rows.values()) {
      const left = (new Date(row.item.closes_at).getTime() - now) / 1000;
      setText(row.left, left > 0 ? `closes in ${span(left)}` : "closing");
      row.bar.value = Math.min(row.bar.max, Math.max(0, row.bar.max - left));
    }
  }

  async #flush(key, button) {
    button.disabled = true;
    try {
      await post(`/v1/windows/${part(key)}/flush`);
      notice(`Window ${key} closes now.`);
      await this.load();
    } catch (error) {
      notice(error.status === 404 ? `Window ${key} has closed already.` : explain(error));
    } finally {
      button.disabled = false;
    }
  }

  #fail(error) {
    if (this.#rows.size > 0 && error.status === 0) return;
    this.#list.replaceChildren();
    this.#rows.clear();
    this.#pager.hidden = true;
    this.#message.hidden = false;
    setText(this.#message, explain(error));
  }
}
