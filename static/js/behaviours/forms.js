// Every change is a form that works without this. Here it goes by fetch: the page stays, typed text stays.

import {
  $,
  $$,
  alarm,
  announce,
  bringNear,
  build,
  button,
  byId,
  focusOn,
  hear,
  icon,
  on,
  parse,
  tell,
  uuid,
} from "../lib/dom.js";
import { applyAnswer, lastActor, refetchParts } from "../lib/apply.js";
import { clean, fieldsOf, isBusy } from "../lib/morph.js";
import { isMade, post, whyNot } from "../lib/post.js";
import { again, toast, warn } from "../lib/toast.js";
import { optimistic } from "./optimistic.js";
import { showConflict } from "./conflict.js";

const HERE = "#board,[id$=-detail],.menu-pop,dialog,#toasts";
const BAD = "form-note--bad";
const ADDS = /\.(created|added|posted|asked|recorded|superseded|settled)$/;
const sent = new WeakMap(); // form -> what it said last, so that asking again is the same request
const busy = new WeakSet();

const isOurs = (form) =>
  form.matches("form[data-verb][method=post]") && form.closest(HERE) && !("plain" in form.dataset);

function onSubmit(event) {
  const form = event.target;
  if (event.defaultPrevented || !isOurs(form)) return;
  event.preventDefault();
  submit(form, event.submitter);
}

/** Send a form; resolves to the answer's kind. The same text again is the same request; other text a new one. */
export async function submit(form, submitter = null) {
  if (busy.has(form)) return "busy";
  const fields = new URLSearchParams(
    [...new FormData(form, submitter?.form === form ? submitter : null)].filter(
      ([, value]) => typeof value === "string",
    ),
  );
  const said = sayings(fields);
  const last = sent.get(form);
  if (last && last !== said) {
    fields.set("request_id", uuid());
    refresh(form, fields.get("request_id"));
  }
  sent.set(form, said);
  busy.add(form);
  form.ariaBusy = "true";
  clearNotes(form);
  const address = submitter?.getAttribute("formaction") || form.getAttribute("action") || location.href;
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
  const act = {
    done: succeeded,
    echoed: succeeded,
    invalid,
    clash,
    refused,
    gone: refused,
    "signed-out": signedOut,
    failed,
    moved,
  }[answer.kind];
  if (!isMade(answer)) undo?.();
  act(form, answer, submitter, fields);
  return answer.kind;
}

const sayings = (fields) =>
  [...fields].filter(([name]) => !["request_id", "csrfmiddlewaretoken"].includes(name)).join("\n");

function refresh(form, id = uuid()) {
  for (const field of $$("[name=request_id]", form)) field.value = id;
  sent.delete(form);
}

const isText = (field) =>
  !field.disabled && field.matches("textarea,input:not([type=checkbox],[type=radio],[type=submit])");

function succeeded(form, answer, _submitter, fields) {
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
    shut(form, adds);
  }
  if (answer.html) applyAnswer(answer.html, answer.seq);
  dialog?.close();
  if (!goneOn) form.dispatchEvent(new CustomEvent("flux:saved", { bubbles: true, detail: answer }));
}

/** Close what the form opened in, and hand the focus back to what opened it. */
function shut(form, adds) {
  const details = form.closest("details[open]");
  const stays = "stay" in form.dataset || (adds && details?.matches(".edit--add"));
  if (details && !stays) {
    const focused = details.contains(document.activeElement);
    details.open = false;
    if (focused) focusOn($("summary", details));
  }
  form.closest(".menu-pop")?.hidePopover();
}

function invalid(form, answer) {
  const { html } = answer;
  const content = parse(html);
  const same = $$(`form[data-verb="${form.dataset.verb}"]`, content);
  const fresh =
    same.find(
      (other) =>
        (form.id && other.id === form.id) || other.getAttribute("action") === form.getAttribute("action"),
    ) ?? same[0];
  sent.delete(form);
  if (!fresh) {
    note(form, BAD, whyNot(answer));
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
  const message = whyNot(answer, "");
  if (message) alarm(message);
}

function clash(form, { html }) {
  refresh(form);
  showConflict(html, form);
}

function refused(form, answer) {
  const words = whyNot(answer);
  note(form, BAD, words);
  warn(words);
}

function signedOut(form) {
  note(form, `${BAD} form-note--out`, "You are signed out. What you typed is kept.");
}

function failed(form, answer, submitter) {
  const words = `Not saved. ${whyNot(answer)}`;
  const action = again(() => {
    close();
    if (form.isConnected) submit(form, submitter);
  });
  const close = toast(words, { kind: "bad", action, life: 20000 });
  alarm(`${words} R to retry.`);
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

/** A link that opens a form on this page, by its id. */
function opens(event) {
  const link = event.target.closest("a[data-opens]");
  const target = link && !event.defaultPrevented && byId(link.dataset.opens);
  if (!target || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (target.matches("details")) target.open = true;
  else tell("open", target);
  const field = $("textarea,input:not([type=hidden])", target);
  field?.focus();
  bringNear(target);
}

/** A part that was left alone while someone typed in it is drawn anew once they are done. */
function catchUp({ target }) {
  const form = target.closest?.("form[data-verb]");
  const stale = form?.closest("[data-stale]") ?? form;
  setTimeout(() => {
    if (!stale?.isConnected || !("stale" in stale.dataset) || isBusy(stale)) return;
    delete stale.dataset.stale;
    clearNotes(form);
    const part = stale.closest("[data-part]");
    const detail = stale.closest("[id$=-detail]");
    if (part && detail) refetchParts(detail.id.replace("-detail", ""), [part.dataset.part], { spread: 0 });
  }, 0);
}

export function start() {
  on("submit", onSubmit);
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
