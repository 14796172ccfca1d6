// The way of an event as a living picture: four stations, what waits at each, and what moves between them.

import { byId, count, drawing, element, plural, rate, setText } from "./dom.js";
import { span } from "./times.js";

const history = 60;
const total = (stats, stage) => stats.stages?.[stage].total ?? 0;
const perSecond = (stats, ...stages) => stages.reduce((sum, stage) => sum + (stats.stages?.[stage].rate ?? 0), 0);

/** `doneList` and `waitingList` are the headings of the lists of what is counted. The API has no list of the others. */
const stations = [
  {
    id: "ingest", title: "Ingest", unit: "events a second",
    rate: (stats) => perSecond(stats, "ingested"),
    done: (stats) => `${plural(total(stats, "ingested"), "event")} taken in`,
    waiting: (stats) => [stats.outbox_backlog && "waits", `${plural(stats.outbox_backlog, "message")} in the outbox`],
  },
  {
    id: "windows", title: "Windows", unit: "events a second",
    rate: (stats) => perSecond(stats, "processed", "suppressed", "dead"),
    done: (stats) => `${plural(total(stats, "processed"), "event")} digested`,
    waiting: (stats) => [stats.open_windows && "waits", `${plural(stats.open_windows, "window")} open`],
    waitingList: "windows-title",
  },
  {
    id: "notifications", title: "Notifications", unit: "a second",
    rate: (stats) => perSecond(stats, "notifications"),
    done: (stats) => `${count(total(stats, "notifications"))} composed`,
    doneList: "feed-title",
    waiting: (stats) => ["", `${plural(total(stats, "suppressed"), "event")} suppressed`],
  },
  {
    id: "gateway", title: "Gateway", unit: "a second",
    rate: (stats) => perSecond(stats, "delivered"),
    done: (stats) => `${count(total(stats, "delivered"))} delivered`,
    waiting: (stats) => [total(stats, "failed") && "bad", `${count(total(stats, "failed"))} failed`],
    waitingList: "dead-title",
  },
];

const numbers = [
  ["Events on their way", (stats) => count(stats.unprocessed)],
  ["Overdue by", (stats) => (stats.oldest_unprocessed_seconds ? span(stats.oldest_unprocessed_seconds) : "none")],
  ["Notifications pending", (stats) => count(stats.pending_notifications)],
  ["Queue backlog", (stats) => count(stats.queue_backlog)],
  ["Events per notification", bound],
  ["Dead letters", (stats) => count(stats.dead_letters), "dead-title"],
];

function bound(stats) {
  const made = total(stats, "notifications");
  return made ? rate(total(stats, "processed") / made) : "none yet";
}

/** How lively a flow is drawn, from 0 (nothing moves) to 3. */
const liveliness = (perSecond) => (perSecond <= 0 ? 0 : perSecond < 5 ? 1 : perSecond < 200 ? 2 : 3);

/** Where a number goes; a link if what it counts is listed on this page. */
const place = (list) => element(list ? "a" : "span", { href: list && `#${list}`, "aria-describedby": list, text: "–" });

export class Way {
  #stations;
  #numbers;

  constructor() {
    this.#stations = stations.map((station) => Way.#station(station));
    byId("way").append(...this.#stations.map((station) => station.node));
    this.#numbers = numbers.map(([name, read, list]) => {
      const value = place(list);
      byId("numbers").append(element("div", {}, element("dt", { text: name }), element("dd", {}, value)));
      return { value, read };
    });
  }

  show(stats) {
    for (const station of this.#stations) {
      const now = station.rate(stats);
      const [kind, waiting] = station.waiting(stats);
      setText(station.rateNode, rate(now));
      setText(station.doneNode, station.done(stats));
      setText(station.waitingNode, waiting);
      station.waitingNode.parentElement.dataset.kind = kind || "none";
      station.node.dataset.flow = liveliness(now);
      station.past.push(now);
      if (station.past.length > history) station.past.shift();
      Way.#draw(station);
    }
    for (const { value, read } of this.#numbers) setText(value, read(stats));
  }

  static #station(station) {
    const graph = drawing(`0 0 ${history - 1} 20`, ["polygon", {}], ["polyline", {}]);
    graph.setAttribute("preserveAspectRatio", "none");
    const rateNode = element("span", { text: "–" });
    const [doneNode, waitingNode] = [place(station.doneList), place(station.waitingList)];
    const flow = element("div", { class: "flow", "aria-hidden": "true" }, element("i"), element("i"), element("i"));
    const node = element("li", { class: "station", id: `station-${station.id}`, "data-flow": "0" },
      element("h3", { text: station.title }),
      element("p", { class: "rate" }, rateNode, element("small", { text: ` ${station.unit}` })),
      graph, element("p", { class: "done" }, doneNode), element("p", { class: "waiting" }, waitingNode), flow);
    return { ...station, node, rateNode, doneNode, waitingNode, graph, past: [] };
  }

  /** A line whose height is relative to its own highest point, the newest at the right. */
  static #draw({ graph, past }) {
    const top = Math.max(1, ...past);
    const left = history - past.length;
    const line = past.map((value, index) => `${left + index},${19 - (value / top) * 17}`).join(" ");
    graph.lastChild.setAttribute("points", line);
    graph.firstChild.setAttribute("points", `${left},20 ${line} ${history - 1},20`);
  }
}
