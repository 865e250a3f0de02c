"""The planner's words: each number of a table is one of the answer."""

from dataclasses import replace

import pytest
from support.tree import ROOT

from scalelab.planner.autoscaler_offer import autoscaler_offer
from scalelab.planner.plan_file import read_plan
from scalelab.planner.plan_table import answer_of, difference, plan_table, remedies_table
from scalelab.planner.remedy_menu import RemedyMenu


def example(size):
    return read_plan(ROOT / "examples" / f"{size}.toml")


@pytest.mark.parametrize("size", ["small", "medium", "large"])
def test_an_example_is_answered(size):
    plan = example(size)
    answer, text = answer_of(plan), plan_table(plan)
    assert f"p99 {1e3 * answer.p99_s:.1f} ms" in text
    assert f"costs: ${answer.usd_per_month:,.0f} a month" in text
    assert f"first bottleneck: {answer.bottleneck}" in text
    for tier in answer.tiers:
        assert f"  {tier.tier:10} {tier.utilisation:6.0%}" in text
    assert ("over the day" in text) == (size != "large")
    assert ("servers:" in text) == (size == "medium")
    assert ("while calm" in text) == ("retries:" in text) == (size != "large")
    assert "nan" not in text


def test_what_clients_do_is_said():
    text = plan_table(example("medium"))
    assert "vulnerable: 2 retries" in text
    assert "retries: vulnerable, app 180% busy with 2 retries; after 15 s at 2 times" in text
    assert "the line never goes with the servers that run" in text
    small = example("small")
    after = answer_of(small).disturbance
    assert f"retries: not vulnerable, app {after.busy_with_retries:.0%} busy with 1 retry" in (
        plan_table(small)
    )
    assert f"the line goes in {after.drain_s:,.0f} s" in plan_table(small)


def test_a_fleet_that_follows_is_shown_by_the_hour():
    plan = example("medium")
    answer, text = answer_of(plan), plan_table(plan)
    servers = " ".join(str(hour.servers) for hour in answer.day.hours)
    busy = " ".join(f"{100 * hour.utilisation:.0f}" for hour in answer.day.hours)
    assert f"{answer.day.mean_servers:.2f} on average; by hour {servers}\n" in text
    assert f"busy by hour, %: {busy}\n" in text
    assert f"to {answer.rise.carried_times:.2f} times without a line" in text
    assert "to 1.8 times with 2 retries: never gone" in text
    assert "a rise to 1.8 times is faster than servers start" in text
    alone = replace(plan, clients=replace(plan.clients, retries=0))
    rise = answer_of(alone).rise
    what = f"{rise.most_waiting:,.0f} waiting, gone after {rise.lasts_s:,.0f} s"
    assert f"to 1.8 times: {what}" in plan_table(alone)
    endless = replace(plan, autoscaler=replace(plan.autoscaler, rise_times=5.0))
    assert "to 5 times with 2 retries: never gone" in plan_table(endless)
    calm = replace(plan, autoscaler=replace(plan.autoscaler, rise_times=1.5))
    assert plan_table(calm).count("times without a line for servers\n") == 1


def test_the_road_and_the_regret():
    text = remedies_table(example("medium"))
    assert text.index("cache") < text.index("more servers")
    assert "the cheapest whose servers stay is $" in text
    answer = answer_of(example("medium"))
    best = float(text.rpartition("stay is $")[2].partition(";")[0].replace(",", ""))
    assert f"this is ${answer.usd_per_month - best:,.0f} a month more" in text
    assert "the cheapest is $" in remedies_table(example("small"))


def test_a_plan_without_an_autoscaler_is_told_what_one_would_save_and_risk():
    medium = example("medium")
    system = replace(medium.system, app=replace(medium.system.app, servers=5))
    fixed = replace(medium, system=system, autoscaler=None)
    offer = autoscaler_offer(system, medium.rates_per_s, medium.prices, medium.menu)
    text = remedies_table(fixed)
    assert f"an autoscaler would save ${offer.usd_less:,.0f} a month, with 5 days of work" in text
    assert f"{offer.mean_servers:.2f} servers on average instead of 5" in text
    room = f"to {offer.carried_after:.2f} times has no line for servers, now to"
    assert f"in hour {offer.hour} a sudden rise {room} {offer.carried_before:.2f} times" in text
    dear = replace(fixed, menu=RemedyMenu(autoscaler_days=50))
    assert "an autoscaler saves nothing: $" in remedies_table(dear)
    assert "an autoscaler saves nothing: $250 a month more" in remedies_table(example("small"))
    full = replace(fixed, system=replace(system, app=replace(system.app, servers=3)))
    for silent in (medium, example("large"), full):
        assert "an autoscaler" not in remedies_table(silent)


def test_a_difference_is_one_line_of_what_it_costs_and_buys():
    line = difference(example("medium"), example("large"))
    assert "\n" not in line
    assert line.startswith("large.toml instead of medium.toml: $")
    assert "sized for" in line
    assert "servers 3.42 → 16 on average; sudden rise 1.67 times → 1.60 times" in line
    same = difference(example("small"), example("small"))
    assert same.endswith("$0 a month more; changes nothing that is shown")
