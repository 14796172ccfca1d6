// Answers "why did I get this, or not?": an event's history, or a recipient's notifications.

import { explain, get, part } from "./api.js";
import { byId, element, plural, timeElement, words } from "./dom.js";
import { notificationRow } from "./feed.js";

const endings = {
  new: "It waits.",
  processed: "It was told in a notification.",
  suppressed: "It was suppressed: there was nothing to tell.",
  dead: "It was given up; a dead letter holds it.",
};

export class Search {
  #detail;

  /** `detail(id)` shows a notification in full. */
  constructor(detail) {
    this.#detail = detail;
    byId("search").addEventListener("submit", (event) => {
      event.preventDefault();
      this.find(byId("query").value.trim());
    });
    byId("answer-close").addEventListener("click", () => {
      byId("answer").hidden = true;
      byId("query").focus();
    });
  }

  async find(text) {
    if (text === "") return;
    byId("query").value = text;
    this.#show(`Looking for ${text}`, element("p", { class: "faint", text: "One moment…" }));
    try {
      const found = await this.#lookUp(text);
      this.#show(found.title, ...found.nodes);
    } catch (error) {
      this.#show(`Nothing found for ${text}`, element("p", {
        text: error.status === 404 ? "No event, notification or recipient has this id." : explain(error),
      }));
    }
    byId("answer-title").focus();
  }

  #show(title, ...nodes) {
    byId("answer-title").textContent = title;
    byId("answer-body").replaceChildren(...nodes);
    byId("answer").hidden = false;
  }

  /** Producers may call their events by numbers, so a number is looked for as an event, too. */
  async #lookUp(text) {
    const event = await Search.#optional(`/v1/events/${part(text)}`);
    if (/^-?\d+$/.test(text)) {
      const feed = await Search.#optional(`/v1/recipients/${text}/notifications?limit=20`);
      if (feed && (feed.items.length > 0 || !event)) return this.#recipient(text, feed, event);
    }
    if (event) return this.#event(event);
    const notification = await get(`/v1/notifications/${part(text)}`);
    this.#detail(notification.id);
    return {
      title: "A notification",
      nodes: [element("ul", { class: "messages" }, this.#row(notification))],
    };
  }

  static async #optional(path) {
    try {
      return await get(path);
    } catch (error) {
      if (error.status === 404) return null;
      throw error;
    }
  }

  #row(notification) { return notificationRow(notification, () => this.#detail(notification.id)); }

  #recipient(id, feed, event) {
    const nodes = [element("p", {
      text: feed.items.length === 0 ? "Nothing was told to this recipient."
        : `The latest ${plural(feed.items.length, "notification")}; ${feed.unread} unread in all.`,
    }), element("ul", { class: "messages" }, ...feed.items.map((item) => this.#row(item)))];
    if (event) nodes.push(...this.#event(event).nodes);
    return { title: `Recipient ${id}`, nodes };
  }

  #event(event) {
    const reason = event.reason ? ` The reason: ${words(event.reason)}.` : "";
    return {
      title: `Event ${event.id}`,
      nodes: [
        element("p", {
          text: `${words(event.type)} for recipient ${event.recipient_id}. ${endings[event.status] ?? event.status}${reason}`,
        }),
        element("ol", { class: "history" }, ...event.history.map((step) => element("li", { "data-step": step.step },
          timeElement(step.at), element("span", { text: Search.#sentence(step.detail) })))),
        event.notification_id ? element("button", {
          type: "button", text: "Show the notification", onclick: () => this.#detail(event.notification_id),
        }) : "",
        element("details", {}, element("summary", { text: "Data" }), element("code", { text: JSON.stringify(event.data) })),
      ],
    };
  }

  static #sentence(text) { return text.charAt(0).toUpperCase() + text.slice(1); }
}
