"""From users and their habits to requests per second, over a day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scalelab import _validate as v
from scalelab.workloads.demand import DAY_S, daily_rate_per_s


@dataclass(frozen=True, kw_only=True)
class UserHabits:
    """How many users there are, and what each of them does in a day.

    Parameters
    ----------
    users : float
        People who use the service, > 0.
    sessions_per_day : float
        Visits of one of them in a day, on average, > 0.
    requests_per_session : float
        Requests of a visit, > 0.
    peak_over_mean : float
        Rate of the busiest moment of the day over the mean, in [1, 2].
    peak_hour : float
        When that is, in hours from 0 to 24.

    Notes
    -----
    Users × sessions × requests / 86,400 s is the mean; "a million users" without habits is no load
    at all. Events that all users share, such as a sale, come on top.

    Examples
    --------
    A hundred thousand users who come once in two days and click thirty times:

    >>> habits = UserHabits(users=100_000, sessions_per_day=0.5, requests_per_session=30)
    >>> round(habits.mean_rate_per_s, 1), round(habits.peak_rate_per_s, 1)
    (17.4, 29.5)
    """

    users: float
    sessions_per_day: float = 1.0
    requests_per_session: float = 20.0
    peak_over_mean: float = 1.7
    peak_hour: float = 20.0

    def __post_init__(self) -> None:
        """Refuse what is no habit."""
        name = "UserHabits"
        v.keep(
            self,
            users=v.number(name, "users", self.users),
            sessions_per_day=v.number(name, "sessions_per_day", self.sessions_per_day),
            requests_per_session=v.number(name, "requests_per_session", self.requests_per_session),
            peak_over_mean=v.number(name, "peak_over_mean", self.peak_over_mean, minimum=1),
            peak_hour=v.number(name, "peak_hour", self.peak_hour, minimum=0),
        )
        if self.peak_over_mean > 2:
            v.refuse(name, "peak_over_mean", "be in [1, 2]", self.peak_over_mean)
        if self.peak_hour > 24:
            v.refuse(name, "peak_hour", "be in [0, 24]", self.peak_hour)
        with v.no_overflow(name, "users, sessions_per_day and requests_per_session"):
            float(np.float64(self.users) * self.sessions_per_day * self.requests_per_session)

    @property
    def mean_rate_per_s(self) -> float:
        """Requests per second, over the whole day."""
        return self.users * self.sessions_per_day * self.requests_per_session / DAY_S

    @property
    def peak_rate_per_s(self) -> float:
        """Requests per second at the busiest moment."""
        return self.mean_rate_per_s * self.peak_over_mean

    def rates_by_hour(self) -> v.FloatArray:
        """Return the requests per second in the middle of each hour, shape (24,)."""
        times = (np.arange(24) + 0.5) * 3_600
        rates = daily_rate_per_s(
            times,
            self.mean_rate_per_s,
            peak_over_mean=self.peak_over_mean,
            peak_hour=self.peak_hour,
        )
        return np.asarray(rates)
