// How far this page is in its board's log, and which changes of the log are its own.

import { $ } from "./dom.js";

const mine = new Set(); // request ids of this page: their changes come by the stream too, and are not highlighted
const waiting = new Map(); // request id -> what to do when the stream is quicker than the answer

export const isMine = (request) => mine.has(request);
export function expect(request, onEcho) {
  mine.add(request);
  waiting.set(request, onEcho);
}
export const forget = (request) => waiting.delete(request);

/** The stream has brought this change: whoever waits for its answer may stop waiting. */
export function heard(request) {
  waiting.get(request)?.();
  waiting.delete(request);
}

/** How far this page is: the seq of the last frame in it. */
export const applied = {
  get seq() {
    return Number($(ROOT)?.dataset.seq ?? 0);
  },
  set seq(value) {
    const root = $(ROOT);
    if (root) root.dataset.seq = value;
  },
};
const ROOT = "#board[data-seq],[id$=-detail][data-seq]";
