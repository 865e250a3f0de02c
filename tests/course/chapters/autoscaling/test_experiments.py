import math

import numpy as np
import pytest

from scalelab.course.chapters.autoscaling import experiments as autoscaling
from scalelab.course.chapters.autoscaling import week as autoscaling_week
from scalelab.plotting import canvas
from scalelab.sim.autoscaling import fleet_run
from scalelab.sim.scaling_policies import Reading


def reading(time_s, load, instances=4):
    return Reading(
        time_s=time_s, running=instances, starting=0, load=load, demand_per_s=0.0, backlog=0.0
    )


def asked(policy, loads, instances=4):
    """What the policy wants after each second."""
    return [policy.decide(reading(t, x, instances)) for t, x in enumerate(loads, start=1)]


def test_the_guides_policy_waits_for_five_minutes_and_rests_for_five():
    wants = asked(autoscaling.step_policy(), [0.8] * 700)
    assert [t for t, n in enumerate(wants, start=1) if n == 6] == [300, 600]
    assert asked(autoscaling.step_policy(), [0.7] * 400) == [4] * 400  # not above


def test_the_guides_policy_removes_one_after_fifteen_minutes():
    wants = asked(autoscaling.step_policy(), [0.2] * 2_000)
    assert [t for t, n in enumerate(wants, start=1) if n == 3] == [900, 1_800]
    assert asked(autoscaling.step_policy(), [0.3] * 1_000) == [4] * 1_000


@pytest.mark.parametrize(("load", "more"), [(0.69, 0), (0.75, 1), (0.85, 2), (0.95, 5)])
def test_the_ladder_has_three_rungs(load, more):
    wants = asked(autoscaling.step_policy(autoscaling.LADDER, window_s=30), [load] * 30)
    assert wants[-1] == 4 + more


def test_a_higher_rung_may_interrupt_the_rest_if_it_is_told_so():
    loads = [0.75] * 60 + [0.95] * 60
    rests = asked(autoscaling.step_policy(autoscaling.LADDER, window_s=30), loads)
    interrupting = autoscaling.step_policy(autoscaling.LADDER, window_s=30, interrupts=True)
    interrupts = asked(interrupting, loads)
    assert [want for want in rests if want > 4] == [5]
    assert [want for want in interrupts if want > 4] == [5, 6, 9]  # one, then two, then five


def test_demands_are_what_they_say():
    crowd, rise = autoscaling.flash(), autoscaling.rise()
    assert (crowd.min(), crowd.max(), (crowd == 720).sum()) == (240, 720, 3_481)
    assert (rise[0], rise[3_600], rise[-1]) == (240, 1_200, 1_200)


def test_scores_of_a_run_by_hand():
    fleet = autoscaling.GUIDE_FLEET
    run = fleet_run(np.full(600, 402.0), fleet)
    marks = autoscaling.marks(run)
    late_from = math.floor(0.5 * 400 / 2) + 1  # two more wait each second
    assert marks["minutes late"] == pytest.approx((600 - late_from + 1) / 60)
    assert marks["late, %"] == pytest.approx(100 * (600 - late_from + 1) / 600)
    assert marks["worst delay, s"] == 600 * 2 / 400
    assert marks["instance-hours"] == pytest.approx(4 / 6)


@pytest.mark.parametrize("reaction", [1, 5, 10])
def test_the_overload_explorer_says_what_it_draws(reaction):
    _, axes = canvas(2)
    text = autoscaling.draw_overload(axes, 20, reaction)
    assert f"{200 * 60 * reaction:,} are in line, and the longest wait is {10 * reaction} s" in text
    assert f"{200 * reaction * 60 / 300:.0f} s until nobody waits" in text


def test_each_metric_fails_in_its_own_way():
    rows = {row["rule"]: row for row in autoscaling.sensor_table()}
    assert rows["CPU above 70 %"]["worst wait, s"] == "0"
    never, always = [name for name in rows if name.startswith("memory")]
    assert rows[never]["first order, minute"] == "never"
    assert rows[never]["instances at the end"] == autoscaling.GUIDE_FLEET.min_instances
    for name in (always, "1,000 requests/s"):
        assert rows[name]["instances at the end"] == autoscaling.GUIDE_FLEET.max_instances
    for name in ("mean response above 500 ms", "100 requests in line"):
        assert rows[name]["true load then, %"] == "120"
    with pytest.raises(ValueError, match="sensor_run: metric must be one of"):
        autoscaling.sensor_run("mood")


@pytest.mark.parametrize("startup", [1, 2, 3, 5])
def test_a_cooldown_of_start_up_and_window_is_enough(startup):
    assert autoscaling.cooldown_run(startup, startup + 5).running[-1] == 7


def test_a_cooldown_of_five_minutes_is_not():
    assert autoscaling.cooldown_run(3, 5).running[-1] == 9


def test_only_the_rests_keep_a_steady_fleet_steady():
    runs = {str(rests): autoscaling.steady_run(rests) for rests in ((0, 0), autoscaling.RESTS_S)}
    counts = [autoscaling.scale_outs(run, slice(None)) for run in runs.values()]
    assert counts[0] > 100 > counts[1] == 2
    _, ax = canvas()
    autoscaling.plot_steady(ax, runs)
    assert len(ax.get_lines()) == 2


def test_the_limit_of_the_fluid_is_drawn_with_what_was_simulated():
    _, ax = canvas()
    autoscaling.plot_limit(ax, (4, 12, 50), {(4, 0.9): 1.97})
    assert len(ax.get_lines()) == 3 + 1 + 1


def test_a_week_takes_less_than_a_second():
    run = fleet_run(autoscaling_week.week(), autoscaling.GUIDE_FLEET, autoscaling.target_policy())
    assert run.running.size == 604_800


def test_a_warm_fleet_makes_nobody_wait():
    assert autoscaling.warm_up_delay_s(0) == 0
    assert autoscaling.warm_up_delay_s(120) > autoscaling.warm_up_delay_s(60) > 0


def test_pictures_have_their_parts():
    assert len(autoscaling.loop_picture().axes) == 1
    _, axes = canvas(2)
    run = fleet_run(autoscaling.flash(), autoscaling.GUIDE_FLEET, autoscaling.target_policy())
    autoscaling.draw_runs(axes, {"a": run})
    assert [line.get_label() for line in axes[0].lines] == ["a", "demand"]
