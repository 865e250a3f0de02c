"""The page of estimates: the same counts from the file as a script makes from the browser."""

import json
import re

import pytest
from support.tree import ROOT, cells, chapters

from scalelab.course.contents import CHAPTERS, PARTS, lab_of
from scalelab.course.estimates import estimates


def test_each_part_counts_its_own(kept):
    for name, low, high in (
        ("horizontal-a", 5.0, 20.0),
        ("lab-vertical-b", 11.0, 20.0),
        ("stateless-c", None, None),
    ):
        kept.predicted(name, 15.0 if low else 20.0, low, high, "")
        kept.measured(name, 10.0)
    kept.predicted("horizontal-never-run", 1.0, None, None, "")
    lines = estimates().text.splitlines()
    assert lines[0] == "part | guesses | ranges that held | off by, typically"
    assert lines[1].startswith("All | 3 | 1 of 2 | 1.65")
    assert lines[2] == "Scaling | 2 | 1 of 2 | 1.5 ×"
    assert lines[3] == "State | 1 | – | 2 ×"
    assert len(lines) == 4


def test_before_the_first_guess(kept):
    assert estimates().text.splitlines()[1] == "All | 0 | – | –"


def test_a_page_knows_the_part_of_each_chapter(page):
    body = estimates().body
    parts = json.loads(re.search('data-parts="([^"]*)"', body)[1].replace("&quot;", '"'))
    assert ["horizontal-", "Scaling"] in parts
    assert ["lab-connection_pooling-", "Databases"] in parts
    assert len(parts) == 2 * len(CHAPTERS)
    assert set(CHAPTERS.values()) <= set(PARTS)


def names_asked(path):
    source = "\n".join("".join(cell["source"]) for cell in cells(path)) if path.exists() else ""
    return re.findall(r'\bpredict\(\s*"([^"]+)"', source)


@pytest.mark.parametrize("path", chapters(), ids=lambda path: path.stem)
def test_a_predictions_name_begins_with_its_chapter(path):
    own = lab_of(path.stem)
    lab = ROOT / "labs" / f"{own}.ipynb"
    asked = names_asked(path)
    assert all(name.startswith(f"{path.stem}-") for name in asked)
    assert (
        all(name.startswith(f"{own.replace('_', '-', 1)}-") for name in names_asked(lab))
        or not lab.exists()
    )
    assert len(set(asked)) == len(asked) > 0
