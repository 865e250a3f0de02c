"""The recordings are those of the settings as they are now."""

import csv
from collections import Counter

import numpy as np
import pytest
from support.tree import ROOT, cells

from scalelab.course.chapters.incidents._record import (
    JUDGED_SEEDS,
    RARE_SEEDS,
    RUN_SEEDS,
    SCORE_SEEDS,
    TRIED,
    choices,
    metrics_of_incident,
    out_of_reach,
)
from scalelab.course.chapters.incidents.fixes import score
from scalelab.course.chapters.incidents.recorded import (
    ALONE,
    ENOUGH,
    SCORES,
    judged_runs,
    recorded_runs,
    recorded_scores,
)


def test_all_that_is_tried_is_recorded():
    assert {name: {tuple(sorted(c)) for c in choices(name)} for name in TRIED} == {
        name: set(scores) for name, scores in recorded_scores().items()
    }


def test_each_choice_is_scored_on_as_many_nights_as_the_page_says():
    with SCORES.open(encoding="utf-8", newline="") as file:
        rows = [row[:3] for row in csv.reader(file)]
    nights = Counter((name, chosen) for name, chosen, _ in rows)
    assert set(nights.values()) == {len(SCORE_SEEDS)}
    assert len({tuple(row) for row in rows}) == len(rows)
    assert {int(seed) for *_, seed in rows}.isdisjoint({*RUN_SEEDS, *JUDGED_SEEDS})
    page = cells(ROOT / "labs" / "lab_incidents.ipynb")
    text = " ".join(" ".join(cell["source"] for cell in page).split())
    assert len(SCORE_SEEDS) == 6
    assert "was tried in advance, on six nights" in text
    assert "score is the mean of the six" in text


def test_each_setting_alone_ran_until_no_further_night_could_change_what_the_page_says():
    nights = {}
    with ALONE.open(encoding="utf-8", newline="") as file:
        for name, fix, seed, usual, _ in csv.reader(file):
            nights.setdefault((name, fix), []).append((int(seed), 1 - float(usual)))
    for chosen, runs in nights.items():
        seeds, lacks = zip(*runs, strict=True)
        assert seeds == tuple(SCORE_SEEDS)[: len(seeds)], chosen
        assert out_of_reach(sum(lacks)) or len(seeds) == len(SCORE_SEEDS), chosen
        assert not out_of_reach(sum(lacks[:-1])), chosen
    assert {len(runs) for runs in nights.values()} >= {1, len(SCORE_SEEDS)}


def test_what_is_out_of_reach_is_not_enough_whatever_comes():
    for lacks in (0.61, 2.0):
        assert out_of_reach(lacks)
        assert 1 - lacks / len(SCORE_SEEDS) < ENOUGH
    assert not out_of_reach(0.59)


def test_what_is_rare_is_asked_as_well():
    for name, runs in judged_runs().items():
        assert len(runs) == len(JUDGED_SEEDS) + (name in RARE_SEEDS)
    assert min(judged_runs()["cache stampede"][-1]["good"]) < 0.1
    assert 1.5 < max(judged_runs()["replica lag"][-1]["lag"]) < 12
    assert all(np.min(run["good"]) > 0.5 for run in judged_runs()["cache stampede"][:-1])


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
