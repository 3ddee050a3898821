// Keeps the overview fresh: fetches the same page and replaces the parts that changed. Where the
// focus is, what is open and how far one has scrolled stay as they are. It changes no state.

const root = document.querySelector('[data-refresh]');
const words = JSON.parse(document.getElementById('zsm-overview-words').textContent);
const every = Number(root.dataset.refresh) * 1000;
const PATIENCE = 10_000;
const KEY = 'zsm-overview-stopped';

const parts = () => root.querySelectorAll('[data-part]');
const seen = new Map([...parts()].map((part) => [part.dataset.part, part.innerHTML]));
const age = root.querySelector('[data-age]');
const trouble = root.querySelector('[data-trouble]');
const button = root.querySelector('[data-switch]');

let received = performance.now();
let failure = '';
let busy = false;
let stopped = stored();

function stored() {
  try {
    return sessionStorage.getItem(KEY) === 'yes';
  } catch {
    return false;
  }
}

function span(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 120) return words.seconds.replace('{n}', seconds);
  if (seconds < 7200) return words.minutes.replace('{n}', Math.floor(seconds / 60));
  return words.hours.replace('{n}', Math.floor(seconds / 3600));
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function tell() {
  const old = span(performance.now() - received);
  write(age, `, ${words.age.replace('{age}', old)}`);
  if (!failure) return;
  // A reader hears it when it begins and each minute, not each second.
  const shown = failure.replace('{age}', old);
  if (!trouble.textContent || performance.now() - told > 60_000) {
    told = performance.now();
    write(trouble, shown);
  }
}

let told = 0;

function mark(element) {
  const path = [];
  for (let at = element; at && !at.dataset.part; at = at.parentElement) {
    path.unshift([...at.parentElement.children].indexOf(at));
  }
  return { path, href: element.getAttribute('href'), id: element.id };
}

function found(part, place) {
  const byId = place.id && document.getElementById(place.id);
  if (byId && part.contains(byId)) return byId;
  const links = place.href ? [...part.querySelectorAll('a')] : [];
  const link = links.find((one) => one.getAttribute('href') === place.href);
  return link ?? place.path.reduce((at, index) => at?.children[index], part);
}

function replace(part, fresh) {
  const active = part.contains(document.activeElement) ? document.activeElement : null;
  // What somebody types into is left alone until they are done.
  if (active?.matches('input, textarea, select')) return;
  const place = active && active !== part ? mark(active) : null;
  const open = [...part.querySelectorAll('details')].map((one) => [one.dataset.key, one.open]);
  const scrolled = [...part.querySelectorAll('.zsm-scroll')].map((one) => one.scrollLeft);
  part.replaceChildren(...[...fresh.childNodes].map((node) => document.importNode(node, true)));
  part.className = fresh.className;
  const state = new Map(open);
  for (const one of part.querySelectorAll('details')) {
    if (state.has(one.dataset.key)) one.open = state.get(one.dataset.key);
  }
  part.querySelectorAll('.zsm-scroll').forEach((one, index) => {
    one.scrollLeft = scrolled[index] ?? 0;
  });
  if (place) found(part, place)?.focus({ preventScroll: true });
  seen.set(part.dataset.part, fresh.innerHTML);
}

function show(text) {
  const page = new DOMParser().parseFromString(text, 'text/html');
  const fresh = new Map(
    [...page.querySelectorAll('[data-part]')].map((part) => [part.dataset.part, part]),
  );
  if (!fresh.size) throw new Error(words.login);
  for (const part of parts()) {
    const other = fresh.get(part.dataset.part);
    if (other && seen.get(part.dataset.part) !== other.innerHTML) replace(part, other);
  }
  // A right that came or went changes which parts there are.
  if (fresh.size !== parts().length) location.reload();
}

async function refresh() {
  if (busy || stopped || document.hidden) return;
  busy = true;
  try {
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(location.href, { signal, credentials: 'same-origin' });
    if (answer.redirected) throw new Error(words.login);
    if (!answer.ok) throw new Error(words.status.replace('{status}', answer.status));
    show(await answer.text());
    received = performance.now();
    if (failure) write(trouble, words.back);
    failure = '';
  } catch (error) {
    const known = error.name === 'Error' && error.message;
    failure = words.failed.replace('{why}', known || words.unreachable);
    told = 0;
  } finally {
    busy = false;
    tell();
  }
}

function label() {
  button.textContent = stopped ? words.go : words.pause;
}

button.addEventListener('click', () => {
  stopped = !stopped;
  try {
    sessionStorage.setItem(KEY, stopped ? 'yes' : 'no');
  } catch {
    // It is stopped for this page alone.
  }
  label();
  refresh();
});
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && performance.now() - received > every) refresh();
});

label();
button.hidden = false;
tell();
setInterval(tell, 1000);
setInterval(refresh, every);
