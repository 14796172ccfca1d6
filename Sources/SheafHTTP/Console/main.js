// Puts the page together.

import { hasToken, useToken, whenUnauthorized } from "./api.js";
import { DeadLetters } from "./dead-letters.js";
import { byId } from "./dom.js";
import { Detail, Feed } from "./feed.js";
import { Search } from "./search.js";
import { Stream } from "./stream.js";
import { Way } from "./way.js";
import { Windows } from "./windows.js";

const way = new Way();
const windows = new Windows();
const deadLetters = new DeadLetters();
const detail = new Detail((id) => search.find(id));
const search = new Search((id) => detail.show(id));
const feed = new Feed((id) => detail.show(id));

function showState(name, seconds) {
  const texts = {
    connecting: "Connecting…", live: "Live",
    broken: seconds > 0 ? `Connection lost; trying again in ${seconds} s` : "Connection lost; trying again…",
    token: "Waiting for a token", forbidden: "The token may not read",
  };
  const place = byId("connection");
  if (place.textContent !== texts[name]) place.textContent = texts[name];
  place.dataset.state = name;
  document.body.dataset.state = name;
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
    if (name !== "stats") return;
    way.show(document);
    deadLetters.count(document.dead_letters);
    refresh();
  },
});

let turn = 0;
/** Lists are read anew every other second, and only while somebody looks. */
function refresh() {
  if (document.hidden || turn++ % 2 !== 0) return;
  windows.load();
  deadLetters.load();
}

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
