// What comes over the connection becomes part of the page: exactly what happened after its `data-seq`, in order, once.

import { $, $$, announce, byId, call, hear, parse, pause, tell } from "../lib/dom.js";
import { boardFetch, refetchBoard } from "../lib/board.js";
import { counted } from "../lib/build.js";
import { away, connect, drop, fail, found, inSight, lost } from "../lib/connection.js";
import { applyFrame } from "../lib/frames.js";
import { isDirty } from "../lib/dirty.js";
import { isAway } from "../lib/kept.js";
import { applied } from "../lib/own.js";
import { refetchDetails, tellLeft } from "../lib/parts.js";
import * as reach from "../lib/reach.js";
import { arrived } from "../lib/settle.js";
import { sayLeft } from "./panel.js";
import { saw, start as startSeen } from "./seen.js";
import { allow, mayGoOn, refuse } from "./signed_out.js";

const FAR = 30; // more frames than this at once are a catch-up: no highlights
const BEHIND = 5000; // ms that the page may be behind the board's newest change
const REST = 2000; // ms at least from one resync to the next

let root;
let head = 0; // the board's newest seq, as the server said it last
let headSince = 0;
let database = null;
let lastResync = 0;
let resyncing = null;
let isGone = false; // the card of this page is on another board now, whose stream this is not
let isOld = false; // another build is installed than that of this page
let queue = Promise.resolve();
let ahead = 0; // messages that wait in it

// ---- back again ---------------------------------------------------------------------------------------

/** Once all that was received is in the page, it is live. */
const settled = () =>
  queue.then(() => {
    found();
    caughtUp();
  });

/** Everything that happened while this page was away is in it now. */
function caughtUp() {
  if (!away.since || !reach.isLive() || document.hidden || applied.seq < head) return;
  const count = applied.seq - away.since.seq;
  // A column that is loaded in part lost the cards that left it, and did not get the ones that follow.
  if (count > 0 && $(".column__list[data-more]")) refetchBoard({ spread: 1000 });
  if (count > 0 && Date.now() - away.since.at > 3000) welcomeBack(count);
  away.since = null;
}

function welcomeBack(count) {
  const words = `Back. ${counted(count, "change")} came in.`;
  const text = $(".link-state .txt");
  announce(words);
  if (!text) return;
  text.textContent = words;
  setTimeout(() => {
    if (text.textContent === words) reach.show("live");
  }, 5000);
}

// ---- messages -----------------------------------------------------------------------------------------

const NAMED = {
  hello: (data) => {
    note(data);
    noteBuild(data);
    settled();
  },
  "keep-alive": note,
  "stream-reset": resync,
  revoked: refuse,
  bye: async () => {
    await pause(Math.random() * 800);
    drop();
  },
  presence: (data) => tell("presence", data),
};

function receive(message) {
  if (message.type !== "message") {
    NAMED[message.type]?.(message.data.startsWith("{") ? JSON.parse(message.data) : {});
    return;
  }
  ahead += 1;
  queue = queue
    .then(() => take(message))
    .finally(() => {
      ahead -= 1;
    });
}

async function take(message) {
  const seq = Number(message.id.split(":").pop());
  await boardFetch();
  await arrived();
  if (seq <= applied.seq) return;
  if (seq > applied.seq + 1) {
    resync();
    return;
  }
  try {
    const frames = $$("flux-change", parse(message.data));
    applied.seq = seq;
    for (const frame of frames) applyFrame(frame, { quiet: ahead > FAR || !!away.since });
    if (!away.since && !document.hidden && navigator.onLine) saw(seq);
    caughtUp();
  } catch (error) {
    console.error(error);
    resync();
  }
}

/** Note the board's newest seq. Another database means a restored backup: what is shown may not be in it. */
function note({ head: seq, database: name }) {
  if (name && name !== (database ??= name)) {
    database = name;
    resync();
  }
  if (!Number.isFinite(seq)) return;
  head = Math.max(head, seq);
  if (head <= applied.seq) headSince = 0;
  else headSince ||= Date.now();
}

function noteBuild({ build }) {
  if (isOld || !build || build === document.body.dataset.build) return;
  isOld = true;
  setInterval(reloadWhenIdle, 3000);
}

function reloadWhenIdle() {
  const isAtWork =
    $("dialog[open],.is-dragging,[data-held]") || document.activeElement?.matches("input,textarea");
  if (!isDirty(document) && !isAway() && !isAtWork) location.reload();
}

// ---- the whole picture again --------------------------------------------------------------------------

function resync() {
  resyncing ??= fetchAll()
    .then((isDone) => isDone || fail(), fail)
    .finally(() => {
      resyncing = null;
      drop();
    });
}

async function fetchAll() {
  drop();
  lost();
  await pause(Math.max(0, lastResync + REST - Date.now()) + Math.random() * 1000);
  lastResync = Date.now();
  head = headSince = 0;
  const isDone = await (byId("board") ? refetchBoard({ spread: 0 }) : askSeq());
  if (isDone) refetchDetails();
  return isDone;
}

/** For a card's own page: set its seq to the board's. The caller then fetches its parts, which are at least as new. */
async function askSeq() {
  const answer = await call(`${root.dataset.parts}?names=`);
  if (answer.redirected) tellLeft(root, answer);
  else if (answer.ok) applied.seq = Number(answer.headers.get("X-Flux-Seq"));
  return answer.ok && !answer.redirected;
}

/** The card has gone to another board: go to its page there; where something is typed or kept stay, and say so. */
function follow({ card, url }) {
  if (isGone || root.dataset.card !== card) return;
  isGone = true;
  drop();
  if (!isDirty(document) && !isAway()) {
    location.replace(url);
    return;
  }
  reach.end();
  sayLeft(card, url, Infinity);
}

// ---- the connection -----------------------------------------------------------------------------------

async function mayTry() {
  await inSight();
  await resyncing;
  return !isGone && mayGoOn();
}

/** Whether the answer is the stream of whoever has this page. */
function check(response) {
  const { ok, status, headers, redirected, url } = response;
  const isStream = ok && headers.get("Content-Type")?.startsWith("text/event-stream");
  const isMine = headers.get("X-Flux-Person") === document.body.dataset.me;
  if ([401, 403, 404].includes(status) || (isStream && !isMine)) refuse();
  else if (status === 400) resync();
  else if (!isStream) throw new Error(`stream answered ${status}`);
  else {
    allow();
    if (redirected) root.dataset.live = new URL(url).pathname;
    return true;
  }
  return false;
}

export function start(page) {
  root = page;
  hear("doubt", drop);
  hear("torn", resync);
  hear("signed-out", refuse);
  hear("card-left", follow);
  const looking = setInterval(() => {
    const isBehind = head > applied.seq && headSince && Date.now() - headSince > BEHIND;
    if (isBehind && !document.hidden && !boardFetch()) resync();
  }, 1000);
  startSeen(root);
  connect(root, { mayTry, check, receive, settled }).finally(() => clearInterval(looking));
}
