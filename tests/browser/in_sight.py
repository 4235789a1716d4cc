"""What a person can see and reach on a page, asked of the page itself."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

# Elements that are drawn beyond the window's sides, other than in a part that scrolls sideways by itself, or
# that ends in an ellipsis.
OUTSIDE = """() => {
  const width = document.documentElement.clientWidth;
  const scrolls = (element) => {
    for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) {
      const { overflowX, textOverflow } = getComputedStyle(at);
      if (/auto|scroll/.test(overflowX) && at.scrollWidth > at.clientWidth) return true;
      if (textOverflow === 'ellipsis' && overflowX !== 'visible') return true;
    }
    return false;
  };
  const found = document.documentElement.scrollWidth > innerWidth ? ['the page itself'] : [];
  for (const element of document.querySelectorAll('body *')) {
    if (element.closest('.vh, .skip, svg') || !element.checkVisibility({ opacityProperty: true })) continue;
    const box = element.getBoundingClientRect();
    if (box.width && box.height && (box.left < -1 || box.right > width + 1) && !scrolls(element))
      found.push(`${element.tagName}.${element.className} ${box.left | 0} to ${box.right | 0}`);
  }
  return found;
}"""

# Controls, faces and moments of the header and the bottom bar that are cut by the window or by each other.
CUT = """() => {
  const parts = ':is(.topbar, .bottombar) :is(a, button, summary, time), #people-here > *';
  const shown = [...document.querySelectorAll(parts)]
    .filter((one) => one.checkVisibility() && one.getClientRects().length);
  return shown.filter((one) => {
    const box = one.getBoundingClientRect();
    if (box.left < 0 || box.top < 0 || box.right > innerWidth + 0.5 || box.bottom > innerHeight + 0.5)
      return true;
    const points = [box.left + 2, (box.left + box.right) / 2, box.right - 2];
    return !points.every((x) => {
      const hit = document.elementFromPoint(x, (box.top + box.bottom) / 2);
      return hit && (one.contains(hit) || hit.contains(one));
    });
  }).map((one) => one.getAttribute('aria-label') ?? one.textContent.trim());
}"""

# How many px of a column's list can be seen: inside the window, above the bottom bar.
SEEN_OF_LIST = """(list) => {
  const bar = document.querySelector('.bottombar');
  const fixed = bar && getComputedStyle(bar).position === 'fixed';
  const foot = fixed && bar.checkVisibility() ? bar.getBoundingClientRect().top : innerHeight;
  const box = list.getBoundingClientRect();
  return Math.min(box.bottom, foot) - Math.max(box.top, 0);
}"""

# What has the focus, and how many of five points of it can be seen. Scrollers and texts higher than the room
# that is left can't be seen whole: of them it is asked whether any point of the part in the window can.
FOCUS = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  // A link that goes on in the next line has a box a line: its first one tells where it is.
  let { left, top, right, bottom } = one.getClientRects()[0] ?? one.getBoundingClientRect();
  const name = one.getAttribute('aria-label') ?? (one.id || one.textContent.trim().slice(0, 40));
  const isBig = bottom - top > innerHeight / 3 || right - left > innerWidth;
  const all = [left, top, right, bottom].map(Math.round);
  if (isBig) {
    [left, top] = [Math.max(left, 0), Math.max(top, 0)];
    [right, bottom] = [Math.min(right, innerWidth), Math.min(bottom, innerHeight)];
  }
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  const seen = [[x, y], [left + 1.5, y], [right - 1.5, y], [x, top + 1.5], [x, bottom - 1.5]].filter((at) => {
    const hit = document.elementFromPoint(...at);
    return !!hit && (one.contains(hit) || hit.contains(one) || (one.labels?.[0]?.contains(hit) ?? false));
  }).length;
  return { name: `${one.tagName} ${name}`, seen, isBig, box: all };
}"""


# Resolves when what has the focus has stayed where it is for five frames; a hundred are the most.
SETTLED = """() => new Promise((go) => {
  let [was, same, left] = ['', 0, 100];
  const look = () => {
    const { x, y } = document.activeElement.getBoundingClientRect();
    same = was === `${x} ${y}` ? same + 1 : 0;
    was = `${x} ${y}`;
    if (same === 5 || !(left -= 1)) go(); else requestAnimationFrame(look);
  };
  look();
})"""

# One step of a walk: null where it comes round or has left the page, else what has the focus, once that holds
# still.
STEP = f"""async () => {{
  const one = document.activeElement;
  if (one === document.body || window.stops.size === window.stops.add(one).size) return null;
  await ({SETTLED})();
  return {{ stop: ({FOCUS})() }};
}}"""


def outside(page: Page) -> list[str]:
    """What sticks out at the sides."""
    return page.evaluate(OUTSIDE)


def cut(page: Page) -> list[str]:
    """The names of what of the header cannot be seen whole."""
    return page.evaluate(CUT)


def walk(page: Page, most: int = 300) -> list[dict[str, Any]]:
    """Press Tab from the page's beginning until it leaves the page or comes round; each stop once."""
    stops: list[dict[str, Any]] = []
    page.evaluate("document.activeElement?.blur(); window.scrollTo(0, 0); window.stops = new Set()")
    for _ in range(most):
        page.keyboard.press("Tab")
        step = page.evaluate(STEP)
        if step is None:
            return stops
        stops.append(step["stop"])
    raise AssertionError(f"{most} stops and no end")


def hidden(stops: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The stops that something covers, or that lie outside of the window."""
    return [stop for stop in stops if stop["seen"] < (1 if stop["isBig"] else 5)]
