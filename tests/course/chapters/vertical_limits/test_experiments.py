"""What the page on the limits of a larger server draws and computes."""

import math
from itertools import pairwise

import pytest

from scalelab.course.chapters.vertical_limits import experiments, tasks
from scalelab.course.chapters.vertical_limits.experiments import (
    ROWS,
    cores_for,
    first_full,
    orders_per_s,
    price_of_twice,
    switch_point_per_s,
    upgrade_years,
)
from scalelab.plotting import canvas

CEILING = 35_000 / 3  # of the law through 1,000 with 4 cores and 5,000 with 32


def by_hand(cores):
    """Amdahl's law with the share 3/131 in turn, through 1,000 with 4 cores."""
    return 1_000 * cores / 4 * (1 + 3 * 3 / 131) / (1 + (cores - 1) * 3 / 131)


@pytest.mark.parametrize("cores", [1, 4, 32, 96])
def test_so_many_cores_do_so_much(cores):
    assert cores_for(by_hand(cores)) == pytest.approx(cores)


def test_beyond_the_ceiling_no_number_of_cores_will_do():
    assert by_hand(1e9) == pytest.approx(CEILING, rel=1e-6)
    assert cores_for(CEILING + 1) == math.inf
    assert cores_for(0.99 * CEILING) < math.inf
    assert price_of_twice(42.6) > 100
    assert price_of_twice(42.7) == math.inf


def test_at_the_switch_both_ways_cost_the_same():
    for extra in (100, 1_000, 4_000):
        rate = switch_point_per_s(extra)
        assert 70 * cores_for(rate) == pytest.approx(0.28 * rate + extra, rel=1e-6)
    assert switch_point_per_s(0) == pytest.approx(1_000, abs=1)  # one machine of 4 cores, too


def test_each_upgrade_lasts_less_long_than_the_one_before():
    *upgrades, end = upgrade_years()
    gaps = [b - a for a, b in pairwise(upgrades)]
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[0] == pytest.approx(math.log2(by_hand(8) / by_hand(4)))
    assert end == pytest.approx(math.log2(CEILING / 1_000))


LOAD = {"for_each_flush": 4, "data_gb": 200, "held_ms": 100}


class TestParts:
    def test_each_part_by_hand(self):
        parts = orders_per_s(2, **LOAD)  # 8 cores, 32 GB
        assert parts == pytest.approx(
            {
                "cores": 8 / 0.002,
                "data disk": 16_000 / (4 * (1 - 32 / 200)),
                "log disk": 4 / 0.001,
                "connections": 32 * 112 / 0.1,
            }
        )

    def test_data_that_fit_are_not_read(self):
        assert orders_per_s(4, **LOAD)["data disk"] == math.inf

    def test_connections_end_at_what_the_provider_allows(self):
        assert orders_per_s(4, **LOAD)["connections"] == 5_000 / 0.1

    @pytest.mark.parametrize(
        ("row", "change", "part"),
        [
            (1, {}, "cores"),
            (3, {}, "log disk"),
            (3, {"for_each_flush": 64}, "data disk"),
            (4, {"for_each_flush": 64}, "cores"),
            (4, {"for_each_flush": 64, "held_ms": 500}, "connections"),
        ],
    )
    def test_each_part_is_the_first_somewhere(self, row, change, part):
        assert first_full(row, **(LOAD | change)) == part

    def test_the_words_below_the_picture(self):
        _, ax = canvas()
        said = experiments.draw_ceilings(ax, 4, 200, 100)
        assert said.endswith("cores, cores, cores, log disk, log disk.")


def test_only_with_64_in_a_flush_do_96_cores_count():
    right = [n for n in (1, 4, 16, 64) if tasks.CORES_FIRST.right(n, 200, 100)]
    assert right == [64]
    assert not tasks.CORES_FIRST.right(64, 800, 100)
    assert not tasks.CORES_FIRST.right(64, 200, 500)


def test_a_thousand_dollars_make_one_machine_cheaper_up_to_5000():
    extras = (0, 100, 500, 1_000, 2_000, 4_000)
    assert [usd for usd in extras if tasks.SWITCH.right(usd)] == [1_000, 2_000, 4_000]


def test_the_price_list_is_the_guides():
    assert [row[1:] for row in ROWS] == [
        (2, 2, 30),
        (2, 8, 140),
        (8, 32, 560),
        (32, 128, 2_240),
        (96, 384, 6_720),
    ]
    assert experiments.price_slopes() == pytest.approx((1.2115, 1.0), abs=1e-4)


def test_parts_in_a_row_and_machines_side_by_side():
    one, three, some, two = (row["of the time, %"] for row in experiments.one_of_everything())
    up = 0.999**3
    assert one == pytest.approx(0.1)
    assert three == pytest.approx(100 * (1 - up))
    assert some == pytest.approx(100 * (1 - up**10))
    assert two == pytest.approx(100 * (1 - up**10 - 10 * up**9 * (1 - up)))


def test_the_other_law_turns_back_where_the_first_goes_on():
    cores, rate = experiments.peak()
    assert 32 < cores < 64
    assert 5_000 < rate < by_hand(cores)
    assert 0.05 < experiments.apart() < 0.15


@pytest.mark.parametrize(
    "plot",
    [
        experiments.plot_years,
        experiments.plot_families,
        experiments.plot_price_of_twice,
        experiments.plot_two_prices,
    ],
)
def test_the_pictures_are_drawn(plot):
    _, ax = canvas()
    assert plot(ax) is ax


def test_the_machine_and_its_prices_by_unit_are_drawn():
    assert len(experiments.machine_picture().axes) == 1
    _, axes = canvas(3)
    experiments.plot_units(axes)
    assert [len(ax.get_lines()) for ax in axes] == [1, 1, 1]


def test_the_switch_in_words():
    _, ax = canvas()
    assert "4,188 requests a second" in experiments.draw_switch(ax, 500)
