"""Each chapter has a small picture, within its frame."""

import pytest

from scalelab.course.chapters.landing.sketches import HEIGHT, WIDTH, sketch
from scalelab.course.contents import CHAPTERS


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_sketch_stays_within_its_frame(chapter):
    points = [
        tuple(map(float, point.split(",")))
        for line in sketch(chapter).split('points="')[1:]
        for point in line.split('"')[0].split()
    ]
    assert len(points) >= 49
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)


def test_who_is_not_known_has_none():
    assert sketch("nobody") == ""


def test_every_chapter_has_one():
    assert [chapter for chapter in CHAPTERS if not sketch(chapter)] == []
