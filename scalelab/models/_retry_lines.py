"""Lines with retries as a fluid, from one change of their growth to the next, without checks."""

from __future__ import annotations

import math


def followed(
    lines: list[float],
    servers: list[float],
    asked: float,
    can: float,
    attempts: int,
    patience_s: float,
    lasts_s: float,
    routing: str = "random",
    before: float = 1.0,
) -> tuple[list[float], float, float, float]:
    """Return lines after some time, when that is, the share of busy servers, attempts a request."""
    longest, elapsed_s, groups = can * patience_s, 0.0, range(len(lines))
    long = [line > longest for line in lines]
    while True:
        taken = [g for g in groups if routing == "random" or lines[g] == min(lines)]
        many = sum(servers[g] for g in taken)
        left = sum(servers[g] for g in taken if long[g]) / many  # share of the attempts
        tries = attempts if left == 1 else (1 - left**attempts) / (1 - left)
        late = before > tries and elapsed_s < patience_s
        tries = before if late else tries
        comes = [asked * tries / many if g in taken else 0.0 for g in groups]
        growth = [0.0 if comes[g] < can and not lines[g] else comes[g] - can for g in groups]
        steps = [_until(lines[g], growth[g], longest, long[g]) for g in groups]
        meet = math.inf  # the shortest lines and those after them
        closing = growth[taken[0]] + can
        if len(taken) < len(lines) and closing > 0:
            after = min(lines[g] for g in groups if g not in taken)
            meet = (after - min(lines)) / closing
        step = min(*steps, meet, patience_s - elapsed_s if late else math.inf)
        over = step == math.inf or elapsed_s + step > lasts_s
        gone = not any(lines) and not any(growth)
        if over or gone:
            busy = [servers[g] * (1.0 if lines[g] else min(comes[g] / can, 1.0)) for g in groups]
            rest = 0.0 if gone else lasts_s - elapsed_s
            then = zip(lines, growth, strict=True)
            lines = [max(0.0, line + (rate and rate * rest)) for line, rate in then]
            return lines, elapsed_s + rest, sum(busy) / sum(servers), float(tries)
        # as much as the timeout is left, exactly: less than rounding would be no step
        elapsed_s = patience_s if late and step == patience_s - elapsed_s else elapsed_s + step
        lines = [line + rate * step for line, rate in zip(lines, growth, strict=True)]
        for g in groups:
            if steps[g] == step:  # no rounding: it is there
                turns = long[g] or growth[g] > 0
                lines[g], long[g] = (longest, not long[g]) if turns else (0.0, False)
        if meet == step:
            for g in taken:
                lines[g] = min(lines[h] for h in groups if h not in taken)


def _until(line: float, growth: float, longest: float, long: bool) -> float:
    """Seconds until a line becomes long, is long no more, or is gone."""
    if growth < 0:
        return (line - (longest if long else 0.0)) / -growth
    return (longest - line) / growth if growth > 0 and not long else math.inf
