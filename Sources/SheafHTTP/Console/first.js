// What to do next while nothing has come in yet: a command that sends a first event.

import { hasToken } from "./api.js";
import { byId, element, notice, setText, title } from "./dom.js";
import { sampleData } from "./preview.js";

const id = "first-event";
const recipient = 42;

/** A word of the shell. */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** The command that sends an event of a type. A token is not written into it: the page's own may not publish. */
export function command(type) {
  const event = { id, type: type.name, recipient_id: recipient, data: sampleData(type)[0] };
  return [
    `curl -s ${location.origin}/v1/events`,
    hasToken() ? '-H "Authorization: Bearer $TOKEN"' : null,
    "-H 'Content-Type: application/json'",
    `-d ${quoted(JSON.stringify(event))}`,
  ].filter(Boolean).join(" \\\n  ");
}

/** A type whose event surely shows: one with an example of its own, or one that needs no other service. */
export function choose(types) {
  const current = types.filter((type) => !type.retired);
  return current.find((type) => type.sample?.length > 0 && Object.keys(type.texts ?? {}).length > 0)
    ?? current.find((type) => type.name === "seller_promocode_limit_reached") ?? current[0];
}

export class FirstSteps {
  #type = null;
  #emptyFor = 0;
  #isOver = false;

  constructor() { byId("first-copy").addEventListener("click", () => this.#copy()); }

  know(types) {
    this.#type = choose(types) ?? null;
    this.#write();
  }

  /** `hasNews`: whether a notification is known. The newest ones may come after the first statistics. */
  show(stats, hasNews) {
    const isEmpty = !hasNews && !stats.stages?.ingested.total && !stats.unprocessed && !stats.open_windows
      && !stats.pending_notifications && !stats.dead_letters;
    this.#emptyFor = isEmpty ? this.#emptyFor + 1 : 0;
    if (!isEmpty) this.#isOver = true;
    this.#write();
  }

  #write() {
    const isShown = !this.#isOver && this.#emptyFor > 1 && this.#type !== null;
    if (!isShown) {
      if (byId("first").contains(document.activeElement)) byId("feed-title").focus({ preventScroll: true });
      byId("first").hidden = true;
      return;
    }
    setText(byId("first-command"), command(this.#type));
    byId("first-token").hidden = !hasToken();
    setText(byId("first-next"), this.#type.delivery.mode === "immediate"
      ? `“${title(this.#type.name)}” is sent at once: its notification appears under “Latest notifications”.`
      : `“${title(this.#type.name)}” waits for more of its kind: its window appears under “Open windows”, and “Flush” closes it at once.`);
    byId("first").hidden = false;
  }

  async #copy() {
    const place = byId("first-command");
    try {
      await navigator.clipboard.writeText(place.textContent);
      notice("The command is copied.");
    } catch {
      // Browsers lend the clipboard to pages of this machine or of TLS alone.
      getSelection().selectAllChildren(place);
      notice("The command is selected: copy it with the keyboard.");
    }
  }
}
