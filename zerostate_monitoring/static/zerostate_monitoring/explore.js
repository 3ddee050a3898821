// Suggestions while an expression is written: metrics, functions, labels and their values. The
// keys are those of WAI-ARIA's combobox with a list. The form works the same without them.

const MOST = 50;
const area = document.getElementById('id_query');
const form = document.getElementById('ask');
const words = JSON.parse(document.getElementById('query-words').textContent);
const called = JSON.parse(document.getElementById('query-kinds').textContent);
const metrics = new Set(words.filter(([, kind]) => !['function', 'aggregation'].includes(kind)).map(([name]) => name));
const grouping = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right']);
const answers = new Map();

const list = document.createElement('ul');
list.id = 'query-suggestions';
list.className = 'zsm-suggestions';
list.hidden = true;
list.setAttribute('role', 'listbox');
list.setAttribute('aria-label', document.querySelector('label[for=id_query]').textContent);
area.after(list);
const heard = document.createElement('div');
heard.className = 'zsm-heard';
heard.setAttribute('role', 'status');
list.after(heard);
area.setAttribute('aria-autocomplete', 'list');
area.setAttribute('aria-haspopup', 'listbox');
area.setAttribute('aria-controls', list.id);

let active = -1;
let place = null;
let asked = 0;

// -- where the cursor stands ---------------------------------------------------

// What is open before the cursor: brackets with the word before each, and a text in quotes.
function opened(text) {
  const stack = [];
  let quote = '';
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const one = text[at];
    if (quote) {
      if (one === '\\' && quote !== '`') at += 1;
      else if (one === quote) quote = '';
    } else if ('"\'`'.includes(one)) [quote, from] = [one, at];
    else if (one === '#') {
      const end = text.indexOf('\n', at);
      if (end < 0) return { stack, comment: true };
      at = end;
    } else if ('({['.includes(one)) stack.push([one, /([\w:]*)\s*$/.exec(text.slice(0, at))[1]]);
    else if (')}]'.includes(one)) stack.pop();
  }
  return { stack, quote, from };
}

// What may stand at the end of `text`, and which part of it is begun already.
function standing(text, whole) {
  const { stack, quote, from, comment } = opened(text);
  const [bracket, before] = stack[stack.length - 1] ?? ['', ''];
  if (comment || bracket === '[') return null;
  if (quote) {
    const label = /([A-Za-z_]\w*)\s*(?:=~|!~|!=|=)\s*$/.exec(text.slice(0, from));
    if (bracket !== '{' || !label) return null;
    return { kind: 'values', metric: before, label: label[1], prefix: text.slice(from + 1), quote };
  }
  const prefix = /(?:^|[^\w:.])([A-Za-z_:][\w:]*)$/.exec(text)?.[1] ?? '';
  const rest = text.slice(0, text.length - prefix.length);
  if (bracket === '{') return /[{,]\s*$/.test(rest) ? { kind: 'labels', metric: before, prefix } : null;
  if (bracket === '(' && grouping.has(before.toLowerCase())) {
    const metric = whole.match(/[A-Za-z_:][\w:]*/g)?.find((word) => metrics.has(word)) ?? '';
    return { kind: 'labels', metric, prefix };
  }
  return prefix ? { kind: 'names', prefix } : null;
}

// -- what is suggested ---------------------------------------------------------

async function fetched(wanted) {
  const { kind, metric = '', label = '', prefix } = wanted;
  const query = new URLSearchParams({ for: kind, metric, label, prefix: kind === 'labels' ? '' : prefix });
  const key = query.toString();
  if (!answers.has(key)) {
    const answer = await fetch(`${form.dataset.complete}?${query}`, { headers: { Accept: 'application/json' } });
    answers.set(key, answer.ok ? await answer.json() : { items: [] });
  }
  return answers.get(key);
}

function known(prefix) {
  const wanted = prefix.toLowerCase();
  const found = words.filter(([name]) => name.toLowerCase().includes(wanted));
  const first = ([name]) => (name.toLowerCase().startsWith(wanted) ? 0 : 1);
  return found.sort((a, b) => first(a) - first(b) || a[0].localeCompare(b[0]));
}

async function suggest() {
  const number = (asked += 1);
  const cursor = area.selectionStart;
  const wanted = cursor === area.selectionEnd ? standing(area.value.slice(0, cursor), area.value) : null;
  if (!wanted) return close();
  let found = wanted.kind === 'names' ? known(wanted.prefix) : [];
  if (found.length) show(wanted, found);
  if (found.length < MOST && (wanted.kind !== 'names' || wanted.prefix.length > 2)) {
    await new Promise((resolve) => { setTimeout(resolve, 120); });
    if (number !== asked) return;
    let problem = '';
    try {
      const answer = await fetched(wanted);
      problem = answer.problem ?? '';
      const names = new Set(found.map(([name]) => name));
      const more = answer.items.filter((name) => !names.has(name) && name.startsWith(wanted.prefix));
      found = [...found, ...more.map((name) => [name, wanted.kind === 'names' ? 'metric' : '', ''])];
    } catch {
      problem = '';
    }
    if (number !== asked) return;
    show(wanted, found);
    if (problem) heard.textContent = problem;
  }
}

function show(wanted, found) {
  const chosen = list.children[active]?.dataset.name;
  const shown = found.slice(0, MOST).filter(([name]) => name !== wanted.prefix);
  if (!shown.length) return close();
  place = wanted;
  list.replaceChildren(...shown.map(([name, kind, help], number) => {
    const one = document.createElement('li');
    one.id = `query-suggestion-${number}`;
    one.dataset.name = name;
    one.setAttribute('role', 'option');
    one.setAttribute('aria-selected', 'false');
    for (const [text, tag] of [[name, 'bdi'], [called[kind] ?? kind, 'em'], [help, 'span']]) {
      if (!text) continue;
      const part = document.createElement(tag);
      part.textContent = text;
      one.append(part, ' ');
    }
    return one;
  }));
  list.hidden = false;
  heard.textContent = `${shown.length} ${form.dataset.suggestions}`;
  activate(shown.findIndex(([name]) => name === chosen));
}

function close() {
  list.hidden = true;
  place = null;
  heard.textContent = '';
  activate(-1);
}

function activate(number) {
  list.children[active]?.setAttribute('aria-selected', 'false');
  active = number;
  const one = list.children[number];
  if (!one || list.hidden) return area.removeAttribute('aria-activedescendant');
  one.setAttribute('aria-selected', 'true');
  one.scrollIntoView({ block: 'nearest' });
  area.setAttribute('aria-activedescendant', one.id);
}

function take(name) {
  const cursor = area.selectionStart;
  const behind = area.value.slice(cursor);
  let text = name;
  let end = cursor;
  if (place.kind === 'values') {
    text = name.replaceAll('\\', '\\\\').replaceAll(place.quote, `\\${place.quote}`).replaceAll('\n', '\\n');
    if (behind.startsWith(place.quote)) end += 1;
    text += place.quote;
  } else {
    end += /^[\w:]*/.exec(behind)[0].length;
    const kind = words.find(([word]) => word === name)?.[1];
    if (['function', 'aggregation'].includes(kind) && !/^[\w:]*\s*\(/.test(behind)) text += '(';
  }
  area.setRangeText(text, cursor - place.prefix.length, end, 'end');
  close();
  area.focus();
}

// -- keys and clicks -----------------------------------------------------------

area.addEventListener('input', suggest);
area.addEventListener('click', close);
area.addEventListener('blur', () => setTimeout(close, 150));
area.addEventListener('keydown', (event) => {
  const last = list.children.length - 1;
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  } else if (event.key === ' ' && event.ctrlKey) {
    event.preventDefault();
    suggest();
  } else if (list.hidden) {
    return;
  } else if (event.key === 'Escape') {
    event.preventDefault();
    close();
  } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    const next = active + (event.key === 'ArrowDown' ? 1 : -1);
    activate(next > last ? 0 : next < 0 ? last : next);
  } else if ((event.key === 'Enter' || event.key === 'Tab') && active >= 0) {
    event.preventDefault();
    take(list.children[active].dataset.name);
  }
});
list.addEventListener('mousedown', (event) => {
  event.preventDefault();
  const one = event.target.closest('li');
  if (one) take(one.dataset.name);
});

// A place that is wrong is where the cursor stands.
if (area.dataset.from !== undefined) {
  area.focus();
  area.setSelectionRange(Number(area.dataset.from), Number(area.dataset.to));
}
