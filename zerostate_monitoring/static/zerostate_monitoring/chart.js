// What a figure says under the pointer: the time, and each series' value there. It reads the
// values beside the picture and changes nothing but how they are shown; a span that is drawn
// with the pointer is asked for by the page's own address.

const SVG = 'http://www.w3.org/2000/svg';
const alive = new WeakSet();

function drawn(name, attributes, parent) {
  const one = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value);
  parent?.append(one);
  return one;
}

function made(name, className, parent, text = '') {
  const one = document.createElement(name);
  if (className) one.className = className;
  one.textContent = text;
  parent?.append(one);
  return one;
}

function told(value, scales, decimal) {
  const size = Math.abs(value);
  const one = size ? scales.find(([least]) => size >= least) : scales.find(([least]) => least === 1);
  const [least, word] = one ?? scales[scales.length - 1];
  const scaled = value / least;
  // As many digits as the picture's own texts have.
  const text = Math.abs(scaled) < 1e6 ? String(Number(scaled.toPrecision(4))) : scaled.toExponential(3);
  return (text.replace('.', decimal) + word).replaceAll('-', '−');
}

// Round values between two: as `levels` in charts/axes.py.
function levels(low, high, scales, decimal) {
  const size = Math.max(Math.abs(low), Math.abs(high));
  const [least, word] = scales.find(([one]) => size >= one) ?? scales[scales.length - 1];
  const span = (high - low) / least / 2;
  const first = 10 ** Math.floor(Math.log10(span));
  const step = [0.2, 0.5, 1, 2, 5, 10].map((factor) => first * factor).find((one) => span / one < 3);
  if (!step) return [];
  const places = Math.min(Math.max(-Math.floor(Math.log10(step) + 1e-9), 0), 12);
  const found = [];
  for (let at = Math.ceil(low / least / step); at <= Math.floor(high / least / step); at += 1) {
    found.push([at * step * least, ((at * step).toFixed(places).replace('.', decimal) + word).replaceAll('-', '−')]);
  }
  return found;
}

function unpacked({ runs }, { start, unit_ms }) {
  const times = [];
  const values = [];
  for (const [first, steps, numbers] of runs) {
    let at = first;
    numbers.forEach((value, place) => {
      if (place) at += Array.isArray(steps) ? steps[place - 1] : steps;
      times.push(start + at * unit_ms);
      values.push(value);
    });
  }
  return { times, values };
}

// Place of the element of a sorted list that is nearest.
function nearest(list, wanted) {
  let low = 0;
  let high = list.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (list[middle] < wanted) low = middle;
    else high = middle;
  }
  return wanted - list[low] <= list[high] - wanted ? low : high;
}

function clock(zone) {
  const options = { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' };
  const language = document.documentElement.lang || undefined;
  try {
    return new Intl.DateTimeFormat(language, { ...options, timeZone: zone });
  } catch {
    return new Intl.DateTimeFormat(language, { ...options, timeZone: 'UTC' });
  }
}

class Chart {
  constructor(figure, read) {
    this.figure = figure;
    this.read = read;
    this.plot = figure.querySelector('.zsm-plot');
    this.picture = this.plot.querySelector('svg');
    this.height = Number(this.picture.getAttribute('height'));
    this.series = read.series.map((one) => ({ ...one, ...unpacked(one, read) }));
    this.low = read.low;
    this.high = read.high;
    this.clock = clock(read.zone);
    this.only = null;
    this.at = null;
    this.cursor = drawn('g', { class: 'zsm-cursor' }, this.picture);
    this.readout = made('div', 'zsm-readout', this.plot);
    this.readout.hidden = true;
    this.readout.setAttribute('aria-hidden', 'true');
    this.heard = made('div', 'zsm-heard', figure);
    this.heard.setAttribute('aria-live', 'polite');
    this.instants = this.allInstants();
    this.listen();
    this.nameLines();
    figure.classList.add('zsm-live-chart');
  }

  get shown() {
    return this.series.filter((_, place) => this.only === null || this.only === place);
  }

  allInstants() {
    return [...new Set(this.shown.flatMap((one) => one.times))].sort((a, b) => a - b);
  }

  listen() {
    const zooms = 'zoom' in this.figure.dataset;
    const { hint, zoom } = this.read.words;
    this.plot.tabIndex = 0;
    this.plot.setAttribute('role', 'group');
    const hints = zooms ? `${hint} ${zoom}` : hint;
    this.plot.setAttribute('aria-label', `${this.picture.getAttribute('aria-label')}. ${hints}`);
    this.plot.addEventListener('pointermove', (event) => this.move(event));
    this.plot.addEventListener('pointerleave', () => this.dragged ?? this.hide());
    this.plot.addEventListener('blur', () => this.hide());
    this.plot.addEventListener('keydown', (event) => this.press(event));
    if (!zooms) return;
    this.plot.addEventListener('pointerdown', (event) => this.grasp(event));
    this.plot.addEventListener('pointerup', (event) => this.release(event));
    this.plot.addEventListener('pointercancel', () => this.letGo());
  }

  // -- where -----------------------------------------------------------------

  share(event) {
    const box = this.picture.getBoundingClientRect();
    return Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
  }

  instant(share) {
    return this.read.start + share * (this.read.end - this.read.start);
  }

  across(at) {
    return `${(100 * (at - this.read.start)) / Math.max(this.read.end - this.read.start, 1)}%`;
  }

  down(value) {
    return (1 - (value - this.low) / (this.high - this.low)) * this.height;
  }

  // -- reading ---------------------------------------------------------------

  move(event) {
    if (this.dragged !== undefined) this.drag(event);
    if (!this.instants.length) return;
    const y = event.clientY - this.picture.getBoundingClientRect().top;
    this.show(nearest(this.instants, this.instant(this.share(event))), y);
  }

  press(event) {
    const last = this.instants.length - 1;
    const jump = event.shiftKey ? 10 : 1;
    const here = this.at ?? last + 1;
    const goals = { ArrowLeft: here - jump, ArrowRight: here + jump, Home: 0, End: last };
    if (event.key === 'Escape') this.hide();
    if (!(event.key in goals) || last < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.show(Math.min(Math.max(goals[event.key], 0), last), null);
    this.heard.textContent = this.readout.innerText.replaceAll('\n', ' ');
  }

  show(place, y) {
    this.at = place;
    const at = this.instants[place];
    // Where points were left out, the nearest that is there stands for its part.
    const far = Math.max(this.read.step * 1.5, ((this.read.end - this.read.start) / 300) * 1.5);
    const rows = this.shown.map((one) => {
      const here = nearest(one.times, at);
      const lacks = !one.times.length || Math.abs(one.times[here] - at) > far;
      return { ...one, value: lacks ? null : one.values[here] };
    });
    const distances = rows.map(({ value }) => (value === null ? Infinity : Math.abs(this.down(value) - y)));
    const close = y === null ? -1 : distances.indexOf(Math.min(...distances));
    this.cross(at, rows);
    this.readout.replaceChildren(made('strong', '', null, this.clock.format(at)));
    rows.forEach((row, number) => {
      const line = made('div', number === close && rows.length > 1 ? 'zsm-nearest' : '', this.readout);
      const sign = drawn('svg', { width: 10, height: 10 }, line);
      drawn('rect', { width: 10, height: 10, fill: row.colour }, sign);
      made('bdi', '', line, row.name);
      made('output', '', line, row.value === null ? this.read.words.none : told(row.value, this.read.scales, this.read.decimal));
    });
    this.readout.hidden = false;
    this.settle(at);
  }

  cross(at, rows) {
    this.cursor.replaceChildren();
    const x = this.across(at);
    drawn('line', { x1: x, x2: x, y1: 0, y2: this.height, stroke: 'currentColor', 'stroke-opacity': 0.5 }, this.cursor);
    for (const { value, colour } of rows) {
      if (value !== null) drawn('circle', { cx: x, cy: this.down(value), r: 3.5, fill: colour }, this.cursor);
    }
  }

  // Beside the line, on the side that has room.
  settle(at) {
    const box = this.picture.getBoundingClientRect();
    const x = this.picture.getBoundingClientRect().left - this.plot.getBoundingClientRect().left
      + (box.width * (at - this.read.start)) / Math.max(this.read.end - this.read.start, 1);
    const { offsetWidth: width } = this.readout;
    const room = this.plot.clientWidth - x;
    const left = room > width + 14 ? x + 12 : x - width - 12;
    this.readout.style.left = `${Math.max(left, 0)}px`;
  }

  hide() {
    this.at = null;
    this.cursor.replaceChildren();
    this.readout.hidden = true;
  }

  // -- looking closer --------------------------------------------------------

  grasp(event) {
    if (event.button !== 0 || event.pointerType === 'touch') return;
    this.dragged = this.share(event);
    this.plot.setPointerCapture(event.pointerId);
    this.band = drawn('rect', { y: 0, height: this.height, fill: 'currentColor', 'fill-opacity': 0.12 }, this.picture);
  }

  drag(event) {
    const [from, to] = [this.dragged, this.share(event)].sort((a, b) => a - b);
    this.band.setAttribute('x', `${100 * from}%`);
    this.band.setAttribute('width', `${100 * (to - from)}%`);
  }

  letGo() {
    this.band?.remove();
    this.dragged = undefined;
  }

  release(event) {
    if (this.dragged === undefined) return;
    const [from, to] = [this.dragged, this.share(event)].sort((a, b) => a - b);
    this.letGo();
    if ((to - from) * this.picture.getBoundingClientRect().width < 8) return;
    const address = new URL(window.location.href);
    for (const [name, share, round] of [['from', from, Math.floor], ['to', to, Math.ceil]]) {
      const seconds = round(this.instant(share) / 1000);
      address.searchParams.set(name, new Date(seconds * 1000).toISOString().replace('.000', ''));
    }
    address.searchParams.delete('window');
    address.hash = this.figure.id;
    window.location.assign(address);
  }

  // -- one alone -------------------------------------------------------------

  nameLines() {
    if (this.series.length < 2) return;
    for (const row of this.figure.querySelectorAll('.zsm-key li[data-line]')) {
      const name = row.querySelector('bdi');
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'zsm-only';
      button.title = `${name.title}\n${this.read.words.only}`;
      button.setAttribute('aria-pressed', 'false');
      name.replaceWith(button);
      button.append(name);
      name.removeAttribute('title');
      button.addEventListener('click', () => this.choose(Number(row.dataset.line)));
    }
  }

  choose(place) {
    this.only = this.only === place ? null : place;
    this.hide();
    this.instants = this.allInstants();
    for (const one of this.figure.querySelectorAll('[data-line]')) {
      const number = Number(one.dataset.line);
      one.classList.toggle('zsm-hidden-line', this.only !== null && number !== this.only);
      one.querySelector('button')?.setAttribute('aria-pressed', String(number === this.only));
    }
    this.stretch(...(this.only === null ? [this.read.low, this.read.high] : this.room()));
  }

  // Lowest and highest of the axis: as `room` in charts/axes.py.
  room() {
    const values = [...this.shown.flatMap((one) => one.values), ...this.read.limits];
    let low = values.reduce((a, b) => Math.min(a, b), Infinity);
    let high = values.reduce((a, b) => Math.max(a, b), -Infinity);
    if (low === high) [low, high] = [low - (Math.abs(low) / 2 || 1), high + (Math.abs(high) / 2 || 1)];
    const more = (high - low) * 0.06;
    return [low >= 0 && low <= high / 2 ? 0 : low - more, high + more];
  }

  stretch(low, high) {
    const was = [this.read.low, this.read.high];
    if (!(high > low) || !Number.isFinite(high - low)) return;
    [this.low, this.high] = [low, high];
    const by = (was[1] - was[0]) / (high - low);
    const move = this.down(was[0]) - by * this.height;
    for (const one of this.plot.querySelectorAll('g[data-line]')) {
      one.setAttribute('transform', `matrix(1 0 0 ${by} 0 ${move})`);
    }
    for (const one of this.plot.querySelectorAll('[data-limit]')) {
      one.setAttribute('transform', `translate(0 ${this.down(Number(one.dataset.limit)) - one.dataset.y})`);
    }
    const grid = this.plot.querySelector('[data-levels]');
    grid.replaceChildren();
    for (const [at, text] of levels(low, high, this.read.axis, this.read.decimal)) {
      const y = this.down(at);
      const taken = this.read.limits.some((limit) => Math.abs(this.down(limit) - y) < 13);
      drawn('line', { x1: 0, x2: '100%', y1: y, y2: y, stroke: 'currentColor', 'stroke-opacity': 0.15 }, grid);
      if (!taken) drawn('text', { x: -8, y, dy: '0.35em', 'text-anchor': 'end' }, grid).textContent = text;
    }
  }
}

// Gives life to the figures of a page, or of a part that has just come into it.
export function enliven(root = document) {
  for (const figure of root.querySelectorAll('.zsm-chart')) {
    const values = figure.querySelector('script[type="application/json"]');
    if (!values || alive.has(figure)) continue;
    alive.add(figure);
    new Chart(figure, JSON.parse(values.textContent));
  }
}

enliven();
