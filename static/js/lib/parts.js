// The parts of an open card that are asked for again when something in them has changed.

import { $, $$, byId, call, parse, pause, tell } from "./dom.js";
import { morph } from "./morph.js";
import { nextTry } from "./reach.js";
import { fillTimes } from "./time.js";

/** Redraw `old` as `fresh`; where that would delete typed text, say instead that the part has changed. */
export function redraw(old, fresh) {
  fillTimes(fresh);
  if (!morph(old, fresh)) tell("changed-under", { form: old, value: "" });
}

/** The card of `root` is on another board now: the request was redirected there, as the URL of `answer` says. */
export const tellLeft = (root, answer) =>
  tell("card-left", { card: root.dataset.card, url: answer.url.replace(/parts\/.*$/, "") });

const wanted = new Map(); // "card-17" -> names still to fetch
const asking = new Set();

/** Fetch parts of an open card again. A card has one request at a time; names that come meanwhile go with the next. */
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
      const since = $("[data-from]", root)?.dataset.from ?? "";
      const address = `${root.dataset.parts}?names=${now.join(",")}&from=${since}`;
      const answer = await call(address).catch(() => null);
      const html = await answer?.text().catch(() => null);
      if (!answer || answer.status >= 500 || answer.status === 429 || html === null) {
        now.forEach((name) => names_.add(name));
        await nextTry();
      } else if (answer.redirected) tellLeft(root, answer);
      else if (answer.ok) drawParts(html);
    }
  } finally {
    asking.delete(card);
  }
}

/** Fetch all parts of every open card: a change to the board itself may show in several of them. */
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
