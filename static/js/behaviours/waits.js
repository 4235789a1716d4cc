// How much waits on me, in the top bar and on the board's chip. A change is the same for everyone who sees it, so
// what it means for me is asked for: soon after a change that may matter, and then at most every few seconds.

import { $, byId, call, hear, parse } from "../lib/dom.js";

const MATTERS =
  /^(question|comment|decision|thread)\.|^card\.(blocked|unblocked|assigned|archived|restored|transferred)$/;
const REST = 4000;
const number = (element) => $(".num", element) ?? element;
let due = 0;
let asked = 0;

async function ask(root) {
  due = 0;
  asked = Date.now();
  const answer = await call(`/waiting/counts/?board=${root.dataset.board}`).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  for (const fresh of [...parse(await answer.text()).children]) {
    const old = byId(fresh.id);
    if (!old) continue;
    // In place: the link may have the focus.
    old.className = fresh.className;
    if (fresh.ariaLabel) old.ariaLabel = fresh.ariaLabel;
    number(old).textContent = number(fresh).textContent;
  }
}

export function start(root) {
  hear("applied", (frame) => {
    if (due || !MATTERS.test(frame?.dataset.verb ?? "")) return;
    due = setTimeout(ask, Math.max(asked + REST - Date.now(), 0) + Math.random() * 500, root);
  });
}
