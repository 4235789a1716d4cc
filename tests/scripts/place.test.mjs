// Where a card belongs among those that are there: by its position, then by its number; what is held does not count.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { load } from "./page.mjs";

const { beyond, placeCard } = await load("lib/place.js");

/** A column's list of cards, as far as placing a card needs one. */
class List {
  dataset = {};
  cards = [];
  querySelectorAll = () => [...this.cards];
  querySelector = () => null; // it has no "Show more"
  insertBefore(card, before) {
    card.remove();
    this.cards.splice(before ? this.cards.indexOf(before) : this.cards.length, 0, card);
    card.parentNode = this;
  }
}

class Card {
  parentNode = null;
  constructor(number, position, data = {}) {
    this.id = `card-${number}`;
    this.dataset = { position, columnId: "1", ...data };
  }
  get isConnected() {
    return this.parentNode !== null;
  }
  get nextElementSibling() {
    return this.parentNode.cards[this.parentNode.cards.indexOf(this) + 1] ?? null;
  }
  matches = () => true;
  contains = () => false;
  remove() {
    this.parentNode?.cards.splice(this.parentNode.cards.indexOf(this), 1);
    this.parentNode = null;
  }
}

let list;
const shown = () => list.cards.map(({ id }) => Number(id.split("-")[1]));

beforeEach(() => {
  list = new List();
  beyond.clear();
  document.getElementById = (id) => (id === "column-1" ? { querySelector: () => list } : null);
  for (const card of [new Card(1, "b"), new Card(2, "d"), new Card(3, "f")]) list.insertBefore(card, null);
});

test("a new card stands before the first one with a greater position", () => {
  for (const [number, position] of [
    [10, "a"],
    [11, "c"],
    [12, "g"],
  ])
    placeCard(new Card(number, position));
  assert.deepEqual(shown(), [10, 1, 11, 2, 3, 12]);
});

test("the same position twice is ordered by the older card", () => {
  placeCard(new Card(10, "b"));
  assert.deepEqual(shown(), [1, 10, 2, 3]);
});

test("a card that has moved goes where it belongs now, and one that has not stays", () => {
  const first = list.cards[0];
  placeCard(first);
  assert.deepEqual(shown(), [1, 2, 3]);
  first.dataset.position = "e";
  placeCard(first);
  assert.deepEqual(shown(), [2, 1, 3]);
});

test("what is held stands where the hand has put it, and nothing goes by it", () => {
  list.insertBefore(new Card(4, "z", { held: "1" }), list.cards[0]);
  placeCard(new Card(10, "a"));
  placeCard(new Card(11, "e"));
  assert.deepEqual(shown(), [4, 10, 1, 2, 11, 3]);
});

test("behind the last card of a list that has more, it is not shown", () => {
  list.dataset.more = "12";
  const card = list.cards[0];
  card.dataset.position = "x";
  placeCard(card);
  assert.deepEqual(shown(), [2, 3]);
});

test("but a card that one has just made stays in sight at the end", () => {
  list.dataset.more = "12";
  const mine = new Card(10, "x");
  beyond.add(mine.id);
  list.insertBefore(mine, null);
  placeCard(mine);
  placeCard(new Card(11, "e"));
  assert.deepEqual(shown(), [1, 2, 11, 3, 10]);
});

test("a card of a column that is folded or not there is taken away", () => {
  const card = list.cards[1];
  card.dataset.columnId = "2";
  placeCard(card);
  assert.deepEqual(shown(), [1, 3]);
});
