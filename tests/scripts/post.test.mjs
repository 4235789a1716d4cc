// One change is asked for once: the same request goes out again, and every answer has one meaning.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { clock, load, serve, settled } from "./page.mjs";

const { isMade, post, quiet } = await load("lib/post.js");
const { heard, isMine } = await load("lib/own.js");
const reach = await load("lib/reach.js");
const pass = clock();

afterEach(() => reach.found());

/** The answer to a change, and what the server was asked for it. */
async function change(answers, fields = { title: "A" }) {
  const asked = serve(...answers);
  const answer = post("/c/FLX-1/do/retitled/", fields);
  await pass(4000);
  return [await answer, asked];
}

test("each status has one meaning", async () => {
  const meanings = {
    200: "done",
    422: "invalid",
    409: "clash",
    403: "refused",
    404: "gone",
    401: "signed-out",
  };
  for (const [status, kind] of Object.entries(meanings)) {
    const [answer, asked] = await change([[Number(status), "words"]]);
    assert.equal(answer.kind, kind);
    assert.equal(isMade(answer), kind === "done");
    assert.equal(asked.length, 1);
  }
});

test("a change that is made says where it stands in the log", async () => {
  const [answer] = await change([[200, "<p>", { "X-Flux-Seq": "12" }]]);
  assert.deepEqual([answer.html, answer.seq], ["<p>", 12]);
});

test("silence and a busy server are asked again with the same request", async () => {
  const [answer, asked] = await change([null, [429], [200]]);
  assert.equal(answer.kind, "done");
  assert.equal(asked.length, 3);
  assert.deepEqual(new Set(asked.map(({ fields }) => fields.request_id)).size, 1);
  assert.match(asked[0].fields.request_id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});

test("after three tries it has failed, and says so", async () => {
  const [answer, asked] = await change([[503], [503], [503], [200]]);
  assert.deepEqual([answer.kind, answer.status, asked.length], ["failed", 503, 3]);
});

test("an error of the server is not asked again", async () => {
  const [answer, asked] = await change([[500], [200]]);
  assert.deepEqual([answer.kind, asked.length], ["failed", 1]);
});

test("the echo of a change stands for its answer", async () => {
  globalThis.fetch = () => new Promise(() => {});
  const answer = post("/c/FLX-1/do/moved/", { request_id: "r-1" });
  assert.ok(isMine("r-1"));
  const known = quiet();
  heard("r-1");
  assert.equal(await known, true);
  await pass(1600);
  assert.deepEqual(await answer, { request: "r-1", kind: "echoed" });
});

test("without the server it is kept, and sent when the server is back", async () => {
  reach.giveUp();
  const asked = serve(null, [200]);
  let isKept = false;
  const answer = post("/c/FLX-1/do/moved/", {}, { onKept: () => (isKept = true) });
  await settled();
  assert.ok(isKept);
  await pass(100);
  reach.found();
  await pass(3000);
  assert.equal((await answer).kind, "done");
  assert.equal(asked.length, 2);
  assert.equal(asked[0].fields.request_id, asked[1].fields.request_id);
});
