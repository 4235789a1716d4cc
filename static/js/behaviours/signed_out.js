// The stream is refused to this page: whoever had it waits here until they have it again, and nobody else goes on in
// their name. What they typed stays.

import { $$, announce, loginAddress } from "../lib/dom.js";
import { linkTo } from "../lib/build.js";
import { drop, fail, goOn, inSight, leave, lost, wait } from "../lib/connection.js";
import { isDirty } from "../lib/dirty.js";
import { isAway } from "../lib/kept.js";
import { whoIsHere } from "../lib/post.js";
import * as reach from "../lib/reach.js";
import { warn } from "../lib/toast.js";

const ASK = 3500; // ms from one look whether somebody has signed in again to the next
let isRefused = false;
let isShut = false; // it was refused to me already: when it is again, the board is closed to me
let isOver = false;

/** The stream is not to be had: nobody is signed in, or not the same person. */
export function refuse() {
  isRefused = true;
  drop();
  goOn();
}

/** The stream is to be had. */
export function allow() {
  isShut = false;
}

/** Resolves once nothing stands in the way of a try; to false where nothing ever will be to be had. */
export async function mayGoOn() {
  if (isRefused && !isOver) await whileRefused();
  return !isOver;
}

async function whileRefused() {
  let close;
  for (; ; await wait(ASK)) {
    await inSight();
    const who = await whoIsHere();
    if (who === "me" && (close || !isShut)) break;
    if (who === "nobody")
      close ??= end("You are signed out. What you typed is kept.", "Sign in", loginAddress());
    else if (who) {
      close?.();
      forGood(who);
      return;
    } else if (!close) lost();
  }
  isRefused = false;
  isShut = true;
  fail();
  if (!close) return;
  close();
  for (const note of $$(".form-note--out")) note.remove();
  announce("You are signed in again.");
}

function forGood(who) {
  isOver = true;
  if (who === "me") end("You are no longer on this board.", "Home", "/");
  else if (isAway() || isDirty(document))
    end("Somebody else is signed in now. What you typed is kept.", "Reload", location.href);
  else location.reload();
}

function end(words, action, href) {
  leave();
  reach.end();
  return warn(words, { action: linkTo(href, action), life: Infinity });
}
