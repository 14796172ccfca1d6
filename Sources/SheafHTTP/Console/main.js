// Puts the page together.

import { hasToken, useToken, whenUnauthorized } from "./api.js";
import { DeadLetters } from "./dead-letters.js";
import { byId, setText } from "./dom.js";
import { Detail, Feed } from "./feed.js";
import { FirstSteps } from "./first.js";
import { listenToKeys } from "./keys.js";
import { Rates } from "./rates.js";
import { Search } from "./search.js";
import { Stream } from "./stream.js";
import { both } from "./times.js";
import { Types } from "./types.js";
import { Way } from "./way.js";
import { Windows } from "./windows.js";

let liveUntil = null;
const way = new Way();
const rates = new Rates();
const deadLetters = new DeadLetters();
const first = new FirstSteps();
const types = new Types((known) => first.know(known));
const detail = new Detail((text, options) => search.find(text, options));
const search = new Search((id) => detail.show(id));
const windows = new Windows((id) => search.find(id, { isRecipient: true }));
const feed = new Feed((id) => detail.show(id));

const states = {
  connecting: "Connecting…", live: "Live", broken: "Connection lost", token: "Waiting for a token",
  forbidden: "The token may not read",
};

function showState(name, seconds, reason) {
  if (name === "live") liveUntil = new Date().toISOString();
  byId("stale").hidden = name !== "broken";
  if (name === "broken") {
    const why = reason ? `Sheaf says: ${reason}.` : liveUntil ? "" : "Sheaf cannot be reached.";
    const seen = liveUntil ? `What you see is from ${both(liveUntil)}.` : "";
    const next = seconds > 0 ? `Trying again in ${seconds} s.` : "Trying again…";
    setText(byId("stale"), [why, seen, next].filter(Boolean).join(" "));
  }
  setText(byId("connection"), states[name]);
  if (document.body.dataset.state === name) return;
  document.body.dataset.state = name;
  // The countdown to the next try is shown, and not said aloud each second.
  setText(byId("connection-said"), states[name]);
  if (name === "forbidden") askForToken("The token's scope does not allow to read. Please enter another.");
}

function askForToken(why) {
  if (!byId("token").hidden) return;
  if (why) byId("token-why").textContent = why;
  byId("token").hidden = false;
  byId("token-value").focus();
}

const stream = new Stream({
  state: showState,
  event(name, document) {
    if (name === "notification") feed.add(document);
    if (name === "gap") feed.gap(document.left_out);
    if (name !== "stats") return;
    way.show(document);
    rates.add(document);
    setText(byId("feed-empty"), "No notification yet.");
    deadLetters.count(document.dead_letters);
    first.show(document, !feed.isEmpty);
    refresh();
  },
});

let turn = 0;
/** Lists are read anew every other second, types every tenth, and only while somebody looks. */
function refresh() {
  if (document.hidden) return;
  if (turn % 10 === 0) types.refresh();
  if (turn++ % 2 !== 0) return;
  windows.refresh();
  deadLetters.refresh();
}

listenToKeys();

whenUnauthorized(() => {
  if (!byId("token").hidden) return;
  stream.pause();
  showState("token");
  askForToken(hasToken() ? "The API does not know this token. Please enter another." : null);
});

byId("token").addEventListener("submit", (event) => {
  event.preventDefault();
  useToken(byId("token-value").value.trim());
  byId("token-value").value = "";
  byId("token").hidden = true;
  turn = 0;
  showState("connecting");
  stream.start();
});

stream.start();
