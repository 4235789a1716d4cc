// Tells the server which changes were shown live on a visible page: they count as read, and no catch-up repeats them.
// Where that request fails, they stay unread.

import { on } from "../lib/dom.js";
import { tellBoard } from "../lib/post.js";

const BEAT = 4000; // ms from one telling to the next, while things happen
let board;
let stretch; // { first, last }: seqs that came one after the other
let timer = 0;

function send() {
  clearTimeout(timer);
  timer = 0;
  if (stretch) tellBoard(board, "seen/", { ...stretch, me: document.body.dataset.me }).catch(() => {});
  stretch = null;
}

/** The change `seq` has just been shown, live, on a page that is in sight. */
export function saw(seq) {
  if (stretch && seq !== stretch.last + 1) send();
  stretch = { first: stretch?.first ?? seq, last: seq };
  timer ||= setTimeout(send, BEAT);
}

/** `root` has the address of the board's stream. */
export function start(root) {
  board = root;
  on("visibilitychange", send);
  addEventListener("pagehide", send);
}
