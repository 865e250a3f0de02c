"""Distributions of replication lag, with the same three verbs: tail, quantile, mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models import _normal


class LagLaw(Protocol):
    """What every distribution of lag, or of latency, can say."""

    def tail(self, t_s: ArrayLike) -> float | v.FloatArray:
        """Probability of a lag longer than `t_s`."""

    def quantile(self, q: ArrayLike) -> float | v.FloatArray:
        """Lag that a share `q` does not exceed."""

    @property
    def mean_s(self) -> float:
        """Mean lag in seconds."""


@dataclass(frozen=True, kw_only=True)
class LogNormalLag:
    r"""Lag whose logarithm is normal: most near the median, a few much longer.

    Parameters
    ----------
    median_s : float
        Half of the lags are shorter, > 0.
    log_sd : float
        Standard deviation of the natural logarithm, from above 0 to 20.

    Examples
    --------
    >>> lag = LogNormalLag(median_s=0.01, log_sd=0.8)
    >>> round(lag.quantile(0.99), 4), round(lag.mean_s, 4)
    (0.0643, 0.0138)
    """

    median_s: float
    log_sd: float

    def __post_init__(self) -> None:
        """Refuse parameters that make no distribution."""
        v.keep(self, median_s=v.number("LogNormalLag", "median_s", self.median_s))
        if v.number("LogNormalLag", "log_sd", self.log_sd) > 20:
            v.refuse("LogNormalLag", "log_sd", "be <= 20", self.log_sd)

    def tail(self, t_s: ArrayLike) -> float | v.FloatArray:
        """Probability of a lag longer than `t_s` seconds, >= 0."""
        time = v.non_negative("LogNormalLag.tail", "t_s", t_s)
        with np.errstate(divide="ignore"):
            logs = np.log(time) - math.log(self.median_s)
        return v.scalar_or_array(_normal.tail(logs / self.log_sd))

    def quantile(self, q: ArrayLike) -> float | v.FloatArray:
        """Lag that a share `q`, in (0, 1), does not exceed."""
        share = v.open_fraction("LogNormalLag.quantile", "q", q)
        return v.scalar_or_array(self.median_s * np.exp(self.log_sd * _normal.quantile(share)))

    @property
    def mean_s(self) -> float:
        """Mean lag in seconds."""
        return self.median_s * math.exp(self.log_sd**2 / 2)


@dataclass(frozen=True, kw_only=True)
class ExponentialLag:
    """Lag without memory.

    Parameters
    ----------
    mean_s : float
        Mean in seconds, > 0.

    Examples
    --------
    >>> round(ExponentialLag(mean_s=0.01).tail(0.05), 4)
    0.0067
    """

    mean_s: float

    def __post_init__(self) -> None:
        """Refuse a mean that makes no distribution."""
        v.keep(self, mean_s=v.number("ExponentialLag", "mean_s", self.mean_s))

    def tail(self, t_s: ArrayLike) -> float | v.FloatArray:
        """Probability of a lag longer than `t_s` seconds, >= 0."""
        time = v.non_negative("ExponentialLag.tail", "t_s", t_s)
        return v.scalar_or_array(np.exp(-time / self.mean_s))

    def quantile(self, q: ArrayLike) -> float | v.FloatArray:
        """Lag that a share `q`, in (0, 1), does not exceed."""
        share = v.open_fraction("ExponentialLag.quantile", "q", q)
        return v.scalar_or_array(-self.mean_s * np.log1p(-share))


@dataclass(frozen=True, kw_only=True)
class ConstantLag:
    """The same lag for every write.

    Parameters
    ----------
    mean_s : float
        The lag in seconds, > 0.

    Examples
    --------
    >>> ConstantLag(mean_s=0.1).tail([0.05, 0.1])
    array([1., 0.])
    """

    mean_s: float

    def __post_init__(self) -> None:
        """Refuse a lag that is none."""
        v.keep(self, mean_s=v.number("ConstantLag", "mean_s", self.mean_s))

    def tail(self, t_s: ArrayLike) -> float | v.FloatArray:
        """Probability of a lag longer than `t_s` seconds, >= 0: one before it, then zero."""
        time = v.non_negative("ConstantLag.tail", "t_s", t_s)
        return v.scalar_or_array(time < self.mean_s)

    def quantile(self, q: ArrayLike) -> float | v.FloatArray:
        """Lag that a share `q`, in (0, 1), does not exceed."""
        share = v.open_fraction("ConstantLag.quantile", "q", q)
        return v.scalar_or_array(np.full_like(share, self.mean_s))


@dataclass(frozen=True, kw_only=True)
class UniformSumLag:
    r"""Lag of a pipeline whose stages each take a uniformly distributed time.

    Parameters
    ----------
    stages_s : tuple of pair of float
        Shortest and longest time of each stage in seconds, 0 <= shortest < longest; one to
        eight stages. A refresh every second is the stage (0, 1).

    Notes
    -----
    With widths :math:`w_i` of sum W and :math:`x` the time above the shortest possible one, the
    density of m stages is made of those without one of them,

    .. math:: f(x) = \frac{1}{m - 1} \sum_i
        \Big(\frac{x}{W} f_{-i}(x) + \frac{W - x}{W} f_{-i}(x - w_i)\Big) .

    Nothing is subtracted, so that widths may differ as an hour and a millisecond do; the textbook's
    alternating sum over all subsets then has no right digit. The share up to a time is the density
    of one more stage, of width W, times W.

    References
    ----------
    Feller, *An Introduction to Probability Theory and Its Applications*, vol. 2, 2nd ed.,
    1971, sec. I.9, for the sum; de Boor, Höllig and Riemenschneider, *Box Splines*, 1993, ch. 1,
    for the recurrence.

    Examples
    --------
    >>> lag = UniformSumLag(stages_s=((0.1, 0.5), (0.0, 1.0)))
    >>> round(lag.mean_s, 3), round(lag.tail(0.5), 3)
    (0.8, 0.8)
    """

    stages_s: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        """Refuse stages that are no intervals."""
        rule = "be one to eight pairs of 0 <= shortest < longest"
        try:
            stages = v.non_negative("UniformSumLag", "stages_s", np.asarray(self.stages_s))
        except ValueError:
            v.refuse("UniformSumLag", "stages_s", rule, self.stages_s)
        shaped = stages.ndim == 2 and stages.shape[1:] == (2,) and 1 <= len(stages) <= 8
        if not (shaped and np.all(stages[:, 0] < stages[:, 1])):
            v.refuse("UniformSumLag", "stages_s", rule, self.stages_s)

    def tail(self, t_s: ArrayLike) -> float | v.FloatArray:
        """Probability of a lag longer than `t_s` seconds, >= 0."""
        time = v.non_negative("UniformSumLag.tail", "t_s", t_s)
        shortest, longest = np.asarray(self.stages_s, dtype=np.float64).T
        widths = longest - shortest
        whole = widths.sum()
        x = np.clip(time - shortest.sum(), 0, whole) / whole
        # the tail is the distribution seen from the other end, so take the side with fewer terms
        near = _uniform_sum_cdf(np.minimum(x, 1 - x), widths / whole)
        return v.scalar_or_array(np.clip(np.where(x <= 0.5, 1 - near, near), 0.0, 1.0))

    def quantile(self, q: ArrayLike) -> float | v.FloatArray:
        """Lag that a share `q`, in (0, 1), does not exceed; by bisection."""
        share = v.open_fraction("UniformSumLag.quantile", "q", q)
        shortest, longest = np.asarray(self.stages_s, dtype=np.float64).sum(axis=0)
        low, high = np.full_like(share, shortest), np.full_like(share, longest)
        for _ in range(64):
            middle = (low + high) / 2
            below = 1 - np.asarray(self.tail(middle)) < share
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return v.scalar_or_array((low + high) / 2)

    @property
    def mean_s(self) -> float:
        """Mean lag in seconds."""
        return float(np.asarray(self.stages_s, dtype=np.float64).mean(axis=1).sum())


def lognormal_from_percentiles(
    low_s: float, high_s: float, *, low_share: float = 0.05, high_share: float = 0.95
) -> LogNormalLag:
    """Log-normal lag with two given percentiles, as when somebody says "10 ms to 5 s".

    Parameters
    ----------
    low_s, high_s : float
        Two lags in seconds, 0 < low_s < high_s.
    low_share, high_share : float
        Shares of lags that do not exceed them, 0 < low_share < high_share < 1.

    Returns
    -------
    LogNormalLag
        The one law through both.

    Examples
    --------
    >>> lag = lognormal_from_percentiles(0.001, 0.010)
    >>> round(lag.median_s, 6), round(lag.tail(0.005), 4)
    (0.003162, 0.2564)
    """
    name = "lognormal_from_percentiles"
    low, high = v.number(name, "low_s", low_s), v.number(name, "high_s", high_s)
    below, above = v.number(name, "low_share", low_share), v.number(name, "high_share", high_share)
    v.open_fraction(name, "low_share", below)
    v.open_fraction(name, "high_share", above)
    if low >= high:
        v.refuse(name, "low_s", f"be < high_s={high:g}", low)
    if below >= above:
        v.refuse(name, "low_share", f"be < high_share={above:g}", below)
    left, right = (float(_normal.quantile(np.asarray(share))) for share in (below, above))
    log_sd = (math.log(high) - math.log(low)) / (right - left)
    return LogNormalLag(median_s=math.exp(math.log(low) - left * log_sd), log_sd=log_sd)


def law_with_scv(mean_s: float, scv: float) -> ConstantLag | ExponentialLag | LogNormalLag:
    """Law of a given mean and unevenness: constant, exponential, or else log-normal.

    Parameters
    ----------
    mean_s : float
        Mean in seconds, > 0.
    scv : float
        Squared coefficient of variation, from 0, which is constant, over 1, which is
        exponential, to 1e100.

    Returns
    -------
    ConstantLag or ExponentialLag or LogNormalLag

    Examples
    --------
    >>> [type(law_with_scv(0.01, scv)).__name__ for scv in (0, 1, 4)]
    ['ConstantLag', 'ExponentialLag', 'LogNormalLag']
    """
    mean = v.number("law_with_scv", "mean_s", mean_s)
    uneven = v.number("law_with_scv", "scv", scv, minimum=0)
    if uneven > 1e100:
        v.refuse("law_with_scv", "scv", "be <= 1e100", uneven)
    if uneven == 0:
        return ConstantLag(mean_s=mean)
    if uneven == 1:
        return ExponentialLag(mean_s=mean)
    log_sd = math.sqrt(math.log1p(uneven))
    return LogNormalLag(median_s=mean / math.sqrt(1 + uneven), log_sd=log_sd)


def _uniform_sum_cdf(x: v.FloatArray, widths: v.FloatArray) -> v.FloatArray:
    """Share of sums up to `x`, in [0, 1], of uniform times with these widths, of sum 1."""
    flat = x.reshape(-1)
    pieces = np.array_split(flat, -(-flat.size // 500) or 1)  # so that scratch arrays stay small
    # one stage more, uniform on [0, 1]: the density of the longer sum is the share up to there
    stages = np.append(widths, 1.0)
    return np.concatenate([_uniform_sum_density(piece, stages) for piece in pieces]).reshape(
        x.shape
    )


def _uniform_sum_density(x: v.FloatArray, widths: v.FloatArray) -> v.FloatArray:
    """Density of a sum of two or more uniform times at the points `x`, shape (n,).

    The density for some stages is a mean of those for one stage less, at the point and one width
    before it. Each is kept for all points that are needed: an axis of length two for each
    stage that is left out, in order, and one for `x`.
    """
    stages = range(len(widths))
    known: dict[frozenset[int], v.FloatArray] = {}
    for size in range(2, len(widths) + 1):
        fewer, known = known, {}
        for kept in map(frozenset, combinations(stages, size)):
            total = widths[list(kept)].sum()
            points = x - _shifts([widths[i] for i in stages if i not in kept])[..., np.newaxis]
            if size == 2:
                known[kept] = _trapezoid(points, *sorted(widths[list(kept)]))
                continue
            share, density = np.clip(points / total, 0.0, 1.0), np.zeros_like(points)
            for stage in kept:
                axis = sum(i < stage for i in stages if i not in kept)
                here, before = np.moveaxis(fewer[kept - {stage}], axis, 0)
                density += share * here + (1 - share) * before
            known[kept] = density / (size - 1)
    return known[frozenset(stages)]


def _shifts(widths: list[float]) -> v.FloatArray:
    """Sum of every choice among the widths, one axis of length two a width."""
    shifts = np.zeros(())
    for width in widths:
        shifts = np.add.outer(shifts, [0.0, width])
    return shifts


def _trapezoid(x: v.FloatArray, narrow: float, wide: float) -> v.FloatArray:
    """Density of the sum of two uniform times."""
    from_the_end = np.minimum(x, narrow + wide - x)
    return np.clip(from_the_end / narrow, 0.0, 1.0) / wide
