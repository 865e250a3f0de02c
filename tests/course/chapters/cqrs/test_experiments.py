"""Experiments of the chapter on CQRS, against what can be said without them."""

import math

import numpy as np
import pytest
from support.agreement import standard_errors_off

from scalelab.course.chapters.cqrs import experiments, tasks
from scalelab.plotting import canvas


def runs(number=20):
    return np.random.default_rng(5).spawn(number)


def test_the_picture_is_drawn():
    assert len(experiments.models_picture().axes) == 1


def test_joins_and_documents_say_the_same():
    shop = experiments.Catalogue()
    for change in (lambda: None, shop.new_name):
        change()
        assert shop.ask(experiments.DOCUMENT) == shop.ask(experiments.LOOK_UP)
    shop.db.execute("update products set price = 99 where id = 7")
    assert shop.ask(experiments.DOCUMENT) != shop.ask(experiments.LOOK_UP)
    shop.new_price()
    assert shop.ask(experiments.DOCUMENT) == shop.ask(experiments.LOOK_UP)


def test_steps_are_counted_alike_each_time():
    assert experiments.page_costs.__wrapped__() == experiments.page_costs()
    assert experiments.page_costs()["query"] > 5 * experiments.page_costs()["look-up"]


def test_a_crash_loses_the_rate_times_the_window():
    lost = [experiments.crash_books(rng, "commit_then_publish")["lost"] for rng in runs()]
    assert standard_errors_off(lost, 0.5) < 4
    assert standard_errors_off(lost, 0.6) > 4


@pytest.mark.parametrize(
    ("method", "zero"),
    [
        ("commit_then_publish", ["invented", "twice"]),
        ("publish_then_commit", ["lost", "twice"]),
        ("outbox", ["lost", "invented"]),
    ],
)
def test_each_way_has_one_fault(method, zero):
    books = experiments.crash_books(np.random.default_rng(2), method)
    assert [name for name, count in books.items() if count == 0] == zero


def test_only_versions_bear_all():
    wrong = {
        name: [
            experiments.differs(3, guard, fold, trouble)
            for trouble in experiments.TROUBLES
            for fold in experiments.FOLDS
        ]
        for name, guard in experiments.GUARDS.items()
    }
    marks = {name: "".join("x" if n else "." for n in row) for name, row in wrong.items()}
    assert marks == {
        "takes all that comes": "x..x",
        "remembers the ids": "...x",
        "keeps its place in the log": "..xx",
        "counts versions of each key": "....",
    }


@pytest.mark.parametrize("pipeline_s", [(0.0, 0.0), (0.1, 0.5)])
def test_the_lag_of_the_fake_is_that_of_the_law(pipeline_s):
    late = [experiments.late_in_the_fake(rng, 1.0, pipeline_s) for rng in runs()]
    expected = experiments.late_share(1.0, pipeline_s)
    assert standard_errors_off(late, expected) < 4
    assert standard_errors_off(late, expected + 0.05) > 4


def test_late_shares_at_the_ends():
    assert experiments.late_share(1.0, (0.1, 0.1)) == pytest.approx(0.6)
    assert experiments.late_share(0.0, (0.0, 0.0)) == 0.0
    assert experiments.late_share(0.0, (0.6, 0.6)) == 1.0
    assert list(experiments.late_share(1.0, (0.2, 0.4), np.array([0.1, 1.5]))) == [1.0, 0.0]


def test_a_projector_falls_behind_by_the_excess():
    for rate in (500.0, 780.0, 1_200.0):
        lag_s = experiments.backlog_in_the_fake(1_000, rate, 5)
        own = 1 / rate  # the work on the event itself
        assert lag_s - own == pytest.approx(
            float(experiments.backlog_s(1_000, rate, 5)), abs=2 / rate
        )
    assert experiments.backlog_in_the_fake(1_000, 500.0, 5) > 4.5


def test_the_explorer_and_its_task():
    _, ax = canvas()
    said = experiments.draw_refresh(ax, 1.0, experiments.PIPELINE_S)
    assert "80\u00a0% of the events" in said
    options = [0.02, 0.05, 0.1, 0.2]
    right = [r for r in options if tasks.FRESH.right(r, experiments.PIPELINE_S)]
    assert right == [0.02, 0.05]
    assert not tasks.FRESH.right(0.02, (0.0, 0.0))


def test_the_backlog_is_drawn():
    _, ax = canvas()
    assert experiments.plot_backlog(ax, {"a": 500.0, "b": 2_000.0}, 1_000) is ax
    assert math.isclose(max(ax.lines[0].get_ydata()), 60)


def test_work_is_drawn_with_its_crossings():
    _, ax = canvas()
    assert experiments.plot_work(ax) is ax
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [float(dot.get_xdata()[0]) for dot in dots] == pytest.approx(
        list(experiments.ratios().values())
    )
    assert len(experiments.outbox_picture().axes) == 1
