// The stream's messages, however the network cuts them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./page.mjs";

const { parseEvents, readEvents } = await load("lib/sse.js");

const TEXT =
  'event: hello\ndata: {"head": 2}\n\n' +
  ": a comment\n\n" +
  "id: board-1:2\ndata: <li>one\ndata: two: ü</li>\n\n" +
  "event: keep-alive\ndata: {}\n\n";
const MESSAGES = [
  { type: "hello", id: "", data: '{"head": 2}' },
  { type: "message", id: "board-1:2", data: "<li>one\ntwo: ü</li>" },
  { type: "keep-alive", id: "", data: "{}" },
];

function parsed(text) {
  const found = [];
  parseEvents(text, (message) => found.push(message));
  return found;
}

/** What is read of these bytes, sent in pieces of `size`. */
async function read(text, size) {
  const bytes = new TextEncoder().encode(text);
  const body = new ReadableStream({
    start(to) {
      for (let at = 0; at < bytes.length; at += size) to.enqueue(bytes.slice(at, at + size));
      to.close();
    },
  });
  const found = [];
  await readEvents(new Response(body), (message) => message && found.push(message));
  return found;
}

test("a message has a type, an id and the lines of its data", () => {
  assert.deepEqual(parsed(TEXT), MESSAGES);
});

test("the same comes out wherever the bytes are cut, within a letter too", async () => {
  for (const size of [1, 2, 3, 7, 1000]) assert.deepEqual(await read(TEXT, size), MESSAGES);
});

test("lines may end as on Windows", async () => {
  for (const size of [1, 1000]) assert.deepEqual(await read(TEXT.replaceAll("\n", "\r\n"), size), MESSAGES);
});

test("a message that never ended is none", async () => {
  assert.deepEqual(await read("data: whole\n\ndata: half", 4), [{ type: "message", id: "", data: "whole" }]);
});
