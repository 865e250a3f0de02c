"""The recordings are those of the settings as they are now."""

import csv

import pytest

from scalelab.course.chapters.incidents._record import (
    JUDGED_SEEDS,
    RUN_SEEDS,
    TRIED,
    choices,
    metrics_of_incident,
)
from scalelab.course.chapters.incidents.fixes import score
from scalelab.course.chapters.incidents.recorded import (
    SCORES,
    judged_runs,
    recorded_runs,
    recorded_scores,
)


def test_all_that_is_tried_is_recorded():
    assert {name: {tuple(sorted(c)) for c in choices(name)} for name in TRIED} == {
        name: set(scores) for name, scores in recorded_scores().items()
    }


@pytest.mark.parametrize("name", ["sinkhole", "split brain"])
@pytest.mark.parametrize(
    ("runs", "seeds"), [(recorded_runs, RUN_SEEDS), (judged_runs, JUDGED_SEEDS)]
)
def test_a_recorded_run_comes_out_again(name, runs, seeds):
    pytest.importorskip("numba")
    recorded = runs()[name][0]
    for line, values in metrics_of_incident(name, seeds[0]).items():
        assert recorded[line] == pytest.approx(values, abs=2e-3, rel=1e-4), line


@pytest.mark.parametrize(
    ("cause", "fixes"),
    [
        ("sinkhole", "eject what answers with errors"),
        ("connection leak", "pool x 2"),
        ("retry storm", "at most 20 in line"),
        ("split brain", "wait 70 s before promoting"),
    ],
)
def test_a_recorded_score_comes_out_again(cause, fixes):
    pytest.importorskip("numba")
    with SCORES.open(encoding="utf-8", newline="") as file:
        row = next(row for row in csv.reader(file) if row[:2] == [cause, fixes])
    ends = score(cause, fixes.split(" + "), int(row[2]))
    assert ends == pytest.approx([float(end) for end in row[3:]], abs=2e-3)
