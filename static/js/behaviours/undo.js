// What one has just done can be taken back: a notice for each own change, Z for the last, F6 to get there.

import { $, $$, announce, byId, hear, on, pause, uuid } from "../lib/dom.js";
import { build, button, counted, icon, linkTo } from "../lib/build.js";
import { bringNear, focusOn, isTyping } from "../lib/focus.js";
import { applyAnswer } from "../lib/frames.js";
import { isMine } from "../lib/own.js";
import { isMade, post, quiet } from "../lib/post.js";
import { toast } from "../lib/toast.js";
import { panel } from "./panel.js";

const MOST = 3;
const GATHER = 200; // the frames of one request come one by one
const done = []; // own changes that can be taken back, oldest first
let folded = null; // the notice that stands for several: { members, close, text }
let cameFrom = null;
let asked = null; // the own change whose notice asks whether to undo it

const region = () => byId("toasts");
const isShown = (change) => !!change.form?.isConnected;

/** `FLX-12 moved to In review`, with a link to the card. */
function told({ dataset: { card, notice } }) {
  const at = card ? notice.indexOf(card) : -1;
  if (at < 0) return [notice];
  const link = build("b", "", linkTo(`/c/${card}/`, card, ""));
  return [notice.slice(0, at), link, notice.slice(at + card.length)].filter(Boolean);
}

function note(frame) {
  if (!frame || !isMine(frame.dataset.request)) return;
  const { request, seq, undo, card, undone, verb } = frame.dataset;
  let change = done.find((one) => one.request === request);
  if (!undo) {
    if (change) change.isFinal = true;
    return;
  }
  if (change) {
    change.count += 1;
    return;
  }
  const board = card ? card.replace(/-\d+$/, "") : byId("board")?.dataset.board;
  change = {
    request,
    address: `/b/${board}/undo/${seq}/`,
    words: told(frame),
    count: 1,
    isUndo: undone !== undefined,
    verb,
    card,
  };
  done.push(change);
  setTimeout(() => (change.isFinal ? forget(change) : show(change)), GATHER);
}

function forget(change) {
  done.splice(0, done.length, ...done.filter((one) => one !== change));
  change.close?.();
}

function formOf(change) {
  const go = build("button", "btn btn--line", icon("undo"), change.isUndo ? "Redo" : "Undo");
  if (!change.isUndo && document.body.dataset.shortcuts !== "0") go.append(build("kbd", "", "Z"));
  const id = build("input", "");
  Object.assign(id, { type: "hidden", name: "request_id", value: uuid() });
  const form = build("form", "toast__undo", id, go);
  Object.assign(form, { method: "post", action: change.address });
  form.dataset.verb = "change.undone";
  form.setAttribute("hx-post", change.address);
  form.addEventListener("flux:saved", () => leave(change));
  return form;
}

function leave(change) {
  const focused = region().contains(document.activeElement);
  forget(change);
  if (focused) focusOn(cameFrom);
}

/** Show the notice of a change; with a `key`, one that asks whether to undo it, for which the key is pressed again. */
function show(change, key = "") {
  change.close?.();
  unfold(change);
  fold();
  change.form = formOf(change);
  const more = change.count > 1 ? [` and ${change.count - 1} more`] : [];
  const words = build(
    "span",
    "",
    ...(key ? ["Undo: "] : []),
    ...change.words,
    ...more,
    ...(key ? [`? Press ${key} again.`] : []),
  );
  change.close = toast(words, { kind: key ? "" : "good", action: change.form });
  htmx.process(change.form);
  if (change.verb === "card.created") bringNear($(`#board [data-card="${change.card}"]`));
  if (key) announce(words.textContent);
  else if (change.verb !== "card.moved")
    announce(`${words.textContent}.${change.isUndo ? "" : " Z to undo."}`);
}

// ---- more than three: the older ones in one notice ------------------------------------------------------

/** Make room for one more notice: drop that of an undo first, else fold the oldest into one. */
function fold() {
  const shown = done.filter(isShown);
  const isFolded = !!folded?.text.isConnected;
  if (shown.length + isFolded < MOST) return;
  const undone = shown.find((change) => change.isUndo);
  if (undone) {
    forget(undone);
    return;
  }
  const older = shown.slice(0, shown.length - (MOST - 2));
  const members = [...(isFolded ? folded.members : []), ...older];
  folded?.close();
  older.forEach((change) => change.close());
  const text = build("span", "", counted(members.length, "change"));
  folded = {
    members,
    text,
    close: toast(text, { kind: "good", action: button("btn btn--line", undoAll, "Undo all") }),
  };
  region().prepend(text.closest(".toast"));
}

function unfold(change) {
  if (!folded?.members.includes(change)) return;
  folded.members = folded.members.filter((one) => one !== change);
  folded.text.textContent = counted(folded.members.length, "change");
  if (!folded.members.length) folded.close();
}

/** Undo all folded changes, newest first. Stops at one that can't be undone: its own notice then says why. */
async function undoAll() {
  const { members, close } = folded;
  close();
  for (const change of [...members].reverse()) {
    const answer = await post(change.address, { request_id: $("[name=request_id]", change.form).value });
    if (!isMade(answer)) {
      show(change);
      change.form.requestSubmit();
      return;
    }
    if (answer.html) applyAnswer(answer.html, answer.seq);
    leave(change);
  }
}

// ---- keys ------------------------------------------------------------------------------------------------

let turn = Promise.resolve();
const undoLast = (key) => {
  turn = turn.then(() => undoNow(key));
};

/**
 * Undo the change that a notice asks about, whatever came since. Else one's newest change, once the server has answered
 * it: Z undoes it at once where its notice is shown; Ctrl Z, or Z without a notice, asks first.
 */
async function undoNow(key) {
  const waited = await quiet();
  if (waited || done.some((one) => !one.close)) await pause(GATHER + 50);
  const isAsked = asked && isShown(asked);
  const change = isAsked ? asked : done.findLast((one) => !one.isUndo);
  asked = null;
  if (!change) {
    toast("Nothing to undo.");
    announce("Nothing to undo.");
  } else if (isShown(change) && (isAsked || key === "Z")) change.form.requestSubmit();
  else show((asked = change), key);
}

function onKey(event) {
  const { key, target } = event;
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && key.toLowerCase() === "z") {
    if (isTyping(target) || $("dialog[open]")) return;
    event.preventDefault();
    undoLast(event.metaKey ? "⌘ Z" : "Ctrl Z");
  } else if (key === "F6") toNotices(event);
  else if (
    key === "Escape" &&
    asked &&
    isShown(asked) &&
    !isTyping(target) &&
    !$("dialog[open],[popover]:popover-open,details.pop[open]")
  ) {
    event.preventDefault();
    event.stopImmediatePropagation();
    asked.close();
    announce("Not undone.");
  }
}

/** F6 goes from the board (or its open card) to the newest notice, and from there on to where the board is. */
function toNotices(event) {
  const here = region().contains(document.activeElement);
  const go = $$(".toast :is(button,a)", region()).findLast((one) => !one.matches(".icon-btn"));
  const waits = panel() && !panel().contains(document.activeElement) && !here;
  if (!here && (!go || waits)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!here) {
    cameFrom = document.activeElement;
    go.focus();
    return;
  }
  const card = $('#board .card__link[tabindex="0"]');
  (panel() ? card : (cameFrom ?? card))?.focus();
}

export function start() {
  hear("applied", note);
  hear("undo", undoLast);
  on("keydown", onKey, { capture: true });
}
