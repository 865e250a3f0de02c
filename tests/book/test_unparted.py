"""No number parts from its unit at a line's end."""

import pytest
from support.browser import pages_of
from support.tree import ROOT

from scalelab import quantities

READ = [
    path
    for path in pages_of(ROOT / "_build" / "html")
    if path.startswith(("book/", "labs/")) and "/reference/api" not in path
]
# Looks at blocks of text as a reader does: a number may stand in bold, and its unit may not.
PARTED = """(units) => {
  document.querySelectorAll(".sl-gated").forEach((gate) => (gate.dataset.open = ""));
  document.querySelectorAll(".bd-article details").forEach((part) => (part.open = true));
  const blocks = "p, li, td, dd, dt, th, figcaption, caption, label, summary, legend, h1, h2, h3";
  const left = "pre, code, svg, math, script, style, .sl-math, .math";
  const name = "(?<![A-Za-z][\\\\d.,]*)"; // EC2 is one
  const amount = new RegExp(`${name}\\\\d([ \\u00a0])(?:${units})(?!\\\\w)`, "gu"), wrong = [];
  for (const block of document.querySelectorAll(`.bd-article :is(${blocks})`)) {
    if (block.closest(left)) continue;
    const parts = [], walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    let text = "";
    while (walker.nextNode()) {
      const node = walker.currentNode, near = node.parentElement.closest(blocks);
      if (near !== block || node.parentElement.closest(left)) { text += "\\n"; continue; }
      parts.push([text.length, node]);
      text += node.data;
    }
    const at = (place) => {
      const [start, node] = parts.filter(([start]) => start <= place).at(-1);
      return [node, place - start];
    };
    for (const found of text.matchAll(amount)) {
      const range = document.createRange(), place = found.index;
      const said = text.slice(Math.max(0, place - 20), place + 20);
      range.setStart(...at(place));
      range.setEnd(...at(place + 3)); // the last digit, the space, the first letter
      const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.bottom / 8)));
      if (found[1] === " ") wrong.push(`an ordinary space: ${said}`);
      else if (lines.size > 1) wrong.push(`on two lines: ${said}`);
    }
  }
  return wrong;
}"""


@pytest.fixture(scope="module", params=[390, 1400], ids=["phone", "wide"])
def page(request, browser):
    context = browser.new_context(viewport={"width": request.param, "height": 900})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", READ)
def test_number_and_unit_stay_together(path, page, address):
    page.goto(f"{address}/{path}")
    assert page.evaluate(PARTED, quantities._UNITS) == []


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<p>It takes 5 ms.</p>", "an ordinary space"),
        ("<p>It takes <b>5</b> ms.</p>", "an ordinary space"),
        ("<p style='width: 1em; overflow-wrap: anywhere'>55&nbsp;requests</p>", "on two lines"),
        ("<p>An EC2 instance.</p>", ""),
        ("<p>It takes 5&nbsp;ms, <code>sleep 5 ms</code>.</p>", ""),
        ("<ul><li>5 <ul><li>ms</li></ul></li></ul>", ""),
    ],
)
def test_a_parted_number_is_seen(html, fault, page):
    page.set_content(f"<article class='bd-article'>{html}</article>")
    found = page.evaluate(PARTED, quantities._UNITS)
    assert all(fault in each for each in found)
    assert bool(found) == bool(fault)
