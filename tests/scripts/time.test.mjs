// Times in words. The cases are those of fluxboard/accounts/times.py, on a clock in Lisbon.

import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./page.mjs";

const { age, due, when } = await load("lib/time.js");
const now = new Date("2026-10-15T12:00:00Z"); // Thursday, 13:00 in Lisbon
const ago = (ms) => new Date(now - ms);
const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];

test("an age is one short unit, and the future is now", () => {
  const cases = [
    [-5 * MINUTE, "now"],
    [59_999, "now"],
    [MINUTE, "1 min"],
    [HOUR - 1, "59 min"],
    [HOUR, "1 h"],
    [DAY - 1, "23 h"],
    [DAY, "1 d"],
    [40 * DAY, "40 d"],
  ];
  for (const [ms, words] of cases) assert.equal(age(ago(ms), now), words);
});

test("a moment is said by its distance in days on the reader's calendar", () => {
  const cases = [
    ["2026-10-15T00:52:00Z", "01:52"],
    ["2026-10-14T23:30:00Z", "00:30"], // today already, in Lisbon
    ["2026-10-14T17:05:00Z", "yesterday 18:05"],
    ["2026-10-16T08:00:00Z", "tomorrow 09:00"],
    ["2026-10-13T13:02:00Z", "Tue 14:02"],
    ["2026-10-08T13:02:00Z", "Thu 8 Oct"],
    ["2025-10-12T13:02:00Z", "Sun 12 Oct 2025"],
  ];
  for (const [at, words] of cases) assert.equal(when(new Date(at), now), words);
});

test("a day that is 25 hours long counts as one", () => {
  const evening = new Date("2026-10-25T22:00:00Z"); // clocks went back that morning
  assert.equal(when(new Date("2026-10-24T23:30:00Z"), evening), "00:30");
  assert.equal(when(new Date("2026-10-24T22:30:00Z"), evening), "yesterday 23:30");
});

test("a due date has words and a weight", () => {
  const cases = [
    ["2026-10-14", ["Overdue 1 d", "late"]],
    ["2026-10-15", ["Today", "due"]],
    ["2026-10-16", ["Tomorrow", "due"]],
    ["2026-10-17", ["Sat 17 Oct", ""]],
    ["2027-01-05", ["Tue 5 Jan 2027", ""]],
  ];
  for (const [date, said] of cases) assert.deepEqual(due(date, now), said);
});
