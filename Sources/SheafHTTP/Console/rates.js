// The last ten minutes' rates as small charts, as long as the page is open.

import { byId, element, rate, setText } from "./dom.js";
import { complete, span } from "./times.js";

const minutes = 10;
const width = 300;
const height = 60;
/** Seconds without news after which a line is broken rather than drawn on. */
const gap = 5;

const perSecond = (stats, ...stages) => stages.reduce((sum, stage) => sum + (stats.stages?.[stage].rate ?? 0), 0);

const charts = [
  { id: "ingested", title: "Events taken in", read: (stats) => perSecond(stats, "ingested") },
  { id: "finished", title: "Events finished", read: (stats) => perSecond(stats, "processed", "suppressed", "dead") },
  { id: "composed", title: "Notifications composed", read: (stats) => perSecond(stats, "notifications") },
  { id: "delivered", title: "Notifications delivered", read: (stats) => perSecond(stats, "delivered") },
];

/** The least of 1, 2 or 5 times a power of ten that is not below `value`. */
export function ceiling(value) {
  if (value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((bound) => bound >= value);
}

const svg = "http://www.w3.org/2000/svg";

function node(name, attributes) {
  const made = document.createElementNS(svg, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

export class Rates {
  #moments = [];
  #charts;

  constructor() {
    this.#charts = charts.map((chart) => Rates.#chart(chart));
    byId("rates").append(...this.#charts.map((chart) => chart.node));
  }

  /** Takes the statistics of a moment, in milliseconds. */
  add(stats, moment = Date.now()) {
    this.#moments.push(moment);
    const first = this.#moments.findIndex((past) => past > moment - minutes * 60_000);
    this.#moments.splice(0, first);
    for (const chart of this.#charts) {
      chart.past.push(chart.read(stats));
      chart.past.splice(0, first);
      this.#draw(chart, moment);
    }
    const since = (moment - this.#moments[0]) / 1000;
    setText(byId("rates-since"), since < minutes * 60 - gap
      ? `Collected since this page was opened, ${span(since)} ago; Sheaf keeps none from before.` : "");
    byId("rates-since").title = complete(this.#moments[0]);
  }

  static #chart(chart) {
    const line = node("path", { class: "line" });
    const area = node("path", { class: "area" });
    const drawing = node("svg", {
      viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": "No figures yet",
    });
    drawing.append(
      node("path", { class: "grid", d: `M0 ${height / 2}H${width}M${width / 2} 0V${height}` }), area, line);
    const [now, top] = [element("span", { text: "–" }), element("span", { text: "1" })];
    const made = element("li", { class: "chart", id: `rate-${chart.id}` },
      element("h3", { text: chart.title }),
      element("p", { class: "now" }, now, element("small", { text: " a second now" })),
      element("div", { class: "axes", "aria-hidden": "true" }, top, element("span", { text: "0" })),
      drawing,
      element("div", { class: "axes time", "aria-hidden": "true" },
        element("span", { text: `${minutes} min ago` }), element("span", { text: "now" })));
    return { ...chart, node: made, drawing, line, area, now, top, past: [] };
  }

  #draw({ title, drawing, line, area, now, top, past }, moment) {
    const highest = Math.max(...past);
    const bound = ceiling(highest);
    const x = (index) => (width * (1 - (moment - this.#moments[index]) / (minutes * 60_000))).toFixed(1);
    const y = (value) => (height - (value / bound) * (height - 2)).toFixed(1);
    const runs = [];
    past.forEach((value, index) => {
      const goesOn = index > 0 && this.#moments[index] - this.#moments[index - 1] <= gap * 1000;
      if (!goesOn) runs.push([]);
      runs.at(-1).push([x(index), y(value)]);
    });
    line.setAttribute("d", runs.map((run) => `M${run.map((point) => point.join(" ")).join("L")}`).join(""));
    area.setAttribute("d", runs.map((run) => (
      `M${run[0][0]} ${height}L${run.map((point) => point.join(" ")).join("L")}L${run.at(-1)[0]} ${height}Z`)).join(""));
    setText(now, rate(past.at(-1)));
    setText(top, rate(bound));
    const label = `${title}: ${rate(past.at(-1))} a second now, at most ${rate(highest)}. `
      + `Upright axis: 0 to ${rate(bound)} a second. Level axis: ${minutes} minutes ago to now.`;
    if (drawing.getAttribute("aria-label") !== label) drawing.setAttribute("aria-label", label);
  }
}
