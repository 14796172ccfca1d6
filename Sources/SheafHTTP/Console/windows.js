// Open windows, a page at a time: however many there are, only those of one page are asked for and drawn.

import { Reading, explain, get, now, part, post } from "./api.js";
import { act, byId, count, element, notice, plural, setText, title } from "./dom.js";
import { complete, exact, span } from "./times.js";

const pageSize = 25;

/** What a window waits for beyond its time, by the API's word for it. */
const reasons = {
  service: "a service", daily: "the daily hour", quiet_hours: "the end of quiet hours", cap: "room below the cap",
};

/** When a window closes, and what it waits for. */
function outlook({ waits_for: reason }, left) {
  if (!reason) return left > 0 ? `closes in ${span(left)}` : "closing";
  return `waits for ${reasons[reason] ?? reason}, ${left > 0 ? `${span(left)} more` : "trying"}`;
}

/** Closes a window now, and shows what came of it. */
export async function flush(key) {
  try {
    await post(`/v1/windows/${part(key)}/flush`);
    notice(`Window ${key} closes now.`);
  } catch (error) {
    notice(error.status === 404 ? `Window ${key} has closed already.` : explain(error));
  }
}

export class Windows {
  #rows = new Map();
  #cursors = [null];
  #next = null;
  #list = element("ul", { class: "rows", id: "windows-list" });
  #message = element("p", { class: "empty", text: "Loading…" });
  #back = element("button", { type: "button", text: "Previous", onclick: () => this.#turn(-1) });
  #forth = element("button", { type: "button", text: "Next", onclick: () => this.#turn(1) });
  #place = element("span", { class: "faint" });
  #pager = element("nav", { class: "pager", "aria-label": "Pages of open windows" },
    this.#back, this.#place, this.#forth);
  #reading = new Reading(() => this.#read());
  #find;

  /** `find(id)` searches for a recipient. */
  constructor(find) {
    this.#find = find;
    byId("windows").append(this.#message, this.#list, this.#pager);
    this.#pager.hidden = true;
    setInterval(() => this.#tick(), 1000);
  }

  load() { return this.#reading.load(); }
  refresh() { this.#reading.refresh(); }

  async #read() {
    const after = this.#cursors.at(-1);
    try {
      const page = await get(`/v1/windows?limit=${pageSize}${after ? `&after=${part(after)}` : ""}`);
      if (page.items.length > 0 || this.#cursors.length === 1) return this.#show(page);
      // All windows of this page have closed.
      this.#cursors.pop();
      return this.#read();
    } catch (error) {
      this.#fail(error);
    }
  }

  #turn(step) {
    if (step > 0 && this.#next) this.#cursors.push(this.#next);
    if (step < 0 && this.#cursors.length > 1) this.#cursors.pop();
    this.#next = null;
    this.load();
  }

  #show(page) {
    this.#next = page.next;
    const pageNumber = this.#cursors.length;
    const pages = Math.max(pageNumber, Math.ceil(page.total / pageSize));
    setText(byId("windows-count"), page.total > 0 ? plural(page.total, "window") : "");
    setText(this.#message, "No window is open. Events that wait for others show here.");
    this.#message.hidden = page.total > 0;
    this.#pager.hidden = pages === 1;
    this.#back.disabled = pageNumber === 1;
    this.#forth.disabled = !page.next;
    setText(this.#place, `Page ${count(pageNumber)} of ${count(pages)}`);
    const focused = [...this.#list.children].findIndex((node) => node.contains(document.activeElement));
    const keys = new Set(page.items.map((item) => item.key));
    for (const [key, row] of this.#rows) {
      if (keys.has(key)) continue;
      row.node.remove();
      this.#rows.delete(key);
    }
    page.items.forEach((item, index) => this.#arrange(item, index));
    if (focused >= 0) this.#keepFocus(focused);
    this.#tick();
  }

  /** Whoever goes by keyboard is not thrown back to the top of the page because a window closed. */
  #keepFocus(index) {
    if (this.#list.contains(document.activeElement)) return;
    const next = this.#list.children[Math.min(index, this.#list.children.length - 1)];
    (next?.querySelector(".flush") ?? byId("windows-title")).focus({ preventScroll: true });
  }

  /** Puts a window's row where it belongs; rows that stay keep their focus. */
  #arrange(item, index) {
    const row = this.#rows.get(item.key) ?? this.#row(item);
    row.item = item;
    setText(row.events, plural(item.events, "event"));
    const opened = new Date(item.opened_at).getTime();
    if (row.left.dateTime !== item.closes_at) {
      row.left.dateTime = item.closes_at;
      row.left.title = complete(item.closes_at);
      row.left.dataset.exact = exact(item.closes_at);
    }
    row.bar.max = Math.max(1, (new Date(item.closes_at).getTime() - opened) / 1000);
    const there = this.#list.children[index];
    if (there !== row.node) this.#list.insertBefore(row.node, there ?? null);
  }

  #row({ key, type, recipient_id }) {
    const events = element("span");
    const left = element("time", { class: "countdown" });
    const recipient = element("button", {
      type: "button", class: "link", text: String(recipient_id), onclick: () => this.#find(String(recipient_id)),
    });
    const bar = element("progress", { "aria-hidden": "true", value: 0, max: 1 });
    const button = element("button", {
      type: "button", class: "flush", text: "Flush", "aria-label": `Flush window ${key}`,
      onclick: () => act(button, async () => {
        await flush(key);
        await this.load();
      }),
    });
    const node = element("li", { "data-key": key },
      element("div", { class: "what" },
        element("strong", {}, title(type), element("span", { class: "faint" }, " for ", recipient)),
        element("code", { text: key })),
      element("div", { class: "how" }, events, left, bar), button);
    const row = { node, events, left, bar, item: null };
    this.#rows.set(key, row);
    return row;
  }

  #tick() {
    for (const row of this.#rows.values()) {
      const left = (new Date(row.item.closes_at).getTime() - now()) / 1000;
      setText(row.left, outlook(row.item, left));
      row.bar.value = Math.min(row.bar.max, Math.max(0, row.bar.max - left));
    }
  }

  #fail(error) {
    // What was read last stays while Sheaf cannot be reached.
    if (this.#rows.size > 0 && error.status === 0) return;
    this.#list.replaceChildren();
    this.#rows.clear();
    this.#pager.hidden = true;
    this.#message.hidden = false;
    setText(byId("windows-count"), "");
    setText(this.#message, explain(error));
  }
}
