// The server refuses the stream: the page waits until the same person has signed in again, and never goes on as another
// one. What was typed stays.

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
let isShut = false; // the stream was refused though I am signed in: a second time means that the board is closed to me
let isOver = false;

/** The stream was refused: nobody is signed in, somebody else is, or the board is closed to me. */
export function refuse() {
  isRefused = true;
  drop();
  goOn();
}

/** The stream was granted. */
export function allow() {
  isShut = false;
}

/** Resolves to true when the stream may be tried again, to false when there is no use in trying. */
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
