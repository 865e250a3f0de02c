"""Interleaved timing: every contender once per round, so that all share the machine's moods."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

ROUNDS = 5


@dataclass(frozen=True, kw_only=True)
class Contender:
    """One way to do the job.

    Parameters
    ----------
    name : str
        As printed.
    run : callable
        Does the job; returns what the case compares, such as one number per request.
    requests : int
        How many it did: a slow peer takes the first of them only.
    """

    name: str
    run: Callable[[], Any]
    requests: int


def same_numbers(ours: np.ndarray, theirs: np.ndarray, requests: int) -> None:
    """Refuse another number for one of the first requests than ours."""
    if len(theirs) != requests:
        raise ValueError(f"{len(theirs)} results for {requests} requests")
    np.testing.assert_allclose(theirs, ours[:requests], atol=1e-6)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A job and all who do it; the first contender is what the others are measured by.

    Parameters
    ----------
    title : str
        As printed.
    contenders : tuple of Contender
        Ours first.
    same : callable
        Called with our result, another's, and the requests of the other; raises where they do
        not agree.
    """

    title: str
    contenders: tuple[Contender, ...]
    same: Callable[[Any, Any, int], None] = same_numbers


def timed(case: Case) -> dict[str, list[float]]:
    """Measure requests per second of each contender in each round."""
    check_equal(case)
    rates: dict[str, list[float]] = {contender.name: [] for contender in case.contenders}
    for _ in range(ROUNDS):
        for contender in case.contenders:
            start = time.perf_counter()
            contender.run()
            rates[contender.name].append(contender.requests / (time.perf_counter() - start))
    return rates


def check_equal(case: Case) -> None:
    """Refuse to time contenders that do not find the same for the same requests."""
    first, *others = case.contenders
    expected = first.run()
    for contender in others:
        try:
            case.same(expected, contender.run(), contender.requests)
        except (AssertionError, ValueError) as error:
            raise ValueError(f"{case.title}: {contender.name}: {error}") from error


def table(case: Case, rates: dict[str, list[float]]) -> str:
    """Medians, spread, and how many times faster the first contender was, round by round."""
    first = rates[case.contenders[0].name]
    lines = [
        case.title,
        f"  {'':32}{'requests':>10}{'million/s':>11}{'lowest':>9}{'highest':>9}{'ours ÷':>9}",
    ]
    for contender in case.contenders:
        own = rates[contender.name]
        times = statistics.median(a / b for a, b in zip(first, own, strict=True))
        million = [rate / 1e6 for rate in (statistics.median(own), min(own), max(own))]
        lines.append(
            f"  {contender.name:32}{contender.requests:>10,}"
            f"{million[0]:>11.3f}{million[1]:>9.3f}{million[2]:>9.3f}{times:>9.1f}"
        )
    return "\n".join(lines)
