import numpy as np
import pytest
from support.agreement import standard_errors_off

from scalelab.course.chapters.read_after_write import experiments, tasks
from scalelab.models.cache_races import stale_fill_probability
from scalelab.models.staleness import backward_read_probability, stale_share
from scalelab.plotting import canvas
from scalelab.real.supervised import RealComponentError


def runs(number=20):
    return np.random.default_rng(5).spawn(number)


def test_the_pictures_are_drawn():
    assert len(experiments.page_picture().axes) == 1


def test_a_router_keeps_what_the_table_says():
    kept, books = experiments.routers(7, runs=2)
    marks = {
        name: "".join("x" if v == "broken" else "." for v in row.values())
        for name, row in kept.items()
    }
    assert {name: mark[:2] for name, mark in marks.items()} == {
        "any replica": "xx",
        "always the same replica": "x.",
        "primary for 50 ms": "xx",
        "token of own writes": ".x",
        "token of all seen": "..",
        "always the primary": "..",
    }
    assert marks["always the same replica"] == "x..."  # the last two follow from monotonic reads
    assert books["always the primary"].from_primary == books["always the primary"].reads
    assert books["always the primary"].stale == books["token of all seen"].from_primary == 0


def test_the_laws_differ_in_their_tails():
    shares = [next(v for k, v in row.items() if k != "law") for row in experiments.law_rows()]
    assert shares == pytest.approx([12.31, 5.047, 30.17, 60.12, 0], abs=0.01)


def test_a_fault_is_small_and_a_router_without_one_says_so():
    assert len(experiments.smallest_fault("any replica", "read your writes", 7)) <= 4
    with pytest.raises(ValueError, match="must break 'read your writes' in 50 runs"):
        experiments.smallest_fault("always the primary", "read your writes", 7)


def test_steps_back_agree_with_the_formula():
    law = experiments.law('"typical", 10 ms to 5 s')
    expected = backward_read_probability(law, 0.2, 0.3, replicas=3)
    shares = [experiments.steps_back(rng) for rng in runs()]
    assert standard_errors_off(shares, expected) < 4
    assert standard_errors_off(shares, 1.1 * expected) > 4


def test_a_refill_agrees_with_the_formula():
    shares = [experiments.stale_refill(rng, 10, 0.05) for rng in runs()]
    assert standard_errors_off(shares, float(stale_fill_probability(10, 0.05))) < 4
    assert standard_errors_off(shares, 1.1 * float(stale_fill_probability(10, 0.05))) > 4


def test_the_remedies_of_the_table_are_runs():
    """From the primary, or deleted after the lag, no old row is left; half the lag leaves some."""
    sooner = [experiments.stale_refill(rng, 10, 0.1, 0.05) for rng in runs()]
    assert standard_errors_off(sooner, float(stale_fill_probability(10, 0.05))) < 4
    rows = experiments.remedies_table(7).body
    assert rows.count("<tr") == 1 + 3


def test_the_timer_of_the_explorer():
    _, ax = canvas()
    said = experiments.draw_timer(ax, "a read model, 100 to 500 ms", 0.5)
    assert "5\u00a0% of the reads right after it" in said
    wide = '"typical", 10 ms to 5 s'
    assert not any(tasks.TIMER.right(wide, w) for w in (1.0, 2.0, 5.0))
    assert [
        w for w in (0.2, 0.5, 1.0, 2.0) if tasks.TIMER.right("a read model, 100 to 500 ms", w)
    ] == [1.0, 2.0]


def test_the_windows_of_the_table():
    rows = experiments.window_rows()
    assert len(rows) == len(experiments.LAGS)
    assert rows[-1]["after 2 s, %"] == pytest.approx(
        100 * float(stale_share(experiments.law('"typical", 10 ms to 5 s'), 2.0))
    )


def test_two_buyers_lose_an_update():
    assert (experiments.two_buyers(False)[0], experiments.two_buyers(True)[0]) == (2, 1)
    fault = experiments.lost_update_fault()
    assert fault.rule == "no lost updates"


def test_a_timestamp_of_rows_refuses_what_is_current():
    for strict, shown in ((True, 1), (False, 2)):
        told = experiments.by_timestamp({"A": 100, "B": 50}, strict=strict)
        assert list(told.values()).count("shown") == shown


def test_real_servers_miss_what_the_forecast_says():
    pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")
    if isinstance(rows := experiments.real_routers(), str):
        pytest.skip(rows)
    by_name = {name: (missed, primary) for name, _, missed, primary in rows}
    assert by_name["any replica"][0] > 0.3
    assert by_name["any replica"][1] == 0
    assert by_name["token, wait for the replica"] == (0, 0)
    assert by_name["token, else the primary"][0] == 0
    assert by_name["token, else the primary"][1] > 0.3


def test_without_servers_the_figures_are_recorded(monkeypatch):
    def missing(**settings):
        raise RealComponentError("no PostgreSQL server found")

    monkeypatch.setattr(experiments, "PostgresStore", missing)
    experiments.real_routers.cache_clear()
    try:
        assert "Recorded on" in experiments.real_table().body
    finally:
        experiments.real_routers.cache_clear()
