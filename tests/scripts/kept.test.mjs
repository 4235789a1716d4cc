// Changes that are made while the server can't be reached go out in their order, each once.

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { clock, load, settled } from "./page.mjs";

const kept = await load("lib/kept.js");
const reach = await load("lib/reach.js");
const pass = clock();
after(() => reach.found());

/** A server that is asked one thing after the other, and the answers that it was told to give. */
let asked = [];
let answers = [];
const send = async (address) => {
  asked.push(address);
  return answers.shift() ?? { kind: "done" };
};
const keep = (address) => kept.keep(address, new URLSearchParams({ title: address }), send);

beforeEach(() => {
  asked = [];
  answers = [];
  reach.found();
});

test("the first one waits until the server is back, and the others wait behind it", async () => {
  reach.giveUp();
  answers = [{ kind: "failed", status: 0 }];
  const all = Promise.all([keep("/a/"), keep("/b/"), keep("/c/")]);
  await settled();
  assert.deepEqual(asked, ["/a/"]);
  reach.found();
  await pass(500);
  assert.deepEqual(asked, ["/a/", "/a/", "/b/", "/c/"]);
  assert.deepEqual(
    (await all).map(({ kind }) => kind),
    ["done", "done", "done"],
  );
  assert.equal(kept.isAway(), false);
});

test("what the server refuses is answered, and does not hold up what comes after it", async () => {
  answers = [{ kind: "invalid", html: "" }];
  const [first, second] = [keep("/a/"), keep("/b/")];
  await pass(500);
  assert.deepEqual([(await first).kind, (await second).kind], ["invalid", "done"]);
  assert.deepEqual(asked, ["/a/", "/b/"]);
});

test("whoever is signed out has their changes sent once they are signed in again", async () => {
  answers = [{ kind: "signed-out" }];
  const first = keep("/a/");
  await pass(4000);
  assert.equal((await first).kind, "done");
  assert.deepEqual(asked, ["/a/", "/a/"]);
});

test("a copy outlives the page, without the token, and only for the same person", async () => {
  reach.giveUp();
  answers = [{ kind: "failed", status: 0 }];
  kept.keep("/a/", new URLSearchParams({ title: "A", csrfmiddlewaretoken: "secret" }), send);
  await settled();
  assert.deepEqual(kept.left(), [["/a/", [["title", "A"]]]]);
  document.body.dataset.me = "8";
  assert.deepEqual(kept.left(), []);
  document.body.dataset.me = "7";
  reach.found();
  await pass(500);
  assert.deepEqual(kept.left(), []);
});

test("more than fifty are not kept", async () => {
  reach.giveUp();
  answers = [{ kind: "failed", status: 0 }];
  const all = Array.from({ length: 50 }, (_, at) => keep(`/${at}/`));
  assert.deepEqual(await keep("/too-many/"), { kind: "failed", status: 0 });
  reach.found();
  await pass(5000);
  await Promise.all(all);
  assert.equal(asked.length, 51);
  assert.ok(!asked.includes("/too-many/"));
});
