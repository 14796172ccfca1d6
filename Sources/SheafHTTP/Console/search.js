// Answers "why did I get this, or not?": an event's history, or a recipient's notifications and events.

import { explain, get, now, part } from "./api.js";
import { act, byId, count, element, notice, plural, title, words } from "./dom.js";
import { notificationRow } from "./feed.js";
import { sentence, timeElement } from "./times.js";
import { flush } from "./windows.js";

/** What became of an event, by its status. */
const endings = {
  new: ["On its way", "It is in no notification yet."],
  processed: ["Notified", "It is in a notification."],
  suppressed: ["Suppressed", "No notification was made of it."],
  dead: ["Given up", "A dead letter holds it."],
};

/** What became of an event's notification, by its status; none is kept for ever. */
const deliveries = {
  pending: "In a notification that is not delivered yet",
  delivered: "In a notification that was delivered",
  failed: "In a notification whose delivery failed",
};

/** What became of an event, as the nodes of a line. */
function outcome(event) {
  switch (event.status) {
    case "new":
      if (event.closes_at && Date.parse(event.closes_at) > now()) {
        return [`Waiting in window ${event.window} until `, timeElement(event.closes_at, "both")];
      }
      if (event.closes_at) return [`Window ${event.window} closed; waiting to be digested`];
      return [event.window ? `Waiting to be put into window ${event.window}` : "Waiting for its turn"];
    case "processed": return [deliveries[event.notification_status] ?? "In a notification"];
    case "suppressed": return [`Suppressed: ${words(event.reason)}`];
    case "dead": return [`Given up: ${words(event.reason)}`];
    default: return [title(event.status)];
  }
}

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
    const close = () => {
      byId("answer").hidden = true;
      byId("query").focus();
    };
    byId("answer-close").addEventListener("click", close);
    byId("answer").addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  }

  /** `source` distinguishes an event from those of other sources that have the same id; a recipient is no event. */
  async find(text, { source = null, isRecipient = false } = {}) {
    if (text === "") return;
    byId("query").value = text;
    this.#turn += 1;
    const turn = this.#turn;
    const seems = setTimeout(() => this.#show(`Looking for ${text}`, element("p", { class: "faint", text: "One moment…" })), 300);
    try {
      const found = await this.#lookUp(text, source, isRecipient);
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
  async #lookUp(text, source, isRecipient) {
    const event = isRecipient ? null : await Search.#optional(`/v1/events/${part(text)}${source === null ? "" : `?source=${part(source)}`}`);
    if (source !== null && event) return this.#event(event);
    if (/^-?\d+$/.test(text)) {
      const [feed, events] = await Promise.all(
        ["notifications", "events"].map((list) => Search.#optional(`/v1/recipients/${text}/${list}?limit=20`)));
      const isKnown = feed?.items.length > 0 || events?.items.length > 0 || Boolean(events?.next);
      if (feed && events && (isKnown || !event)) return this.#recipient(text, feed, events, event);
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

  #recipient(id, feed, events, event) {
    const nodes = [element("p", {
      text: feed.items.length === 0 ? "This recipient got no notification."
        : feed.next ? `The latest ${plural(feed.items.length, "notification")}; ${count(feed.unread)} unread in all.`
          : `${plural(feed.items.length, "notification")}, ${count(feed.unread)} unread.`,
    }), element("ul", { class: "messages" }, ...feed.items.map((item) => this.#row(item)))];
    nodes.push(element("h3", { text: "Events" }), ...this.#events(id, events));
    if (event) nodes.push(...this.#event(event).nodes);
    return { title: `Recipient ${id}`, nodes };
  }

  /** What became of a recipient's events, each a click away from its history. */
  #events(recipient, page) {
    if (page.items.length === 0 && page.next === null) return [element("p", { class: "faint", text: "No event of this recipient is kept." })];
    const list = element("ol", { class: "history events" }, ...page.items.map((event) => this.#eventRow(event)));
    let next = page.next;
    const older = element("button", {
      type: "button", text: "Older events", onclick: () => act(older, async () => {
        try {
          const found = await get(`/v1/recipients/${recipient}/events?limit=20&after=${next}`);
          list.append(...found.items.map((event) => this.#eventRow(event)));
          next = found.next;
          older.hidden = next === null;
        } catch (error) {
          notice(explain(error));
        }
      }),
    });
    older.hidden = next === null;
    return [list, older];
  }

  #eventRow(event) {
    return element("li", { "data-step": event.status }, timeElement(event.received_at), element("span", {},
      `${title(event.type)}. `, ...outcome(event), ". ",
      element("button", {
        type: "button", class: "link", text: event.id, onclick: () => this.find(event.id, { source: event.source }),
      })));
  }

  #event(event) {
    const [ending, meaning] = endings[event.status] ?? [title(event.status), ""];
    const reason = event.reason ? `The reason: ${words(event.reason)}.` : "";
    return {
      title: `Event ${event.id}`,
      nodes: [
        element("p", { class: "faint" }, `${title(event.type)} for recipient `, element("button", {
          type: "button", class: "link", text: String(event.recipient_id),
          onclick: () => this.find(String(event.recipient_id), { isRecipient: true }),
        })),
        element("p", { class: "ending", "data-status": event.status },
          element("strong", { text: ending }), ` ${meaning} ${reason}`),
        element("ol", { class: "history" }, ...event.history.map((step) => element("li", { "data-step": step.step },
          timeElement(step.at, "both"), element("span", {}, ...sentence(step.detail))))),
        this.#action(event),
        element("details", {}, element("summary", { text: "Data" }),
          element("code", { text: JSON.stringify(event.data, null, 2) })),
      ],
    };
  }

  /** What can be done about it: to see the notification, or not to wait for it. */
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
        await this.find(event.id, { source: event.source });
      }),
    });
    return button;
  }
}
