// Every change is a form that works without this. htmx sends it, and its markup says what becomes of the answer
// (templates/boards/_changes.html). Here is what htmx has not: a change is asked for once however often it is sent, is
// shown before it is answered, is kept while the server can't be reached, and what was typed is never lost.

import { $, $$, alarm, announce, byId, hear, isHeldWith, on, parse, uuid } from "../lib/dom.js";
import { build, button, icon } from "../lib/build.js";
import { bringNear, focusOn } from "../lib/focus.js";
import { refetchBoard } from "../lib/board.js";
import { applyAnswer, lastActor } from "../lib/frames.js";
import { refetchParts } from "../lib/parts.js";
import { clean, fieldsOf, isBusy } from "../lib/dirty.js";
import { isMade, post, reason, whyNot } from "../lib/post.js";
import { copyButton, formNow, isBehind, putBack, takeOut, typedIn } from "../lib/refused.js";
import { toast, warn } from "../lib/toast.js";
import { forget as forgetDrafts } from "./drafts.js";
import { optimistic } from "./optimistic.js";
import { showConflict } from "./conflict.js";

const CHANGE = "form[data-verb],form[data-watch]";
const BAD = "form-note--bad";
const ADDS = /\.(created|added|posted|asked|recorded|superseded|settled)$/;
const sent = new WeakMap(); // form -> the content that it sent last, to know a repeated request
const busy = new WeakSet();
const pressed = new WeakSet(); // submitted again while a request was running: sent again after it

/** The same content again is the same request, by its id; other content is a new one. One request at a time a form. */
function prepare(form, { ctx }) {
  if (!form.matches(CHANGE)) return true;
  if (busy.has(form)) {
    pressed.add(form);
    return false;
  }
  pressed.delete(form);
  const fields = ctx.request.body;
  const said = sayings(fields);
  if (sent.has(form) && sent.get(form) !== said) {
    refresh(form);
    fields.set("request_id", $("[name=request_id]", form).value);
  }
  sent.set(form, said);
  busy.add(form);
  form.ariaBusy = "true";
  clearNotes(form);
  ctx.fetch = (address, { body, submitter }) => send(form, address, body, submitter);
  return true;
}

/** In place of htmx's fetch. Nothing to swap where the stream was quicker than the answer, or that is another page. */
async function send(form, address, fields, submitter) {
  const undo = optimistic(form, fields);
  const answer = await post(address, fields, {
    onKept: () => {
      if (ADDS.test(form.dataset.verb)) busy.delete(form); // several comments can be kept one after the other
      note(form, "form-note--kept", icon("clock"), "Kept. It is sent when you are back.");
    },
  });
  busy.delete(form);
  form.ariaBusy = null;
  $(":scope > .form-note--kept", form)?.remove();
  if (!isMade(answer)) undo?.();
  const act = ACT[answer.kind] ?? (answer.kind === "invalid" && !form.isConnected && refused);
  if (act) act(formNow(form) ?? form, answer, submitter, { address, fields });
  const { status = 204, html = null, seq = 0 } = answer;
  return new Response(status === 204 ? null : html, {
    status: status || 503,
    headers: { "X-Flux-Seq": seq },
  });
}

const ACT = {
  done: succeeded,
  echoed: succeeded,
  refused,
  gone: refused,
  "signed-out": signedOut,
  failed,
  moved,
};

let asked = null; // whose answer htmx is about to swap: { form, seq }

const SWAPS = {
  frames: (content) => applyAnswer(content, asked.seq),
  form: (content) => invalid(asked.form, content),
  conflict: (content) => clash(asked.form, content),
};

/** Each swap style puts the content in place by itself, so htmx has no new elements to process. */
function swap(style, _, content) {
  SWAPS[style]?.(content);
  return style in SWAPS && [];
}

htmx.registerExtension("flux-changes", {
  htmx_config_request: prepare,
  // A form that was redrawn meanwhile is not on the page any more, but its answer still has to be applied.
  htmx_before_response: (form, { ctx }) => {
    if (form.matches(CHANGE) && !form.isConnected) ctx.target = document.body;
  },
  htmx_before_swap: (form, { ctx }) => {
    asked = { form, seq: Number(ctx.response?.headers.get("X-Flux-Seq")) };
  },
  handle_swap: swap,
});

const sayings = (fields) =>
  [...fields].filter(([name]) => !["request_id", "csrfmiddlewaretoken"].includes(name)).join("\n");

function refresh(form, id = uuid()) {
  for (const field of $$("[name=request_id]", form)) field.value = id;
  sent.delete(form);
}

const isText = (field) =>
  !field.disabled && field.matches("textarea,input:not([type=checkbox],[type=radio],[type=submit])");

function succeeded(form, answer, _submitter, { fields }) {
  refresh(form);
  const dialog = form.closest("dialog");
  const adds = ADDS.test(form.dataset.verb);
  const goneOn = fieldsOf(form).some(
    (field) => isText(field) && field.value !== (fields.get(field.name) ?? "") && !(adds && !field.value),
  );
  if (!adds && answer.seq) for (const field of $$("[name=version]", form)) field.value = answer.seq;
  if (!goneOn) {
    clean(form);
    if (adds) form.reset();
    else for (const field of fieldsOf(form)) if (isText(field)) field.defaultValue = field.value;
    shut(form);
  }
  dialog?.close();
  if (form.matches("[data-watch]"))
    announce(fields.get("watching") === "1" ? "Watching." : "Not watching any more.");
  if (goneOn && pressed.has(form) && form.isConnected) form.requestSubmit();
  if (!goneOn) form.dispatchEvent(new CustomEvent("flux:saved", { bubbles: true, detail: answer }));
  if (!form.isConnected) forgetDrafts(form);
}

/** Close what the form is in, and give the focus back to what opened it; a form with `data-stay` stays open. */
function shut(form) {
  const details = form.closest("details[open]");
  if (details && !("stay" in form.dataset)) {
    const focused = details.contains(document.activeElement);
    details.open = false;
    if (focused) focusOn($("summary", details));
  }
  form.closest(".menu-pop")?.hidePopover();
}

function invalid(form, content) {
  const fresh = $(`form[data-verb="${form.dataset.verb}"]`, content);
  sent.delete(form);
  if (!fresh) {
    note(form, BAD, reason(content) || "This can't be saved as it is.");
    refresh(form);
    return;
  }
  const typed = fieldsOf(form).map((field) => [field.name, field.value]);
  form.replaceChildren(...fresh.childNodes);
  for (const field of fieldsOf(form)) {
    const value = typed.find(([name]) => name === field.name)?.[1];
    if (value !== undefined && isText(field)) {
      field.value = value;
      field.dataset.dirty = "1";
    }
  }
  const wrong = $("[aria-invalid=true]", form) ?? fieldsOf(form)[0];
  wrong?.focus();
  const message = reason(form);
  if (message) alarm(message);
}

function clash(form, content) {
  refresh(form);
  showConflict(content, form);
}

function refused(form, answer, _submitter, { fields }) {
  const words = whyNot(answer);
  note(form, BAD, words);
  warn(words, offer(form, fields));
}

function signedOut(form, answer, _submitter, { fields }) {
  if (form.isConnected) note(form, `${BAD} form-note--out`, "You are signed out. What you typed is kept.");
  else warn(`Not saved. ${whyNot(answer)}`, offer(form, fields));
}

/** What was typed in a form that is gone can be copied from the notice. */
function offer(form, fields) {
  const text = !form.isConnected && typedIn(fields);
  return text ? { action: copyButton(text), life: Infinity } : {};
}

function failed(form, answer, submitter, change) {
  const words = `Not saved. ${whyNot(answer)}`;
  const retry = () => again(form, submitter, change);
  toast(words, { kind: "bad", retry, ...offer(form, change.fields) });
  alarm(`${words} R to retry.`);
}

/** Retry a change: submit its form while the text is still in it, else post the same fields again. */
async function again(form, submitter, change) {
  const { address, fields } = change;
  const button = submitter?.isConnected ? submitter : null;
  const texts = form.isConnected ? fieldsOf(form).filter(isText) : [];
  const behind = texts.filter((field) => isBehind(field, fields.get(field.name)));
  const isTyped = !behind.length && texts.some((field) => field.value !== field.defaultValue);
  if (isTyped || (form.isConnected && sayings(new FormData(form, button)) === sayings(fields))) {
    form.requestSubmit(button);
    return;
  }
  for (const field of behind) takeOut(field, fields.get(field.name));
  const answer = await post(address, fields);
  if (!isMade(answer)) for (const field of behind) putBack(field, fields.get(field.name));
  const now = formNow(form) ?? form;
  if (answer.kind === "done") applyAnswer(answer.html, answer.seq);
  if (answer.kind === "clash") clash(now, parse(answer.html));
  else (ACT[answer.kind] ?? refused)(now, answer, submitter, change);
}

function moved(_form, { url }) {
  clean(document);
  location.assign(url);
}

// ---- notes in a form's foot -----------------------------------------------------------------------

function note(form, look, ...words) {
  clearNotes(form);
  form.append(build("p", `form-note ${look}`, ...words));
}
const clearNotes = (form) => $$(":scope > .form-note", form).forEach((old) => old.remove());

function changedUnder({ form, value }) {
  if (!form.matches("form")) form = $("[data-dirty]", form)?.form ?? form;
  clearNotes(form);
  const words = build("p", "form-note", `${lastActor() || "Someone"} changed this. `);
  const show = button(
    "btn btn--line",
    () => show.replaceWith(build("span", "form-note__theirs", value || "It is empty now.")),
    "Show",
  );
  words.append(show);
  form.append(words);
  announce(`${lastActor() || "Someone"} changed what you are editing.`);
}

/** A link that opens the `<details>` of a form on this page, by its id. */
function opens(event) {
  const link = event.target.closest("a[data-opens]");
  const target = link && !event.defaultPrevented && byId(link.dataset.opens);
  if (!target || isHeldWith(event)) return;
  event.preventDefault();
  target.open = true;
  const field = $("textarea,input:not([type=hidden])", target);
  field?.focus();
  bringNear(target);
}

/** Redraw a part of a card, or the board, that was left as it was because somebody typed in it. */
function catchUp({ target }) {
  const form = target.closest?.("form[data-verb]");
  const stale = form?.closest("[data-stale]") ?? form;
  const isBoard = stale?.id === "board";
  const isBegun = () => $$("[data-dirty]", form).some((field) => field.value);
  setTimeout(() => {
    if (!stale?.isConnected || !("stale" in stale.dataset) || (isBoard ? isBegun() : isBusy(stale))) return;
    delete stale.dataset.stale;
    clearNotes(form);
    const part = stale.closest("[data-part]");
    const detail = stale.closest("[id$=-detail]");
    if (isBoard) refetchBoard();
    else if (part && detail)
      refetchParts(detail.id.replace("-detail", ""), [part.dataset.part], { spread: 0 });
  }, 0);
}

export function start() {
  hear("changed-under", changedUnder);
  for (const moment of ["focusout", "reset", "flux:saved"]) on(moment, catchUp);
  on("keydown", (event) => {
    if (event.key !== "Enter" || event.defaultPrevented || !event.target.matches("textarea,input")) return;
    const form = event.target.form;
    const plain = !event.shiftKey && event.target.dataset.enter === "submit";
    if (!form?.matches("[data-verb]") || !(plain || event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit();
  });
  on("click", opens);
}
