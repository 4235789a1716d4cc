// Quick add: Enter adds and stays, Shift Enter adds and opens, Escape closes; what is typed survives a reload.
// The field is free at once: titles wait in line, so that they land in the order in which they were typed.

import { $, $$, build, uuid } from "../lib/dom.js";
import { applyAnswer } from "../lib/apply.js";
import { isAway } from "../lib/kept.js";
import { post, reasonIn } from "../lib/post.js";
import { button, toast } from "../lib/toast.js";

const FORM = 'form[data-verb="card.created"]';
const fieldOf = (form) => $("[name=title]", form);
let line = Promise.resolve();

/** Open the quick add of `column`, or of the first one that has it. False where there is none. */
export function openQuick(column) {
  const form = $(FORM, column ?? document) ?? $(`#board ${FORM}`);
  if (!form) return false;
  const details = form.closest("details");
  if (details) details.open = true;
  fieldOf(form)?.focus();
  form.scrollIntoView({ block: "nearest", inline: "nearest" });
  return true;
}

function shut(form) {
  const details = form.closest("details");
  if (!details) return;
  details.open = false;
  $("summary", details)?.focus({ preventScroll: true });
}

function add(form, thenOpen) {
  const field = fieldOf(form);
  const title = field.value;
  if (!title.trim()) { shut(form); return; }
  const fields = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
  fields.set("request_id", uuid());
  put(field, "");
  send(form, fields, thenOpen);
}

function put(field, text) {
  field.value = text;
  if (!text) delete field.dataset.dirty;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  if (!text) delete field.dataset.dirty;
}

function ghostOf(form, title) {
  const list = $(".column__list", form.closest(".column"));
  const ghosts = title.split("\n").filter((one) => one.trim()).map((one) => {
    const ghost = build("li", "ghost", build("span", "ghost__title", one.trim()), build("span", "ghost__state", isAway() ? "kept" : "saving"));
    list?.insertBefore(ghost, $(":scope > .column__rest", list));
    return ghost;
  });
  ghosts.at(-1)?.scrollIntoView({ block: "nearest" });
  return () => ghosts.forEach((ghost) => ghost.remove());
}

function send(form, fields, thenOpen) {
  const title = fields.get("title");
  const vanish = ghostOf(form, title);
  const before = new Set($$("#board .card").map((card) => card.id));
  const ask = () => post(form.getAttribute("action"), fields);
  const asked = isAway() ? ask() : line.then(ask);
  line = asked.then((answer) => {
    vanish();
    if (!["done", "echoed"].includes(answer.kind)) { refused(form, fields, answer); return; }
    if (answer.html) applyAnswer(answer.html, answer.seq);
    const fresh = thenOpen && $$(".card", form.closest(".column")).find((card) => !before.has(card.id));
    if (fresh) $(".card__link", fresh).click();
  });
}

function refused(form, fields, answer) {
  const field = fieldOf(form);
  const title = fields.get("title");
  if (field && !field.value) put(field, title);
  const why = answer.kind === "failed" ? "The server did not answer." : answer.kind === "signed-out" ? "You are signed out." : reasonIn(answer.html, "This can't be saved as it is.");
  const retry = answer.kind === "failed" && button("Retry", () => {
    close();
    if (field?.value === title) put(field, "");
    send(form, fields, false);
  });
  if (retry) retry.dataset.retry = "";
  const close = toast([build("b", "", title.split("\n")[0]), ` was not added. ${why}`], { kind: "bad", action: retry || null, life: 20000 });
}

export function start(board) {
  board.addEventListener("submit", (event) => {
    if (!event.target.matches(FORM)) return;
    event.preventDefault();
    add(event.target, false);
    fieldOf(event.target)?.focus();
  });
  board.addEventListener("keydown", (event) => {
    const form = event.target.closest?.(FORM);
    if (!form || event.target !== fieldOf(form)) return;
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      add(form, event.shiftKey);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      shut(form);
    }
  });
}
