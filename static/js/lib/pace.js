// How often a page asks for its newest state: soon after news, else once in a while, with back-off while requests fail.

const GAP = 1000; // ms at least from one request to the next
const LONGEST = 30000; // ms at most from one failed request to the next

/** Exponential back-off with jitter: `ms` doubled for each of `vain` failures, half a minute at most. */
export const backOff = (ms, vain) => Math.min(ms * 2 ** vain, LONGEST) * (1 + Math.random() / 4);

/**
 * Calls `ask()` every `period()` ms. Call `soon()` when there is news: it then asks within a second, however many calls
 * there are. Call `failed()` when a request failed: the time between two doubles, and `soon()` is ignored; returns how
 * many have failed in a row. Call `done()` when one was answered: that ends it.
 */
export function pace(ask, period) {
  let timer = 0;
  let due = 0;
  let last = 0;
  let vain = 0;

  const rest = () => (vain ? backOff(GAP, vain) : period());

  function plan(ms) {
    clearTimeout(timer);
    due = Date.now() + ms;
    timer = setTimeout(run, ms);
  }

  function run() {
    last = Date.now();
    plan(rest());
    ask();
  }

  plan(rest());
  return {
    soon() {
      if (vain) return;
      const at = Math.max(Date.now(), last + GAP);
      if (at === Date.now()) run();
      else if (at < due) plan(at - Date.now());
    },
    failed() {
      vain += 1;
      plan(rest());
      return vain;
    },
    done() {
      if (!vain) return;
      vain = 0;
      plan(rest());
    },
  };
}
