// This page's own connection to `/b/KEY/live/`: exactly what happened after the page's `data-seq`, in order, once.

import { $, $$, announce, byId, call, hear, on, parse, pause, tell } from "../lib/dom.js";
import { counted, linkTo } from "../lib/build.js";
import { boardFetch, refetchBoard } from "../lib/board.js";
import { applyFrame } from "../lib/frames.js";
import { applied } from "../lib/own.js";
import { refetchDetails } from "../lib/parts.js";
import { saw, start as startSeen } from "./seen.js";
import { isAway } from "../lib/kept.js";
import { isDirty } from "../lib/guard.js";
import { loginAddress, whoIsHere } from "../lib/post.js";
import { parseEvents, readEvents } from "../lib/sse.js";
import * as reach from "../lib/reach.js";
import { arrived } from "../lib/settle.js";
import { takeSlot } from "../lib/slots.js";
import { warn } from "../lib/toast.js";

const SLEPT = 15000; // the clock went on for so long between two looks at it: the machine slept
const SILENCE = 45000; // no byte for so long: the connection is dead, whatever TCP thinks
const POLL = 1000;
const FAR = 30; // more frames than this at once are a catch-up: no highlights
const OPENING = 6000; // an answer takes this long at most: else the try is given up
const ASK = 3500; // from one look whether somebody has signed in again to the next

export function start(root) {
  const channel = `board-${root.dataset.boardId}`;
  const address = root.dataset.live;
  let stopped = false;
  let isRefused = false; // the stream is not to be had: nobody is signed in, or not the same person
  let isShut = false; // it was refused to me already: when it is again, the board is closed to me
  let connection = null; // AbortController of the running fetch
  let giveBack = null;
  let failures = 0;
  let lastByte = Date.now();
  let head = 0;
  let headSince = 0;
  let database = null;
  let away = null; // { at, seq } since the stream was lost or the tab hidden
  let lastResync = 0;
  let queue = Promise.resolve();
  let ahead = 0;

  // ---- away and back ------------------------------------------------------------------------------
  const drop = () => connection?.abort();
  const leave = () => {
    away ??= { at: Date.now(), seq: applied.seq };
  };

  function lost() {
    leave();
    reach.lost();
  }

  function found() {
    failures = 0;
    reach.found();
    caughtUp();
  }

  /** Everything that happened while this page was away is in it now. */
  function caughtUp() {
    if (!away || !reach.isLive() || document.hidden || applied.seq < head) return;
    const count = applied.seq - away.seq;
    // A column that is loaded in part has let go what left it, and has not got what comes after.
    if (count > 0 && $(".column__list[data-more]")) refetchBoard({ spread: 1000 });
    if (count > 0 && Date.now() - away.at > 3000) welcomeBack(count);
    away = null;
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

  // ---- messages ---------------------------------------------------------------------------------
  function receive(message) {
    lastByte = Date.now();
    if (!message) return;
    if (message.type === "message") {
      ahead += 1;
      queue = queue
        .then(() => take(message))
        .finally(() => {
          ahead -= 1;
        });
      return;
    }
    const data = message.data.startsWith("{") ? JSON.parse(message.data) : {};
    ({
      hello: () => {
        noteDatabase(data.database);
        noteHead(data.head);
        noteBuild(data.build);
        queue.then(found);
      },
      "keep-alive": () => {
        noteDatabase(data.database);
        noteHead(data.head);
      },
      "stream-reset": resync,
      revoked: refuse,
      bye: async () => {
        await pause(Math.random() * 800);
        drop();
      },
      presence: () => tell("presence", data),
    })[message.type]?.();
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
      for (const frame of frames) applyFrame(frame, { quiet: ahead > FAR || !!away });
      if (!away && !document.hidden && navigator.onLine) saw(seq);
      caughtUp();
    } catch (error) {
      console.error(error);
      resync();
    }
  }

  function noteHead(value) {
    if (!Number.isFinite(value)) return;
    head = Math.max(head, value);
    if (head <= applied.seq) headSince = 0;
    else headSince ||= Date.now();
  }

  /** A backup was restored: what this page shows may never have happened there. */
  function noteDatabase(value) {
    if (!value || value === (database ??= value)) return;
    database = value;
    resync();
  }

  function noteBuild(value) {
    if (value && value !== document.body.dataset.build) reloadWhenIdle();
  }

  function reloadWhenIdle() {
    if (reloadWhenIdle.timer) return;
    reloadWhenIdle.timer = setInterval(() => {
      if (
        !isDirty(document) &&
        !isAway() &&
        !$("dialog[open],.is-dragging,[data-held]") &&
        !document.activeElement?.matches("input,textarea")
      )
        location.reload();
    }, 3000);
  }

  // ---- the whole picture again ------------------------------------------------------------------
  async function resync() {
    if (resync.running) return;
    resync.running = true;
    drop();
    lost();
    try {
      await pause(Math.max(0, lastResync + 2000 - Date.now()) + Math.random() * 1000);
      lastResync = Date.now();
      head = headSince = 0;
      if (await (byId("board") ? refetchBoard({ spread: 0 }) : askSeq())) refetchDetails();
      else failures += 1;
    } catch {
      failures += 1;
    } finally {
      resync.running = false;
      drop();
    }
  }

  /** A card's own page is at its board's head once its parts have been fetched after this. */
  async function askSeq() {
    const answer = await call(`${root.dataset.parts}?names=`);
    if (answer.ok && !answer.redirected) applied.seq = Number(answer.headers.get("X-Flux-Seq"));
    return answer.ok;
  }

  // ---- the connection ---------------------------------------------------------------------------
  async function run() {
    for (;;) {
      if (document.hidden) {
        leave();
        await shown();
      }
      while (resync.running) await pause(50);
      if (isRefused) await whileRefused();
      if (stopped) return;
      giveBack = await takeSlot();
      connection = new AbortController();
      try {
        if (giveBack) await listen();
        else await poll();
      } catch (error) {
        if (error.name !== "AbortError") failures += 1;
      } finally {
        giveBack?.();
        giveBack = null;
      }
      if (document.hidden) continue;
      if (failures) lost();
      await wait(
        failures ? Math.min(250 * 2 ** failures, 2000) * (0.5 + Math.random()) : 50 + Math.random() * 200,
      );
    }
  }

  const cursor = () => `lastEventId=${channel}:${applied.seq}`;

  async function listen() {
    lastByte = Date.now(); // a try is no silence, however long it was dark before
    const opening = setTimeout(() => connection.abort(new Error("no answer")), OPENING);
    const response = await fetch(`${address}?${cursor()}`, {
      headers: { Accept: "text/event-stream" },
      cache: "no-store",
      signal: connection.signal,
    }).finally(() => clearTimeout(opening));
    if (!check(response)) return;
    failures = 0;
    await readEvents(response, receive);
    failures ||= 1;
    lost();
  }

  /** No slot: the same frames by short requests, and a look for a free slot now and then. */
  async function poll() {
    for (let round = 1; !stopped && !document.hidden && round <= 10; round++) {
      const response = await fetch(`${address}?poll=1&${cursor()}`, {
        cache: "no-store",
        signal: AbortSignal.any([connection.signal, AbortSignal.timeout(10000)]),
      });
      if (!check(response)) return;
      lastByte = Date.now();
      parseEvents(await response.text(), receive);
      await queue;
      found();
      await wait(POLL);
    }
  }

  /** Whether the answer is the stream of whoever has this page. */
  function check(response) {
    const { ok, status, headers, redirected, url } = response;
    const isStream = ok && headers.get("Content-Type")?.startsWith("text/event-stream");
    if (
      [401, 403, 404].includes(status) ||
      (isStream && headers.get("X-Flux-Person") !== document.body.dataset.me)
    )
      refuse();
    else if (status === 400) resync();
    else if (isStream) {
      if (redirected) root.dataset.live = new URL(url).pathname;
      isShut = false;
      return true;
    } else throw new Error(`stream answered ${status}`);
    return false;
  }

  function refuse() {
    isRefused = true;
    drop();
    wake();
  }

  /** Until whoever had this page has it again. What they typed stays; nobody else goes on in their name. */
  async function whileRefused() {
    let close;
    for (; ; await wait(ASK)) {
      while (document.hidden) await shown();
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
    failures += 1;
    if (!close) return;
    close();
    for (const note of $$(".form-note--out")) note.remove();
    announce("You are signed in again.");
  }

  function forGood(who) {
    stopped = true;
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

  let wake = () => {};
  const wait = (ms) =>
    new Promise((resolve) => {
      wake = resolve;
      setTimeout(resolve, ms);
    });
  const shown = () =>
    new Promise((resolve) => {
      wake = resolve;
    });

  let looked = Date.now();
  setInterval(() => {
    const slept = Date.now() - looked > SLEPT;
    looked = Date.now();
    if (document.hidden || stopped) return;
    if (slept) {
      leave();
      drop();
    }
    if (giveBack && Date.now() - lastByte > SILENCE) drop();
    if (head > applied.seq && headSince && Date.now() - headSince > 5000 && !boardFetch()) resync();
  }, 1000);

  on("visibilitychange", () => {
    if (document.hidden) {
      leave();
      drop();
    } else wake();
  });
  addEventListener("online", () => {
    failures = 0;
    drop();
    wake();
  });
  addEventListener("offline", () => {
    leave();
    reach.giveUp();
    drop();
  });
  hear("doubt", drop);
  hear("torn", resync);
  hear("signed-out", refuse);
  addEventListener("pagehide", drop);
  addEventListener("pageshow", (event) => {
    if (event.persisted) {
      drop();
      wake();
    }
  });

  startSeen(root);
  run();
}
