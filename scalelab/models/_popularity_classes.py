"""Keys of about the same popularity as one class, so that sums over millions of keys are short."""

from __future__ import annotations

import math

import numpy as np

from scalelab import _validate as v

RAREST = 1e-290  # keys with a smaller share are left out, as if nobody asked for them
STEP = 1.01  # popularities within a class differ by less than this factor
GRID, CHUNK = 64, 64
MOST_STEPS, TOLERANCE = 100, 1e-10


class PopularityClasses:
    """Sums over keys, each class of keys with its mean popularity.

    Parameters
    ----------
    weight : ndarray, shape (keys,)
        Weights in descending order, >= 0, with a positive sum.
    """

    def __init__(self, weight: v.FloatArray) -> None:
        ascending = -weight / weight.sum()  # shares with a minus, for searchsorted
        ascending = ascending[: int(np.searchsorted(ascending, -RAREST, side="right"))]
        classes = (
            math.ceil((math.log(-ascending[0]) - math.log(-ascending[-1])) / math.log(STEP)) + 1
        )
        bounds = ascending[0] * STEP ** -np.arange(classes, dtype=np.float64)
        bounds[0] = ascending[0]
        first = np.unique(np.searchsorted(ascending, bounds))
        first = first[first < ascending.size]
        self.keys = ascending.size
        self.members = np.diff(first, append=ascending.size).astype(np.float64)
        self.share = -np.add.reduceat(ascending, first)
        self.popularity = self.share / self.members

    def different_and_again(self, time: v.FloatArray) -> tuple[v.FloatArray, v.FloatArray]:
        """Mean number of different keys among `time` requests, and share of requests for them."""
        flat = np.asarray(time, dtype=np.float64).ravel()
        different, again = np.empty(flat.size), np.empty(flat.size)
        for start in range(0, flat.size, CHUNK):  # an array of times by classes stays small
            some = slice(start, start + CHUNK)
            asked = -np.expm1(np.multiply.outer(flat[some], -self.popularity))
            different[some] = np.einsum("ij,j->i", asked, self.members)
            again[some] = np.einsum("ij,j->i", asked, self.share)
        np.minimum(again, 1, out=again)  # shares add up to one, but for rounding
        return different.reshape(np.shape(time)), again.reshape(np.shape(time))

    def time_to_fill(self, keys: v.FloatArray) -> v.FloatArray:
        """Return the requests among which there are so many different keys, on average."""
        wanted = np.asarray(keys, dtype=np.float64)
        result = np.full(wanted.shape, np.inf)
        fits = wanted < self.keys
        if fits.any():
            result[fits] = self._time_to_fill(wanted[fits])
        return result

    def _time_to_fill(self, wanted: v.FloatArray) -> v.FloatArray:
        # Different keys are a concave function of time, so that Newton's steps from the left
        # come nearer and nearer without passing by. A grid gives a start that is near.
        grid = np.concatenate([[0.0], np.geomspace(0.5, 64 / self.popularity[-1], GRID)])
        time = grid[np.searchsorted(self.different_and_again(grid)[0], wanted) - 1]
        for _ in range(MOST_STEPS):
            different, again = self.different_and_again(time)
            new_keys = 1 - again  # per request
            step = np.divide(wanted - different, new_keys, out=0 * time, where=new_keys > 0)
            time = time + step
            if np.all(np.abs(step) <= TOLERANCE * time):
                break
        return time


def descending(weight: v.FloatArray) -> v.FloatArray:
    """Return the weights in descending order; most come like that, and need no sorting."""
    if np.all(weight[1:] <= weight[:-1]):
        return weight
    return np.sort(weight)[::-1]
