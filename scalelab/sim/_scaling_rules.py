"""A policy as the numbers that the fleet's kernel decides by, and its decision outside a kernel."""

from __future__ import annotations

from typing import NamedTuple

from scalelab.sim import _fleet_kernel as kernel
from scalelab.sim.fleet import Fleet
from scalelab.sim.scaling_policies import OwnPolicy, Policy, StepPolicy, TargetPolicy


class _Law(NamedTuple):
    """What one kind of policy says; the defaults are those of a fleet that nobody steers."""

    kind: int = kernel.NONE
    high: float = 1.0
    low: float = 0.0
    add: int = 0
    remove: int = 0
    window_s: float = 0.0
    every_s: float = 0.0
    cooldown_out_s: float = 0.0
    cooldown_in_s: float = 0.0


def rules_of(fleet: Fleet, policy: Policy | None, *, saturates: bool) -> kernel.Rules:
    """Return what does not change during a run, in ticks and in requests a tick."""
    law = _law(policy)
    return kernel.Rules(
        rate=fleet.rate_per_s * fleet.tick_s,
        minimum=fleet.min_instances,
        maximum=fleet.max_instances,
        queue_limit=float(fleet.queue_limit),
        saturates=saturates,
        kind=law.kind,
        high=law.high,
        low=law.low,
        add=law.add,
        remove=law.remove,
        window=in_ticks(fleet, law.window_s, 1),
        every=in_ticks(fleet, law.every_s, 1),
        cooldown_out=in_ticks(fleet, law.cooldown_out_s),
        cooldown_in=in_ticks(fleet, law.cooldown_in_s),
    )


def decide(
    rules: kernel.Rules,
    *,
    mean: float,
    running: int,
    have: int,
    since_out: float,
    since_change: float,
) -> int | None:
    """Return how many instances are wanted, None when it is too soon for a change; as compiled."""
    wanted = kernel._decide.in_python(mean, running, have, since_out, since_change, rules)
    return None if wanted == kernel.NOTHING else int(wanted)


def in_ticks(fleet: Fleet, seconds: float, least: int = 0) -> int:
    """Return a time in whole ticks."""
    return max(least, round(seconds / fleet.tick_s))


def _law(policy: Policy | None) -> _Law:
    if isinstance(policy, StepPolicy):
        return _Law(
            kind=kernel.STEP,
            high=policy.high,
            low=policy.low,
            add=policy.add,
            remove=policy.remove,
            window_s=policy.window_s,
            every_s=policy.every_s,
            cooldown_out_s=policy.cooldown_s,
            cooldown_in_s=policy.cooldown_s,
        )
    if isinstance(policy, TargetPolicy):
        return _Law(
            kind=kernel.TARGET,
            high=policy.target,
            window_s=policy.window_s,
            every_s=policy.every_s,
            cooldown_out_s=policy.cooldown_out_s,
            cooldown_in_s=policy.cooldown_in_s,
        )
    if isinstance(policy, OwnPolicy):
        return _Law(kind=kernel.OWN, window_s=policy.window_s, every_s=policy.every_s)
    return _Law()
