// Answers "why did I get this, or not?": an event's history, or a recipient's notifications.

import { explain, get, part } from "./api.js";
import { act, byId, count, element, plural, sentence, timeElement, title, words } from "./dom.js";
import { notificationRow } from "./feed.js";
import { flush } from "./windows.js";

/** What became of an event, by its status. */
const endings = {
  new: ["On its way", "It is not told yet."],
  processed: ["Told", "A notification tells of it."],
  suppressed: ["Suppressed", "There was nothing to tell."],
  dead: ["Given up", "A dead letter holds it."],
};

export class Search {
  #detail;
  #turn = 0;

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
    this.#turn += 1;
    const turn = this.#turn;
    const seems = setTimeout(() => this.#show(`Looking for ${text}`, element("p", { class: "faint", text: "One moment…" })), 300);
    try {
      const found = await this.#lookUp(text);
      if (turn !== this.#turn) return;
      this.#show(found.title, ...found.nodes);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#show(`Nothing found for ${text}`, element("p", {
        text: error.status === 404 ? "No event, notification or recipient has this id." : explain(error),
      }));
    } finally {
      clearTimeout(seems);
    }
    byId("answer-title").focus();
  }

  #show(title, ...nodes) {
    byId("answer-title").textContent = title;
    byId("answer-body").replaceChildren(...nodes.filter((node) => node !== null));
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
      text: feed.items.length === 0 ? "Nothing was told to this recipient. Events that wait or were suppressed are found by their ids."
        : feed.next ? `The latest ${plural(feed.items.length, "notification")}; ${count(feed.unread)} unread in all.`
          : `${plural(feed.items.length, "notification")}, ${count(feed.unread)} unread.`,
    }), element("ul", { class: "messages" }, ...feed.items.map((item) => this.#row(item)))];
    if (event) nodes.push(...this.#event(event).nodes);
    return { title: `Recipient ${id}`, nodes };
  }

  #event(event) {
    const [ending, meaning] = endings[event.status] ?? [title(event.status), ""];
    const reason = event.reason ? `The reason: ${words(event.reason)}.` : "";
    return {
      title: `Event ${event.id}`,
      nodes: [
        element("p", { class: "faint", text: `${title(event.type)} for recipient ${event.recipient_id}` }),
        element("p", { class: "ending", "data-status": event.status },
          element("strong", { text: ending }), ` ${meaning} ${reason}`),
        element("ol", { class: "history" }, ...event.history.map((step) => element("li", { "data-step": step.step },
          timeElement(step.at), element("span", { text: sentence(step.detail) })))),
        this.#action(event),
        element("details", {}, element("summary", { text: "Data" }),
          element("code", { text: JSON.stringify(event.data, null, 2) })),
      ],
    };
  }

  /** What can be done about it: to see what tells of it, or not to wait for it. */
  #action(event) {
    if (event.notification_id) {
      return element("button", {
        type: "button", text: "Show the notification", onclick: () => this.#detail(event.notification_id),
      });
    }
    if (event.status !== "new" || !event.window) return null;
    const button = element("button", {
      type: "button", text: "Flush its window",
      onclick: () => act(button, async () => {
        await flush(event.window);
        await this.find(event.id);
      }),
    });
    return button;
  }
}
