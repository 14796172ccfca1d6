// The way of an event as a living picture: four stations, and what moves between them.

import { byId, count, element, plural, rate, setText, span } from "./dom.js";

const svg = "http://www.w3.org/2000/svg";
const history = 60;

const stations = [
  {
    id: "ingest", title: "Ingest", unit: "events",
    rate: (stats) => stats.stages?.ingested.rate ?? 0, total: (stats) => stats.stages?.ingested.total ?? 0,
    waiting: (stats) => `${plural(stats.outbox_backlog, "message")} in the outbox`,
  },
  {
    id: "windows", title: "Windows", unit: "events ended",
    rate: (stats) => ended(stats, "rate"), total: (stats) => ended(stats, "total"),
    waiting: (stats) => `${plural(stats.open_windows, "window")} open`,
  },
  {
    id: "notifications", title: "Notifications", unit: "composed",
    rate: (stats) => stats.stages?.notifications.rate ?? 0, total: (stats) => stats.stages?.notifications.total ?? 0,
    waiting: (stats) => `${count(stats.stages?.suppressed.total ?? 0)} events suppressed`,
  },
  {
    id: "gateway", title: "Gateway", unit: "delivered",
    rate: (stats) => stats.stages?.delivered.rate ?? 0, total: (stats) => stats.stages?.delivered.total ?? 0,
    waiting: (stats) => `${count(stats.stages?.failed.total ?? 0)} given up`,
  },
];

const numbers = [
  ["Unprocessed events", (stats) => count(stats.unprocessed)],
  ["Oldest of them", (stats) => (stats.unprocessed ? span(stats.oldest_unprocessed_seconds) : "none")],
  ["Queue backlog", (stats) => count(stats.queue_backlog)],
  ["Events bound into one", (stats) => bound(stats)],
  ["Dead letters", (stats) => count(stats.dead_letters)],
];

function ended(stats, member) {
  if (!stats.stages) return 0;
  return stats.stages.processed[member] + stats.stages.suppressed[member] + stats.stages.dead[member];
}

function bound(stats) {
  const made = stats.stages?.notifications.total ?? 0;
  return made ? `${rate(stats.stages.processed.total / made)} on average` : "none yet";
}

/** How lively a flow is drawn, from 0 (nothing moves) to 3. */
const liveliness = (perSecond) => (perSecond <= 0 ? 0 : perSecond < 5 ? 1 : perSecond < 200 ? 2 : 3);

export class Way {
  #stations;
  #numbers;

  constructor() {
    this.#stations = stations.map((station) => Way.#station(station));
    byId("way").append(...this.#stations.map((station) => station.node));
    this.#numbers = numbers.map(([name, read]) => {
      const value = element("dd", { text: "–" });
      byId("numbers").append(element("div", {}, element("dt", { text: name }), value));
      return { value, read };
    });
  }

  show(stats) {
    for (const station of this.#stations) {
      const perSecond = station.rate(stats);
      setText(station.rateNode, rate(perSecond));
      setText(station.totalNode, `${count(station.total(stats))} ${station.unit}`);
      setText(station.waitingNode, station.waiting(stats));
      station.node.dataset.flow = liveliness(perSecond);
      station.past.push(perSecond);
      if (station.past.length > history) station.past.shift();
      station.line.setAttribute("points", Way.#points(station.past));
    }
    for (const { value, read } of this.#numbers) setText(value, read(stats));
  }

  static #station(station) {
    const line = document.createElementNS(svg, "polyline");
    const graph = document.createElementNS(svg, "svg");
    graph.setAttribute("viewBox", `0 0 ${history - 1} 20`);
    graph.setAttribute("preserveAspectRatio", "none");
    graph.setAttribute("aria-hidden", "true");
    graph.append(line);
    const rateNode = element("span", { text: "–" });
    const totalNode = element("p", { class: "total", text: "–" });
    const waitingNode = element("p", { class: "waiting", text: "–" });
    const flow = element("div", { class: "flow", "aria-hidden": "true" }, element("i"), element("i"), element("i"));
    const node = element("li", { class: "station", id: `station-${station.id}`, "data-flow": "0" },
      element("h3", { text: station.title }),
      element("p", { class: "rate" }, rateNode, element("small", { text: " a second" })),
      graph, totalNode, waitingNode, flow);
    return { ...station, node, rateNode, totalNode, waitingNode, line, past: [] };
  }

  /** A line whose height is relative to its own highest point, the newest at the right. */
  static #points(past) {
    const top = Math.max(1, ...past);
    return past.map((value, index) => `${history - past.length + index},${19 - (value / top) * 18}`).join(" ");
  }
}
