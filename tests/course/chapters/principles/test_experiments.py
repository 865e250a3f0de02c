"""What is full first, what it costs, and when to begin."""

import numpy as np
import pytest

from scalelab.course.chapters.principles import experiments as e
from scalelab.course.chapters.principles import tasks
from scalelab.plotting import canvas
from scalelab.sim.statistics import estimate


def test_the_pictures_are_drawn():
    assert len(e.cycle_picture().axes) == 1
    _, ax = canvas()
    for draw in (e.plot_gains, e.plot_mix, e.plot_machine_or_fleet):
        draw(ax)
    e.plot_lead(ax, 0.4)
    assert ax.get_xlim()[1] == pytest.approx(1.15 * e.months_until(0.4))


def test_one_user_waits_for_nobody():
    assert e.throughput_per_s(1) == pytest.approx(1 / 0.017)
    assert e.gain(1, 1) == pytest.approx(17 / 14.5 - 1)


def test_under_load_only_the_fullest_part_counts():
    assert e.gain(20, 1) < 1e-6 < e.gain(20, 0)
    assert e.throughput_per_s(20) == pytest.approx(100, rel=1e-5)


@pytest.mark.parametrize("part", [None, 1])
def test_the_run_is_what_the_analysis_says(part):
    work_s = e.PAGE_S if part is None else e.halved(part)
    runs = [e.closed_run(rng, 3, part) for rng in np.random.default_rng(5).spawn(6)]
    found, theory = estimate(runs), e.throughput_per_s(3, work_s)
    assert abs(found.mean - theory) < 4 * found.standard_error
    assert abs(found.mean - 1.15 * theory) > 4 * found.standard_error  # the comparison can fail


def test_the_task_is_found_at_three_users_and_the_database():
    right = [(n, part) for n in e.USERS for part in range(3) if tasks.STILL_WORTH.right(n, part)]
    assert right == [(1, 1), (2, 1), (3, 1)]


def test_the_words_of_the_halved_part():
    _, ax = canvas()
    assert "100 pages per second become 190.2, 90.2 % more" in e.draw_halved(ax, 20, 0)


def test_the_mix_turns_where_both_parts_need_the_same():
    app, database, _ = e.mixed_s(e.turning_share())
    assert app == pytest.approx(database)
    assert [hour.first for hour in e.hours()] == ["app server", "database", "app server"]
    assert all(hour.busy < 1 for hour in e.hours())
    assert "night | 45.0 | 30.0 | database" in e.hours_table().text


def test_the_break_even_of_optimising():
    assert e.break_even_cores() == pytest.approx(8 * 600 / (0.4 * 90 * 12))
    assert e.break_even_cores(days=4) == pytest.approx(e.break_even_cores() / 2)


def test_one_machine_and_several_by_their_prices():
    assert e.one_machine()[0][1] == 2 * 35 + 25
    assert e.fleet(2)[1] == 2 * (4 * 35 + 25) + 20 + 8 * 600 / 12
    first, last = e.simple_until_per_s(), e.never_again_per_s()
    assert first < last
    dear = {round(rate): usd > e.cheapest_fleet_usd(rate) for rate, usd in e.one_machine()}
    assert [rate for rate, is_dear in dear.items() if is_dear] == [round(e.one_machine()[-1][0])]
    just_above = e.cheapest_fleet_usd(first * 1.001)
    assert just_above < next(usd for rate, usd in e.one_machine() if rate > first * 1.001)


def test_a_step_begins_its_lead_time_before_the_limit():
    assert e.begin_at(1, 2.0) == 0.5
    assert e.months_until(e.begin_at()) == pytest.approx(e.LEAD_MONTHS)
    assert e.too_early_usd(e.begin_at()) == pytest.approx(0, abs=1e-6)
