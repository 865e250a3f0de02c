"""A fleet without numba: stretches in which nothing happens at once, all else tick by tick.

The numbers are those of the kernel, to the last bit: the same sums in the same order.
"""

from __future__ import annotations

from collections.abc import Iterator

from scalelab.sim import _fleet_kernel as kernel
from scalelab.sim._fleet_kernel import Books, Rules

TICKS = 10  # at a time, while something happens


def advance_on_lists(first: int, last: int, rules: Rules, books: Books) -> None:
    """Do what `_fleet_kernel._advance` does, with books that are lists."""
    if len(books.at_least) > 1:  # a schedule: each tick may order
        kernel._advance.in_python(first, last, rules, books)
        return
    now = first
    while now < last:
        end = _end_of_quiet(now, last, rules, books)
        if end > now:
            _pass_quietly(now, end, rules, books)
        else:
            end = min(now + TICKS, last)
            kernel._advance.in_python(now, end, rules, books)
        now = end


def advance_on_lists_by(every: int, last: int, rules: Rules, books: Books) -> Iterator[int]:
    """Do what `_fleet_kernel._advance_by` does, with books that are lists."""
    for first in range(0, last, every):
        now = min(first + every, last)
        advance_on_lists(first, now, rules, books)
        yield now


def _end_of_quiet(now: int, last: int, rules: Rules, books: Books) -> int:
    """Return until when nobody orders, begins, stops, decides or waits; `now` if somebody does."""
    running, starting = books.whole[kernel.RUNNING], books.whole[kernel.STARTING]
    have, capacity = running + starting, running * rules.rate
    rest = have if rules.kind != kernel.NONE else 0
    wanted = books.whole[kernel.WANTED]
    if (
        _is_order(rest, have, rules, books)
        or (wanted != kernel.NOTHING and _is_order(wanted, have, rules, books))
        or books.flow[kernel.BACKLOG]
        or books.demand[now] > capacity
        or not capacity
    ):
        return now
    end = last
    if rules.kind in (kernel.STEP, kernel.TARGET):
        end = min(end, now + rules.every - 1 - now % rules.every)
    if starting:
        ring = len(books.due)
        begins = (t for t in range(now, min(end, now + ring)) if books.due[t % ring])
        end = next(begins, end)
    demand = books.demand[now:end]
    if demand and max(demand) > capacity:
        end = now + next(i for i, asked in enumerate(demand) if asked > capacity)
    return end


def _is_order(wanted: int, have: int, rules: Rules, books: Books) -> bool:
    return min(max(wanted, books.at_least[0], rules.minimum), rules.maximum) != have


def _pass_quietly(now: int, end: int, rules: Rules, books: Books) -> None:
    """Write down a stretch of which `_end_of_quiet` gave the end; nothing waits or is dropped."""
    running, window = books.whole[kernel.RUNNING], rules.window
    capacity, ticks = running * rules.rate, end - now
    loads = [asked / capacity for asked in books.demand[now:end]]
    books.load[now:end] = loads
    books.running[now:end] = [running] * ticks
    books.starting[now:end] = [books.whole[kernel.STARTING]] * ticks
    window_sum = books.flow[kernel.WINDOW_SUM]
    filling = min(max(window - now, 0), ticks)
    for load in loads[:filling]:
        window_sum += load
    begin = now + filling - window
    for load, old in zip(loads[filling:], books.load[begin : end - window], strict=False):
        window_sum += load
        window_sum -= old
    books.flow[kernel.WINDOW_SUM] = window_sum
    books.whole[kernel.WANTED] = kernel.NOTHING
