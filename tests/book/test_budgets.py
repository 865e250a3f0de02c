"""What a chapter may ask of a reader, and what it must show: the budgets of CONTRIBUTING.md."""

import pytest
from support.tree import ROOT, chapters, name_of

MOST = {"words": 2_500, "screens": 16.0, "open cells": 5, "tables": 8, "columns": 5}
LEAST = {"pictures": 6, "scenes": 1, "explorers": 1}
COUNT = """() => {
  const article = document.querySelector(".bd-article");
  const seen = (element) => element.checkVisibility({ contentVisibilityAuto: true })
    && element.getClientRects().length > 0;
  const all = (names) => [...article.querySelectorAll(names)].filter(seen);
  const apart = "[class*=ledger], [class*=quiz], [class*=question], figure";
  const said = all("p, li").filter((element) => !element.closest(apart));
  const tables = all("table");
  return {
    words: said.map((e) => e.innerText).join(" ").split(/\\s+/).length,
    screens: +(article.scrollHeight / 900).toFixed(1),
    "open cells": all(".cell_input, div.highlight-ipython3")
      .filter((e) => !e.parentElement.closest(".cell_input")).length,
    tables: tables.length,
    columns: Math.max(...tables.map((table) => table.rows[0].cells.length)),
    pictures: all("figure, canvas, svg:not(figure svg)").length,
    scenes: article.querySelectorAll(".sl-scene").length,
    explorers: article.querySelectorAll("figure.sl-explore").length,
  };
}"""


@pytest.fixture(scope="module")
def count(browser, address):
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()

    def counted(path):
        page.goto(f"{address}/{path}")
        page.wait_for_timeout(300)  # the player makes its buttons
        return page.evaluate(COUNT)

    yield counted
    context.close()


@pytest.mark.parametrize("path", chapters(), ids=name_of)
def test_a_chapter_keeps_its_budget(path, count):
    found = count(path.relative_to(ROOT).with_suffix(".html").as_posix())
    print(found)
    over = {name: found[name] for name, most in MOST.items() if found[name] > most}
    short = {name: found[name] for name, least in LEAST.items() if found[name] < least}
    assert (over, short) == ({}, {})
