"use strict";
// Small charts as inline SVG. Text from a run only ever enters the page as text nodes, never as markup.

function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

function svg(tag, attributes, text) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

const integer = (x) => Math.round(x).toLocaleString("en");
const percent = (x, digits = 0) => (x === null || x === undefined ? "–" : minus((100 * x).toFixed(digits)) + "\u00a0%");
const seconds = (x) => (x >= 100 ? integer(x) : x.toFixed(1)) + "\u00a0s";
const minus = (text) => String(text).replace(/^-/, "\u2212");

function compact(x) {
  if (x === 0) return "0";
  const size = Math.abs(x);
  if (size >= 1e6) return minus(+(x / 1e6).toPrecision(3)) + "M";
  if (size >= 1e4) return minus(+(x / 1e3).toPrecision(3)) + "k";
  return minus(size < 1e-3 ? x.toExponential(1) : +x.toPrecision(3));
}

function ticks(low, high, count) {
  const raw = (high - low) / Math.max(1, count) || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= raw * 0.999);
  const values = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) values.push(+(i * step).toPrecision(12));
  return values;
}

function integerTicks(low, high, count) {
  return ticks(low, high, count).filter((value) => Number.isInteger(value));
}

/** `format`, or as many digits as it takes to tell the values of an axis apart. */
function distinct(values, format) {
  for (let digits = 3; digits <= 10; digits++) {
    if (new Set(values.map(format)).size === values.length) return format;
    format = (value) => minus(+value.toPrecision(digits));
  }
  return format;
}

/** Draw now and again whenever the width of `host` changes, so that text keeps its size on every screen. */
function responsive(host, draw) {
  let width = 0;
  const update = () => {
    const now = Math.floor(host.clientWidth);
    if (now > 0 && now !== width) { width = now; draw(width); }
  };
  update();
  new ResizeObserver(update).observe(host);
}

function legend(series) {
  return el("ul", { class: "legend" }, series.map((item) => {
    const mark = svg("svg", { viewBox: "0 0 20 12", "aria-hidden": "true" });
    drawMark(mark, item);
    return el("li", {}, mark, item.name);
  }));
}

function drawMark(parent, item) {
  if (item.kind === "points") {
    parent.append(svg("line", { x1: 10, x2: 10, y1: 0, y2: 12, stroke: item.color, "stroke-width": 1.5 }), dot(10, 6, item));
  } else if (item.kind === "bars") {
    parent.append(svg("rect", { x: 2, y: 0, width: 16, height: 12, rx: 2, fill: item.color }));
  } else {
    parent.append(svg("line", { x1: 0, x2: 20, y1: 6, y2: 6, stroke: item.color, "stroke-width": item.weight || 2, "stroke-dasharray": item.dash || "none" }));
    if (item.dots) parent.append(svg("circle", { cx: 10, cy: 6, r: 2.5, fill: item.color }));
  }
}

function dot(x, y, item) {
  const common = { fill: item.hollow ? "#fff" : item.color, stroke: item.color, "stroke-width": 1.75 };
  return item.square ? svg("rect", { x: x - 4, y: y - 4, width: 8, height: 8, ...common }) : svg("circle", { cx: x, cy: y, r: 4.25, ...common });
}

/** Margins, scales and axes that line and bar charts share. */
function frame(host, width, spec, xDomain, yDomain) {
  const height = spec.height || 260;
  const yTicks = ticks(yDomain[0], yDomain[1], spec.yTicks || 4);
  const yLabel = distinct(yTicks, spec.y.format);
  const widest = Math.max(...yTicks.map((value) => yLabel(value).length));
  const margin = { left: Math.max(34, 7 * widest + 12), right: 14, top: 12, bottom: spec.x.title ? 42 : 26 };
  const inner = { w: Math.max(40, width - margin.left - margin.right), h: height - margin.top - margin.bottom };
  const inset = spec.inset || 0;
  const x = (value) => margin.left + inset + ((inner.w - 2 * inset) * (value - xDomain[0])) / (xDomain[1] - xDomain[0] || 1);
  const y = (value) => margin.top + inner.h * (1 - (value - yDomain[0]) / (yDomain[1] - yDomain[0] || 1));
  const root = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": spec.label });
  for (const value of yTicks) {
    root.append(svg("line", { class: "gridline", x1: margin.left, x2: margin.left + inner.w, y1: y(value), y2: y(value) }));
    root.append(svg("text", { x: margin.left - 8, y: y(value) + 4, "text-anchor": "end" }, yLabel(value)));
  }
  const floor = yDomain[0] < 0 && yDomain[1] > 0 ? y(0) : y(yDomain[0]);
  root.append(svg("line", { class: "baseline", x1: margin.left, x2: margin.left + inner.w, y1: floor, y2: floor }));
  if (spec.x.title) root.append(svg("text", { class: "axis-title", x: margin.left + inner.w / 2, y: height - 4, "text-anchor": "middle" }, spec.x.title));
  host.replaceChildren(root);
  return { root, x, y, margin, inner };
}

function xLabel(f, at, text) {
  f.root.append(svg("text", { x: at, y: f.margin.top + f.inner.h + 18, "text-anchor": "middle" }, text));
}

/** Show `lines(index)` beside the nearest of the x positions while the pointer is over the chart. */
function hover(host, f, positions, lines) {
  const cursor = svg("line", { class: "cursor", y1: f.margin.top, y2: f.margin.top + f.inner.h, visibility: "hidden" });
  f.root.append(cursor);
  const tip = el("div", { class: "tip", hidden: true });
  host.append(tip);
  const leave = () => { tip.hidden = true; cursor.setAttribute("visibility", "hidden"); };
  const move = (event) => {
    if (!positions.length) return;
    const at = event.clientX - host.getBoundingClientRect().left;
    const nearest = positions.reduce((best, position, i) => (Math.abs(position - at) < Math.abs(positions[best] - at) ? i : best), 0);
    const [head, ...rows] = lines(nearest);
    tip.replaceChildren(el("b", {}, head), ...rows.map(([name, value]) => el("div", {}, el("span", {}, name), el("span", {}, value))));
    tip.hidden = false;
    const room = host.clientWidth - tip.offsetWidth;
    const left = positions[nearest] + 14 > room ? positions[nearest] - tip.offsetWidth - 14 : positions[nearest] + 14;
    tip.style.transform = `translate(${Math.max(0, Math.min(left, room))}px, ${f.margin.top}px)`;
    cursor.setAttribute("x1", positions[nearest]);
    cursor.setAttribute("x2", positions[nearest]);
    cursor.setAttribute("visibility", "visible");
  };
  host.onpointermove = move; host.onpointerdown = move; host.onpointerleave = leave;
}

/**
 * Lines and points with intervals over a numeric axis.
 * spec: {label, height, x: {title, format}, y: {format, domain}, series: [{name, kind: "line" | "points", color, data: [{x, y, low, high}]}]}
 */
function lineChart(host, spec) {
  responsive(host, (width) => {
    const all = spec.series.flatMap((item) => item.data);
    const xs = [...new Set(all.map((point) => point.x))].sort((a, b) => a - b);
    const ys = all.flatMap((point) => [point.y, point.low, point.high]).filter((value) => Number.isFinite(value));
    let xDomain = [Math.min(...xs), Math.max(...xs)];
    if (xDomain[0] === xDomain[1]) xDomain = [xDomain[0] - 1, xDomain[1] + 1];
    let yDomain = spec.y.domain || [Math.min(...ys), Math.max(...ys)];
    if (!spec.y.domain) {
      const pad = (yDomain[1] - yDomain[0]) * 0.08 || Math.abs(yDomain[0]) * 0.1 || 1;
      const fromZero = yDomain[0] >= 0 && yDomain[0] < 0.4 * yDomain[1];
      yDomain = [fromZero ? 0 : yDomain[0] - pad, yDomain[1] + pad];
    }
    const f = frame(host, width, spec, xDomain, yDomain);
    for (const value of integerTicks(xDomain[0], xDomain[1], width / 65)) {
      if (value >= 0) xLabel(f, f.x(value), spec.x.format(value));
    }
    const intervals = spec.series.filter((item) => item.kind === "points");
    for (const item of spec.series) {
      const points = item.data.filter((point) => Number.isFinite(point.y));
      // Intervals of several series at one place stand side by side.
      const aside = item.kind === "points" ? (intervals.indexOf(item) - (intervals.length - 1) / 2) * 11 : 0;
      if (item.kind !== "points" && points.length > 1) {
        const path = points.map((point, i) => (i ? "L" : "M") + f.x(point.x).toFixed(1) + " " + f.y(point.y).toFixed(1)).join("");
        f.root.append(svg("path", { d: path, fill: "none", stroke: item.color, "stroke-width": item.weight || 2, "stroke-dasharray": item.dash || "none", "stroke-linejoin": "round", "stroke-linecap": "round" }));
      }
      for (const point of points) {
        if (item.kind === "points") {
          if (Number.isFinite(point.low)) {
            const at = f.x(point.x) + aside, low = f.y(point.low), high = f.y(point.high);
            f.root.append(svg("path", { d: `M${at} ${low}V${high}M${at - 5} ${low}H${at + 5}M${at - 5} ${high}H${at + 5}`, stroke: item.color, "stroke-width": 1.5, fill: "none" }));
          }
          f.root.append(dot(f.x(point.x) + aside, f.y(point.y), item));
        } else if (item.dots || points.length === 1) {
          f.root.append(svg("circle", { cx: f.x(point.x), cy: f.y(point.y), r: points.length === 1 ? 4 : 2.25, fill: item.color }));
        }
      }
    }
    hover(host, f, xs.map(f.x), (i) => [
      `${spec.x.name} ${spec.x.format(xs[i])}`,
      ...spec.series.flatMap((item) => item.data.filter((point) => point.x === xs[i] && Number.isFinite(point.y)).map((point) => [
        item.name, spec.y.exact(point.y) + (Number.isFinite(point.low) ? ` (${spec.y.exact(point.low)} to ${spec.y.exact(point.high)})` : ""),
      ])),
    ]);
  });
}

/**
 * Bars by category, stacked or side by side.
 * spec: {label, height, stacked, categories: [text], x: {title, name}, y: {format, exact}, series: [{name, color, values: [number]}]}
 */
function barChart(host, spec) {
  responsive(host, (width) => {
    const count = spec.categories.length;
    const totals = spec.categories.map((_, i) => spec.series.map((item) => item.values[i] || 0));
    const top = Math.max(...totals.map((values) => (spec.stacked ? values.reduce((a, b) => a + b, 0) : Math.max(...values))), 0) || 1;
    const f = frame(host, width, spec, [0, count], [0, spec.y.top || top * 1.04]);
    const slot = f.inner.w / count;
    const gap = slot > 14 ? Math.min(slot * 0.24, 22) : slot > 4 ? 1.5 : 0;
    const skip = Math.ceil(Math.max(...spec.categories.map((text) => String(text).length)) * 7.2 + 8) / slot;
    const every = skip <= 1 ? 1 : [2, 5, 10, 20, 25, 50, 100, 200, 500, 1000].find((step) => step >= skip) || count;
    spec.categories.forEach((category, i) => {
      const left = f.x(i) + gap / 2, room = slot - gap;
      if (i % every === 0) xLabel(f, left + room / 2, category);
      let height = 0;
      spec.series.forEach((item, j) => {
        const value = item.values[i] || 0;
        if (value <= 0) return;
        const base = spec.stacked ? height : 0;
        const wide = spec.stacked ? room : room / spec.series.length - 1;
        const at = spec.stacked ? left : left + (j * room) / spec.series.length;
        height += value;
        f.root.append(svg("rect", { x: at, width: Math.max(0.5, wide), y: f.y(base + value), height: Math.max(0.5, f.y(base) - f.y(base + value)), fill: item.color, rx: wide > 8 ? 1.5 : 0 }));
      });
    });
    hover(host, f, spec.categories.map((_, i) => f.x(i + 0.5)), (i) => [
      `${spec.x.name} ${spec.categories[i]}`,
      ...spec.series.filter((item) => item.values[i] || !spec.stacked).map((item) => [item.name, spec.y.exact(item.values[i] || 0)]),
    ]);
  });
}
