// A meeting while it runs: the clock of the topic at hand, and notes that save themselves.

import "../lib/guard.js";
import { $, byId, on, parse } from "../lib/dom.js";
import { clean } from "../lib/dirty.js";

const QUIET = 1200; // ms without a key until notes are saved

function tick() {
  const clock = $(".at-hand__clock[data-since]");
  if (!clock) return;
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(clock.dataset.since)) / 1000));
  const [minutes, rest] = [Math.floor(seconds / 60), String(seconds % 60).padStart(2, "0")];
  clock.textContent = `${minutes}:${rest} of ${clock.dataset.minutes} min`;
  clock.classList.toggle("is-over", seconds > clock.dataset.minutes * 60);
}

const waiting = new WeakMap(); // form -> timer
const saving = new WeakSet();

const say = (form, words) => {
  const place = $("[data-saved]", form);
  if (place) place.textContent = words;
};

/** Put what the server has into the form, unless more was typed meanwhile: that goes with the next save. */
function take(form, fresh, sent) {
  const [field, served] = [$("textarea", form), $("textarea", fresh).value];
  const isSame = field.value === sent;
  if (isSame && served !== sent) {
    const at = field.selectionStart;
    field.value = field.defaultValue = served;
    field.setSelectionRange(at, at);
  }
  if (isSame || served === sent) {
    for (const name of ["version", "request_id"])
      $(`[name=${name}]`, form).value = $(`[name=${name}]`, fresh).value;
  }
  if (isSame) clean(form);
  return isSame;
}

async function save(form) {
  clearTimeout(waiting.get(form));
  const field = $("textarea", form);
  if (saving.has(form) || !form.isConnected || field.value === field.defaultValue) return;
  saving.add(form);
  const sent = field.value;
  let isDone = true;
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { "HX-Request": "true" },
      signal: AbortSignal.timeout(10000),
    });
    const [fresh] = parse(await answer.text()).children;
    if (answer.ok && fresh) {
      field.defaultValue = sent;
      isDone = take(form, fresh, sent);
      say(form, "Saved");
    } else if (answer.status === 409 && fresh) {
      form.replaceWith(fresh);
    } else say(form, answer.status === 422 ? "Too long to be saved" : "Not saved. Press the button.");
  } catch {
    say(form, "Not saved. The server does not answer.");
  } finally {
    saving.delete(form);
  }
  if (!isDone) waiting.set(form, setTimeout(save, QUIET, form));
}

function onInput({ target }) {
  const form = target.form?.matches("[data-notes]") ? target.form : null;
  if (!form) return;
  clearTimeout(waiting.get(form));
  say(form, "");
  waiting.set(form, setTimeout(save, QUIET, form));
}

export function start() {
  if (!byId("meeting")) return;
  setInterval(tick, 1000);
  tick();
  on("input", onInput);
  on("focusout", ({ target }) => target.form?.matches("[data-notes]") && save(target.form));
  on("htmx:after:swap", tick);
}
