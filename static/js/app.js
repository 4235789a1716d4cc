// Boards and cards in the browser. Every page is whole without it; this makes it quick and live.

import { $ } from "./lib/dom.js";
import { fillTimes } from "./lib/time.js";
import { start as startAbove } from "./behaviours/above.js";
import { start as startAddress } from "./behaviours/address.js";
import { start as startAsk } from "./behaviours/ask.js";
import { start as startDrafts } from "./behaviours/drafts.js";
import { start as startBoardKeys } from "./behaviours/board_keys.js";
import { start as startDrag } from "./behaviours/drag.js";
import { start as startEverywhere } from "./behaviours/everywhere.js";
import { start as startForms } from "./behaviours/forms.js";
import { start as startLive } from "./behaviours/live.js";
import { start as startMentions } from "./behaviours/mentions.js";
import { start as startMenu } from "./behaviours/menu.js";
import { start as startMove } from "./behaviours/move.js";
import { start as startPanel, startPage } from "./behaviours/panel.js";
import { start as startPresence } from "./behaviours/presence.js";
import { start as startQuick } from "./behaviours/quick.js";
import { start as startResume } from "./behaviours/resume.js";
import { start as startStay } from "./behaviours/stay.js";
import { start as startTabs } from "./behaviours/tabs.js";
import { start as startUndo } from "./behaviours/undo.js";
import { start as startWaits } from "./behaviours/waits.js";

const board = $("#board[data-live]");
const detail = $("[id$=-detail][data-live]");

if (board)
  for (const start of [
    startPanel,
    startMove,
    startDrag,
    startMenu,
    startQuick,
    startAddress,
    startTabs,
    startAbove,
  ])
    start(board);
else if (detail) startPage(detail);
startEverywhere();
if (board || detail) {
  startStay();
  startResume();
  startForms();
  startDrafts();
  startAsk();
  startMentions();
  startPresence();
  startLive(board ?? detail);
  startWaits();
  startUndo();
  startBoardKeys();
  setInterval(() => {
    if (!document.hidden) fillTimes();
  }, 60000);
}
document.documentElement.dataset.ready = "";
