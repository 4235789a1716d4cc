// Quick add: Enter adds and stays, Shift Enter adds and opens, Escape closes; what is typed survives a reload.
// The field is free at once: titles wait in line, so that they land in the order in which they were typed.

import { $, $$, linkIn, uuid } from "../lib/dom.js";
import { build, copyOf } from "../lib/build.js";
import { bringNear, focusOn } from "../lib/focus.js";
import { applyAnswer } from "../lib/frames.js";
import { isMade, post, whyNot } from "../lib/post.js";
import { copyButton, formNow, putBack, takeOut } from "../lib/refused.js";
import { toast } from "../lib/toast.js";

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
  bringNear(form);
  return true;
}

function shut(form) {
  const details = form.closest("details");
  if (!details) return;
  details.open = false;
  focusOn($("summary", details));
}

function add(form, thenOpen) {
  const field = fieldOf(form);
  const title = field.value;
  if (!title.trim()) {
    shut(form);
    return;
  }
  const fields = new URLSearchParams(new FormData(form));
  fields.set("request_id", uuid());
  takeOut(field, title);
  send(form, fields, thenOpen);
}

function ghostsOf(form, title) {
  const list = $(".column__list", form.closest(".column"));
  const ghosts = title
    .split("\n")
    .filter((one) => one.trim())
    .map((one) => {
      const ghost = copyOf("card-adding");
      ghost.firstChild.textContent = one.trim();
      list?.insertBefore(ghost, $(":scope > .column__rest", list));
      return ghost;
    });
  bringNear(ghosts.at(-1));
  return ghosts;
}

async function send(form, fields, thenOpen) {
  const ghosts = ghostsOf(form, fields.get("title"));
  const before = new Set($$("#board .card").map((card) => card.id));
  const turn = line;
  const { promise, resolve: next } = Promise.withResolvers();
  line = promise;
  await turn;
  const onKept = () => {
    for (const ghost of ghosts) ghost.lastChild.textContent = "kept";
    next();
  };
  const answer = await post(form.getAttribute("action"), fields, { onKept });
  next();
  for (const ghost of ghosts) ghost.remove();
  if (!isMade(answer)) {
    refused(form, fields, answer);
    return;
  }
  if (answer.html) applyAnswer(answer.html, answer.seq);
  const fresh = thenOpen && $$(".card", form.closest(".column")).find((card) => !before.has(card.id));
  if (fresh) linkIn(fresh).click();
}

function refused(form, fields, answer) {
  const title = fields.get("title");
  const now = formNow(form);
  if (now) putBack(fieldOf(now), title);
  const retry = () => {
    if (formNow(form)) takeOut(fieldOf(formNow(form)), title);
    send(formNow(form) ?? form, fields, false);
  };
  toast([build("b", "", title.split("\n")[0]), ` was not added. ${whyNot(answer)}`], {
    kind: "bad",
    action: now ? null : copyButton(title),
    retry: answer.kind === "failed" ? retry : null,
    life: now ? 20000 : Infinity,
  });
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
