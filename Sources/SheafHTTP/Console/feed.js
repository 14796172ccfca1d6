// The latest notifications as their readers see them in a phone's list, and one of them in full.

import { explain, get, part } from "./api.js";
import { byId, element, notice, plural, time, timeElement, words } from "./dom.js";

const shown = 30;

/** A notification as a row of a phone's list. */
export function notificationRow(notification, onclick) {
  return element("li", { "data-id": notification.id },
    element("button", { type: "button", class: "message", onclick },
      element("span", { class: "meta" },
        element("span", { text: `to ${notification.recipient_id}` }),
        element("time", { datetime: notification.created_at, text: time(notification.created_at) })),
      element("strong", { text: notification.list_title }),
      element("span", { text: notification.list_description })));
}

export class Feed {
  #rows = new Map();
  #detail;

  /** `detail(id)` shows a notification in full. */
  constructor(detail) { this.#detail = detail; }

  add(notification) {
    if (this.#rows.has(notification.id)) return;
    const row = notificationRow(notification, () => this.#detail(notification.id));
    this.#rows.set(notification.id, row);
    // Identifiers are in the order of time.
    const list = byId("feed");
    const older = [...list.children].find((other) => other.dataset.id < notification.id);
    list.insertBefore(row, older ?? null);
    while (list.children.length > shown) {
      this.#rows.delete(list.lastElementChild.dataset.id);
      list.lastElementChild.remove();
    }
    byId("feed-empty").hidden = true;
  }
}

/** One notification in full, in a dialog. */
export class Detail {
  #findEvent;

  /** `findEvent(id)` tells an event's history. */
  constructor(findEvent) {
    this.#findEvent = findEvent;
    byId("detail-close").addEventListener("click", () => byId("detail").close());
    byId("detail").addEventListener("click", (event) => {
      if (event.target === byId("detail")) byId("detail").close();
    });
  }

  async show(id) {
    try {
      const notification = await get(`/v1/notifications/${part(id)}`);
      byId("detail-title").textContent = notification.full_title;
      byId("detail-body").replaceChildren(
        element("p", { class: "full", text: notification.full_text }),
        Detail.#facts(notification), ...Detail.#attempts(notification), ...this.#events(notification));
      if (!byId("detail").open) byId("detail").showModal();
    } catch (error) {
      notice(explain(error));
    }
  }

  static #facts(notification) {
    const facts = [
      ["Recipient", String(notification.recipient_id)], ["Type", words(notification.type)],
      ["Composed", time(notification.created_at)],
      ["Delivery", notification.delivered_at ? `delivered at ${time(notification.delivered_at)}` : notification.status],
      ["Read", notification.read_at ? time(notification.read_at) : "not yet"], ["Id", notification.id],
    ];
    return element("dl", { class: "facts" }, ...facts.flatMap(([name, value]) => [
      element("dt", { text: name }), element("dd", { text: value })]));
  }

  static #attempts(notification) {
    if (notification.attempts.length === 0) return [];
    return [
      element("h3", { text: "Attempts at delivery" }),
      element("ol", { class: "history" }, ...notification.attempts.map((attempt) => element("li", {},
        timeElement(attempt.at),
        element("span", { text: [words(attempt.outcome), attempt.http_status && `HTTP ${attempt.http_status}`,
          attempt.error].filter(Boolean).join(", ") })))),
    ];
  }

  #events(notification) {
    const most = 50;
    const ids = notification.event_ids;
    const buttons = ids.slice(0, most).map((id) => element("button", {
      type: "button", class: "link", text: id, onclick: () => {
        byId("detail").close();
        this.#findEvent(id);
      },
    }));
    return [
      element("h3", { text: `Made of ${plural(notification.event_count, "event")}` }),
      element("div", { class: "ids" }, ...buttons),
      ids.length > most ? element("p", { class: "faint", text: `and ${plural(ids.length - most, "more event")}` }) : "",
    ];
  }
}
