"""The settings of a connection pool, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from scalelab._validate import choice, count, fraction, generator, keep, number, refuse

Validate = Literal["never", "on_borrow", "after_idle"]
NAME = "FakeConnectionPool"


@dataclass(frozen=True, kw_only=True)
class PoolSettings:
    """What :class:`~scalelab.fakes.pooling.connection_pool.FakeConnectionPool` was asked for.

    Raises
    ------
    ValueError
        A setting is out of range, or the settings contradict each other.
    """

    min_size: int
    max_size: int
    acquire_timeout_s: float
    idle_timeout_s: float | None
    max_lifetime_s: float | None
    lifetime_jitter: float
    validate: Validate
    validate_after_idle_s: float
    max_waiters: int | None
    leak_after_s: float | None
    rng: np.random.Generator | None

    def __post_init__(self) -> None:
        keep(self, max_size=count(NAME, "max_size", self.max_size))
        if count(NAME, "min_size", self.min_size, minimum=0) > self.max_size:
            refuse(NAME, "min_size", f"be <= max_size={self.max_size}", self.min_size)
        keep(self, acquire_timeout_s=number(NAME, "acquire_timeout_s", self.acquire_timeout_s))
        for name in ("idle_timeout_s", "max_lifetime_s", "leak_after_s"):
            if getattr(self, name) is not None:
                keep(self, **{name: number(NAME, name, getattr(self, name))})
        if self.max_waiters is not None:
            keep(self, max_waiters=count(NAME, "max_waiters", self.max_waiters, minimum=0))
        keep(
            self,
            validate_after_idle_s=number(
                NAME, "validate_after_idle_s", self.validate_after_idle_s, minimum=0
            ),
        )
        choice(NAME, "validate", self.validate, get_args(Validate))
        self._check_jitter()

    def _check_jitter(self) -> None:
        jitter = number(NAME, "lifetime_jitter", self.lifetime_jitter, minimum=0)
        keep(self, lifetime_jitter=float(fraction(NAME, "lifetime_jitter", jitter)))
        if self.lifetime_jitter == 0:
            return
        if self.max_lifetime_s is None:
            remedy = "set max_lifetime_s too"
            refuse(NAME, "lifetime_jitter", "be 0 without a lifetime", self.lifetime_jitter, remedy)
        generator(NAME, self.rng)  # type: ignore[arg-type]  # None is refused with a remedy

    def lifetime_s(self) -> float | None:
        """Return the lifetime of one connection: `max_lifetime_s` less its share of jitter."""
        if self.max_lifetime_s is None or self.rng is None:
            return self.max_lifetime_s
        return self.max_lifetime_s * (1 - self.lifetime_jitter * self.rng.random())

    def wants_validation(self, idle_s: float) -> bool:
        """Whether a connection that was idle for `idle_s` is tested before it is lent."""
        if self.validate == "after_idle":
            return idle_s >= self.validate_after_idle_s
        return self.validate == "on_borrow"
