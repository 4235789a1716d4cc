// Boards and cards in the browser. Every page is whole without it; this makes it quick and live.

import { $ } from "./lib/dom.js";
import { fillTimes } from "./lib/time.js";
import * as above from "./behaviours/above.js";
import * as address from "./behaviours/address.js";
import * as ask from "./behaviours/ask.js";
import * as drafts from "./behaviours/drafts.js";
import * as drag from "./behaviours/drag.js";
import * as everywhere from "./behaviours/everywhere.js";
import * as forms from "./behaviours/forms.js";
import * as live from "./behaviours/live.js";
import * as mentions from "./behaviours/mentions.js";
import * as menu from "./behaviours/menu.js";
import * as move from "./behaviours/move.js";
import * as panel from "./behaviours/panel.js";
import * as presence from "./behaviours/presence.js";
import * as quick from "./behaviours/quick.js";
import * as resume from "./behaviours/resume.js";
import * as tabs from "./behaviours/tabs.js";
import * as undo from "./behaviours/undo.js";
import * as waits from "./behaviours/waits.js";

const board = $("#board[data-live]");
const detail = $("[id$=-detail][data-live]");

if (board) for (const behaviour of [panel, move, drag, menu, quick, address, tabs, above]) behaviour.start(board);
else if (detail) panel.startPage(detail);
everywhere.start();
if (board || detail) {
  resume.start();
  forms.start();
  drafts.start();
  ask.start();
  mentions.start();
  presence.start();
  live.start(board ?? detail);
  waits.start(board ?? detail);
  undo.start();
  setInterval(() => { if (!document.hidden) fillTimes(); }, 60000);
}
document.documentElement.dataset.ready = "";
