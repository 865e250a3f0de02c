"""The fluid of a week and the event simulation, on some minutes of the crowd."""

from dataclasses import replace

import pytest

from scalelab.course.chapters.capstone.events import (
    beside_events,
    servers_at,
    worst_minutes,
)
from scalelab.course.chapters.capstone.plan import ShopPlan
from scalelab.course.chapters.capstone.rivals import BEST
from scalelab.course.chapters.capstone.weeks import draw_week

WEEK = draw_week(2, 5.0)
HEAD = int((WEEK.crowd_s - 60) / 5)  # where the crowd's ascent begins


@pytest.mark.parametrize(("servers", "most_off"), [(14, 0.001), (6, 0.02), (4, 0.02)])
def test_the_fluid_counts_as_many_slow_requests_as_the_events(servers, most_off):
    pytest.importorskip("numba")
    some = beside_events(replace(BEST, cache=40_000), WEEK, HEAD, servers, minutes=4)
    assert some.requests == pytest.approx(WEEK.rate_per_s[HEAD : HEAD + 48].sum() * 5, rel=0.02)
    assert some.fluid == pytest.approx(some.events, abs=most_off)
    assert (some.load > 1) == (servers < 10)
    assert (some.events > 0.2) == (servers < 10)


def test_servers_are_chosen_for_a_load():
    few, some, many = (servers_at(load, WEEK, HEAD, minutes=4) for load in (1.1, 0.95, 0.85))
    assert few < some < many
    pytest.importorskip("numba")
    assert beside_events(BEST, WEEK, HEAD, few, minutes=4).load == pytest.approx(1.1, rel=0.05)


def test_the_worst_minutes_are_where_most_are_slow():
    first, servers = worst_minutes(ShopPlan(friday=12, target=0.7), WEEK, minutes=5)
    when_s = first * WEEK.tick_s
    assert WEEK.crowd_s - 600 < when_s < WEEK.crowd_s + 3_600
    assert servers >= 12
