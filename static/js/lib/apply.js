// What comes over the stream, or in the answer to a change, becomes part of the page.

import { $, $$, bringNear, build, byId, call, focusOn, linkIn, parse, pause, tell } from "./dom.js";
import { morph } from "./morph.js";
import { beyond, endOf, isHeld, placeCard } from "./place.js";
import { nextTry } from "./reach.js";
import { listOf, settle } from "./settle.js";
import { fillTimes } from "./time.js";
import { columnBefore, mention } from "./told.js";

const parked = new Map(); // element id -> the newest thing to do to it, once it is let go
const mine = new Set(); // request ids of this page: their echo is applied, but not pointed out
const waiting = new Map(); // request id -> what to do when its echo comes before its answer

export const isMine = (request) => mine.has(request);
export function expect(request, onEcho) {
  mine.add(request);
  waiting.set(request, onEcho);
}
export const forget = (request) => waiting.delete(request);

/** Keep an element as it is: dragged, lifted by keys, or waiting for its answer. */
export function hold(element) {
  element.dataset.held = Number(element.dataset.held ?? 0) + 1;
}

export function release(element) {
  const left = Number(element.dataset.held ?? 1) - 1;
  if (left > 0) element.dataset.held = left;
  else {
    delete element.dataset.held;
    const act = parked.get(element.id);
    parked.delete(element.id);
    if (act) settle(act);
  }
}

/** Do it now, or as soon as the element is let go; only the newest counts. */
function orPark(id, act) {
  const element = byId(id);
  if (element && isHeld(element)) parked.set(id, act);
  else act();
}

/** The board's own address: with a panel open, the page's is the card's. */
export const here = { address: location.href };
const isFiltered = () =>
  [...new URL(here.address).searchParams.keys()].some((name) => !["more", "part", "tab"].includes(name));

function upsert(template, frame, isNewAndMine) {
  const fresh = template.content.firstElementChild;
  fillTimes(fresh);
  const version = Number(fresh.dataset.version);
  const id = fresh.id;
  orPark(id, () => {
    const old = byId(id);
    if (old && Number(old.dataset.version) > version) return;
    const was = old && marks(old);
    const is = marks(fresh);
    if (old) morph(old, fresh);
    countChips(was, is);
    const stood = old?.parentNode;
    placeCard(old ?? fresh);
    if (isNewAndMine) bringHome(byId(id) ?? fresh);
    const card = byId(id);
    if (card && frame) pointOut(card, frame);
    if (card && frame && card.parentNode !== stood) tell("arrived", { id });
  });
}

/** A card that one has just made is in sight, also at the end of a column that is not loaded as far as that. */
function bringHome(card) {
  const list = listOf(card.dataset.columnId);
  if (!list) return;
  if (!card.isConnected) {
    beyond.add(card.id);
    list.insertBefore(card, endOf(list));
  }
  setTimeout(() => bringNear(card), 0);
}

function drop(id) {
  orPark(id, () => {
    const element = byId(id);
    if (!element) return;
    if (element.matches(".card")) countChips(marks(element), {});
    const focused = element.contains(document.activeElement);
    const next = element.nextElementSibling ?? element.previousElementSibling;
    const heading = element.closest(".column")?.querySelector("h2");
    element.remove();
    if (!focused) return;
    if (heading) heading.tabIndex = -1;
    focusOn((next && linkIn(next)) ?? heading);
  });
}

function replace(id, template) {
  const old = byId(id);
  const fresh = template.content.firstElementChild;
  if (!old) return;
  if (!fresh) {
    drop(id);
    return;
  }
  const tab = fresh.dataset.count && $(`.coltabs a[href="#${CSS.escape(id.replace(/-count$/, ""))}"] .num`);
  if (tab) tab.textContent = fresh.dataset.count;
  redraw(old, fresh);
}

function redraw(old, fresh) {
  fillTimes(fresh);
  if (!morph(old, fresh)) tell("changed-under", { form: old, value: "" });
}

// ---- the counts on the filter chips follow the cards -----------------------------------------------

const marks = (card) => ({
  mine: card.dataset.assignee === document.body.dataset.me && !card.matches(".card--done"),
  blocked: !!$(".card__blocked", card),
  unready: !!$(".card__unready", card),
  quiet: !!$(".card__top time.is-old", card),
});

function countChips(was, is) {
  for (const chip of $$("#board [data-filter]")) {
    const name = chip.dataset.filter;
    const by = Number(!!is[name]) - Number(!!was?.[name]);
    const number = by && $(".num", chip);
    if (number) number.textContent = Math.max(0, Number(number.textContent) + by);
  }
}

let actor = "";
/** The first name of whoever made the last change that came in. */
export const lastActor = () => actor;

/** Apply one frame's parts. `quiet` is a catch-up: no highlights, no movement. */
export function applyFrame(frame, { quiet = false } = {}) {
  const templates = $$(":scope > template", frame);
  const own = isMine(frame.dataset.request);
  if (!own) actor = frame.dataset.actorName;
  const show = !quiet && !own && frame.dataset.verb?.startsWith("card.") ? frame : null;
  const before = columnBefore(frame);
  const change = () => {
    for (const template of templates) {
      const { upsert: card, remove, replace: id, part, refetch } = template.dataset;
      if (card !== undefined) {
        if (isFiltered()) refetchBoard();
        else upsert(template, show, own && frame.dataset.verb === "card.created");
      }
      if (remove !== undefined) drop(remove);
      if (id !== undefined) replace(id, template);
      if (part !== undefined) refetchParts(part, (template.dataset.names ?? "").split(",").filter(Boolean));
      if (refetch === "board") {
        refetchBoard();
        refetchDetails();
      }
    }
  };
  if (quiet || !templates.some((template) => "upsert" in template.dataset || "remove" in template.dataset))
    change();
  else settle(change);
  waiting.get(frame.dataset.request)?.();
  waiting.delete(frame.dataset.request);
  if (!quiet && !own) mention(frame, before);
  tell("applied", frame);
}

/** The parts in the answer to a change (HTML, or parsed): frames, or elements that stand in for those with the same id. */
export function applyAnswer(answer, seq) {
  const content = typeof answer === "string" ? parse(answer) : answer;
  const frames = $$("flux-change", content);
  for (const frame of frames) {
    const at = Number(frame.dataset.seq);
    frame.remove();
    if (at <= applied.seq) continue;
    if (at === applied.seq + 1) applied.seq = at;
    applyFrame(frame);
  }
  if (content.children.length)
    settle(() => {
      for (const fresh of [...content.children]) {
        if (!fresh.id || !byId(fresh.id)) continue;
        if (seq && seq < applied.seq && fresh.matches(".card,.column__count")) continue;
        fillTimes(fresh);
        morph(byId(fresh.id), fresh);
        if (fresh.matches(".card")) placeCard(byId(fresh.id));
      }
    });
  tell("applied", null);
}

/** How far this page is: the seq of the last frame in it. */
export const applied = {
  get seq() {
    return Number($(ROOT)?.dataset.seq ?? 0);
  },
  set seq(value) {
    const root = $(ROOT);
    if (root) root.dataset.seq = value;
  },
};
const ROOT = "#board[data-seq],[id$=-detail][data-seq]";

// ---- what changed, and by whom -------------------------------------------------------------------

function pointOut(card, frame) {
  const top = $(".card__top", card);
  if (!top) return;
  unmark(card);
  card.classList.add("card--changed");
  top.append(build("span", "card__who", `${frame.dataset.actorName} ${frame.dataset.words} just now`));
  top.classList.add("card__top--told");
  const end = () => {
    clearTimeout(timer);
    card.removeEventListener("pointerenter", end);
    unmark(card);
  };
  const timer = setTimeout(end, 6000);
  card.addEventListener("pointerenter", end);
}

function unmark(card) {
  card.classList.remove("card--changed");
  $(".card__top", card)?.classList.remove("card__top--told");
  $$(".card__who", card).forEach((who) => who.remove());
}

// ---- parts that a page asks for again -------------------------------------------------------------

const wanted = new Map(); // "card-17" -> names still to fetch
const asking = new Set();

/** Fetch parts of an open card again; one request at a time a card, the latest wins. */
export async function refetchParts(card, names, { spread = 150 } = {}) {
  const root = byId(`${card}-detail`);
  if (!root) return;
  const names_ = wanted.get(card) ?? wanted.set(card, new Set()).get(card);
  names.forEach((name) => names_.add(name));
  if (asking.has(card)) return;
  asking.add(card);
  try {
    await pause(Math.random() * spread);
    while (names_.size && root.isConnected) {
      const now = [...names_];
      names_.clear();
      const answer = await call(
        `${root.dataset.parts ?? `/c/${root.dataset.card}/parts/`}?names=${now.join(",")}`,
      ).catch(() => null);
      if (!answer || answer.status >= 500) {
        now.forEach((name) => names_.add(name));
        await nextTry();
      } else if (answer.redirected)
        tell("card-left", { card: root.dataset.card, url: answer.url.replace(/parts\/.*$/, "") });
      else if (answer.ok) drawParts(await answer.text());
    }
  } finally {
    asking.delete(card);
  }
}

/** All parts of every open card: what is true of the whole board shows in several of them. */
export function refetchDetails() {
  for (const detail of $$("[id$=-detail][data-card]"))
    refetchParts(
      detail.id.replace("-detail", ""),
      $$("[data-part]", detail).map((part) => part.dataset.part),
    );
}

function drawParts(html) {
  for (const fresh of [...parse(html).children]) {
    const old = fresh.id && byId(fresh.id);
    if (old) redraw(old, fresh);
  }
  tell("applied", null);
}

let board = null;
let again = false;

/**
 * Fetch the board again with the address's own filters, and morph it. Frames wait meanwhile (`boardFetch`).
 * Tries until the server answers; false when it never will (not signed in, not there any more).
 */
export function refetchBoard({ spread = 150, now = false } = {}) {
  if (board) {
    again = true;
    return board;
  }
  if (!byId("board")) return Promise.resolve(false);
  board = (async () => {
    for (;;) {
      again = false;
      await pause(Math.random() * spread);
      while (!now && document.body.classList.contains("is-dragging")) await pause(100);
      const done = await fetchBoard().catch(() => null);
      if (done === null) await nextTry();
      else if (!again || !done) return done;
    }
  })().finally(() => {
    board = null;
  });
  return board;
}

export const boardFetch = () => board;

async function fetchBoard() {
  const url = new URL(here.address);
  url.searchParams.set("part", "board");
  const answer = await call(url);
  if (answer.status >= 500 || answer.status === 429) return null;
  if (!answer.ok || answer.redirected) return false;
  const fresh = $("#board", parse(await answer.text()));
  const old = byId("board");
  if (!fresh || !old) return false;
  fillTimes(fresh);
  applied.seq = Number(fresh.dataset.seq);
  keepPanel(old, fresh);
  const scrolls = $$(".column__list", old).map((list) => [list.closest(".column")?.id, list.scrollTop]);
  beyond.clear();
  settle(() => morph(old, fresh));
  for (const [id, top] of scrolls) {
    const list = id && $(".column__list", byId(id));
    if (list && list.scrollTop !== top) list.scrollTop = top;
  }
  for (const [id, act] of [...parked])
    if (!byId(id)) {
      parked.delete(id);
      act();
    }
  tell("applied", null);
  return true;
}

/** The open panel is none of the board's HTML: it stays as it is. */
function keepPanel(old, fresh) {
  const panel = $(".panel[id]", old);
  const stage = panel && $(`#${panel.parentNode.id}`, fresh);
  if (!stage) return;
  stage.append(panel.cloneNode(false));
  stage.classList.add("has-panel");
}
