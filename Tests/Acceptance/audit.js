// What WCAG 2.2 (A and AA) asks of the page as it is shown now, as sentences about what fails; run by browser.py.

const shown = (node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: true })
  && node.getBoundingClientRect().width > 1 && node.getBoundingClientRect().height > 1;
const named = (node) => `${node.tagName.toLowerCase()}${node.id ? `#${node.id}` : ""} ${(node.textContent || "").trim().slice(0, 40)}`;
const visible = (selector) => [...document.querySelectorAll(selector)].filter(shown);

// Contrast

const channel = (c) => ((c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const parse = (text) => { const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number); return [r, g, b, a]; };
const over = ([r, g, b, a], under) => [r, g, b].map((c, i) => c * a + under[i] * (1 - a)).concat(1);

function behind(node) {
  if (!node) return [255, 255, 255, 1];
  const color = parse(getComputedStyle(node).backgroundColor);
  return color[3] === 1 ? color : over(color, behind(node.parentElement));
}

function opacity(node) {
  let product = 1;
  for (; node; node = node.parentElement) product *= Number(getComputedStyle(node).opacity);
  return product;
}

const lowest = { text: Infinity, part: Infinity };
const faults = [];

function contrast(kind, color, ground, what, faded = 1) {
  const [r, g, b, a] = parse(color);
  const [light, dark] = [luminance(over([r, g, b, a * faded], ground)), luminance(ground)].sort((x, y) => y - x);
  const ratio = (light + 0.05) / (dark + 0.05);
  lowest[kind] = Math.min(lowest[kind], ratio);
  if (ratio < (kind === "text" ? 4.5 : 3)) faults.push(`contrast ${ratio.toFixed(2)}: ${what}`);
}

const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const text = walker.currentNode.textContent.trim();
  const node = walker.currentNode.parentElement;
  if (!text || !shown(node) || node.closest(":disabled, [aria-disabled=true], datalist, option")) continue;
  contrast("text", getComputedStyle(node).color, behind(node), text.slice(0, 60), opacity(node));
}
for (const node of visible("input, textarea, select")) {
  const style = getComputedStyle(node);
  contrast("text", style.color, behind(node), `value of ${named(node)}`);
  if (node.placeholder) contrast("text", getComputedStyle(node, "::placeholder").color, behind(node), `placeholder of ${named(node)}`);
}

// Edges of what one acts on; lines, dots and bars that carry a meaning; the mark of the focus.
for (const node of visible("input:not([type=checkbox]), textarea, select, button:not(.link)")) {
  const color = getComputedStyle(node).borderTopColor;
  if (parse(color)[3] > 0 && !node.disabled) contrast("part", color, behind(node.parentElement), `edge of ${named(node)}`);
}
for (const node of visible("polyline, .chart .line")) contrast("part", getComputedStyle(node).stroke, behind(node.closest("li")), "line of a chart");
for (const node of visible(".history li, #connection, .waiting[data-kind=waits], .waiting[data-kind=bad]")) {
  contrast("part", getComputedStyle(node, "::before").backgroundColor, behind(node), `dot of ${named(node)}`);
}
const accent = getComputedStyle(document.querySelector(".mark")).color;
for (const node of visible("body, .card, .phone, .opened, .message")) contrast("part", accent, behind(node), `focus on ${named(node)}`);
for (const node of visible("progress")) contrast("part", accent, behind(node), "progress");

// Names and structure

for (const node of visible("img, svg, canvas")) {
  const isNamed = node.getAttribute("role") === "img" && node.getAttribute("aria-label");
  if (!isNamed && !node.closest("[aria-hidden=true]")) faults.push(`no text alternative: ${named(node)}`);
}
for (const node of visible("input, select, textarea")) if (node.labels.length === 0) faults.push(`no label: ${named(node)}`);
for (const node of visible("time")) if (Number.isNaN(Date.parse(node.dateTime)) || !node.title) faults.push(`no exact time: ${named(node)}`);
for (const node of visible("table")) {
  if (!node.caption || node.querySelectorAll("th[scope=col]").length === 0) faults.push(`no headers: ${named(node)}`);
}
for (const node of visible("button, a, input, select, textarea, summary")) {
  const { width, height } = node.getBoundingClientRect();
  if (node.className !== "skip" && (height < 24 || width < 24) && !(node.type === "checkbox" && node.closest("label"))) {
    const style = getComputedStyle(node.parentElement);
    if (height < 24 || style.display !== "inline") faults.push(`${Math.round(width)} x ${Math.round(height)}, small: ${named(node)}`);
  }
}
let level = 0;
for (const node of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
  if (!node.checkVisibility()) continue;
  const own = Number(node.tagName[1]);
  if (own > level + 1) faults.push(`h${own} after h${level}: ${named(node)}`);
  level = own;
}
for (const name of ["header", "main", "h1"]) if (document.querySelectorAll(name).length !== 1) faults.push(`not one ${name}`);
for (const node of visible("section")) {
  if (!document.getElementById(node.getAttribute("aria-labelledby"))?.textContent.trim()) faults.push(`no name: ${named(node)}`);
}
if (document.documentElement.lang !== "en" || !document.title) faults.push("no language, or no title");
const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push(`twice: #${id}`);
for (const node of document.querySelectorAll("[aria-labelledby], [aria-describedby], [aria-controls], label[for]")) {
  for (const name of ["aria-labelledby", "aria-describedby", "aria-controls", "for"]) {
    const id = node.getAttribute(name);
    if (id && !document.getElementById(id)) faults.push(`${name} leads nowhere: ${named(node)}`);
  }
}
for (const node of document.querySelectorAll('a[href^="#"]')) {
  if (!(document.querySelector(node.getAttribute("href"))?.tabIndex >= -1)) faults.push(`leads nowhere: ${named(node)}`);
}
// What changes each second may not be read aloud each second.
for (const node of document.querySelectorAll("[aria-live], [role=status], [role=alert]")) {
  if (node.querySelector("time, .countdown, .rate")) faults.push(`chatty: ${named(node)}`);
}
const wide = document.documentElement.scrollWidth - innerWidth;
if (wide > 0) faults.push(`${wide} pixels wider than the screen`);
return { faults, text: lowest.text, part: lowest.part };
