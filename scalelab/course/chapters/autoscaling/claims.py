"""Claims on auto-scaling: types, metrics, policies, and challenges.

Unless a claim says otherwise, an instance does 100 requests per second and starts in three
minutes, and the demand is that of the chapter's experiments: for four hours 240 requests per
second, and three times as much for one of them.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from scalelab.course.chapters.autoscaling import experiments as lab
from scalelab.course.chapters.autoscaling import week as timetable
from scalelab.course.ledger import Values, section
from scalelab.models.autoscaling import (
    contaminated_mean,
    deadband,
    fleet_of_step,
    newsvendor_fractile,
    proportional_instances,
    saturated_growth,
    time_to_add_s,
    utilisation_after_step,
)
from scalelab.models.availability import downtime_s_per_year, parallel_availability
from scalelab.models.backlog import backlog, drain_time_s
from scalelab.models.erlang import mmc_mean_wait_s
from scalelab.models.headroom import (
    safe_utilisation,
    smallest_redundant_fleet,
    utilisation_after_loss,
)
from scalelab.models.placement import minimum_moved_share, modulo_moved_share
from scalelab.models.tiers import bottleneck, tiers_capacity_per_s
from scalelab.sim.autoscaling import fleet_run
from scalelab.sim.scaling_policies import OwnPolicy, TargetPolicy

claim = section("Auto-Scaling Strategies and Policies", "autoscaling")


@claim(
    "as-85-to-60-plus-two",
    says="At 85 % CPU, two more instances bring the CPU down to 60 %.",
    kind="autoscaling",
    verdict="holds-under-assumptions",
    finding="In a fleet of five, nearly: it takes 4.8 instances for exactly 60 %. The same two "
    "leave 70.8 % in a fleet of 10, which is still above the threshold, and 77.3 % in one of 20. "
    "A number of instances is a rule for one size of fleet.",
    source="Utilisation law, n U = (n + k) U'.",
    named={
        "n": "fleet that two more bring from 85 % to 60 % | instances",
        "n5": "CPU afterwards of a fleet of 5 | share",
        "n10": "CPU afterwards of a fleet of 10 | share",
        "n20": "CPU afterwards of a fleet of 20 | share",
    },
)
def two_more() -> Values:
    return {
        "n": fleet_of_step(0.85, 0.60, 2),
        "n5": utilisation_after_step(0.85, 5, 2),
        "n10": utilisation_after_step(0.85, 10, 2),
        "n20": utilisation_after_step(0.85, 20, 2),
    }


@claim(
    "as-startup-2-3-vs-2-5",
    says="A new instance takes 2 to 3 minutes to start, and elsewhere 2 to 5 minutes.",
    kind="autoscaling",
    verdict="holds-under-assumptions",
    finding="Both are usual, the longer one with the warm-up. Neither is what users wait for. With "
    "a rule that watches for five minutes first, it is 7 to 10 minutes from the overload to the "
    "help.",
    source="Sum of detection and start-up.",
    named={
        "total_min": "from overload to help, at least | min",
        "total_max": "from overload to help, at most | min",
    },
)
def startup() -> Values:
    return {"total_min": 5.0 + 2, "total_max": 5.0 + 5}


@claim(
    "as-deadband-70-30",
    says="Scale out above 70 % CPU and in below 30 %.",
    kind="autoscaling",
    verdict="holds",
    finding="The gap between the two is wide enough for one order. Adding two at 70 % would lead "
    "below 30 % only in a fleet of fewer than 1.5 instances; removing one at 30 % would lead above "
    "70 % only in one of fewer than 1.75. The guide's minimum is two. This judges one order. A "
    "rule that orders again before the first order is felt can still swing: that is what the "
    "rests are for, in an entry below.",
    source="Utilisation law at both thresholds.",
    named={
        "n_out": "adding two flaps in a fleet below | instances",
        "n_in": "removing one flaps in a fleet below | instances",
    },
)
def band() -> Values:
    limits = deadband(0.3, 0.7, added=2, removed=1)
    return {"n_out": limits.flaps_out_below, "n_in": limits.flaps_in_below}


@claim(
    "as-70pct-any-size",
    says="A CPU threshold of 70 % is right for a fleet.",
    kind="queueing",
    verdict="holds-under-assumptions",
    finding="For fleets of about 4 to 10. At 70 % a request waits 2.3 times its own service time "
    "for one server, 0.36 times for 4, 0.07 times for 10 and 0.0007 times for 50 with one common "
    "line. So 50 servers can run at 85 %, where a request waits 0.025 service times, and one "
    "server is slow at 70 % already.",
    source="Erlang C: random arrivals, exponential service, one line.",
    named={
        "c1": "wait at 70 %, 1 server | service times",
        "c4": "wait at 70 %, 4 servers | service times",
        "c10": "wait at 70 %, 10 servers | service times",
        "c50": "wait at 70 %, 50 servers | service times",
        "c50_at_85": "wait at 85 %, 50 servers | service times",
    },
)
def threshold() -> Values:
    waits = {f"c{c}": mmc_mean_wait_s(0.7 * c, 1.0, c) for c in (1, 4, 10, 50)}
    return waits | {"c50_at_85": mmc_mean_wait_s(0.85 * 50, 1.0, 50)}


@claim(
    "as-memory-80",
    says="Scale out when memory is above 80 %.",
    kind="autoscaling",
    verdict="misleading",
    finding="Most memory of a server does not depend on its load. With 75 % for heap and caches "
    "and 6 % for the requests in progress the rule fires, and twice the fleet still shows 78 %: it "
    "says next to nothing about the load. With 5 % it reads 80 % at full load and never fires. "
    "With a cache above 80 % it never stops. Where memory does follow the load, for instance with "
    "one session each, it is a fair signal.",
    source="Assumed split: a fixed part, and a part proportional to the load of an instance.",
    named={
        "before": "memory used when the rule fires | share",
        "after_double": "memory used by twice the fleet | share",
        "at_full_load": "memory at full load with 5 % for requests | share",
    },
)
def memory() -> Values:
    return {
        "before": 0.75 + 0.06,
        "after_double": 0.75 + 0.06 / 2,
        "at_full_load": 0.75 + 0.05,
    }


@claim(
    "as-rps-1000-absolute",
    says="Scale out when there are more than 1,000 requests per second.",
    kind="autoscaling",
    verdict="misleading",
    finding="As a rule for the whole fleet, which is what it says, it cannot work: no instance "
    "that is added changes how many requests arrive. At 1,200 per second it fires until the "
    "maximum of 50, where 12 would do. Read as requests per second of each instance it is a good "
    "rule, which is why it is not called wrong here.",
    source="Simulation of the fleet under this rule, 1,200 requests per second for 6 hours.",
    named={
        "end_n": "instances at the end",
        "need": "instances that would do",
    },
)
def request_rate() -> Values:
    run = lab.sensor_run("1,000 requests/s")
    return {"end_n": int(run.running[-1]), "need": 1_200 / 100}


@claim(
    "as-500ms-average",
    says="Scale out when the mean response time is above 500 ms.",
    kind="queueing",
    verdict="misleading",
    finding="When the mean is 500 ms, one request in twenty takes longer than 1,498 ms and one in "
    "a hundred longer than 2,303 ms. And it is late: a server with 10 ms of work for each request "
    "reaches this mean at 98 % of its capacity.",
    source="Exponential response time of M/M/1: p = mean × ln(1/(1 − q)); ρ = 1 − S/R.",
    named={
        "p95_ms": "one in twenty takes longer than | ms",
        "p99_ms": "one in a hundred takes longer than | ms",
        "utilisation": "load of the server then | share",
    },
)
def mean_response() -> Values:
    return {
        "p95_ms": 500 * math.log(1 / 0.05),
        "p99_ms": 500 * math.log(1 / 0.01),
        "utilisation": 1 - 0.010 / 0.500,
    }


@claim(
    "as-queue-depth-100",
    says="Scale out when more than 100 items wait.",
    kind="queueing",
    verdict="misleading",
    finding="For two reasons. A hundred items are 10 s of waiting for a fleet that does 10 a "
    "second and 0.1 s for one that does 1,000. And a line is there only when the fleet is full: in "
    "the chapter's rise the rule orders first at 120 % of the capacity. If you use a line, set the "
    "threshold to the wait that you accept × what an instance does, for each instance.",
    source="Little's law, W = L/λ; simulation of the fleet under this rule alone.",
    named={
        "w_10": "wait behind 100 items at 10 a second | s",
        "w_1000": "wait behind 100 items at 1,000 a second | s",
        "load_then": "demand over capacity at the first order | share",
    },
)
def queue_depth() -> Values:
    run = lab.sensor_run("100 requests in line")
    first = int(np.flatnonzero(run.starting > 0)[0])
    capacity = lab.GUIDE_FLEET.rate_per_s * int(run.running[first])
    return {
        "w_10": 100 / 10,
        "w_1000": 100 / 1_000,
        "load_then": float(run.demand[first]) / capacity,
    }


@claim(
    "as-5min-trigger-vs-1-2min",
    says="The example rule watches for 5 minutes; the best practice is to detect in 1 to 2.",
    kind="autoscaling",
    verdict="misleading",
    finding="The guide's own example breaks its own advice. With 2 to 5 minutes of start-up the "
    "rule reacts in 7 to 10 minutes, the practice in 3 to 7. What piles up while nothing happens "
    "grows with it.",
    source="Sums of detection and start-up.",
    named={
        "policy_min": "the example rule reacts in, at least | min",
        "policy_max": "the example rule reacts in, at most | min",
        "practice_min": "the best practice reacts in, at least | min",
        "practice_max": "the best practice reacts in, at most | min",
    },
)
def trigger() -> Values:
    return {
        "policy_min": 5.0 + 2,
        "policy_max": 5.0 + 5,
        "practice_min": 1.0 + 2,
        "practice_max": 2.0 + 5,
    }


@claim(
    "as-brief-degradation",
    says="Reactive scaling brings a brief degradation, until the new instances are there.",
    kind="autoscaling",
    verdict="misleading",
    finding="The line does not vanish when help arrives. A fifth too much for ten minutes leaves "
    "120,000 requests in line, 120 s of work for the old fleet, and with half as much capacity "
    "again it takes 400 s until they are gone. When demand triples, the guide's policy leaves "
    "somebody late for 18.2 minutes: 15 % of all requests of four hours, up to 137 s.",
    source="Fluid queue; simulation of the guide's policy.",
    named={
        "backlog": "in line after 10 minutes | requests",
        "work_s": "work in that line for the old fleet | s",
        "drain_s": "until the line is gone | s",
        "late_frac": "late requests under the guide's policy | share",
        "over_min": "time in which somebody is late | min",
        "of_hours": "length of the run | h",
        "worst_s": "longest wait | s",
    },
)
def degradation() -> Values:
    waiting = backlog(1_200, 1_000, 600)
    marks = lab.marks(fleet_run(lab.flash(), lab.GUIDE_FLEET, lab.step_policy()))
    return {
        "backlog": waiting,
        "work_s": waiting / 1_000,
        "drain_s": drain_time_s(waiting, 1_200, 1_500),
        "late_frac": marks["late, %"] / 100,
        "over_min": marks["minutes late"],
        "of_hours": lab.flash().size / lab.HOUR_S,
        "worst_s": marks["worst delay, s"],
    }


@claim(
    "as-predictive-no-lag",
    says="With a schedule there is no lag: instances run before they are needed.",
    kind="autoscaling",
    verdict="holds-under-assumptions",
    finding="If the load keeps to it, and if the schedule orders a start-up time ahead. A Friday "
    "peak that comes 30 minutes early meets 4 instances for all of the 30 minutes, and "
    "somebody waits for 116 minutes.",
    source="Simulation of the guide's schedule with 4 instances where it says nothing.",
    named={
        "early_min": "the peak comes early by | min",
        "running_then": "instances that it meets",
        "late_min": "time in which somebody waits | min",
    },
)
def no_lag() -> Values:
    demand, at_least = timetable.week(30), timetable.orders(timetable.scheduled(baseline=4), 300)
    run = fleet_run(demand, lab.GUIDE_FLEET, at_least=at_least)
    start = (4 * 24 + 18) * lab.HOUR_S
    early = run.running[start - 1_800 : start]
    return {
        "early_min": 30.0,
        "running_then": int(np.median(early)),
        "late_min": float((run.delay_s > lab.LATE_S).sum() / 60),
    }


@claim(
    "as-predictive-cost",
    says="A schedule saves money, because capacity follows what is known in advance.",
    kind="cost",
    verdict="holds",
    finding="896 instance-hours a week, with 4 instances for the hours of Friday that the "
    "schedule leaves out, against 2,016 for twelve all the time: 44 %.",
    source="Sum over the 168 hours of a week.",
    named={
        "hours": "a week by the schedule | instance-hours",
        "fixed_hours": "a week of 12 instances | instance-hours",
        "ratio": "the schedule over the 12 | share",
    },
)
def schedule_cost() -> Values:
    hours = int(timetable.scheduled(baseline=4).sum())
    return {"hours": hours, "fixed_hours": 12 * 168, "ratio": hours / (12 * 168)}


@claim(
    "as-schedule-gap",
    says="The schedule says how many instances run: Monday to Thursday, Friday evening, weekend.",
    kind="autoscaling",
    verdict="holds-under-assumptions",
    finding="If the hours left out are baseline. It covers 148 of 168 hours; Friday until "
    "18:00 and from 22:00 on, 20 hours, is left out. A reader takes the baseline there, a program "
    "takes what it finds.",
    source="Count over the hours of a week.",
    named={
        "covered_h": "covered by the schedule | h",
        "gap_h": "left out | h",
        "week_h": "in a week | h",
    },
)
def gap() -> Values:
    covered = int((timetable.scheduled() > 0).sum())
    return {"covered_h": covered, "gap_h": 168 - covered, "week_h": 168}


@claim(
    "as-schedule-figure",
    says="The drawn pattern of traffic shows the Friday peak that the schedule is made for.",
    kind="arithmetic",
    verdict="misleading",
    finding="As a sketch it says that every week has a peak. It does not show when. Measured by "
    "the 4 days from Monday to Friday the first peak stands 2 days after Monday and the second "
    "2.4; measured by the 7 days from Monday to Monday the first stands at 1.5. None of these is "
    "Friday evening, for which the schedule orders 12 instances. Plot data before you make a "
    "schedule.",
    source="Columns of the figure: Mondays 11 and 32, Friday 20, peaks 15.5 and 37.5.",
    named={
        "to_friday": "from Monday to Friday | days",
        "week": "from Monday to Monday | days",
        "by_friday": "first peak after Monday, by the days to Friday | days",
        "second": "second peak after its Monday, the same way | days",
        "by_week": "first peak after Monday, by the whole week | days",
        "ordered": "most that the schedule orders | instances",
    },
)
def figure() -> Values:
    first, second = 15.5 - 11, 37.5 - 32  # columns after the Monday before it
    to_friday, week = 4, 7
    return {
        "to_friday": to_friday,
        "week": week,
        "by_friday": to_friday * first / (20 - 11),
        "second": to_friday * second / (20 - 11),
        "by_week": week * first / (32 - 11),
        "ordered": int(timetable.scheduled().max()),
    }


@claim(
    "as-hybrid-optimal",
    says="A schedule plus reactive adjustments is optimal scaling.",
    kind="autoscaling",
    verdict="misleading",
    finding="A good idea. 'Optimal' says nothing until late requests have a price. When "
    "demand triples unforeseen, 12 instances all the time cost 48 instance-hours and nobody is "
    "late; target tracking, which looks at 30 s and never rests while it grows, costs 27, and "
    "6.7 % are late. Which of the two is better is for the price to say. The guide's steps, which "
    "look at 5 minutes and rest for 5, cost 40, and 15 % are late: more of both than the second.",
    source="Simulation; comparison in both dimensions (Pareto).",
    named={
        "fixed_h": "12 instances all the time | instance-hours",
        "look_s": "target tracking looks at | s",
        "target_h": "target tracking | instance-hours",
        "target_late": "late under target tracking | share",
        "guide_h": "the guide's steps | instance-hours",
        "guide_late": "late under the guide's steps | share",
    },
)
def hybrid() -> Values:
    guide = lab.marks(fleet_run(lab.flash(), lab.GUIDE_FLEET, lab.step_policy()))
    target = lab.marks(fleet_run(lab.flash(), lab.GUIDE_FLEET, lab.target_policy()))
    return {
        "fixed_h": 12.0 * 4,
        "look_s": float(lab.LOOK_S),
        "target_h": target["instance-hours"],
        "target_late": target["late, %"] / 100,
        "guide_h": guide["instance-hours"],
        "guide_late": guide["late, %"] / 100,
    }


@claim(
    "as-asymmetric-out-in",
    says="Scale out fast, detecting within 1 to 2 minutes, and in slowly, over 15 to 30.",
    kind="autoscaling",
    verdict="holds",
    finding="If a missing instance costs ten times as much as one too many, capacity should be "
    "enough on 91 % of occasions, so err towards too much. The price: from 50 instances to 2, one "
    "every 15 to 30 minutes, takes 12 to 24 hours.",
    source="Newsvendor fractile; multiplication.",
    named={
        "every_min": "one instance less every | min",
        "fractile": "occasions on which capacity should be enough | share",
        "hours": "from 50 instances to 2 | h",
    },
)
def asymmetric() -> Values:
    return {
        "every_min": [15.0, 30.0],
        "fractile": newsvendor_fractile(10, 1),
        "hours": [time_to_add_s(48, 1, 60 * minutes) / 3_600 for minutes in (15, 30)],
    }


@claim(
    "as-min-2",
    says="Keep at least 2 instances, for redundancy, even at no load.",
    kind="replication",
    verdict="holds-under-assumptions",
    finding="Two instances that are up 99 % of the time give 99.99 %, 53 minutes of downtime a "
    "year, if one of them can carry everything. So each may be loaded to 50 %. With a threshold of "
    "70 % the survivor would get 140 %; it takes 4 instances to lose one at that load.",
    source="Parallel availability; load after a loss.",
    named={
        "avail": "one of two is up | share",
        "down_min": "downtime a year | min",
        "safe_util": "load at which two survive a loss | share",
        "threshold": "the guide's threshold | share",
        "after_loss": "load of the survivor | share",
        "min_n_70": "fleet that may run at 70 % | instances",
    },
)
def minimum() -> Values:
    both = parallel_availability([0.99, 0.99])
    return {
        "avail": both,
        "down_min": downtime_s_per_year(both) / 60,
        "safe_util": safe_utilisation(2),
        "threshold": 0.7,
        "after_loss": utilisation_after_loss(0.7, 2),
        "min_n_70": smallest_redundant_fleet(0.7),
    }


@claim(
    "as-max-50",
    says="Keep to at most 50 instances, to limit what bugs and attacks can cost.",
    kind="autoscaling",
    verdict="holds-under-assumptions",
    finding="As a cap on cost it works: the bill cannot exceed 50 instances. It does not protect "
    "what stands behind. With the guide's pools of 5 to 20 connections each, 50 instances open "
    "250 to 1,000 connections. PostgreSQL takes 100 unless told otherwise and keeps 3 of them for "
    "administrators; 97 are enough for 4 pools of 20. The cap should be the smaller of what the "
    "budget and what the next tier can bear.",
    source="Multiplication; PostgreSQL documentation, max_connections and "
    "superuser_reserved_connections.",
    named={
        "conns_min": "50 instances, pools of 5 | connections",
        "conns_max": "50 instances, pools of 20 | connections",
        "free": "left for applications by default | connections",
        "affordable": "pools of 20 that fit",
    },
)
def maximum() -> Values:
    free = 100 - 3
    return {"conns_min": 50 * 5, "conns_max": 50 * 20, "free": free, "affordable": free // 20}


@claim(
    "as-cooldown-5-15",
    says="Five minutes of cool-down after scaling out, 15 after scaling in, prevent thrashing.",
    kind="autoscaling",
    verdict="holds-under-assumptions",
    finding="Without them the guide's rule does thrash. At a constant 400 requests per second, "
    "looking every 30 s, it swings between 4 and 28 instances and orders more 144 times in the "
    "last 6 of 12 hours; with the rests it goes to 8 in two orders and stays. The condition: the "
    "rest after scaling out must last for start-up and window together, 7 to 10 minutes here. "
    "Five minutes after an order, with 3 of start-up, the mean of 5 minutes still reads 75 % when "
    "the load is 60 %, and the rule orders two that nobody needs: 9 instances for 7.",
    source="Simulation with and without the rests; moving average with old samples.",
    named={
        "demand": "constant demand | requests/s",
        "every_s": "the rule looks every | s",
        "hours": "length of the run | h",
        "restless_most": "most instances without rests",
        "restless_least": "fewest in the last 6 h without rests | instances",
        "restless_orders": "scale-outs in the last 6 h without rests",
        "rested_most": "most instances with rests",
        "rested_orders": "scale-outs in 12 h with rests",
        "avg_at_5min": "mean of 5 min, 5 min after the order | share",
        "avg_at_8min": "mean of 5 min, 8 min after the order | share",
        "needed_min": "start-up and window, shortest and longest | min",
        "fleet_5": "fleet after a rest of 5 min | instances",
        "fleet_8": "fleet after a rest of 8 min | instances",
    },
)
def cooldown() -> Values:
    restless, rested = (lab.steady_run(rests_s) for rests_s in ((0, 0), lab.RESTS_S))
    late = slice(6 * lab.HOUR_S, None)
    return {
        "demand": lab.STEADY_PER_S,
        "every_s": float(lab.LOOK_S),
        "hours": float(lab.STEADY_H),
        "restless_most": int(restless.running.max()),
        "restless_least": int(restless.running[late].min()),
        "restless_orders": lab.scale_outs(restless, late),
        "rested_most": int(rested.running.max()),
        "rested_orders": lab.scale_outs(rested, slice(None)),
        "avg_at_5min": contaminated_mean(0.85, 0.60, elapsed_s=300, startup_s=180, window_s=300),
        "avg_at_8min": contaminated_mean(0.85, 0.60, elapsed_s=480, startup_s=180, window_s=300),
        "needed_min": [2.0 + 5, 5.0 + 5],
        "fleet_5": int(lab.cooldown_run(3, 5).running[-1]),
        "fleet_8": int(lab.cooldown_run(3, 8).running[-1]),
    }


@claim(
    "as-cooldown-ramp-limit",
    says="Two instances every five minutes follow the load.",
    kind="autoscaling",
    verdict="holds-under-assumptions",
    finding="If the load grows by less than 24 instances an hour. From 10 to 30 it takes "
    "50 minutes, whatever the load does. A step should grow with the fleet. The guide does not say "
    "this sentence, but its policy implies it.",
    source="Multiplication.",
    named={
        "minutes": "from 10 instances to 30 | min",
        "per_hour": "two every five minutes are | instances per hour",
    },
)
def ramp_limit() -> Values:
    return {"minutes": time_to_add_s(20, 2, 300) / 60, "per_hour": 2 * 60 / 5}


@claim(
    "as-step-ladder",
    says="A ladder of steps: from 70 % one more instance, from 80 % two, from 90 % five.",
    kind="autoscaling",
    verdict="holds-under-assumptions",
    finding="For a fleet of 10 it lands well: 68, 71 and 63 %. For 4 instances five more are too "
    "many, 95 % becomes 42 %, and 2 instances end at 27 %, below the threshold for scaling in. For "
    "40 it hardly matters: 73, 81 and 84 %. Steps in percent of the fleet would do for all.",
    source="Utilisation law at 75, 85 and 95 %.",
    named={
        "n4": "CPU of 4 after 1, 2 and 5 more | share",
        "n10": "CPU of 10 after 1, 2 and 5 more | share",
        "n40": "CPU of 40 after 1, 2 and 5 more | share",
        "n2_plus5": "CPU of 2 after 5 more | share",
    },
)
def ladder() -> Values:
    steps = ((0.75, 1), (0.85, 2), (0.95, 5))

    def after(n: int) -> list[float]:
        return [float(utilisation_after_step(load, n, step)) for load, step in steps]

    return {
        "n4": after(4),
        "n10": after(10),
        "n40": after(40),
        "n2_plus5": utilisation_after_step(0.95, 2, 5),
    }


@claim(
    "as-ladder-lockout",
    says="A ladder of steps reacts in proportion: the worse it is, the more is added.",
    kind="autoscaling",
    verdict="misleading",
    finding="Not with a cool-down. When demand triples within two minutes, the load passes 70 % "
    "first: one instance is ordered, and for five minutes nothing more may be. The worst wait is "
    "147 s, against 137 s for the cruder rule that adds two and looks at 5 minutes instead of "
    "30 s. If a higher rung may interrupt the rest, 3.5 % of the requests are late instead of "
    "10.7 %. Without any rest 3.4 % are late, and the fleet runs into its maximum of 50. The "
    "guide implies the claim by putting both together.",
    source="Simulation: ladder over means of 30 s, two more over means of 5 minutes; without a "
    "rest the ladder looks every 30 s.",
    named={
        "ladder_s": "longest wait under the ladder | s",
        "simple_s": "longest wait under two more | s",
        "late": "late under the ladder | share",
        "late_interrupting": "late if a rung may interrupt | share",
        "late_restless": "late without any rest | share",
        "most_restless": "most instances without any rest",
    },
)
def lockout() -> Values:
    runs = [
        fleet_run(lab.flash(), lab.GUIDE_FLEET, policy)
        for policy in (
            lab.step_policy(),
            lab.step_policy(lab.LADDER, window_s=30),
            lab.step_policy(lab.LADDER, window_s=30, interrupts=True),
            lab.step_policy(lab.LADDER, window_s=30, rests_s=(0, 0), every_s=lab.LOOK_S),
        )
    ]
    simple, ladder, interrupting, restless = map(lab.marks, runs)
    return {
        "ladder_s": ladder["worst delay, s"],
        "simple_s": simple["worst delay, s"],
        "late": ladder["late, %"] / 100,
        "late_interrupting": interrupting["late, %"] / 100,
        "late_restless": restless["late, %"] / 100,
        "most_restless": int(runs[-1].running.max()),
    }


@claim(
    "as-target-60",
    says="Target tracking keeps the CPU at 60 %.",
    kind="autoscaling",
    verdict="holds",
    finding="Four instances at 85 % become 6 at 57 %: as many as the proportion asks for, rounded "
    "up. At 60 % there is room for 1.67 times the load at once.",
    source="Kubernetes documentation, Horizontal Pod Autoscaling: ⌈n × metric / target⌉.",
    named={
        "n": "instances that it asks for",
        "after": "CPU then | share",
        "headroom": "load that there is room for at 60 % | ×",
    },
)
def target() -> Values:
    n = proportional_instances(4, 0.85, 0.60)
    return {
        "n": n,
        "after": utilisation_after_step(0.85, 4, n - 4),
        "headroom": 1 / 0.6,
    }


@claim(
    "as-target-saturation",
    says="The controller adjusts the number of instances continuously to keep the target.",
    kind="autoscaling",
    verdict="misleading",
    finding="It can only correct what it sees, and the CPU of a machine reads at most 100 %. At "
    "180 % demand each step can ask for 1.67 times the fleet and no more, and as the backlog keeps "
    "the CPU full it goes on asking: 20 instances where 12 are needed for the target. On requests "
    "per instance it would order 12 at once. Kubernetes reads per cent of the CPU that a pod "
    "requested, which may exceed 100 %; it saturates at the pod's limit.",
    source="Simulation: 720 requests per second on four instances of 100; growth by 1/0.6.",
    named={
        "demand": "demand over capacity | share",
        "a_step": "growth of one step at most | ×",
        "max_n": "most instances by CPU",
        "need": "instances for the target",
        "max_n_by_demand": "most instances by requests per instance",
        "third_step": "instances after three steps at 100 % CPU",
    },
)
def saturation() -> Values:
    policy = TargetPolicy(target=0.6, window_s=60, every_s=60)
    demand = np.full(3 * lab.HOUR_S, 720.0)
    blind = fleet_run(demand, lab.GUIDE_FLEET, policy)
    seeing = fleet_run(demand, lab.GUIDE_FLEET, policy, sensor="demand")
    return {
        "demand": 720 / (4 * 100),
        "a_step": 1 / 0.6,
        "max_n": int(blind.running.max()),
        "need": math.ceil(720 / 100 / 0.6),
        "max_n_by_demand": int(seeing.running.max()),
        "third_step": saturated_growth(4, 0.6, 3)[-1],
    }


@claim(
    "as-target-recommended",
    says="Target tracking is simpler than steps, and usually the better choice for beginners.",
    kind="autoscaling",
    verdict="holds",
    finding="It is one number instead of a table, and it was the cheaper one here. When demand "
    "triples, the ladder with means of 30 s and 5 minutes of rest costs 43 instance-hours, and "
    "10.7 % are late. Target tracking with the same means and the same rest costs 26, and 11.3 % "
    "are late, about as many. As it is usually set, without a rest while it grows, 6.7 % are late "
    "at 27. So the hours come from the target, and the fewer late requests from the missing "
    "rest: a ladder that may interrupt its rest has 3.5 %, at 37. A start in 30 s instead of 180 s "
    "helps more than any policy: 0.8 % late.",
    source="Simulation; each pair differs in the setting that is named.",
    named={
        "late_target": "late, target without rest | share",
        "late_rested": "late, target with 5 min of rest | share",
        "late_ladder": "late, ladder with 5 min of rest | share",
        "late_interrupting": "late, ladder that may interrupt | share",
        "late_start_30": "late, target and a start in 30 s | share",
        "h_target": "target without rest | instance-hours",
        "h_rested": "target with 5 min of rest | instance-hours",
        "h_ladder": "ladder with 5 min of rest | instance-hours",
        "h_interrupting": "ladder that may interrupt | instance-hours",
        "h_start_30": "target and a start in 30 s | instance-hours",
    },
)
def recommended() -> Values:
    start_30_s = replace(lab.GUIDE_FLEET, startup_s=30)
    interrupting = lab.step_policy(lab.LADDER, window_s=30, interrupts=True)
    runs = {
        "target": fleet_run(lab.flash(), lab.GUIDE_FLEET, lab.target_policy()),
        "rested": fleet_run(lab.flash(), lab.GUIDE_FLEET, lab.target_policy(rest_s=300)),
        "ladder": fleet_run(lab.flash(), lab.GUIDE_FLEET, lab.step_policy(lab.LADDER, window_s=30)),
        "interrupting": fleet_run(lab.flash(), lab.GUIDE_FLEET, interrupting),
        "start_30": fleet_run(lab.flash(), start_30_s, lab.target_policy()),
    }
    late = {f"late_{name}": run.late_share(lab.LATE_S) for name, run in runs.items()}
    return late | {f"h_{name}": run.instance_hours for name, run in runs.items()}


@claim(
    "as-warmup",
    says="New instances need time to warm up, and traffic should be ramped up gradually.",
    kind="autoscaling",
    verdict="holds",
    finding="An instance that starts at a fifth of its speed and gets the same share as the "
    "others, 57 % of what a warm one does, is offered 283 % of what it can do. And it counts as "
    "capacity before it is: a launch that meets four cold instances beside four warm ones makes "
    "users wait up to 7.6 s, and not at all if they are warm.",
    source="Division; simulation with speeds that grow from 20 % to 100 % in 60 s.",
    named={
        "share": "share of each instance, of what a warm one does | share",
        "cold_load": "the same, of what a cold one does | share",
        "wait_s": "longest wait with cold instances | s",
        "warm_wait_s": "longest wait with warm ones | s",
    },
)
def warm_up() -> Values:
    share = utilisation_after_step(0.85, 4, 2)
    return {
        "share": share,
        "cold_load": share / 0.2,
        "wait_s": lab.warm_up_delay_s(60),
        "warm_wait_s": lab.warm_up_delay_s(0),
    }


@claim(
    "as-db-bottleneck",
    says="The application scales, the database behind it does not.",
    kind="queueing",
    verdict="holds",
    finding="With instances of 250 requests per second before a database of 1,000, the fourth is "
    "the last one that helps. The fifth to the fiftieth only make a longer line at the database.",
    source="Bottleneck law.",
    named={
        "useful_n": "last instance that helps",
        "capacity_50": "50 instances do | requests/s",
    },
)
def database() -> Values:
    work_s = [1 / 250, 1 / 1_000]
    limited = (n for n in range(1, 50) if bottleneck(work_s, [n + 1, 1]) == 1)
    return {"useful_n": next(limited), "capacity_50": tiers_capacity_per_s(work_s, [50, 1])}


@claim(
    "as-scale-in-window",
    says="Scale in after 15 minutes below 30 %, or detect it over 15 to 30; then rest 15 minutes.",
    kind="autoscaling",
    verdict="holds-under-assumptions",
    finding="One number and one range for the same thing, both sensible. Added up, one instance "
    "goes in 15 minutes at the fastest: 4 an hour, and with a fresh look of 15 minutes after each "
    "rest 2 an hour. After a peak of 50 instances a night is not enough, which is the price "
    "of caution.",
    source="Division.",
    named={
        "per_hour": "with 15 min of rest | instances per hour",
        "per_hour_fresh": "with rest and a fresh look | instances per hour",
        "night_h": "from 50 instances to 2 | h",
    },
)
def scale_in() -> Values:
    return {
        "per_hour": 60 / 15,
        "per_hour_fresh": 60 / (15 + 15),
        "night_h": time_to_add_s(48, 1, 15 * 60) / 3_600,
    }


@claim(
    "as-realworld-lead-hours",
    says="Before a big release, streaming platforms add capacity hours in advance.",
    kind="autoscaling",
    verdict="holds",
    finding="Eight extra instances two hours early are 16 instance-hours. They buy away the late "
    "requests of the crowd, 15 % of all with the guide's policy: with 12 in place nobody waits. "
    "What early costs is known; what late costs is not.",
    source="Multiplication; simulation.",
    named={
        "early_h": "early by | h",
        "late_before": "late under the guide's policy | share",
        "extra_h": "cost of being early | instance-hours",
        "late_ready": "late with 12 in place | share",
    },
)
def lead() -> Values:
    twelve = replace(lab.GUIDE_FLEET, min_instances=12)
    ready = fleet_run(lab.flash(), twelve, OwnPolicy(decide=lambda reading: 12))
    policy = lab.marks(fleet_run(lab.flash(), lab.GUIDE_FLEET, lab.step_policy()))
    return {
        "early_h": 2.0,
        "late_before": policy["late, %"] / 100,
        "extra_h": 2 * 8,
        "late_ready": ready.late_share(lab.LATE_S),
    }


@claim(
    "as-stateless-easy",
    says="Stateless servers are easy to scale, stateful ones are hard.",
    kind="hashing",
    verdict="holds",
    finding="From 3 to 4 servers, sessions kept on their server by hash mod n lose it in 75 % of "
    "cases, with a placement that moves as few as possible in 25 %, and with shared storage in "
    "none. With a cookie none is lost, but the new server gets only new sessions.",
    source="Share of keys that change their server.",
    named={
        "mod": "sessions moved by hash mod n | share",
        "hrw": "fewest that must move | share",
    },
)
def stateless() -> Values:
    return {"mod": modulo_moved_share(3, 4), "hrw": minimum_moved_share(3, 4)}


@claim(
    "proc-autoscaling-best-practices",
    says="Four practices: out fast and in slowly, minimum and maximum, cool-downs, and a choice "
    "between steps and target tracking.",
    kind="procedure",
    verdict="holds-under-assumptions",
    finding="All four are right, and the figures are for one fleet: one start-up time, one size, "
    "one demand. What they have in common is dead time. Target tracking leaves 6.7 % late when "
    "demand triples; with the capacity ordered beforehand, none.",
    source="Simulation.",
    named={
        "late_alone": "late under target tracking | share",
        "late_ahead": "late with capacity ordered before | share",
    },
)
def practices() -> Values:
    at_least = np.where(np.arange(4 * lab.HOUR_S) < 1_020, 4, 8)
    ahead = fleet_run(lab.flash(), lab.GUIDE_FLEET, lab.target_policy(), at_least=at_least)
    alone = fleet_run(lab.flash(), lab.GUIDE_FLEET, lab.target_policy())
    return {
        "late_alone": alone.late_share(lab.LATE_S),
        "late_ahead": ahead.late_share(lab.LATE_S),
    }


@claim(
    "proc-autoscaling-challenges",
    says="Four challenges: state, warm-up, cost, and the database behind.",
    kind="procedure",
    verdict="holds",
    finding="Each leaves a trace of its own: broken sessions, a wait that comes just after "
    "scaling and goes, instance-hours that do not come down, and a throughput that stays flat. "
    "From 4 to 8 instances: half of the sessions of a hash mod n, 7.6 s, 50 instances where "
    "12 would do, and 1,000 requests per second before and after.",
    source="Placement, simulation and the bottleneck law.",
    named={
        "sessions": "sessions moved from 4 to 8 by hash mod n | share",
        "warm_up_s": "longest wait with cold instances | s",
        "instances": "instances at the end where 12 would do",
        "before": "4 instances before the database | requests/s",
        "after": "8 instances before the database | requests/s",
    },
)
def challenges() -> Values:
    return {
        "sessions": modulo_moved_share(4, 8),
        "warm_up_s": lab.warm_up_delay_s(60),
        "instances": int(lab.sensor_run("1,000 requests/s").running[-1]),
        "before": tiers_capacity_per_s([1 / 250, 1 / 1_000], [4, 1]),
        "after": tiers_capacity_per_s([1 / 250, 1 / 1_000], [8, 1]),
    }
