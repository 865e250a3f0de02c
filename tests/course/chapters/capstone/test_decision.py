"""The decision record says what was computed, and nothing else."""

from dataclasses import replace

from scalelab.course.chapters.capstone.contract import Judgement, draw_weeks, judge
from scalelab.course.chapters.capstone.decision import (
    decision_record,
    front,
    in_words,
    plot_rivals,
    shown,
    take_back,
)
from scalelab.course.chapters.capstone.marks import Marks
from scalelab.course.chapters.capstone.recorded import Recorded
from scalelab.course.chapters.capstone.rivals import BEST, INHERITED
from scalelab.plotting import canvas

WEEKS = draw_weeks((1, 2), 60.0)
GOOD = Marks(available=0.9995, slow=0.002, stale=0.0, lost=0.0, usd=100.0)


def test_a_judgement_in_words():
    bad = replace(GOOD, stale=0.01)
    assert in_words(Judgement(weeks=(GOOD, GOOD))) == "kept in all 2 weeks"
    half = in_words(Judgement(weeks=(GOOD, bad))).replace("\N{NO-BREAK SPACE}", " ")
    assert half == "kept in 50 % of the weeks; broken: stale in 1"


def test_each_decision_is_taken_back_alone():
    turns = take_back(BEST, WEEKS)
    assert [turn.field for turn in turns] == [
        "fill", "sync_replicas", "shed_s", "retries", "friday",
    ]  # fmt: skip
    fill = turns[0].judgement
    assert fill.broke == {"stale": 2}
    assert fill == judge(replace(BEST, fill="replica"), WEEKS)
    assert take_back(INHERITED, WEEKS[:1]) == []


def test_the_record_accepts_the_best_and_rejects_the_inherited():
    lines = {row["part"]: row["what"] for row in decision_record(BEST, WEEKS)}
    assert lines["Status"] == "accepted"
    assert "kept in all 2 weeks" in lines["Contract"]
    assert "minimum 96 → 5" in lines["Decision"]
    assert "stale in 2" in lines["Without fill = primary"]
    lines = {row["part"]: row["what"] for row in decision_record(INHERITED, WEEKS)}
    assert lines["Status"].startswith("rejected")
    assert lines["Decision"] == "nothing is changed"


def test_the_front_is_what_nothing_beats():
    def made(usd, kept):
        return Recorded(
            group="", name="", kept=kept, available=1.0, slow=0.0, stale=0.0, lost=0.0, usd=usd,
            broke="",
        )  # fmt: skip

    plans = [made(3, 0.5), made(1, 0.1), made(2, 0.1), made(4, 0.4), made(5, 1.0)]
    assert [(plan.usd, plan.kept) for plan in front(plans)] == [(1, 0.1), (3, 0.5), (5, 1.0)]


def test_what_is_not_there_is_a_word():
    assert [shown(value) for value in (None, 0, "replica", 0.3)] == ["none", "0", "replica", "0.3"]
    lines = {row["part"]: row["what"] for row in decision_record(BEST, WEEKS)}
    assert "shed_s none → 0.3" in lines["Decision"]
    assert "None" not in "".join(lines.values())


def test_ones_own_plan_is_in_the_picture():
    _, ax = canvas()
    plot_rivals(ax, judge(BEST, WEEKS))
    assert "yours" in {text.get_text() for text in ax.texts}
