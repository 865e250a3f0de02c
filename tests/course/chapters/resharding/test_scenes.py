"""The scene of the chapter on resharding shows what its words say."""

import pytest

from scalelab.course.chapters.resharding import scenes
from scalelab.course.shows.resharding import DROPPED, RIGHT, WRONG
from scalelab.course.stage import Stage


def played(name):
    stage = Stage()
    scenes.move(stage, scenes.RUNS[name])
    return stage.run(scenes.END_S)


@pytest.mark.parametrize(
    ("name", "wrong"), [("nothing", 0), ("the double writes", 2), ("versions", 2)]
)
def test_what_is_wrong_in_the_end(name, wrong):
    trace = played(name)
    assert trace.count(WRONG, trace.end_ms) == wrong


def test_copies_yield_only_where_rows_have_versions():
    whole, plain = played("nothing"), played("versions")
    assert whole.count(DROPPED, whole.end_ms) > 0
    assert plain.count(DROPPED, plain.end_ms) == 0


def test_without_the_backfill_rows_are_missing():
    whole, without = played("nothing"), played("the backfill")
    assert without.count(RIGHT, without.end_ms) < whole.count(RIGHT, whole.end_ms)
    assert without.count(WRONG, without.end_ms) == 0


def test_every_run_has_its_last_sentence():
    assert list(scenes.SAID) == list(scenes.RUNS)
