"""What is shown of the failovers is what they came to."""

import pytest

from scalelab.course.chapters.replication import drill_tables, failovers
from scalelab.plotting import canvas


@pytest.fixture(autouse=True)
def recorded(monkeypatch):
    monkeypatch.setattr(drill_tables, "drills", lambda: failovers.RECORDED)
    monkeypatch.setattr(drill_tables, "split", lambda: failovers.RECORDED_SPLIT)


def test_twenty_failovers_are_drawn():
    _, ax = canvas()
    assert drill_tables.plot_twenty(ax) is ax
    heights = [bar.get_height() for bar in ax.patches]
    assert heights == sorted(lost for _, _, lost in failovers.TWENTY["local"])
    said = drill_tables.twenty_in_words()
    assert "lost 31 to 191 of 306 to 437" in said
    assert "0 of 400" in said


def test_four_failovers_are_listed():
    lines = drill_tables.drills_table().text.splitlines()[1:]
    assert [line.split(" | ")[1:] for line in lines] == [
        ["300", "0", "none"],
        ["50", "50", "the last ones"],
        ["327", "73", "the last ones"],
        ["20", "0", "none"],
    ]


def test_waiting_is_told():
    said = drill_tables.waiting_note().text.replace("\u00a0", " ")
    assert "the query says 0.04 s, and 1.05 s a second later, with 0 writes missing" in said
    assert "all that was received is applied, and 50 writes are missing" in said
    assert "Recorded on" in said


def test_two_primaries_are_told():
    said = drill_tables.split_table().text
    assert "the old one" in said
    assert "one SET evades it" in said
    assert "3; tables equal" in said
