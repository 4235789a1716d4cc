// What was kept before this tab was loaded again is sent first, and said in one notice.

import { alarm, build } from "../lib/dom.js";
import * as kept from "../lib/kept.js";
import { loginAddress, post, reasonIn } from "../lib/post.js";
import { toast } from "../lib/toast.js";

const WORDS = { clash: "somebody changed the same since", failed: "the server did not answer" };

export async function start() {
  kept.start();
  const left = kept.left();
  if (!left.length) return;
  const answers = await Promise.all(left.map(([address, fields]) => post(address, new URLSearchParams(fields), { keep: true })));
  const lost = answers.filter(({ kind }) => !["done", "echoed", "moved"].includes(kind));
  const made = answers.length - lost.length;
  if (made) toast(`${made} kept change${made === 1 ? " was" : "s were"} sent.`, { kind: "good" });
  for (const answer of lost) say(left[answers.indexOf(answer)], answer);
}

/** A kept change that was not made: where, and why. What was typed is still a draft in its field. */
function say([address], { kind, html }) {
  const place = /^\/(c\/[^/]+\/|b\/[^/]+\/)/.exec(address)?.[0] ?? "/";
  const link = build("a", "btn btn--line", "Open");
  link.href = kind === "signed-out" ? loginAddress() : place;
  const why = kind === "signed-out" ? "you are signed out" : WORDS[kind] ?? reasonIn(html, "it can't be made any more");
  const words = `A kept change was not made: ${why}`;
  toast(words, { kind: "bad", action: link, life: 20000 });
  alarm(words);
}
