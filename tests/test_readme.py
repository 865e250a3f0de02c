"""The README says what the course says of itself."""

import re

from support import readme
from support.tree import ROOT

TEXT = readme.README.read_text(encoding="utf-8")
AS_IT_IS = "make readme writes it anew"


def test_its_table_and_its_verdicts_are_those_of_the_course():
    assert readme.filled(TEXT) == TEXT, AS_IT_IS
    assert readme.BAR.read_text(encoding="utf-8") == readme.bar(), AS_IT_IS


def test_another_number_would_be_seen():
    wrong = re.sub(r"holds (\d+)", lambda m: f"holds {int(m[1]) + 1}", TEXT, count=1)
    assert wrong != TEXT
    assert readme.filled(wrong) == TEXT
    lost = re.sub(r"\| \[Vertical scaling\].*\n", "\n", TEXT)
    assert readme.filled(lost) == TEXT


def test_what_it_links_to_is_there():
    links = [link for link in re.findall(r"\]\(([^)]+)\)", TEXT) if "://" not in link]
    assert len(links) > 10
    assert [link for link in links if not (ROOT / link.partition("#")[0]).exists()] == []


def test_its_picture_is_small_and_no_other_is_kept():
    assert 1_000 < readme.PICTURE.stat().st_size < 60_000
    named = set(re.findall(r"_static/([\w.]+\.(?:png|svg))\)", TEXT))
    kept = {p.name for p in readme.PICTURE.parent.glob("*.png")}
    assert kept == {name for name in named if name.endswith(".png")}
