// The latest notifications as their readers see them in a phone's list, and one of them in full.

import { explain, get, part } from "./api.js";
import { byId, count, drawing, element, notice, openDialog, plural, setText, title } from "./dom.js";
import { timeElement } from "./times.js";

const shown = 30;

/** Outlines of 24 units that distinguish types at a glance. */
export const outlines = {
  sale_item_changed: "M4 4h7l9 9-7 7-9-9zM8 8v.01",
  sale_seller_status_changed: "M12 3l7 3v5c0 4.5-3 8-7 10-4-2-7-5.5-7-10V6zM9 11.5l2 2 4-4",
  seller_promocode_limit_reached: "M6 18L18 6M8 7.5v.01M16 16.5v.01M3 12a9 9 0 1018 0 9 9 0 10-18 0",
};
export const bell = "M6 16V11a6 6 0 0112 0v5l1.5 2h-15zM10 20.5h4";

/** A notification as a row of a phone's list. */
export function notificationRow(notification, onclick) {
  const badge = element("span", { class: "badge" }, drawing("0 0 24 24", ["path", { d: outlines[notification.type] ?? bell }]));
  return element("li", { "data-id": notification.id },
    element("button", { type: "button", class: "message", onclick }, badge,
      element("span", { class: "meta" },
        element("span", { text: `to ${notification.recipient_id}` }),
        timeElement(notification.created_at)),
      element("strong", { dir: "auto", text: notification.list_title }),
      element("span", { class: "description", dir: "auto", text: notification.list_description })));
}

export class Feed {
  #rows = new Map();
  #pending = [];
  #leftOut = 0;
  #detail;

  /** `detail(id)` shows a notification in full. */
  constructor(detail) { this.#detail = detail; }

  /** Shows a notification with the next frame; of a burst only those become rows that stay. */
  add(notification) {
    if (this.#pending.length === 0) requestAnimationFrame(() => this.#flush());
    this.#pending.push(notification);
    // A page that nobody looks at has no frames.
    if (this.#pending.length >= 1000) this.#pending = Feed.#newest(this.#pending);
  }

  get isEmpty() { return this.#rows.size === 0 && this.#pending.length === 0; }

  /** `count` notifications were composed that the stream leaves out. */
  gap(count) {
    this.#leftOut += count;
    byId("feed-gap").hidden = false;
    setText(byId("feed-gap"), `${plural(this.#leftOut, "notification")} went by too fast to be shown here.`);
  }

  #flush() {
    for (const notification of Feed.#newest(this.#pending).reverse()) this.#show(notification);
    this.#pending = [];
  }

  /** Identifiers are in the order of time. */
  static #newest(notifications) {
    return notifications.toSorted((a, b) => (a.id < b.id ? 1 : -1)).slice(0, shown);
  }

  #show(notification) {
    if (this.#rows.has(notification.id)) return;
    const list = byId("feed");
    const older = [...list.children].find((other) => other.dataset.id < notification.id);
    if (!older && list.children.length === shown) return;
    const row = notificationRow(notification, () => this.#detail(notification.id));
    this.#rows.set(notification.id, row);
    list.insertBefore(row, older ?? null);
    if (list.children.length > shown) {
      const oldest = list.lastElementChild;
      const hadFocus = oldest.contains(document.activeElement);
      this.#rows.delete(oldest.dataset.id);
      oldest.remove();
      if (hadFocus) list.lastElementChild.querySelector("button").focus({ preventScroll: true });
    }
    byId("feed-empty").hidden = true;
  }
}

/** One notification in full, in a dialog. */
export class Detail {
  #find;

  /** `find(text, options)` searches for an event or a recipient. */
  constructor(find) { this.#find = find; }

  async show(id) {
    try {
      const notification = await get(`/v1/notifications/${part(id)}`);
      byId("detail-title").textContent = notification.full_title;
      byId("detail-body").replaceChildren(
        element("p", { class: "full", dir: "auto", text: notification.full_text }),
        this.#facts(notification), ...Detail.#attempts(notification), ...this.#events(notification));
      openDialog(byId("detail"), byId("feed-title"));
      byId("detail").scrollTop = 0;
    } catch (error) {
      notice(explain(error));
    }
  }

  #facts(notification) {
    const states = { pending: "not delivered yet", failed: "failed" };
    const facts = [
      ["Recipient", this.#link(String(notification.recipient_id), { isRecipient: true })], ["Type", title(notification.type)],
      ["Composed", timeElement(notification.created_at, "both")],
      ["Delivered", notification.delivered_at ? timeElement(notification.delivered_at, "both") : states[notification.status]],
      ["Read", notification.read_at ? timeElement(notification.read_at, "both") : "not yet"], ["Id", notification.id],
    ];
    return element("dl", { class: "facts" }, ...facts.flatMap(([name, value]) => [
      element("dt", { text: name }), element("dd", {}, value)]));
  }

  static #attempts(notification) {
    if (notification.attempts.length === 0) return [];
    return [
      element("h3", { text: "Attempts at delivery" }),
      element("ol", { class: "history" }, ...notification.attempts.map((attempt) => element("li",
        { "data-step": attempt.outcome },
        timeElement(attempt.at, "both"),
        element("span", { text: [title(attempt.outcome), attempt.http_status && `HTTP ${attempt.http_status}`,
          attempt.error].filter(Boolean).join(", ") })))),
    ];
  }

  /** Leads to what a search finds for `text`. */
  #link(text, options = {}) {
    return element("button", {
      type: "button", class: "link", text, onclick: () => {
        byId("detail").close();
        this.#find(text, options);
      },
    });
  }

  #events(notification) {
    const most = 50;
    const ids = notification.event_ids;
    return [
      element("h3", { text: `Made of ${plural(notification.event_count, "event")}` }),
      element("div", { class: "ids" }, ...ids.slice(0, most).map((id) => this.#link(id))),
      ids.length > most ? element("p", { class: "faint", text: `and ${count(ids.length - most)} more` }) : "",
    ];
  }
}
