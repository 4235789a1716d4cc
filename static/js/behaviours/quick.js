// Quick add: Enter adds and stays, Shift Enter adds and opens, Escape closes; what is typed survives a reload.

import { $, $$, byId } from "../lib/dom.js";
import { submit } from "./forms.js";

const FORM = 'form[data-verb="card.created"]';
const fieldOf = (form) => $("[name=title],[name=lines]", form);

/** Open the quick add of `column`, or of the first one that has it. False where there is none. */
export function openQuick(column) {
  const form = $(FORM, column ?? document) ?? $(`#board ${FORM}`);
  const details = form?.closest("details");
  if (!form) return false;
  if (details) details.open = true;
  form.hidden = false;
  fieldOf(form)?.focus();
  form.scrollIntoView({ block: "nearest", inline: "nearest" });
  return true;
}

function shut(form) {
  const details = form.closest("details");
  if (details) { details.open = false; $("summary", details)?.focus({ preventScroll: true }); }
  else document.activeElement.blur();
}

async function add(form, thenOpen) {
  const field = fieldOf(form);
  if (!field.value.trim()) { shut(form); return; }
  const before = new Set($$("#board .card").map((card) => card.id));
  const kind = await submit(form);
  if (!["done", "echoed"].includes(kind)) return;
  if (thenOpen) {
    const fresh = $$(".card", form.closest(".column") ?? byId("board")).find((card) => !before.has(card.id));
    $(".card__link", fresh ?? document.createElement("i"))?.click();
  } else field.focus({ preventScroll: true });
}

export function start(board) {
  const listening = new AbortController();
  const { signal } = listening;
  board.addEventListener("keydown", (event) => {
    const form = event.target.closest?.(FORM);
    if (!form || event.target !== fieldOf(form) || event.isComposing) return;
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      add(form, event.shiftKey);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      shut(form);
    }
  }, { signal });
  board.addEventListener("click", (event) => {
    const link = event.target.closest(".column [data-verb-link='card.created']");
    const column = link?.closest(".column");
    if (!column || event.ctrlKey || event.metaKey || !$(FORM, column)) return;
    event.preventDefault();
    openQuick(column);
  }, { signal });
  return () => listening.abort();
}
