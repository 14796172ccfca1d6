// Moments and spans of time in words: how long ago, and exactly when.

import { now } from "./api.js";
import { element, setText } from "./dom.js";

/** A span of time in at most two units: 4 s, 2 min 5 s, 3 h 12 min. */
export function span(seconds) {
  const left = Math.max(0, Math.ceil(seconds));
  if (left < 60) return `${left} s`;
  if (left < 3600) return left % 60 ? `${Math.floor(left / 60)} min ${left % 60} s` : `${left / 60} min`;
  if (left < 86400) return `${Math.floor(left / 3600)} h ${Math.floor((left % 3600) / 60)} min`;
  return `${Math.floor(left / 86400)} d ${Math.floor((left % 86400) / 3600)} h`;
}

const units = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

/** How far a moment is from now, in one unit, by the server's clock. */
export function relative(moment) {
  const ahead = Math.round((Date.parse(moment) - now()) / 1000);
  const [length, unit] = units.find(([length]) => Math.abs(ahead) >= length) ?? [1, null];
  if (unit === null) return "now";
  const far = `${Math.floor(Math.abs(ahead) / length)} ${unit}`;
  return ahead > 0 ? `in ${far}` : `${far} ago`;
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const full = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "long" });

/** The time of day, after the day if that is not today. */
export function exact(moment) {
  const date = new Date(moment);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? clock.format(date) : `${day.format(date)}, ${clock.format(date)}`;
}

/** The time with its day, year and zone. */
export const complete = (moment) => full.format(new Date(moment));

export const both = (moment) => `${exact(moment)} (${relative(moment)})`;

const forms = { relative, both };

/**
 * An element that shows a moment, and stays true as time goes on: how long ago it was, with the exact time beside
 * it while its row has the focus (`relative`, for lists), or both always (`both`, for details).
 */
export const timeElement = (moment, form = "relative") => element("time", {
  datetime: moment, title: complete(moment), "data-form": form, "data-exact": exact(moment), text: forms[form](moment),
});

setInterval(() => {
  if (document.hidden) return;
  for (const node of document.querySelectorAll("time[data-form]")) setText(node, forms[node.dataset.form](node.dateTime));
}, 1000);

/** A sentence of the API as nodes, its moments as people say them. */
export function sentence(text) {
  const parts = text.split(/(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/);
  return parts.map((part, index) => (index % 2 === 1 ? timeElement(part, "both")
    : index === 0 ? part.charAt(0).toUpperCase() + part.slice(1) : part));
}
