// The page: everything it shows is in the JSON of #data (src/report/report_data.cpp).
const report = JSON.parse(document.getElementById('data').textContent);
const $ = (id) => document.getElementById(id);
const bdi = (text) => make('bdi', {}, text);
const plural = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;
const className = (c) => report.classes[c] ?? '?';

// ---- Pictures -------------------------------------------------------------------------------------------

/** Makes `element` know the sheet and draw its tiles about `wished` pixels wide; a row of values is stretched. */
function useSprites(element, sprites, wished) {
  const [height, width] = sprites.drawn;
  const row = sprites.height === 1 && sprites.width > 1;
  let across = (row ? 2.4 * wished : wished) / width;
  if (across >= 0.75) across = Math.max(1, Math.round(across));
  const down = row ? Math.max(14, wished * 0.5) / height : across;
  element.classList.toggle('smooth', across < 1);
  fill(element, {
    '--zx': across, '--zy': down, '--dw': width, '--dh': height, '--cw': sprites.cell[1], '--ch': sprites.cell[0],
    '--columns': sprites.columns, '--rows': sprites.rows, '--border': sprites.border,
  }, []);
  return element;
}

/** Tile `index`; stands inside an element of useSprites. */
function picture(sprites, index) {
  const perSheet = sprites.columns * sprites.rows;
  const place = index % perSheet;
  return make('div', {
    class: `pic sheet-${sprites.name}-${Math.floor(index / perSheet)}`,
    '--i': place % sprites.columns, '--j': Math.floor(place / sprites.columns),
  });
}

// ---- Overview -------------------------------------------------------------------------------------------

function nameOfKind(stage, count = 2) {
  return `${stage.kind}${count === 1 ? '' : 's'}`;
}

function figure(label, value, note) {
  return make('div', {}, make('dt', {}, label), make('dd', {}, value, note ? make('small', {}, note) : null));
}

function showOverview() {
  document.title = `${report.run} · wta report`;
  $('run').textContent = report.run;
  const { stages, data } = report;
  $('subtitle').textContent = [stages.map((stage) => `${stage.options.model === 'autoencoder' ? '' : `${stage.options.model} `}${stage.options.arch}`).join(' → '),
    data.name && `on ${data.name}`].filter(Boolean).join(', ') || 'No model yet';
  $('footer').textContent = `Made by ${report.made_by}. This page loads nothing from anywhere.`;
  const many = stages.length > 1;
  stages.forEach((stage, s) => {
    const of = many ? `stage ${s + 1}` : null;
    $('figures').append(
      figure(stage.kind === 'map' ? 'Feature maps' : 'Units', number(stage.units), [of, stage.dead && stage.epochs ? `${number(stage.dead)} dead` : stage.epochs ? 'none dead' : null].filter(Boolean).join(', ')),
      figure('Explained variance', stage.epochs ? percent(stage.explained_variance) : '–', [of, 'in training'].filter(Boolean).join(', ')),
      figure('Loss', number(stage.loss), [of, plural(stage.epochs, 'epoch')].filter(Boolean).join(', ')),
      figure('Active', stage.epochs ? percent(stage.active_fraction) : '–', [of, 'in training'].filter(Boolean).join(', ')),
    );
  });
  if (report.classification) {
    const { errors, samples, split } = report.classification;
    $('figures').append(figure('Classification error', percent(errors / samples), `${number(samples)} ${split} samples`));
  }
  if (stages.length) $('figures').append(figure('Parameters', number(report.parameters)));
  const names = [...new Set(stages.flatMap((stage) => Object.keys(stage.options)))].sort();
  $('options-details').hidden = names.length === 0;
  $('options').append(make('table', {},
    make('thead', {}, make('tr', {}, make('th', { scope: 'col' }, 'Option'), ...stages.map((_, s) => make('th', { scope: 'col' }, many ? `Stage ${s + 1}` : 'Value')))),
    make('tbody', {}, ...names.map((name) => make('tr', {}, make('th', { scope: 'row' }, name), ...stages.map((stage) => make('td', {}, bdi(stage.options[name] ?? ''))))))));
}

function showParts() {
  for (const section of document.querySelectorAll('main > section')) {
    if (section.hidden) continue;
    $('parts').append(make('li', {}, make('a', { href: `#${section.id}` }, section.querySelector('h2').textContent)));
  }
}

// ---- Training curves ------------------------------------------------------------------------------------

const curves = [
  { title: 'Loss', keys: ['loss'], format: number },
  { title: 'Explained variance', keys: ['explained_variance'], format: percent, yTick: percentTick },
  { title: 'Active fraction', keys: ['active_fraction'], format: percent, yTick: percentTick },
  { title: 'Dead units', keys: ['dead_units'], format: number },
  { title: 'Free energy', keys: ['free_energy', 'held_out_free_energy'], names: ['training', 'held out'], format: number },
  { title: 'Learning rate', keys: ['learning_rate'], format: number },
];

function showCurves(metrics) {
  $('training').hidden = metrics.length === 0;
  if (metrics.length === 0) return;
  const stages = [...new Set(metrics.map((line) => line.stage))];
  const charts = curves.map(({ title, keys, names, format, yTick }) => {
    const series = stages.flatMap((stage) => keys.map((key, k) => ({
      name: [stages.length > 1 ? `stage ${stage}` : '', names ? names[k] : ''].filter(Boolean).join(', '),
      points: metrics.filter((line) => line.stage === stage && Number.isFinite(line[key])).map((line) => [line.epoch, line[key]]),
    }))).filter((one) => one.points.length > 0);
    return series.length ? lineChart({ title, xLabel: 'epoch', format, yTick, series }) : null;
  });
  $('curves').replaceChildren(...charts.filter(Boolean));
  const last = metrics.at(-1);
  $('training-note').textContent = `${plural(last.epoch, 'epoch')}${stages.length > 1 ? ` of stage ${last.stage}` : ''}, ${number(Math.round(last.samples_per_second))} samples per second in the last. One value per complete epoch.`;
}

// ---- Feature wall ---------------------------------------------------------------------------------------

const wall = { stage: 0, tiles: [], width: 56 };
const stageNow = () => report.stages[wall.stage];

const orders = {
  usage: { label: 'usage', value: (f) => f.usage },
  frequency: { label: 'frequency', value: (f) => f.frequency },
  selectivity: { label: 'selectivity', value: (f) => f.selectivity?.[1] ?? 0 },
  preferred: { label: 'preferred class', value: (f) => f.selectivity?.[1] ?? 0, first: (f) => f.selectivity?.[0] ?? 0 },
  unit: { label: 'number', value: (f) => f.usage, first: (f) => f.unit },
};

const isDead = (feature) => feature.usage === 0 && stageNow().epochs > 0;

function describe(feature) {
  const parts = [`${stageNow().kind} ${feature.unit}`, isDead(feature) ? 'dead' : `won ${plural(feature.usage, 'time')}`, `${frequencyName().toLowerCase()} ${percent(feature.frequency)}`];
  if (feature.selectivity) parts.push(`prefers ${className(feature.selectivity[0])}, selectivity ${feature.selectivity[1].toFixed(2)}`);
  return parts.join(', ');
}

const frequencyName = () => (stageNow().probabilities ? 'Mean activation' : 'Frequency');

function buildWall() {
  const { sprites, features } = stageNow();
  wall.tiles = features.map((feature, index) => {
    const tile = make('button', { type: 'button', class: `tile${isDead(feature) ? ' dead' : ''}`, tabindex: '-1', 'aria-label': describe(feature) },
      picture(sprites, index), make('span', { class: 'share' }));
    return Object.assign(tile, { feature, index });
  });
  const stage = stageNow();
  const shown = features.length < stage.units ? `The ${number(features.length)} most used of ${plural(stage.units, stage.kind)}. ` : '';
  $('features-note').textContent = `${shown}Each picture is the atom that a ${stage.kind} adds to a reconstruction, scaled by itself: grey is 0. ` +
    `Activations are those of ${number(report.data.samples)}${report.data.samples < report.data.available ? ` of ${number(report.data.available)}` : ''} ${report.data.split} samples, with competition off.`;
  arrange();
}

/** "7, 12, 40-60" as a test of a number; everything when empty. */
function numbersIn(text) {
  const parts = text.split(/[,;\s]+/).filter(Boolean).map((part) => part.match(/^(\d+)(?:[-–](\d+))?$/));
  if (parts.length === 0) return () => true;
  return (unit) => parts.some((match) => match && unit >= Number(match[1]) && unit <= Number(match[2] ?? match[1]));
}

/** Sorts and filters; the tile that can be reached by Tab is the first one. */
function arrange() {
  const order = orders[$('sort').value];
  const wanted = numbersIn($('search').value.trim());
  const state = $('state').value;
  const values = wall.tiles.map((tile) => order.value(tile.feature));
  const most = Math.max(...values, 1e-30);
  $('wall').classList.toggle('alike', Math.min(...values) === Math.max(...values));
  const sorted = [...wall.tiles].sort((a, b) => (order.first ? order.first(a.feature) - order.first(b.feature) : 0)
    || order.value(b.feature) - order.value(a.feature) || a.feature.unit - b.feature.unit);
  for (const tile of sorted) {
    tile.hidden = !wanted(tile.feature.unit) || (state !== 'all' && (state === 'dead') !== isDead(tile.feature));
    tile.tabIndex = -1;
    tile.style.setProperty('--share', (order.value(tile.feature) / most).toFixed(4));
  }
  useSprites($('wall'), stageNow().sprites, wall.width);
  $('wall').replaceChildren(...sorted);
  const visible = visibleTiles();
  if (visible.length) visible[0].tabIndex = 0;
  else $('wall').append(make('p', { class: 'empty' }, `No ${stageNow().kind} is like that.`));
  $('count').textContent = visible.length === wall.tiles.length ? plural(visible.length, stageNow().kind) : `${number(visible.length)} of ${plural(wall.tiles.length, stageNow().kind)}`;
}

const visibleTiles = () => [...$('wall').children].filter((tile) => tile.feature && !tile.hidden);

function focusTile(tile) {
  for (const other of wall.tiles) other.tabIndex = -1;
  tile.tabIndex = 0;
  tile.focus();
}

function columnsOf(tiles) {
  const next = tiles.findIndex((tile) => tile.offsetTop !== tiles[0].offsetTop);
  return next < 0 ? tiles.length : next;
}

function moveInWall(event) {
  const tiles = visibleTiles();
  const at = tiles.indexOf(document.activeElement);
  if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
  const columns = columnsOf(tiles);
  const page = columns * Math.max(1, Math.floor(window.innerHeight / (tiles[0].offsetHeight + 5)) - 1);
  const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns, PageDown: page, PageUp: -page, Home: -at, End: tiles.length - 1 - at };
  if (!(event.key in steps)) return;
  event.preventDefault();
  const to = at + steps[event.key];
  if (to >= 0 && to < tiles.length) focusTile(tiles[to]);
  else if (event.key.startsWith('Page')) focusTile(tiles[to < 0 ? 0 : tiles.length - 1]);
}

function showFeatures() {
  const { stages } = report;
  $('features').hidden = stages.length === 0;
  if (stages.length === 0) return;
  const selective = stages.some((stage) => stage.features.some((feature) => feature.selectivity));
  for (const [key, { label }] of Object.entries(orders)) {
    if (selective || !['selectivity', 'preferred'].includes(key)) $('sort').append(make('option', { value: key }, label));
  }
  stages.forEach((stage, s) => $('stage').append(make('option', { value: s }, `${s + 1}: ${stage.options.arch}`)));
  $('stage-label').hidden = stages.length < 2;
  $('size').value = wall.width;
  $('toolbar').addEventListener('submit', (event) => event.preventDefault());
  $('stage').addEventListener('change', () => { wall.stage = Number($('stage').value); buildWall(); });
  for (const id of ['sort', 'state', 'search']) $(id).addEventListener('input', arrange);
  $('size').addEventListener('input', () => { wall.width = Number($('size').value); useSprites($('wall'), stageNow().sprites, wall.width); });
  $('search').addEventListener('keydown', (event) => {
    const first = visibleTiles()[0];
    if (event.key === 'Enter' && first) openFeature(first);
  });
  $('wall').addEventListener('keydown', moveInWall);
  const hint = (event) => {
    const tile = event.target.closest('.tile');
    if (tile) $('hint').textContent = describe(tile.feature);
  };
  $('wall').addEventListener('pointerover', hint);
  $('wall').addEventListener('focusin', hint);
  $('wall').addEventListener('click', (event) => {
    const tile = event.target.closest('.tile');
    if (tile) openFeature(tile);
  });
  buildWall();
}

// ---- One feature ----------------------------------------------------------------------------------------

let opened = null;

function aboutFeature(tile) {
  const { feature, index } = tile;
  const stage = stageNow();
  const samples = report.data.samples;
  const rows = [
    ['Wins in the last epoch', number(feature.usage)],
    [frequencyName(), percent(feature.frequency)],
    ['Mean activation', number(feature.mean)],
    ['Exactly 0', percent(feature.zeros / samples)],
    stage.linear || stage.probabilities ? null : ['Threshold', number(feature.threshold)],
    feature.selectivity ? ['Prefers', bdi(className(feature.selectivity[0]))] : null,
    feature.selectivity ? ['Selectivity', feature.selectivity[1].toFixed(2)] : null,
  ].filter(Boolean);
  const atom = useSprites(make('div', { class: 'atom', role: 'img', 'aria-label': `Atom of ${stage.kind} ${feature.unit}` }), stage.sprites, stage.sprites.width === 1 ? 20 : stage.sprites.height === 1 ? 76 : 196);
  atom.append(picture(stage.sprites, index));
  return make('div', { class: 'about' }, atom, make('dl', { class: 'numbers' }, ...rows.map(([name, value]) => make('div', {}, make('dt', {}, name), make('dd', {}, value)))));
}

/** Where the feature was found: the outline of its atom around the position of the maximum. */
function mark(y, x) {
  const { sprites } = stageNow();
  const input = report.inputs.sprites;
  const part = (value, whole) => `${(100 * value) / whole}%`;
  const box = make('span', { class: 'mark', 'aria-hidden': 'true' });
  Object.assign(box.style, {
    left: part(x - Math.floor(sprites.width / 2), input.width), top: part(y - Math.floor(sprites.height / 2), input.height),
    width: part(sprites.width, input.width), height: part(sprites.height, input.height),
  });
  return box;
}

function topInputs(feature) {
  const { sprites, rows, labels } = report.inputs;
  const items = feature.top.map(([input, activation, y, x]) => {
    const label = labels && labels[input] >= 0 ? className(labels[input]) : null;
    const frame = useSprites(make('div', { class: 'frame', role: 'img', 'aria-label': `Sample ${rows[input]}${label === null ? '' : ` of class ${label}`}` }), sprites, 88);
    frame.append(picture(sprites, input));
    if (y !== undefined && sprites.height > 1) frame.append(mark(y, x));
    return make('li', { title: `sample ${rows[input]}` }, frame, make('b', {}, number(activation)), label === null ? `#${rows[input]}` : make('bdi', { class: 'label' }, label));
  });
  const boxed = feature.top.length > 0 && feature.top[0].length > 2 && sprites.height > 1;
  return make('section', {},
    make('h3', {}, 'Strongest inputs'),
    make('p', { class: 'small-note' }, items.length === 0 ? 'No sample activates it.' : `By activation${boxed ? '; the frame shows where it is largest' : ''}.`),
    make('ul', { class: 'top' }, ...items));
}

function activationChart(feature) {
  const { linear, probabilities, kind } = stageNow();
  const title = 'Activations';
  const drawn = feature.zeros === 0 ? `All ${number(report.data.samples)} samples` : `${number(report.data.samples - feature.zeros)} of ${number(report.data.samples)} samples, the rest is exactly 0`;
  const note = `${drawn}${feature.threshold > 0 && !linear && !probabilities ? '; dashed: threshold' : ''}.`;
  const box = make('div', {}, make('h3', {}, title), make('p', { class: 'small-note' }, note));
  if (feature.histogram.counts.length) {
    box.append(histogram({ title, xLabel: kind === 'map' ? 'largest activation of the map' : 'activation', bins: feature.histogram, threshold: linear || probabilities ? 0 : feature.threshold }));
  }
  return box;
}

function classBars(feature) {
  if (!feature.classes) return null;
  const most = Math.max(...feature.classes.map((entry) => entry[1]), 1e-30);
  const some = feature.classes.length < report.classes.length ? `The ${feature.classes.length} largest of ${number(report.classes.length)} classes. ` : '';
  return make('div', {}, make('h3', {}, 'Mean activation by class'),
    make('p', { class: 'small-note' }, `${some}Selectivity ${feature.selectivity[1].toFixed(2)}: 0 is indifferent, 1 answers to one class alone.`),
    make('ul', { class: 'bars' }, ...feature.classes.map(([c, mean]) => make('li', { class: c === feature.selectivity[0] ? 'preferred' : null },
      bdi(className(c)), make('i', { '--share': (mean / most).toFixed(4), 'aria-hidden': 'true' }), make('span', {}, number(mean, 3))))));
}

function similarAtoms(feature) {
  const { sprites, kind } = stageNow();
  const known = feature.similar.map(([unit, cosine]) => [wall.tiles.find((tile) => tile.feature.unit === unit), cosine]).filter(([tile]) => tile);
  if (known.length === 0) return null;
  return make('section', { class: 'similar' }, make('h3', {}, 'Most similar atoms, by cosine'),
    useSprites(make('ul', {}, ...known.map(([tile, cosine]) => {
      const button = make('button', { type: 'button', class: 'tile', 'aria-label': `${kind} ${tile.feature.unit}, cosine ${cosine.toFixed(2)}` }, picture(sprites, tile.index));
      button.addEventListener('click', () => openFeature(tile));
      return make('li', {}, button, make('small', {}, cosine.toFixed(2)));
    })), sprites, 64));
}

function openFeature(tile) {
  opened = tile;
  const stage = stageNow();
  const { feature } = tile;
  $('feature-title').textContent = `${stage.kind === 'map' ? 'Map' : 'Unit'} ${feature.unit}`;
  $('feature-rank').textContent = isDead(feature) ? `dead: it won nothing in the last epoch`
    : `${number(tile.index + 1)} of ${number(stage.units)} by usage`;
  $('feature-body').replaceChildren(...[aboutFeature(tile),
    make('div', {}, topInputs(feature), make('div', { class: 'two' }, ...[activationChart(feature), classBars(feature)].filter(Boolean))),
    similarAtoms(feature)].filter(Boolean));
  if (!$('feature').open) $('feature').showModal();
  $('feature-body').scrollTop = 0;
  $('feature-body').focus();
  history.replaceState(null, '', `#${stage.kind}-${wall.stage + 1}-${feature.unit}`);
}

function step(by) {
  const tiles = visibleTiles();
  const to = tiles[tiles.indexOf(opened) + by];
  if (to) openFeature(to);
}

function openFromAddress() {
  const match = location.hash.match(/^#(?:unit|map)-(\d+)-(\d+)$/);
  const stage = match && report.stages[match[1] - 1];
  if (!stage) return;
  if (wall.stage !== match[1] - 1) {
    wall.stage = match[1] - 1;
    $('stage').value = wall.stage;
    buildWall();
  }
  const tile = wall.tiles.find((one) => one.feature.unit === Number(match[2]));
  if (tile) openFeature(tile);
}

function prepareDialog() {
  const dialog = $('feature');
  $('close').addEventListener('click', () => dialog.close());
  $('previous').addEventListener('click', () => step(-1));
  $('next').addEventListener('click', () => step(1));
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowLeft') step(-1);
    if (event.key === 'ArrowRight') step(1);
  });
  dialog.addEventListener('close', () => {
    history.replaceState(null, '', location.pathname + location.search);
    if (opened && !opened.hidden) focusTile(opened);
  });
}

// ---- Reconstructions and confusions ---------------------------------------------------------------------

function showReconstructions() {
  const shown = report.reconstructions;
  $('reconstructions').hidden = !shown;
  if (!shown) return;
  $('reconstructions-note').textContent = `${shown.split === 'test' ? 'Test' : 'Training'} samples above what ${report.stages.length > 1 ? 'the first stage' : 'the model'} makes of them, decoded from activations above their thresholds.`;
  useSprites($('pairs'), shown.sprites, 72);
  for (let i = 0; i < shown.sprites.count; i += 2) {
    $('pairs').append(make('div', { class: 'pair', role: 'img', 'aria-label': `Sample and its reconstruction ${i / 2 + 1}` }, picture(shown.sprites, i), picture(shown.sprites, i + 1)));
  }
}

function confusionTable(counts) {
  const upright = report.classes.some((name) => name.length > 3);
  const heading = (name) => make('th', { scope: 'col', class: upright ? 'upright' : null }, make('span', {}, bdi(name)));
  const totals = counts.map((row) => Math.max(1, row.reduce((a, b) => a + b, 0)));
  const cell = (count, t, p) => {
    const part = count / totals[t];
    const shade = t === p ? part : Math.min(1, part * 4);
    return make('td', {
      '--part': shade.toFixed(3), '--tint': `var(--${t === p ? 'right' : 'wrong'})`, class: shade > 0.6 ? 'strong' : null,
      title: `${className(t)} taken for ${className(p)}: ${count} of ${totals[t]}`,
    }, count ? number(count) : '');
  };
  return make('table', { class: 'confusion' }, make('caption', {}, 'Rows: the true class. Columns: the predicted one.'),
    make('thead', {}, make('tr', {}, make('td'), ...report.classes.map(heading), make('th', { scope: 'col' }, 'error'))),
    make('tbody', {}, ...counts.map((row, t) => make('tr', {}, make('th', { scope: 'row' }, bdi(className(t))), ...row.map((count, p) => cell(count, t, p)),
      make('td', { '--part': 0, '--tint': 'var(--wrong)' }, percent(1 - row[t] / totals[t]))))));
}

function showClassification() {
  const result = report.classification;
  $('confusions').hidden = !result;
  if (!result) return;
  const some = result.samples < result.available ? ` of ${number(result.available)}` : '';
  const codes = report.stages.length > 1 ? ` (codes of stages: ${result.stages})` : '';
  $('confusions-note').textContent = `A linear classifier on the codes${codes} errs on ${number(result.errors)} of ${number(result.samples)}${some} ${result.split} samples: ${percent(result.errors / result.samples)}.`;
  $('confusion-table').hidden = !result.counts;
  if (result.counts) $('confusion-table').append(confusionTable(result.counts));
  if (result.confused.length === 0) return;
  $('confused').append(make('h3', {}, 'Most often confused'), make('ul', { class: 'bars' }, ...result.confused.slice(0, result.counts ? 8 : 20).map(([count, t, p]) =>
    make('li', {}, make('span', {}, bdi(className(t)), ' → ', bdi(className(p))), make('i', { '--share': (count / result.confused[0][0]).toFixed(4), 'aria-hidden': 'true' }), make('span', {}, number(count))))));
}

// ---- A run that goes on (wta explore) -------------------------------------------------------------------

const liveStates = { training: 'Training goes on.', stopped: 'Training stands still: nothing has been written for a while.', finished: 'Training is finished.' };

function showLive(status) {
  $('live').dataset.state = status.state;
  $('live-text').textContent = liveStates[status.state];
  $('reload').hidden = status.version === report.live.version;
  showCurves(status.metrics);
}

async function poll() {
  try {
    const answer = await fetch('/metrics.json', { cache: 'no-store' });
    showLive(await answer.json());
  } catch {
    $('live').dataset.state = 'gone';
    $('live-text').textContent = 'wta explore has ended; this page stays as it is.';
  }
  setTimeout(poll, 2000);
}

// ---------------------------------------------------------------------------------------------------------

showOverview();
showCurves(report.metrics);
showFeatures();
showReconstructions();
showClassification();
showParts();
prepareDialog();
openFromAddress();
window.addEventListener('hashchange', openFromAddress);
if (report.live) {
  $('live').hidden = false;
  $('reload').addEventListener('click', () => location.reload());
  poll();
}
