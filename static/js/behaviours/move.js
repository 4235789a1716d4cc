// Moving a card: at once on the page, then on the server, and back with a reason when that fails.
// Keys: Space lifts, arrows move, Space drops, Escape puts back; Shift and arrows, `<` and `>` move directly.

import { $, $$, alarm, announce, byId, cardNamed, isChord, linkIn, moveBefore, on } from "../lib/dom.js";
import { build } from "../lib/build.js";
import { bringNear, focusOn, isTyping } from "../lib/focus.js";
import { applyAnswer } from "../lib/frames.js";
import { hold, release } from "../lib/parking.js";
import { isMade, post, whyNot } from "../lib/post.js";
import { cardsIn, endOf, nameOf, placeCard } from "../lib/place.js";
import { listOf, settle } from "../lib/settle.js";
import { toast } from "../lib/toast.js";

const board = () => byId("board")?.dataset ?? {};
export const canChange = () => board().role !== "viewer" && board().archived === undefined;
export const columnOf = (card) => card.closest(".column");
const keyOf = (card) => card.dataset.card;
/** Where a column takes cards: its list, or all of it while it is folded. */
export const listIn = (column) => $(".column__list", column) ?? column;
const isFolded = (list) => list.matches(".column");
const lists = () => $$("#board .column[data-column]").map(listIn);

/** How many cards a column has, loaded or not. */
const countOf = (column) => Number($("[id$=-count]", column).dataset.count);

/** Whether one more card would go over the column's limit. */
export function isFull(column, card) {
  const limit = Number(column.dataset.limit);
  return !!limit && columnOf(card) !== column && countOf(column) >= limit;
}
export const refuses = () => board().wipRule === "refuse";
export const fullWords = (column) =>
  `${nameOf(column)} is full (${countOf(column)} of ${column.dataset.limit})`;

function place(card) {
  const list = card.parentNode;
  const column = columnOf(card);
  const cards = cardsIn(list);
  const folded = isFolded(list);
  const all =
    folded || "more" in list.dataset
      ? countOf(column) + (card.dataset.columnId !== column.dataset.column)
      : cards.length;
  return { at: folded ? all : cards.indexOf(card) + 1, all, name: nameOf(column) };
}

function say(words, card, end = ".") {
  const { at, all, name } = place(card);
  announce(`${words} ${name}, ${at} of ${all}${end}`);
}
export const sayLifted = (card) => say(`Lifted ${keyOf(card)}.`, card);
export const sayBack = (card) => say("Put back.", card);
export function sayDrop(card, { column }) {
  say(
    `${keyOf(card)} moved ${column === columnOf(card) ? "in" : `from ${nameOf(column)} to`}`,
    card,
    ". Z to undo.",
  );
}

// ---- the move itself ------------------------------------------------------------------------------

/** Where a card stands now, for putting it back. */
export const spotOf = (card) => ({
  list: card.parentNode,
  next: card.nextElementSibling,
  column: columnOf(card),
});

/** The card went to a place that the page does not show: focus what stands in its old place. */
function leaveFocus({ list, next, column }) {
  const near = next?.parentNode === list ? next : (cardsIn(list).at(-1) ?? column);
  focusOn($(".card__link,a,button", near));
}

function neighbours(card) {
  const cards = cardsIn(card.parentNode);
  const i = cards.indexOf(card);
  return { after: cards[i - 1], before: cards[i + 1] };
}

/**
 * Tell the server that `card` stands where the page shows it now. The card must be held (`hold`) already;
 * `spot` is where it stood before. Lets go of the card at the end.
 */
export async function commit(card, spot, again = null) {
  const column = columnOf(card);
  const { after, before } = neighbours(card);
  const fields = again ?? { column: column.dataset.column, version: card.dataset.version };
  if (!again) {
    if (after) fields.after = keyOf(after);
    else if (before) fields.before = keyOf(before);
  }
  card.classList.add("card--pending");
  card.classList.remove("card--failed");
  const slow = setTimeout(() => card.classList.add("card--slow"), 400);
  const answer = await post(`/c/${keyOf(card)}/do/moved/`, fields, {
    onKept: () => card.classList.add("card--kept"),
  });
  clearTimeout(slow);
  card.classList.remove("card--pending", "card--slow", "card--kept");
  const live = byId(card.id) ?? card;
  const made = isMade(answer);
  if (made && answer.html) applyAnswer(answer.html, answer.seq);
  const focused = live.contains(document.activeElement);
  release(live);
  settle(() => placeCard(live));
  if (!made) failed(live, spot.column, fields, answer);
  else if (focused && !live.isConnected) leaveFocus(spot);
}

/** Say that a card is back in `column`, and why; `retry`, where there is one, moves it once more. */
export function sayFailed(card, column, why, retry = null) {
  alarm(`${keyOf(card)} could not be moved. ${retry ? `It is back in ${nameOf(column)}. R to retry.` : why}`);
  toast([build("b", "", keyOf(card)), ` is back in ${nameOf(column)}. ${why}`], { kind: "bad", retry });
}

function failed(card, from, fields, answer) {
  const column = columnOf(card) ?? from;
  card.classList.add("card--failed");
  setTimeout(() => card.classList.remove("card--failed"), 6000);
  const retry = () => {
    const target = byId(card.id);
    if (target && byId(`column-${fields.column}`)) toColumn(target, fields);
    else unseen(card, column, fields);
  };
  sayFailed(card, column, whyNot(answer), answer.kind === "failed" ? retry : null);
}

/** Retry a move where the page does not show the card or the column. */
async function unseen(card, from, fields) {
  const answer = await post(`/c/${keyOf(card)}/do/moved/`, fields);
  if (answer.html && isMade(answer)) applyAnswer(answer.html, answer.seq);
  if (isMade(answer)) announce(`${keyOf(card)} is moved.`);
  else failed(card, from, fields, answer);
}

/** Retry a move: the same place, with the card's present version. */
function toColumn(card, fields) {
  const spot = spotOf(card);
  const list = listIn(byId(`column-${fields.column}`));
  const named = (key) => key && $(`.card[data-card="${CSS.escape(key)}"]`, list);
  hold(card);
  settle(() =>
    moveBefore(list, card, named(fields.after)?.nextElementSibling ?? named(fields.before) ?? endOf(list)),
  );
  commit(card, spot, { ...fields, version: card.dataset.version, request_id: "" });
}

/**
 * Move by one step from keys or menu: `to` is up, down, left, right, first or last. True when it moved; "refused",
 * which has been said, when the column there is full.
 */
function step(card, to) {
  const list = card.parentNode;
  const cards = cardsIn(list);
  const i = cards.indexOf(card);
  let target = list;
  let before;
  if (to === "up" && i > 0) before = cards[i - 1];
  else if (to === "down" && i < cards.length - 1) before = cards[i + 2] ?? endOf(list);
  else if (to === "first" && i > 0) before = cards[0];
  else if (to === "last" && i < cards.length - 1) before = endOf(list);
  else if (to === "left" || to === "right") {
    const all = lists();
    target = all[all.indexOf(list) + (to === "left" ? -1 : 1)];
    if (target) before = (!isFolded(target) && cardsIn(target)[0]) || endOf(target);
  }
  if (!target || before === undefined) return false;
  if (target !== list && refuses() && isFull(target.closest(".column"), card)) {
    announce(`${fullFor(target.closest(".column"))}${lifted ? ` ${placeWords(card)}` : ""}`);
    return "refused";
  }
  const link = linkIn(card);
  const focused = card.contains(document.activeElement);
  settle(() => moveBefore(target, card, before));
  if (focused) focusOn(link);
  bringNear(card);
  return true;
}

const fullFor = (column) => `${nameOf(column)} is full, ${countOf(column)} of ${column.dataset.limit}.`;

/** `2 of 4, Ready.`; the column comes first where the card has just come into it. */
function placeWords(card) {
  const { at, all, name } = place(card);
  return lifted?.last === columnOf(card) ? `${at} of ${all}, ${name}.` : `${name}, ${at} of ${all}.`;
}

function sayStep(card) {
  const column = columnOf(card);
  const full =
    column.dataset.limit && Number(column.dataset.limit) <= countOf(column) && lifted.spot.column !== column;
  announce(`${placeWords(card)}${full ? ` ${fullFor(column)}` : ""}`);
  lifted.last = column;
}

/** A form of the card's menu: move the card at once where the page shows its new place. */
function fromMenu(event) {
  const form = event.target;
  const button = event.submitter;
  const card = form.matches("#card-menu [data-move-form]") && cardNamed(byId("card-menu").dataset.card);
  if (!card || !button) return;
  const list = listOf(button.name === "column" ? button.value : card.dataset.columnId);
  const other = button.name !== "column" && list && $(`.card[data-card="${CSS.escape(button.value)}"]`, list);
  if (
    !list ||
    (button.name === "column"
      ? list.dataset.more !== undefined || (refuses() && isFull(list.closest(".column"), card))
      : !other)
  )
    return;
  event.preventDefault();
  event.stopPropagation();
  const spot = spotOf(card);
  hold(card);
  byId("card-menu").hidePopover();
  settle(() =>
    moveBefore(
      list,
      card,
      button.name === "before" ? other : button.name === "after" ? other.nextElementSibling : endOf(list),
    ),
  );
  focusOn(linkIn(card));
  sayDrop(card, spot);
  commit(card, spot);
}

/** A direct move, without a mode. */
function nudge(card, to) {
  if (!canChange() || lifted || card.dataset.held !== undefined) return;
  const spot = spotOf(card);
  hold(card);
  if (step(card, to) !== true) {
    release(card);
    return;
  }
  sayDrop(card, spot);
  commit(card, spot);
}

// ---- move mode --------------------------------------------------------------------------------------

let lifted = null;
export const isLifted = () => !!lifted;

function lift(card) {
  if (!canChange() || card.dataset.held !== undefined) return;
  hold(card);
  lifted = { card, last: columnOf(card), spot: spotOf(card) };
  showKeys(card);
  card.classList.add("card--grabbed");
  sayLifted(card);
}

/** The keys that move `card`, while it is lifted. */
function showKeys(card) {
  const keys = byId("move-keys");
  keys.hidden = !card;
  if (card) $("b", keys).textContent = `Moving ${keyOf(card)}`;
}

function ground() {
  const was = lifted;
  showKeys(null);
  was.card.classList.remove("card--grabbed");
  lifted = null;
  return was;
}

function put() {
  const { card, spot } = ground();
  if (spot.list === card.parentNode && spot.next === card.nextElementSibling) {
    sayBack(card);
    release(card);
    return;
  }
  sayDrop(card, spot);
  commit(card, spot);
}

function putBack() {
  const { card, spot } = ground();
  settle(() =>
    moveBefore(
      spot.list.isConnected ? spot.list : card.parentNode,
      card,
      spot.next?.parentNode === spot.list ? spot.next : endOf(spot.list),
    ),
  );
  focusOn(linkIn(card));
  bringNear(card);
  sayBack(card);
  release(card);
}

const STEPS = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
  Home: "first",
  End: "last",
};

function whileLifted(event) {
  const { card } = lifted;
  if (!card.isConnected) {
    ground();
    return;
  }
  if (STEPS[event.key]) {
    if (step(card, STEPS[event.key]) !== "refused") sayStep(card);
  } else if (event.key === " " || event.key === "Enter") put();
  else if (event.key === "Escape") putBack();
  else if (event.key === "Tab") announce("Drop the card with Space first.");
  else if (isChord(event)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

function onKey(event) {
  if (lifted) {
    whileLifted(event);
    return;
  }
  const card = event.target.closest?.(".card");
  if (!card || event.target !== linkIn(card) || isTyping() || isChord(event)) return;
  const single = document.body.dataset.shortcuts !== "0";
  if (event.key === " " && !event.shiftKey) lift(card);
  else if (event.shiftKey && event.key.startsWith("Arrow")) nudge(card, STEPS[event.key]);
  else if (single && event.key === "<") nudge(card, "left");
  else if (single && event.key === ">") nudge(card, "right");
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** A card that loses the focus while lifted (a click elsewhere) is put back. */
function onPointer(event) {
  if (lifted && !lifted.card.contains(event.target)) putBack();
}

export function start(board) {
  on("keydown", onKey, true);
  on("submit", fromMenu, true);
  on("pointerdown", onPointer, true);
  let isTold = false;
  board.addEventListener("focusin", ({ target }) => {
    if (!canChange() || isTold || !target.matches(".card__link")) return;
    isTold = true;
    target.setAttribute("aria-describedby", "move-hint");
    target.addEventListener("blur", () => target.removeAttribute("aria-describedby"), { once: true });
  });
}
