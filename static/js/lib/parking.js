// A card that is dragged, lifted or being sent is held: changes to it by others are applied when it is released.

import { byId } from "./dom.js";
import { isHeld } from "./place.js";
import { settle } from "./settle.js";

const parked = new Map(); // element id -> the newest change to apply when it is released

/** Keep an element as it is: dragged, lifted by keys, or waiting for its answer. */
export function hold(element) {
  element.dataset.held = Number(element.dataset.held ?? 0) + 1;
}

export function release(element) {
  const left = Number(element.dataset.held ?? 1) - 1;
  if (left > 0) element.dataset.held = left;
  else {
    delete element.dataset.held;
    const act = parked.get(element.id);
    parked.delete(element.id);
    if (act) settle(act);
  }
}

/** Call `act` now, or when the element is released; of several that wait only the newest is called. */
export function orPark(id, act) {
  const element = byId(id);
  if (element && isHeld(element)) parked.set(id, act);
  else act();
}

/** Apply what waits for elements that are not on the page any more. */
export function unpark() {
  for (const [id, act] of [...parked])
    if (!byId(id)) {
      parked.delete(id);
      act();
    }
}
