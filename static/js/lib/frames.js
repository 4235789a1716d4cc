// What comes over the stream, or in the answer to a change, becomes part of the page.

import { $, $$, byId, linkIn, parse, tell } from "./dom.js";
import { bringNear, focusOn } from "./focus.js";
import { isFiltered, refetchBoard } from "./board.js";
import { countChips, marks } from "./counts.js";
import { morph } from "./morph.js";
import { applied, heard, isMine } from "./own.js";
import { orPark } from "./parking.js";
import { redraw, refetchDetails, refetchParts } from "./parts.js";
import { beyond, endOf, placeCard } from "./place.js";
import { listOf, settle } from "./settle.js";
import { fillTimes } from "./time.js";
import { mention, pointOut } from "./announcements.js";

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

let actor = "";
/** The first name of whoever made the last change that came in. */
export const lastActor = () => actor;

/** Apply one frame's parts. `quiet` is a catch-up: no highlights, no movement. */
export function applyFrame(frame, { quiet = false } = {}) {
  const templates = $$(":scope > template", frame);
  const own = isMine(frame.dataset.request);
  if (!own) actor = frame.dataset.actorName;
  const show = !quiet && !own && frame.dataset.verb?.startsWith("card.") ? frame : null;
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
  heard(frame.dataset.request);
  if (!quiet && !own) mention(frame);
  tell("applied", frame);
}

/** The parts in the answer to a change (HTML, or parsed): frames, or elements that replace those with the same id. */
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
