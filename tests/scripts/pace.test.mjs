// A page asks soon after news, seldom without, and never at full speed where it asks in vain.

import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, load } from "./page.mjs";

const { backOff, pace } = await load("lib/pace.js");
const pass = clock();

/** A pace of 30 s, and when it asked, in ms since it began. */
function begin(period = () => 30_000) {
  const began = Date.now();
  const asked = [];
  return [asked, pace(() => asked.push(Date.now() - began), period)];
}

test("without news it asks once a period, and the period may change", async () => {
  let period = 1000;
  const [asked] = begin(() => period);
  await pass(2000);
  assert.deepEqual(asked, [1000, 2000]);
  period = 30_000;
  await pass(62_000);
  assert.deepEqual(asked, [1000, 2000, 3000, 33_000, 63_000]);
});

test("news is asked about at once, and more of it once a second, the last included", async () => {
  const [asked, asking] = begin();
  await pass(5000);
  asking.soon();
  assert.deepEqual(asked, [5000]);
  for (let times = 0; times < 12; times++) {
    asking.soon();
    await pass(100);
  }
  await pass(2000);
  assert.deepEqual(asked, [5000, 6000, 7000]);
  asking.done();
  await pass(26_000);
  assert.equal(asked.length, 3, "an answer does not put off what is due, nor bring it on");
});

test("in vain it asks more and more seldom, whatever the news; an answer ends that", async () => {
  const [asked, asking] = begin(() => 1000);
  for (let times = 1; times <= 8; times++) {
    assert.equal(asking.failed(), times);
    asking.soon();
    const before = asked.length;
    while (asked.length === before) await pass(1000);
  }
  const waits = asked.map((at, i) => at - (asked[i - 1] ?? 0));
  const least = [2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000];
  waits.forEach((ms, i) => assert.ok(ms >= least[i] && ms <= least[i] * 1.25 + 1000, String(waits)));
  asking.done();
  const before = asked.length;
  await pass(1000);
  assert.equal(asked.length, before + 1);
});

test("tries in vain wait half a minute at most, and not all pages the same time", () => {
  for (const vain of [0, 1, 5, 60]) {
    const [least, most] = [Math.min(500 * 2 ** vain, 30_000), Math.min(500 * 2 ** vain, 30_000) * 1.25];
    const ms = backOff(500, vain);
    assert.ok(ms >= least && ms <= most, String(ms));
  }
});
