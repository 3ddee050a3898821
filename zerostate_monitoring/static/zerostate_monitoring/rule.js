/* Says what saving would say while a rule is written. It asks the server, which changes nothing;
   without this script the same stands on the page after "Preview" and "Save". */

const WAIT_MS = 450;
const BUSY = 429;
const AGAIN_MS = 1000;
const PATIENCE_MS = 10000;
/* As of the container in rule.css. */
const BESIDE_PX = 900;

const section = document.querySelector("[data-check]");
if (section) watch(section);

function watch(section) {
  const form = section.closest("form");
  const said = section.querySelector(".zsm-said");
  const panel = section.querySelector(".zsm-panel");
  const touched = new Set();
  let timer = 0;
  let asked = null;
  // What an address has filled in was never looked at; all else was, by the server.
  let sent = "ask" in section.dataset ? "" : written(form);

  const later = (event) => {
    touch(event);
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  };
  const touch = (event) => {
    if (event.target.name) touched.add(event.target.name);
  };
  keepNear(section, form);
  if (!sent) ask();
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    if (asked) asked.abort();
  });

  async function ask() {
    const now = written(form);
    // One at a time: what was typed meanwhile is asked about when the answer is there.
    if (now === sent || asked) return;
    sent = now;
    const mine = (asked = new AbortController());
    const patience = setTimeout(() => mine.abort(new Error("late")), PATIENCE_MS);
    section.setAttribute("aria-busy", "true");
    let again = 0;
    try {
      const answer = await fetch(section.dataset.check, {
        method: "POST",
        body: new FormData(form),
        credentials: "same-origin",
        redirect: "manual",
        signal: mine.signal,
      });
      if (answer.status === BUSY) {
        // Another page of the same person is being answered.
        again = AGAIN_MS;
      } else if (!answer.ok) {
        throw new Refused(answer);
      } else {
        const found = await answer.json();
        if (written(form) === now) show(found);
      }
    } catch (error) {
      if (error.name === "AbortError") return;
      sent = "";
      tell(error instanceof Refused && error.denied ? said.dataset.denied : said.dataset.away);
    } finally {
      clearTimeout(patience);
      asked = null;
      section.removeAttribute("aria-busy");
    }
    if (again) sent = "";
    if (again || written(form) !== now) {
      clearTimeout(timer);
      timer = setTimeout(ask, again || WAIT_MS);
    }
  }

  function show(found) {
    const waiting = new Set(
      Object.keys(found.errors).filter((name) => isWaiting(form, name, touched)),
    );
    for (const place of form.querySelectorAll("[data-zsm-place]")) clear(place);
    for (const place of form.querySelectorAll(".form-row.errors, .fieldBox.errors")) clear(place);
    for (const [name, texts] of Object.entries(found.errors)) {
      if (!waiting.has(name)) put(form, name, texts, "errorlist");
    }
    for (const [name, texts] of Object.entries(found.warnings)) {
      put(form, name, texts, "zsm-warnings");
    }
    if (panel.innerHTML !== found.panel) panel.innerHTML = found.panel;
    const empty = [...waiting].map((name) => labelOf(form, name)).join(", ");
    const rest = waiting.size === Object.keys(found.errors).length ? "" : found.said;
    tell(waiting.size ? [`${said.dataset.empty} ${empty}.`, rest].join(" ").trim() : found.said);
  }

  function tell(text) {
    if (said.textContent !== text) said.textContent = text;
  }
}

/* Where there is no room beside the form, what it says stands below what is asked. */
function keepNear(section, form) {
  const row = form.querySelector(".zsm-fields .field-expr, .zsm-fields .field-comparison");
  if (!row) return;
  const home = section.parentElement;
  const place = () => {
    const isNarrow = home.clientWidth < BESIDE_PX;
    if (isNarrow === (section.parentElement !== home)) return;
    const focused = section.contains(document.activeElement) ? document.activeElement : null;
    if (isNarrow) row.after(section);
    else home.append(section);
    if (focused) focused.focus({ preventScroll: true });
  };
  new ResizeObserver(place).observe(home);
  place();
}

class Refused extends Error {
  constructor(answer) {
    super(`status ${answer.status}`);
    this.denied = answer.type === "opaqueredirect" || answer.status === 403;
  }
}

/* All that is typed, but for what is no part of the rule. */
function written(form) {
  const pairs = [...new FormData(form)].filter(
    ([name]) => !["csrfmiddlewaretoken", "_seen", "_span"].includes(name),
  );
  return JSON.stringify(pairs);
}

function controls(form, name) {
  return [...form.elements].filter(
    (one) =>
      one.name === name ||
      (one.name.startsWith(`${name}_`) && /^_[0-9]$/.test(one.name.slice(name.length))),
  );
}

/* Nobody is told that a field is required before having been there. */
function isWaiting(form, name, touched) {
  const found = controls(form, name);
  return found.length > 0 && found.every((one) => !one.value.trim() && !touched.has(one.name));
}

function labelOf(form, name) {
  const [control] = controls(form, name);
  const label = control && control.labels && control.labels[0];
  return label ? label.textContent.replace(/:\s*$/, "") : name;
}

/* Where Django shows the errors of a field; of none that is on the page, above the fields. */
function placeOf(form, name) {
  const safe = CSS.escape(name);
  const box = form.querySelector(`.fieldBox.field-${safe}`);
  return box ? box.parentElement : form.querySelector(`.form-row.field-${safe}`) || form.querySelector(".zsm-fields");
}

function put(form, name, texts, kind) {
  const place = placeOf(form, name);
  const list = document.createElement("ul");
  list.className = `${kind} zsm-checked`;
  list.id = `zsm-${kind}-${name}`;
  for (const text of texts) {
    const item = document.createElement("li");
    item.textContent = kind === "errorlist" ? text : `▲ ${text}`;
    list.append(item);
  }
  place.dataset.zsmPlace = "";
  if (kind === "errorlist") place.classList.add("errors");
  if (place.classList.contains("zsm-fields")) place.prepend(list);
  else place.append(list);
  for (const control of controls(form, name)) {
    if (kind === "errorlist") control.setAttribute("aria-invalid", "true");
    describe(control, (ids) => [...ids, list.id]);
  }
}

function clear(place) {
  for (const list of place.querySelectorAll("ul.errorlist, ul.zsm-checked")) {
    for (const control of place.querySelectorAll("input, select, textarea")) {
      describe(control, (ids) => ids.filter((id) => id !== list.id));
      control.removeAttribute("aria-invalid");
    }
    list.remove();
  }
  place.classList.remove("errors");
  delete place.dataset.zsmPlace;
}

function describe(control, change) {
  const ids = change((control.getAttribute("aria-describedby") || "").split(/\s+/).filter(Boolean));
  if (ids.length) control.setAttribute("aria-describedby", ids.join(" "));
  else control.removeAttribute("aria-describedby");
}
