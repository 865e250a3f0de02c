import math

import numpy as np
import pytest
from support.agreement import standard_errors_off

from scalelab.course.chapters.workloads import experiments, tasks
from scalelab.models.replication import read_capacity
from scalelab.plotting import canvas
from scalelab.real.supervised import RealComponentError


def seeded(number=5):
    return np.random.default_rng(number)


def shop():
    return experiments.day_of_a_shop(
        seeded(), reads_per_s=20.0, writes_per_s=0.5, import_per_s=40.0
    )


def test_the_picture_is_drawn():
    assert len(experiments.copies_picture().axes) == 1


@pytest.mark.parametrize(
    ("ratio", "percent", "by_ratio"),
    [
        (9, "read-heavy", "no class"),
        (100, "read-heavy", "read-heavy"),
        (2_000, "read-heavy", "no class"),
        (4, "no class", "no class"),
        (1, "balanced and write-heavy", "balanced"),
        (0.5, "write-heavy", "no class"),
        (0.1, "write-heavy", "write-heavy"),
        (0.01, "write-heavy", "write-heavy"),
    ],
)
def test_the_guides_classes(ratio, percent, by_ratio):
    assert experiments.class_by_percent(ratio) == percent
    assert experiments.class_by_ratio(ratio) == by_ratio


def test_a_mix_in_words():
    words = [experiments.ratio_in_words(k) for k in (9, 1, 0.1)]
    assert words == ["9 reads to a write", "1 read to a write", "1 read to 10 writes"]


@pytest.mark.parametrize(("copies", "ratio"), [(3, 9), (10, 9), (4, 1)])
def test_the_fake_gains_what_the_law_says(copies, ratio):
    gains = [experiments.gain_of_copies(rng, copies, ratio) for rng in seeded().spawn(20)]
    assert standard_errors_off(gains, float(read_capacity(copies, ratio))) < 4
    assert standard_errors_off(gains, 1.1 * float(read_capacity(copies, ratio))) > 4


def test_one_node_gains_nothing():
    assert experiments.gain_of_copies(seeded(), 1, 9) == 1.0


def test_the_day_has_nine_reads_to_a_write_and_an_hour_with_more_writes():
    day = shop()
    hourly = day["reads"] / day["writes"]
    assert day["reads"].sum() / day["writes"].sum() == pytest.approx(9.3, abs=0.1)
    assert np.argmin(hourly) == experiments.IMPORT_H
    assert hourly.min() < 0.5 < 5 < np.sort(hourly)[1]


def test_bursts_pile_up_at_the_same_rate():
    even, burst = (
        experiments.backlog_of_writes(seeded(), bursts=b, rate_per_s=10, work_s=0.06, stays_s=10)
        for b in (False, True)
    )
    assert burst["writes/s"] == pytest.approx(even["writes/s"], rel=0.25)
    assert burst["mean wait, s"] > 50 * even["mean wait, s"]


def test_repeats_are_more_with_a_longer_memory():
    shares = [
        experiments.repeated_share(seeded(), rows=100_000, window=window)
        for window in (10, 1_000, 100_000)
    ]
    assert 0.05 < shares[0] < shares[1] < shares[2] < 1


def test_the_ceiling_by_work():
    assert experiments.ceiling_by_work(9, 1, 5) == pytest.approx(2.8)
    assert experiments.ceiling_by_work(9, 3, 1) == 28


def test_the_drawings():
    day = shop()
    for draw in (
        experiments.plot_classes,
        lambda ax: experiments.plot_day(ax, day),
        lambda ax: experiments.plot_work(ax, 9, {"alike": (1, 1), "dear": (1, 5)}),
    ):
        _, ax = canvas()
        assert draw(ax) is ax
    _, ax = canvas()
    said = experiments.draw_gain(ax, 9, 10)
    assert said.startswith(
        "9 reads to a write: 90\u00a0% reads: read-heavy by the guide's percentage"
    )
    assert "10 copies do 5.263 ×" in said


def test_the_task_has_an_answer_that_is_not_the_start():
    right = [k for k in (0.1, 1, 4, 9, 19, 49) if tasks.TENFOLD.right(k, 20)]
    assert right == [19, 49]


class TestRealServers:
    @pytest.fixture(autouse=True)
    def need_servers(self):
        pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")
        if isinstance(work := experiments.work_of_servers(9_000), str):
            pytest.skip(work)

    def test_reads_divide_and_writes_repeat(self):
        work = experiments.work_of_servers(9_000)
        alone, shared = work["reads, primary alone"], work["reads, over all three"]
        assert alone[0] > 5 * max(alone[1:])
        least, middle, _ = sorted(shared)  # one server may be held up by what else runs here
        assert alone[0] / 10 < least <= middle < 0.75 * alone[0]
        assert min(work["writes"]) > middle / 4
        assert 0.1 < experiments.replay_cost(9_000) < 1.5
        assert "writes" in experiments.work_table(9_000).text

    def test_a_learners_split_meets_a_replica(self):
        right = ["replica", "replica", *["primary"] * 6, "replica", "primary", "replica", "primary"]
        assert "refused none" in experiments.own_split_on_postgres(lambda s: right).text
        wrong = experiments.own_split_on_postgres(lambda s: ["replica"] * len(s)).text
        assert "refused 5 of them, the first: INSERT INTO t VALUES" in wrong


def test_without_servers_the_cells_say_so(monkeypatch):
    def missing():
        raise RealComponentError("no PostgreSQL server found")

    monkeypatch.setattr(experiments, "PostgresCluster", missing)
    experiments.work_of_servers.cache_clear()
    try:
        assert "Recorded on" in experiments.work_table(9_000).body
        assert not math.isnan(experiments.replay_cost(9_000))
        sides = ["primary"] * len(experiments.EVENING)
        assert "no PostgreSQL" in experiments.own_split_on_postgres(lambda s: sides).text
    finally:
        experiments.work_of_servers.cache_clear()


@pytest.mark.parametrize("answer", [lambda s: ..., lambda s: "primary", lambda s: ["primary"]])
def test_a_stub_or_a_wrong_form_is_told(answer):
    text = experiments.own_split_on_postgres(answer).text
    assert "stub" in text or "each of the 12 statements" in text
