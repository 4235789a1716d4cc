// What is dragged, lifted or under way to the server keeps still: what others did to it is done once it is let go.

import { byId } from "./dom.js";
import { isHeld } from "./place.js";
import { settle } from "./settle.js";

const parked = new Map(); // element id -> the newest thing to do to it, once it is let go

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

/** Do it now, or as soon as the element is let go; only the newest counts. */
export function orPark(id, act) {
  const element = byId(id);
  if (element && isHeld(element)) parked.set(id, act);
  else act();
}

/** What was to be done to elements that are not on the page any more is done now. */
export function unpark() {
  for (const [id, act] of [...parked])
    if (!byId(id)) {
      parked.delete(id);
      act();
    }
}
