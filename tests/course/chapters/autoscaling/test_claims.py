"""What the ledger computes for the section on auto-scaling, held against values from elsewhere.

`EXPECTED` was copied by hand from the survey of the guide's claims. The survey simulated a crowd
whose fall it does not give; the shares of late requests and the instance-hours that depend on it
are compared with it at two digits, and with a slow simulation in this file exactly. Its worst
waits, 164 and 212 s, divide the line by what the fleet did at that moment. Nobody waits so long,
because more instances join meanwhile, so the ledger gives the wait of first come, first served.
Its 25.06 % of keys moved is the exact 25 %, its 0.3572 the exact 0.35721. Several verdicts are
kinder than the survey's: a benevolent reading rescues the claim. The runs without rests, and those
of target tracking with a rest, are from a referee's own simulator.
"""

import math
from collections import deque

import numpy as np
import pytest
from support.claim_values import claim_tests

from scalelab.course.chapters.autoscaling import experiments as autoscaling
from scalelab.course.chapters.autoscaling import week as autoscaling_week

EXPECTED = {
    "as-85-to-60-plus-two": {},
    "as-startup-2-3-vs-2-5": {"total_min": "7", "total_max": "10"},
    "as-deadband-70-30": {"n_out": "1.5", "n_in": "1.75"},
    "as-70pct-any-size": {"c1": "2.333", "c4": "0.3572", "c10": "0.07391", "c50": "0.000735"},
    "as-memory-80": {},
    "as-rps-1000-absolute": {"end_n": "50"},
    "as-500ms-average": {"p99_ms": "2303", "p95_ms": "1498"},
    "as-queue-depth-100": {"w_10": "10.0", "w_1000": "0.1"},
    "as-5min-trigger-vs-1-2min": {},
    "as-brief-degradation": {
        "backlog": "120000",
        "drain_s": "400",
        "late_frac": "0.15",
        "over_min": "18.17",
    },
    "as-predictive-no-lag": {"early_min": "30"},
    "as-predictive-cost": {"hours": "896", "ratio": "0.4444"},
    "as-schedule-gap": {"covered_h": "148", "gap_h": "20"},
    "as-schedule-figure": {"by_friday": "2.0", "by_week": "1.5", "second": "2.44"},
    "as-hybrid-optimal": {"guide_late": "0.15", "target_late": "0.07"},
    "as-asymmetric-out-in": {"fractile": "0.9091", "hours": ["12", "24"]},
    "as-min-2": {"avail": "0.9999", "safe_util": "0.50", "min_n_70": "4"},
    "as-max-50": {"conns_min": "250", "conns_max": "1000", "affordable": "4"},
    "as-cooldown-5-15": {
        "avg_at_5min": "0.75",
        "needed_min": ["7", "10"],
        "restless_most": "28",
        "rested_most": "8",
        "rested_orders": "2",
    },
    "as-cooldown-ramp-limit": {"minutes": "50"},
    "as-step-ladder": {},
    "as-ladder-lockout": {},
    "as-target-60": {"n": "6", "after": "0.5667", "headroom": "1.667"},
    "as-target-saturation": {"max_n": "20", "need": "12"},
    "as-target-recommended": {
        "late_target": "0.07",
        "late_ladder": "0.107",
        "late_rested": "0.113",
        "h_rested": "25.5",
        "h_ladder": "42.7",
    },
    "as-warmup": {},
    "as-db-bottleneck": {"useful_n": "4"},
    "as-scale-in-window": {},
    "as-realworld-lead-hours": {"extra_h": "16"},
    "as-stateless-easy": {"mod": "0.75", "hrw": "0.25"},
    "proc-autoscaling-best-practices": {"late_alone": "0.07", "late_ahead": "0"},
    "proc-autoscaling-challenges": {},
}
VERDICTS = {
    "holds": [
        "as-deadband-70-30",
        "as-predictive-cost",
        "as-asymmetric-out-in",
        "as-target-60",
        "as-target-recommended",
        "as-warmup",
        "as-db-bottleneck",
        "as-realworld-lead-hours",
        "as-stateless-easy",
        "proc-autoscaling-challenges",
    ],
    "holds-under-assumptions": [
        "as-85-to-60-plus-two",
        "as-startup-2-3-vs-2-5",
        "as-70pct-any-size",
        "as-predictive-no-lag",
        "as-schedule-gap",
        "as-min-2",
        "as-max-50",
        "as-cooldown-5-15",
        "as-cooldown-ramp-limit",
        "as-step-ladder",
        "as-scale-in-window",
        "proc-autoscaling-best-practices",
    ],
    "misleading": [
        "as-memory-80",
        "as-rps-1000-absolute",
        "as-500ms-average",
        "as-queue-depth-100",
        "as-5min-trigger-vs-1-2min",
        "as-brief-degradation",
        "as-schedule-figure",
        "as-hybrid-optimal",
        "as-ladder-lockout",
        "as-target-saturation",
    ],
    "wrong": [],
}
_, VALUES, TestTheLedger = claim_tests("autoscaling", EXPECTED, VERDICTS)


# A second way to the values that the survey left open or did not define to the second ---------


def slow_fleet(decide, startup=180):
    """Serve the crowd, second after second of it in a line, by instances ready from some second."""
    ready, line, late, total, worst, paid = [0] * 4, deque(), 0.0, 0.0, 0.0, 0
    longest = 0.0  # the line over what the fleet does at that moment
    wanted = 4
    for t, arriving in enumerate(autoscaling.flash()):
        if wanted > len(ready):
            ready += [t + startup] * (wanted - len(ready))
        elif wanted < len(ready) and all(moment < t for moment in ready[4:]):
            ready = ready[: max(wanted, 4)]
        running = sum(moment <= t for moment in ready)
        line.append([t, arriving, arriving])
        left = capacity = 100.0 * running
        while line and line[0][1] <= left + 1e-9:
            since, rest, came = line.popleft()
            left -= rest
            wait = t - 1 - since + (capacity - left) / capacity if since < t else 0.0
            late += came * (wait > 0.5)
            worst = max(worst, wait)
        if line:
            line[0][1] -= left
            left = 0.0
        longest = max(longest, sum(rest for _, rest, _ in line) / capacity)
        total, paid = total + arriving, paid + len(ready)
        wanted = decide(t + 1, (capacity - left) / capacity, running, len(ready))
    return late / total, paid / 3600, worst, longest


def step_rule(window, ladder, interrupts=False):
    loads, quiet, last = deque(maxlen=900), [0], [0]

    def decide(now, load, running, have):
        loads.append(load)
        if len(loads) < window:
            return have
        mean = sum(list(loads)[-window:]) / window
        steps = [0] + [step for threshold, step in ladder if mean > threshold + 1e-9]
        if now < quiet[0] and not (interrupts and steps[-1] > last[0]):
            return have
        if steps[-1]:
            quiet[0], last[0] = now + 300, steps[-1]
            return have + steps[-1]
        if len(loads) == 900 and sum(loads) / 900 < 0.3 - 1e-9:
            quiet[0], last[0] = now + 900, 0
            return have - 1
        return have

    return decide


def target_rule(rest=0):
    loads, last = deque(maxlen=30), {"out": -1e9, "in": -1e9}

    def decide(now, load, running, have):
        loads.append(load)
        if now % 30:
            return have
        wanted = math.ceil(running * sum(loads) / len(loads) / 0.6 - 1e-9)
        if wanted < have and (running < have or now - max(last.values()) < 900):
            return have
        if wanted > have and now - last["out"] < rest:
            return have
        if wanted != have:
            last["out" if wanted > have else "in"] = now
        return max(wanted, 4)

    return decide


def test_the_crowd_by_a_slow_simulation():
    late, hours, worst, longest = slow_fleet(step_rule(300, [(0.7, 2)]))
    values = VALUES["as-hybrid-optimal"]
    assert (values["guide_late"], values["guide_h"]) == pytest.approx((late, hours), rel=1e-6)
    assert VALUES["as-ladder-lockout"]["simple_s"] == pytest.approx(worst)
    assert VALUES["as-brief-degradation"]["worst_s"] == pytest.approx(worst)
    assert round(longest) == 164  # the survey's
    late, hours, _, _ = slow_fleet(target_rule())
    assert (values["target_late"], values["target_h"]) == pytest.approx((late, hours), rel=1e-6)
    late, _, _, _ = slow_fleet(target_rule(), startup=30)
    assert VALUES["as-target-recommended"]["late_start_30"] == pytest.approx(late)
    late, hours, worst, _ = slow_fleet(target_rule(rest=300))
    fair = VALUES["as-target-recommended"]
    assert (fair["late_rested"], fair["h_rested"]) == pytest.approx((late, hours), rel=1e-6)


def test_the_ladder_by_a_slow_simulation():
    ladder, values = [(0.7, 1), (0.8, 2), (0.9, 5)], VALUES["as-ladder-lockout"]
    late, _, worst, longest = slow_fleet(step_rule(30, ladder))
    assert (values["late"], values["ladder_s"]) == pytest.approx((late, worst))
    assert round(longest) == 212  # the survey's
    late, _, _, _ = slow_fleet(step_rule(30, ladder, interrupts=True))
    assert values["late_interrupting"] == pytest.approx(late)


def steady_swings(rests):
    """The guide's rule every 30 s on a constant load below what the fleet does, by hand.

    Returned are the instances ordered at each look.
    """
    ready, loads, quiet, ordered, line = [0] * 4, deque(maxlen=900), 0, [], 0.0
    for t in range(12 * 3600):
        running = sum(moment <= t for moment in ready)
        line += 240.0 if t < 1_200 else 400.0
        done = min(line, 100.0 * running)
        line -= done
        loads.append(done / (100.0 * running))
        ordered.append(len(ready))
        now = t + 1
        if now % 30 or len(loads) < 300 or now < quiet:
            continue
        if sum(list(loads)[-300:]) / 300 > 0.7 + 1e-9:
            ready, quiet = [*ready, now + 180, now + 180][:50], now + rests[0]
        elif len(loads) == 900 and sum(loads) / 900 < 0.3 - 1e-9:
            quiet = now + rests[1]
            if max(ready) <= t and len(ready) > 4:
                ready = ready[:-1]
    return np.array(ordered)


def test_without_rests_it_swings_and_with_them_it_does_not():
    values = VALUES["as-cooldown-5-15"]
    restless, rested = steady_swings((0, 0)), steady_swings((300, 900))
    assert values["restless_most"] == restless.max() == 28
    orders = (np.diff(restless)[6 * 3600 :] > 0).sum()
    assert values["restless_orders"] == pytest.approx(orders, abs=2)  # a look at the border
    assert values["rested_orders"] == (np.diff(rested) > 0).sum() == 2
    assert rested[-1] == rested.max() == values["rested_most"]


def test_steps_by_counting_busy_instances():
    for name, n in (("n5", 5), ("n10", 10), ("n20", 20)):
        assert VALUES["as-85-to-60-plus-two"][name] == pytest.approx(0.85 * n / (n + 2))
    assert VALUES["as-85-to-60-plus-two"]["n"] == pytest.approx(4.8)
    ladder = VALUES["as-step-ladder"]
    assert ladder["n4"] == pytest.approx([3 / 5, 3.4 / 6, 3.8 / 9])
    assert ladder["n10"] == pytest.approx([7.5 / 11, 8.5 / 12, 9.5 / 15])
    assert ladder["n40"] == pytest.approx([30 / 41, 34 / 42, 38 / 45])
    assert ladder["n2_plus5"] == pytest.approx(1.9 / 7)
    assert VALUES["as-warmup"]["cold_load"] == pytest.approx(3.4 / 6 / 0.2)


def test_the_cold_launch_by_adding_up():
    """Four cold instances: each second's requests leave when as many have been served as came."""
    speed = [4 + 4 * min(1.0, 0.2 + 0.8 * t / 60) for t in range(240)]
    could = np.cumsum(100 * np.array(speed))
    came = 720 * np.arange(1, 121)
    worst = max(float(np.interp(c, could, np.arange(240))) - t for t, c in enumerate(came))
    assert VALUES["as-warmup"]["wait_s"] == pytest.approx(worst, abs=0.1)  # within a tick
    assert VALUES["as-warmup"]["warm_wait_s"] == 0


def test_sums_and_shares():
    trigger = VALUES["as-5min-trigger-vs-1-2min"]
    assert list(trigger.values()) == [7, 10, 3, 7]
    assert VALUES["as-memory-80"]["after_double"] == pytest.approx(0.78)
    scale_in = VALUES["as-scale-in-window"]
    assert (scale_in["per_hour"], scale_in["per_hour_fresh"], scale_in["night_h"]) == (4, 2, 12)
    challenges = VALUES["proc-autoscaling-challenges"]
    keys = np.arange(80_000)
    assert challenges["sessions"] == np.mean(keys % 4 != keys % 8)
    assert challenges["before"] == challenges["after"] == 1_000


def test_the_early_peak_by_hand():
    """Nothing but four instances for half an hour, and then a line that twelve must clear."""
    late = VALUES["as-predictive-no-lag"]
    assert late["running_then"] == 4
    demand = autoscaling_week.week(30)[(4 * 24 + 17) * 3600 :]
    line, minutes = 0.0, 0
    for t, arriving in enumerate(demand[: 5 * 3600]):
        capacity = 1_200.0 if t >= 3_480 else 400.0
        line = max(0.0, line + arriving - capacity)
        minutes += line / capacity > 0.5
    assert late["late_min"] == pytest.approx(minutes / 60, abs=0.05)
