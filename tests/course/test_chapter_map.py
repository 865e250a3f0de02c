import re

import pytest

from scalelab.course import chapter_map as made
from scalelab.course.about import about
from scalelab.course.contents import CHAPTERS


@pytest.fixture
def drawn(page):
    return made.chapter_map()._repr_mimebundle_()["text/html"]


def test_each_chapter_is_a_link_once_in_the_order_of_the_book(drawn):
    assert re.findall(r'<a href="[^"]*?(\w+)\.html"', drawn) == list(CHAPTERS)


def test_a_notebook_leads_to_notebooks():
    body = made.chapter_map()._repr_mimebundle_()["text/html"]
    assert len(re.findall(r'<a href="[^"]*\.ipynb"', body)) == len(CHAPTERS)


def test_what_is_drawn_and_what_it_implies_are_all_needs():
    arrows = made._arrows()
    for chapter in CHAPTERS:
        reached, front = set(), {chapter}
        while front:
            front = {other for other, later in arrows if later in front} - reached
            reached |= front
        assert reached == made.needed(chapter)


def test_no_arrow_is_implied_by_others():
    arrows = made._arrows()
    for other, chapter in arrows:
        rest = {first for first, later in arrows if later == chapter} - {other}
        assert not any(other in made.needed(between) for between in rest)


def test_arcs_lead_down_and_stay_in_the_picture(drawn):
    curves = re.findall(r"M([\d.]+) ([\d.]+)C([\d.]+) [\d.]+ [\d.]+ ([\d.]+)", drawn)
    assert len(curves) == len(made._arrows())
    for x, top, wide, bottom in curves:
        assert float(top) < float(bottom)
        assert 0 < float(wide) < float(x)


def test_words_name_all_that_a_chapter_names():
    text = made.chapter_map().text
    for chapter in CHAPTERS:
        line = next(
            line for line in text.splitlines() if line.startswith(f"{about(chapter).title}:")
        )
        assert all(about(other).title in line for other in about(chapter).needs)
