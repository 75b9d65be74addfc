'use strict';
// Small SVG charts. Text reaches the page through textContent alone.

/** A new element: attributes that are null are left out, children are elements or text. */
function make(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

function shape(name, attributes = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined) continue;
    if (name.startsWith('--')) element.style.setProperty(name, value);
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** About `wished` round values that cover low..high. */
function ticks(low, high, wished) {
  const rough = (high - low) / wished || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

// Made once: a formatter is costly to make, and a wall has thousands of numbers.
const formatters = new Map();
function formatted(value, kind, digits) {
  const key = `${kind} ${digits}`;
  if (!formatters.has(key)) formatters.set(key, new Intl.NumberFormat('en', { [kind]: digits }));
  return formatters.get(key).format(value);
}

/** Four digits at most, thousands apart: 12,345 0.1234 1.2e-7. */
function number(value, digits = 4) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return value.toExponential(1);
  if (Number.isInteger(value) || size >= 1000) return formatted(value, 'maximumFractionDigits', 0);
  return formatted(value, 'maximumSignificantDigits', digits);
}

function percent(part) {
  return `${formatted(100 * part, 'maximumFractionDigits', Math.abs(part) < 0.1 ? 2 : 1)} %`;
}

/** A tick of the axis: as many digits as tell it from the next one. */
const tickText = (value) => number(+value.toPrecision(6), 6);
const percentTick = (value) => `${tickText(100 * value)} %`;

const plot = { width: 380, height: 210, left: 54, right: 12, top: 12, bottom: 36 };

/** Maps values to places in the plot. */
function scales(x, y) {
  const across = plot.width - plot.left - plot.right;
  const down = plot.height - plot.top - plot.bottom;
  return {
    x: (value) => plot.left + ((value - x[0]) / (x[1] - x[0] || 1)) * across,
    y: (value) => plot.top + (1 - (value - y[0]) / (y[1] - y[0] || 1)) * down,
  };
}

/** whole: only whole numbers stand below the x axis. */
function axes(scale, x, y, { xLabel, yTick = tickText, whole = false }) {
  const parts = [];
  const bottom = plot.height - plot.bottom;
  for (const value of ticks(y[0], y[1], 4)) {
    const at = scale.y(value);
    parts.push(shape('line', { class: 'grid', x1: plot.left, x2: plot.width - plot.right, y1: at, y2: at }));
    parts.push(shape('text', { x: plot.left - 6, y: at + 4, 'text-anchor': 'end' }, yTick(value)));
  }
  for (const value of ticks(x[0], x[1], 5).filter((at) => !whole || Number.isInteger(+at.toFixed(6)))) {
    parts.push(shape('text', { x: scale.x(value), y: bottom + 15, 'text-anchor': 'middle' }, tickText(value)));
  }
  parts.push(shape('line', { class: 'axis', x1: plot.left, x2: plot.width - plot.right, y1: bottom, y2: bottom }));
  parts.push(shape('text', { x: (plot.left + plot.width - plot.right) / 2, y: plot.height - 5, 'text-anchor': 'middle' }, xLabel));
  return parts;
}

function canvas(label, parts) {
  return shape('svg', { viewBox: `0 0 ${plot.width} ${plot.height}`, role: 'img', 'aria-label': label }, ...parts);
}

function rangeOf(values) {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const room = (high - low) * 0.06 || Math.abs(high) * 0.1 || 1;
  return [low >= 0 ? Math.max(0, low - room) : low - room, high + room];
}

const strokes = ['var(--accent)', 'var(--second)', 'var(--third)', 'var(--fourth)'];
const strokeOf = (index) => strokes[index % strokes.length];

/**
 * Curves over whole numbers. series: [{name, points: [[x, y], ...]}], no point without a value.
 * The value under the pointer stands in the caption, else the last.
 */
function lineChart({ title, xLabel, format, yTick, series }) {
  const all = series.flatMap((one) => one.points);
  const x = [Math.min(...all.map((p) => p[0])), Math.max(...all.map((p) => p[0]))];
  if (x[0] === x[1]) { x[0] -= 1; x[1] += 1; }
  const y = rangeOf(all.map((p) => p[1]));
  const scale = scales(x, y);
  const parts = axes(scale, x, y, { xLabel, yTick, whole: true });
  series.forEach(({ points }, i) => {
    const path = points.map(([px, py], at) => `${at ? 'L' : 'M'}${scale.x(px).toFixed(1)} ${scale.y(py).toFixed(1)}`).join('');
    parts.push(shape('path', { class: 'curve', d: path, stroke: strokeOf(i) }));
    const [endX, endY] = points.at(-1);
    parts.push(shape('circle', { cx: scale.x(endX), cy: scale.y(endY), r: 3, fill: strokeOf(i) }));
  });
  const cursor = shape('line', { class: 'cursor', y1: plot.top, y2: plot.height - plot.bottom, visibility: 'hidden' });
  const summary = series.map(({ name, points }) => `${name ? `${name}: ` : ''}${format(points[0][1])} to ${format(points.at(-1)[1])}`).join('; ');
  const drawing = canvas(`${title} by ${xLabel}. ${summary}.`, [...parts, cursor]);
  const value = make('span', { class: 'value' });
  const show = (wanted) => {
    const near = series.map(({ points }) => points.reduce((best, p) => (Math.abs(p[0] - wanted) < Math.abs(best[0] - wanted) ? p : best)));
    value.textContent = near.map((p) => format(p[1])).join(' · ');
    return near[0][0];
  };
  drawing.addEventListener('pointermove', (event) => {
    const box = drawing.getBoundingClientRect();
    const across = ((event.clientX - box.left) / box.width) * plot.width;
    const at = show(x[0] + ((across - plot.left) / (plot.width - plot.left - plot.right)) * (x[1] - x[0]));
    value.textContent = `${xLabel} ${number(at)}: ${value.textContent}`;
    fill(cursor, { x1: scale.x(at), x2: scale.x(at), visibility: 'visible' }, []);
  });
  const rest = () => { cursor.setAttribute('visibility', 'hidden'); show(x[1]); };
  drawing.addEventListener('pointerleave', rest);
  rest();
  const legend = series.length < 2 ? null
    : make('ul', { class: 'legend' }, ...series.map(({ name }, i) => {
      const item = make('li', {}, make('i'), name);
      item.firstChild.style.color = strokeOf(i);
      return item;
    }));
  return make('figure', { class: 'chart' }, make('figcaption', {}, title, value), legend, drawing);
}

/** Bars of equal width. bins: {width, first, counts}; a dashed line at `threshold` where it is above 0. */
function histogram({ title, xLabel, bins, threshold }) {
  const { width, counts } = bins;
  let low = bins.first * width;
  const high = (bins.first + counts.length) * width;
  if (low > 0 && low < high / 2) low = 0;
  const x = [low, high];
  const most = Math.max(...counts);
  const y = [0, most * 1.05];
  const scale = scales(x, y);
  const parts = axes(scale, x, y, { xLabel });
  counts.forEach((count, i) => {
    if (count === 0) return;
    const left = scale.x((bins.first + i) * width);
    const right = scale.x((bins.first + i + 1) * width);
    const range = `${number((bins.first + i) * width)} to ${number((bins.first + i + 1) * width)}: ${number(count)} samples`;
    parts.push(shape('rect', { class: 'bar', x: left + 0.5, width: Math.max(0.7, right - left - 1), y: scale.y(count), height: scale.y(0) - scale.y(count) },
      shape('title', {}, range)));
  });
  if (threshold > low && threshold < high) {
    parts.push(shape('line', { class: 'threshold', x1: scale.x(threshold), x2: scale.x(threshold), y1: plot.top, y2: plot.height - plot.bottom }));
  }
  const label = `${title}: ${number(counts.reduce((a, b) => a + b, 0))} values from ${number(bins.first * width)} to ${number(high)}, most in the bar of ${number(most)} samples.`;
  return make('figure', { class: 'chart' }, canvas(label, parts));
}
