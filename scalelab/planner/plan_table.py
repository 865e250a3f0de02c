"""What the planner says, as text: a table for one plan, a line for the difference of two."""

from __future__ import annotations

import math

import numpy as np

from scalelab.planner.autoscaled_fleet import Autoscaler, SuddenRise, autoscaled_usd
from scalelab.planner.autoscaler_offer import autoscaler_offer
from scalelab.planner.client_retries import AfterDisturbance, Clients
from scalelab.planner.next_remedy import sized_for_per_s
from scalelab.planner.plan_file import PlanFile
from scalelab.planner.remedies import cheapest_configuration, regret_usd, remedies_as_load_grows
from scalelab.planner.system_day import Day
from scalelab.planner.system_plan import Answer, plan_system


def answer_of(plan: PlanFile) -> Answer:
    """Plan what a file describes.

    Parameters
    ----------
    plan : PlanFile
        What it says.

    Returns
    -------
    Answer
    """
    return plan_system(
        plan.system,
        plan.prices,
        plan.menu,
        recovery=plan.recovery,
        clients=plan.clients,
        rates_per_s=plan.rates_per_s,
        autoscaler=plan.autoscaler,
    )


def plan_table(plan: PlanFile) -> str:
    """Write the answer to a plan as a table.

    Parameters
    ----------
    plan : PlanFile
        What a file says.

    Returns
    -------
    str
        Some thirty lines, of which those by the hour are the longest.
    """
    answer = answer_of(plan)
    lines = [f"{plan.name}: {plan.system.demand.rate_per_s:,.0f} requests a second", ""]
    if plan.habits is not None:
        lines[0] += f" at the peak of {plan.habits.users:,.0f} users"
    elif plan.rates_per_s is not None:
        lines[0] += " at the peak of the day"
    lines.append(f"  {'tier':10} {'busy':>6} {'at most':>8} {'mean, ms':>9} {'p99, ms':>9}")
    for tier in answer.tiers:
        times = f"{1e3 * tier.mean_s:9.1f} {1e3 * tier.p99_s:9.1f}"
        times = f"{1e3 * tier.mean_s:9.1f} {'':9}".rstrip() if tier.tier == "replay" else times
        lines.append(f"  {tier.tier:10} {tier.utilisation:6.0%} {tier.most_busy:8.0%} {times}")
    latency = f"{1e3 * answer.p50_s:.1f} ms, p99 {1e3 * answer.p99_s:.1f} ms"
    calm = ", while calm" if answer.disturbance is not None else ""
    lines += ["", f"  latency: p50 {latency}, mean {1e3 * answer.mean_s:.1f} ms{calm}"]
    if answer.day is not None:
        day = f"p50 {1e3 * answer.day.p50_s:.1f} ms, p99 {1e3 * answer.day.p99_s:.1f} ms"
        lines.append(f"  over the day: {day}{calm}")
    if answer.disturbance is not None:
        still = " with the servers that run" if plan.autoscaler is not None else ""
        lines.append(f"  {_disturbance(answer.disturbance, plan.clients)}{still}")
    if plan.autoscaler is not None and answer.day is not None and answer.rise is not None:
        lines += _fleet(plan.autoscaler, answer.day, answer.rise, plan.clients.retries)
    lines += [
        f"  hits: {answer.hit_ratio:.1%} of reads; stale: {answer.stale_share:.3%} of reads",
        f"  writes at risk: {answer.writes_at_risk:,.1f}",
    ]
    for loss in answer.after_loss:
        share = f"{loss.answered_share:.1%} answered for {loss.for_s:,.0f} s"
        lines.append(f"  without one {loss.part}: {share}")
    lines += [
        f"  costs: ${answer.usd_per_month:,.0f} a month",
        f"  first bottleneck: {answer.bottleneck}, at {answer.headroom:.2f} times the load",
        f"  in it: {', '.join(answer.phase)}",
    ]
    if answer.next_remedy is None:
        lines.append("  next remedy: none of up to three changes carries half as much again")
    else:
        does, more = " and ".join(answer.next_remedy.does), answer.next_remedy.usd_more
        from_s = sized_for_per_s(plan.system, plan.menu)
        when = " at half as much again" if plan.autoscaler is not None else ""
        lines.append(f"  next remedy, from {from_s:,.0f}/s: {does}, ${more:,.0f} a month{when}")
    return "\n".join([*lines, *(f"  note: {note}" for note in answer.notes)])


def _disturbance(after: AfterDisturbance, clients: Clients) -> str:
    """Say what retries make of the disturbance that the plan names."""
    what = f"{clients.disturbed_s:g} s at {clients.disturbed_times:g} times what the system carries"
    load = f"{after.tier} {after.busy_with_retries:.0%} busy{_with(after.retries)}"
    state = "vulnerable" if after.vulnerable else "not vulnerable"
    if math.isinf(after.drain_s):
        return f"retries: {state}, {load}; after {what} the line never goes"
    return f"retries: {state}, {load}; after {what} the line goes in {after.drain_s:,.0f} s"


def _with(retries: int) -> str:
    """Say how often clients try again, if they do."""
    return f" with {retries} retr{'y' if retries == 1 else 'ies'}" if retries else ""


def _fleet(autoscaler: Autoscaler, day: Day, rise: SuddenRise, retries: int) -> list[str]:
    """Say what the servers of a fleet that follows its load do."""
    servers = [hour.servers for hour in day.hours]
    few, many = min(servers), max(servers)
    lines = [
        f"  servers: {few} to {many}, {day.mean_servers:.2f} on average; by hour "
        + " ".join(map(str, servers)),
        "  busy by hour, %: " + " ".join(f"{100 * hour.utilisation:.0f}" for hour in day.hours),
    ]
    told = f"  a sudden rise: to {rise.carried_times:.2f} times without a line for servers"
    if rise.lasts_s:
        goes = "never gone" if math.isinf(rise.lasts_s) else f"gone after {rise.lasts_s:,.0f} s"
        waiting = "" if math.isinf(rise.most_waiting) else f"{rise.most_waiting:,.0f} waiting, "
        told += f"; to {autoscaler.rise_times:g} times{_with(retries)}: {waiting}{goes}"
    return [*lines, told]


def remedies_table(plan: PlanFile) -> str:
    """Write when each remedy enters the cheapest system for a plan's demand, as its load grows.

    Parameters
    ----------
    plan : PlanFile
        What a file says.

    Returns
    -------
    str
        A line for each remedy, one for what the plan costs over the cheapest, and what an
        autoscaler would save where the hours of the day are known and there is none.
    """
    rate = plan.system.demand.rate_per_s
    rates = np.geomspace(rate / 30, rate * 30, 60)
    found = remedies_as_load_grows(plan.system, rates, plan.prices, plan.menu)
    lines = [f"{plan.name}: the cheapest system, from {rates[0]:,.0f} to {rates[-1]:,.0f}/s", ""]
    lines += [
        f"  {entered.remedy:18} from {entered.rate_per_s:9,.0f}/s, ${entered.usd_per_month:9,.0f}"
        for entered in found
    ]
    best, cheapest = cheapest_configuration(plan.system, rate, plan.prices, plan.menu), "cheapest"
    if plan.autoscaler is None:
        regret = regret_usd(plan.system, plan.prices, plan.menu)
    else:  # the search knows fleets that are fixed for the peak
        cheapest = "cheapest whose servers stay"
        hours = (rate,) if plan.rates_per_s is None else plan.rates_per_s
        usd = autoscaled_usd(plan.system, hours, plan.autoscaler, plan.prices)
        regret = usd - best.usd_per_month
    more = f"${abs(regret):,.0f} a month {'more' if regret >= 0 else 'less'}"
    told = f"  at {rate:,.0f}/s the {cheapest} is ${best.usd_per_month:,.0f}; this is {more}"
    lines += ["", told]
    if plan.autoscaler is None and plan.rates_per_s is not None:
        lines += _autoscaled(plan, plan.rates_per_s)
    return "\n".join(lines)


def _autoscaled(plan: PlanFile, rates_per_s: tuple[float, ...]) -> list[str]:
    """Say what servers by the hour would save, and what they would risk."""
    offer = autoscaler_offer(plan.system, rates_per_s, plan.prices, plan.menu)
    if offer is None:
        return []
    work = f"with {plan.menu.autoscaler_days:g} days of work"
    if offer.usd_less <= 0:
        return [f"  an autoscaler saves nothing: ${-offer.usd_less:,.0f} a month more, {work}"]
    return [
        f"  an autoscaler would save ${offer.usd_less:,.0f} a month, {work}: "
        f"{offer.mean_servers:.2f} servers on average instead of {plan.system.app.servers}",
        f"  its risk: in hour {offer.hour} a sudden rise to {offer.carried_after:.2f} times has no "
        f"line for servers, now to {offer.carried_before:.2f} times",
    ]


def difference(one: PlanFile, other: PlanFile) -> str:
    """Say in one line what the other plan costs, and what it buys.

    Parameters
    ----------
    one, other : PlanFile
        Two plans.

    Returns
    -------
    str
        One line.
    """
    before, after = answer_of(one), answer_of(other)
    usd = after.usd_per_month - before.usd_per_month
    costs = f"${abs(usd):,.0f} a month {'more' if usd >= 0 else 'less'}"
    rows = [
        ("p99", f"{1e3 * before.p99_s:.1f}", f"{1e3 * after.p99_s:.1f}", " ms"),
        ("p99 of the day", *(
            "–" if answer.day is None else f"{1e3 * answer.day.p99_s:.1f}"
            for answer in (before, after)), " ms"),
        ("servers", *(_servers(plan, answer) for plan, answer in ((one, before), (other, after))),
         " on average"),
        ("sudden rise", *(_carried(answer) for answer in (before, after)), ""),
        ("stale", f"{100 * before.stale_share:.2f}", f"{100 * after.stale_share:.2f}", " %"),
        ("writes at risk", f"{before.writes_at_risk:,.1f}", f"{after.writes_at_risk:,.1f}", ""),
        ("sized for", *(f"{sized_for_per_s(plan.system, plan.menu):,.0f}" for plan in (one, other)),
         "/s"),
        ("answered after the worst loss", *(
            f"{min(100 * loss.answered_share for loss in answer.after_loss):.0f}"
            for answer in (before, after)), " %"),
    ]  # fmt: skip
    changed = [f"{what} {old} → {new}{unit}" for what, old, new, unit in rows if old != new]
    bought = "; ".join(changed) or "changes nothing that is shown"
    return f"{other.name} instead of {one.name}: {costs}; {bought}"


def _servers(plan: PlanFile, answer: Answer) -> str:
    """Servers that are paid for, on average."""
    if plan.autoscaler is None or answer.day is None:
        return f"{plan.system.app.servers}"
    return f"{answer.day.mean_servers:.2f}"


def _carried(answer: Answer) -> str:
    """Say how large a rise the servers that run carry."""
    if answer.rise is not None:
        return f"{answer.rise.carried_times:.2f} times"
    app = next(tier for tier in answer.tiers if tier.tier == "app")
    return f"{1 / app.utilisation:.2f} times"
