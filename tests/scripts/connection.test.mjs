// The stream is opened from the last change that the page has, given up when it is dead, and opened again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, load, settled } from "./page.mjs";

const connection = await load("lib/connection.js");
const pass = clock();
const page = { dataset: { live: "/b/FLX/live/", boardId: "7", seq: "5" } };
document.querySelector = () => page;

/** A server: what it answers to each try, and the addresses that it was asked for. */
class Server {
  asked = [];
  answers = [];
  async fetch(address, { signal }) {
    this.asked.push(address);
    const answer = this.answers.shift();
    if (!answer) throw new TypeError("Failed to fetch");
    const { promise: aborted, reject } = Promise.withResolvers();
    aborted.catch(() => {});
    signal.addEventListener("abort", () => reject(signal.reason));
    return Promise.race([answer(signal), aborted]);
  }
}

/** An answer that stays open; `say` sends text, `end` ends it. */
function stream() {
  let to;
  const body = new ReadableStream({
    start(controller) {
      to = controller;
    },
  });
  const say = (text) => to.enqueue(new TextEncoder().encode(text));
  const open = (signal) => {
    signal.addEventListener("abort", () => to.error(signal.reason));
    return new Response(body);
  };
  return { open, say, end: () => to.close() };
}

const silence = () => new Promise(() => {});
const refusal = () => new Response("", { status: 503 });

const watching = new Map(); // what a connection listens to on the window: type -> AbortSignal
globalThis.addEventListener = (type, _, { signal } = {}) => watching.set(type, signal);

/** Connect to a server that gives these answers, then none; the tries end once `over()` is called. */
function connectTo(...answers) {
  const server = new Server();
  server.answers = answers;
  globalThis.fetch = (address, options) => server.fetch(address, options);
  const heard = [];
  let isOver = false;
  const done = connection.connect(page, {
    mayTry: async () => !isOver,
    check: ({ ok, status }) => {
      if (status === 503) throw new Error("away");
      return ok;
    },
    receive: (message) => heard.push(message.data),
    settled: async () => {},
  });
  const over = async () => {
    isOver = true;
    connection.drop();
    let isDone = false;
    done.then(() => (isDone = true));
    while (!isDone) {
      await comes();
      await pass(500);
    }
  };
  return { server, heard, over };
}

/** Let what was sent come through the web streams of this Node, which take real turns of their own. */
async function comes() {
  for (let turns = 0; turns < 5; turns++) await new Promise(setImmediate);
  await settled();
}

test("it asks for what came after the page, and again from where the page is by then", async () => {
  const [first, second] = [stream(), stream()];
  const { server, heard, over } = connectTo(first.open, second.open);
  await comes();
  assert.deepEqual(server.asked, ["/b/FLX/live/?lastEventId=board-7:5"]);
  first.say("id: board-7:6\ndata: six\n\n");
  await comes();
  assert.deepEqual(heard, ["six"]);
  page.dataset.seq = "6";
  first.end();
  await comes();
  await pass(1000);
  assert.equal(server.asked[1], "/b/FLX/live/?lastEventId=board-7:6");
  await over();
});

test("a stream without a byte for 45 seconds is dead; one that says anything is not", async () => {
  const [first, second] = [stream(), stream()];
  const { server, over } = connectTo(first.open, second.open);
  await comes();
  await pass(40_000);
  first.say("event: keep-alive\ndata: {}\n\n");
  await comes();
  await pass(40_000);
  assert.equal(server.asked.length, 1);
  await pass(8000);
  await comes();
  await pass(1000);
  assert.equal(server.asked.length, 2);
  await over();
});

test("a try without an answer is given up after six seconds, and the next one follows", async () => {
  const open = stream();
  const { server, over } = connectTo(silence, open.open);
  await pass(5900);
  assert.equal(server.asked.length, 1);
  await pass(1100);
  await comes();
  assert.equal(server.asked.length, 2);
  await over();
});

test("tries in vain come with more and more time between them, three seconds at most", async () => {
  const { server, over } = connectTo(...Array(40).fill(refusal));
  await pass(30_000);
  assert.ok(server.asked.length >= 9 && server.asked.length <= 40, String(server.asked.length));
  const before = server.asked.length;
  await pass(3100);
  assert.ok(server.asked.length > before);
  await over();
});

test("a tab that nobody sees has no stream, and catches up from where it was", async () => {
  const [first, second] = [stream(), stream()];
  const { server, over } = connectTo(first.open, second.open);
  await comes();
  document.hidden = true;
  document.dispatchEvent(new Event("visibilitychange"));
  const seen = connection.inSight();
  await comes();
  assert.equal(connection.away.since.seq, 6);
  document.hidden = false;
  document.dispatchEvent(new Event("visibilitychange"));
  await seen;
  await pass(500);
  await comes();
  assert.equal(server.asked.length, 2);
  await over();
});

test("once it is over, nothing watches it any more", async () => {
  const [begun, ended] = [new Set(), new Set()];
  const { setInterval: begin, clearInterval: end } = globalThis;
  globalThis.setInterval = (run, ms) => {
    const timer = begin(run, ms);
    begun.add(timer);
    return timer;
  };
  globalThis.clearInterval = (timer) => {
    ended.add(timer);
    end(timer);
  };
  const { over } = connectTo(stream().open);
  await comes();
  await over();
  Object.assign(globalThis, { setInterval: begin, clearInterval: end });
  assert.ok(begun.size);
  assert.deepEqual(ended, begun);
  assert.deepEqual([...watching.keys()].sort(), ["offline", "online", "pagehide", "pageshow"]);
  assert.ok([...watching.values()].every(({ aborted }) => aborted));
});
