// This page's own connection to `/b/KEY/live/`: exactly what happened after the page's `data-seq`, in order, once.

import { $, $$, alarm, announce, build, byId, parse, pause, tell } from "../lib/dom.js";
import { applied, applyFrame, boardFetch, refetchBoard, refetchParts } from "../lib/apply.js";
import { saw, start as startSeen } from "./seen.js";
import { isAway } from "../lib/kept.js";
import { isDirty } from "../lib/morph.js";
import { parseEvents, readEvents } from "../lib/sse.js";
import { loginAddress } from "../lib/post.js";
import { arrived } from "../lib/settle.js";
import { takeSlot } from "../lib/slots.js";
import { toast } from "../lib/toast.js";

const SLEPT = 15000;        // the clock went on for so long between two looks at it: the machine slept
const SILENCE = 45000;      // no byte for so long: the connection is dead, whatever TCP thinks
const POLL = 1000;
const FAR = 30;             // more frames than this at once are a catch-up: no highlights
const WORDS = { live: "Live", "catching-up": "Reconnecting…", offline: "Offline, changes kept" };

export function start(root) {
  const channel = `board-${root.dataset.boardId}`;
  const address = root.dataset.live;
  let stopped = false;
  let connection = null;      // AbortController of the running fetch
  let giveBack = null;
  let failures = 0;
  let lastByte = Date.now();
  let head = 0;
  let headSince = 0;
  let database = null;
  let buildId = document.body.dataset.build;
  let away = null;            // { at, seq } since the stream was lost or the tab hidden
  let lastResync = 0;
  let queue = Promise.resolve();
  let ahead = 0;
  let stateTimers = [];

  // ---- the state in words -----------------------------------------------------------------------
  function show(state) {
    for (const place of $$("[data-connection]")) {
      place.dataset.connection = state;
      const text = $(".txt", place);
      if (text && text.textContent !== WORDS[state]) text.textContent = WORDS[state];
    }
  }

  function lost() {
    away ??= { at: Date.now(), seq: applied.seq };
    if (stateTimers.length) return;
    if (!navigator.onLine) { show("offline"); return; }
    stateTimers = [
      setTimeout(() => show(navigator.onLine ? "catching-up" : "offline"), 3000),
      setTimeout(() => show("offline"), 15000),
    ];
  }

  function found() {
    stateTimers.forEach(clearTimeout);
    stateTimers = [];
    failures = 0;
    show("live");
    caughtUp();
  }

  /** Everything that happened while this page was away is in it now. */
  function caughtUp() {
    if (!away || stateTimers.length || document.hidden || applied.seq < head) return;
    const count = applied.seq - away.seq;
    if (count > 0 && Date.now() - away.at > 3000) welcomeBack(count);
    away = null;
  }

  function welcomeBack(count) {
    const words = `Back. ${count} change${count === 1 ? "" : "s"} came in.`;
    const text = $(".link-state .txt");
    announce(words);
    if (!text) return;
    text.textContent = words;
    setTimeout(() => { if (text.textContent === words) text.textContent = WORDS.live; }, 5000);
  }

  // ---- messages ---------------------------------------------------------------------------------
  function receive(message) {
    lastByte = Date.now();
    if (!message) return;
    if (message.type === "message") {
      ahead += 1;
      queue = queue.then(() => take(message)).finally(() => { ahead -= 1; });
      return;
    }
    const data = message.data.startsWith("{") ? JSON.parse(message.data) : {};
    const act = {
      hello: () => { noteDatabase(data.database); noteHead(data.head); noteBuild(data.build); queue.then(found); },
      "keep-alive": () => { noteDatabase(data.database); noteHead(data.head); },
      "stream-reset": () => resync(),
      revoked: () => gone(),
      bye: async () => { await pause(Math.random() * 800); connection?.abort(); },
      presence: () => tell("presence", data),
    }[message.type];
    act?.();
  }

  async function take(message) {
    const seq = Number(message.id.split(":").pop());
    await boardFetch();
    await arrived();
    if (seq <= applied.seq) return;
    if (seq > applied.seq + 1) { resync(); return; }
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
    if (!value) return;
    database ??= value;
    if (value === database) return;
    database = value;
    resync();
  }

  function noteBuild(value) {
    if (!value) return;
    buildId ??= value;
    if (value !== buildId) reloadWhenIdle();
  }

  function reloadWhenIdle() {
    if (reloadWhenIdle.timer) return;
    reloadWhenIdle.timer = setInterval(() => {
      if (!isDirty(document) && !isAway() && !document.querySelector("dialog[open],.is-dragging,[data-held]") && !document.activeElement?.matches("input,textarea")) location.reload();
    }, 3000);
  }

  // ---- the whole picture again ------------------------------------------------------------------
  async function resync() {
    if (resync.running) return;
    resync.running = true;
    connection?.abort();
    lost();
    try {
      await pause(Math.max(0, lastResync + 2000 - Date.now()) + Math.random() * 1000);
      lastResync = Date.now();
      head = headSince = 0;
      if (byId("board")) {
        if (!(await refetchBoard({ spread: 0 }))) { failures += 1; return; }
      } else {
        const answer = await fetch(location.href, { headers: { "X-Flux-Seq": "1" }, cache: "no-store" });
        if (!answer.ok) { failures += 1; return; }
        const fresh = $(`#${root.id}`, parse(await answer.text()));
        if (fresh) applied.seq = Number(fresh.dataset.seq);
      }
      for (const detail of $$("[id$=-detail][data-card]")) {
        refetchParts(detail.id.replace("-detail", ""), $$("[data-part]", detail).map((part) => part.dataset.part));
      }
    } catch {
      failures += 1;
    } finally {
      resync.running = false;
      connection?.abort();
    }
  }

  // ---- the connection ---------------------------------------------------------------------------
  async function run() {
    while (!stopped) {
      if (document.hidden) { away ??= { at: Date.now(), seq: applied.seq }; await shown(); }
      while (resync.running) await pause(50);
      giveBack = await takeSlot();
      if (stopped) { giveBack?.(); break; }
      connection = new AbortController();
      try {
        if (giveBack) await listen(); else await poll();
      } catch (error) {
        if (error.permanent) return;
        if (error.name !== "AbortError") failures += 1;
      } finally {
        giveBack?.();
        giveBack = null;
      }
      if (stopped || document.hidden) continue;
      if (failures) lost();
      await wait(failures ? Math.min(500 * 2 ** (failures - 1), 15000) * (0.5 + Math.random()) : 50 + Math.random() * 200);
    }
  }

  const cursor = () => `lastEventId=${channel}:${applied.seq}`;

  async function listen() {
    const opening = setTimeout(() => connection.abort(new Error("no answer")), 15000);
    const response = await fetch(`${address}?${cursor()}`, {
      headers: { Accept: "text/event-stream" }, cache: "no-store", signal: connection.signal,
    }).finally(() => clearTimeout(opening));
    if (!check(response)) return;
    lastByte = Date.now();
    failures = 0;
    await readEvents(response, receive);
    failures ||= 1;
    lost();
  }

  /** No slot: the same frames by short requests, and a look for a free slot now and then. */
  async function poll() {
    for (let round = 1; !stopped && !document.hidden && round <= 10; round++) {
      const response = await fetch(`${address}?poll=1&${cursor()}`, { cache: "no-store", signal: AbortSignal.any([connection.signal, AbortSignal.timeout(10000)]) });
      if (!check(response)) return;
      lastByte = Date.now();
      parseEvents(await response.text(), receive);
      await queue;
      found();
      await wait(POLL);
    }
  }

  /** Whether the answer is a stream; what will never be one ends the connection and says so. */
  function check(response) {
    if ([401, 403, 404].includes(response.status)) gone();
    else if (response.status === 400) {
      resync();
      return false;
    } else if (response.ok && response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
      if (response.redirected) { const url = new URL(response.url); root.dataset.live = url.pathname; }
      return true;
    } else throw new Error(`stream answered ${response.status}`);
    throw Object.assign(new Error("ended"), { permanent: true });
  }

  /** The stream will not be had again: because nobody is signed in any more, or because the board is closed to them. */
  async function gone() {
    stopped = true;
    const page = await fetch(location.href, { method: "HEAD", cache: "no-store" }).catch(() => null);
    if (page?.redirected && page.url.includes("/accounts/login")) end("You are signed out. What you typed is kept.", "Sign in", loginAddress());
    else end("You are no longer on this board.", "Home", "/");
  }

  function end(words, action, href) {
    stopped = true;
    show("offline");
    const text = $(".link-state .txt");
    if (text) text.textContent = "Not connected";
    const link = build("a", "btn btn--line", action);
    link.href = href;
    toast(words, { kind: "bad", action: link, stay: true });
    alarm(words);
    connection?.abort();
  }

  let wake = () => {};
  const wait = (ms) => new Promise((resolve) => { wake = resolve; setTimeout(resolve, ms); });
  const shown = () => new Promise((resolve) => { wake = resolve; });

  let looked = Date.now();
  const watchdog = setInterval(() => {
    const slept = Date.now() - looked > SLEPT;
    looked = Date.now();
    if (document.hidden || stopped) return;
    if (slept) { away ??= { at: Date.now(), seq: applied.seq }; connection?.abort(); }
    if (giveBack && Date.now() - lastByte > SILENCE) connection?.abort();
    if (head > applied.seq && headSince && Date.now() - headSince > 5000 && !boardFetch()) resync();
  }, 1000);

  const listening = new AbortController();
  const { signal } = listening;
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { away ??= { at: Date.now(), seq: applied.seq }; connection?.abort(); }
    else wake();
  }, { signal });
  addEventListener("online", () => { failures = 0; wake(); }, { signal });
  addEventListener("offline", () => { lost(); show("offline"); connection?.abort(); }, { signal });
  addEventListener("pagehide", () => connection?.abort(), { signal });
  addEventListener("pageshow", (event) => { if (event.persisted) { connection?.abort(); wake(); } }, { signal });

  startSeen(root);
  run();
  return () => {
    stopped = true;
    listening.abort();
    clearInterval(watchdog);
    stateTimers.forEach(clearTimeout);
    connection?.abort();
    wake();
  };
}
