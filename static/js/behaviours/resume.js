// Changes that were kept when this tab was reloaded are sent first, and one notice says so.

import { counted, linkTo } from "../lib/build.js";
import * as kept from "../lib/kept.js";
import { isMade, post, whyNot } from "../lib/post.js";
import { copyButton, typedIn } from "../lib/refused.js";
import { toast, warn } from "../lib/toast.js";

export async function start() {
  kept.start();
  const left = kept.left();
  if (!left.length) return;
  const answers = await Promise.all(
    left.map(([address, fields]) => post(address, new URLSearchParams(fields), { keep: true })),
  );
  const lost = answers.filter((answer) => !isMade(answer) && answer.kind !== "moved");
  const made = answers.length - lost.length;
  if (made) toast(`${counted(made, "kept change")} ${made === 1 ? "was" : "were"} sent.`, { kind: "good" });
  for (const answer of lost) say(left[answers.indexOf(answer)], answer);
}

/** A kept change that was not made: where, and why. What was typed can be copied. */
function say([address, fields], answer) {
  const place = /^\/(c\/[^/]+\/|b\/[^/]+\/)/.exec(address)?.[0] ?? "/";
  const text = typedIn(new URLSearchParams(fields));
  const action = document.createDocumentFragment();
  action.append(linkTo(place, "Open"), ...(text ? [copyButton(text)] : []));
  warn(`A kept change was not made. ${whyNot(answer)}`, { action, life: text ? Infinity : 20000 });
}
