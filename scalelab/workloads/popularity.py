"""Which keys are asked for, and how often: Zipf, uniform and hot-set popularity, and draws."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scalelab import _validate as v

KeyArray = NDArray[np.int32]
MOST_KEYS = 2**31 - 1  # keys are int32: four bytes a request


def zipf_popularity(keys: int, exponent: float) -> v.FloatArray:
    r"""Share of the requests that each key gets when the k-th of them gets :math:`k^{-s}`.

    Parameters
    ----------
    keys : int
        Keys in the catalogue, m >= 1.
    exponent : float
        Skew, s >= 0: 0 is uniform, 0.6 to 1 is usual for web objects.

    Returns
    -------
    ndarray, shape (keys,)
        Shares that add up to one, the most popular key first.

    Notes
    -----
    :math:`p_k = k^{-s} / \sum_{j=1}^{m} j^{-s}`. With a finite catalogue no exponent is too small.

    References
    ----------
    Breslau et al., "Web caching and Zipf-like distributions: evidence and implications",
    INFOCOM 1999.

    Examples
    --------
    >>> zipf_popularity(4, 1.0).round(2)
    array([0.48, 0.24, 0.16, 0.12])
    """
    name = "zipf_popularity"
    keys = _keys(name, keys)
    exponent = v.number(name, "exponent", exponent, minimum=0)
    weight = np.exp(-exponent * np.log(np.arange(1, keys + 1)))
    return weight / weight.sum()


def uniform_popularity(keys: int) -> v.FloatArray:
    """Give each key the same share of the requests.

    Parameters
    ----------
    keys : int
        Keys in the catalogue, >= 1.

    Returns
    -------
    ndarray, shape (keys,)
        Shares that add up to one.

    Examples
    --------
    >>> uniform_popularity(4)
    array([0.25, 0.25, 0.25, 0.25])
    """
    keys = _keys("uniform_popularity", keys)
    return np.full(keys, 1 / keys)


def hot_set_popularity(keys: int, hot_share: float, hot_requests: float) -> v.FloatArray:
    """Popularity with a few hot keys that share most requests, and many cold ones.

    Parameters
    ----------
    keys : int
        Keys in the catalogue, >= 2.
    hot_share : float
        Share of the keys that are hot; rounded to whole keys, at least one hot and one cold.
    hot_requests : float
        Share of the requests that go to hot keys, in [0, 1].

    Returns
    -------
    ndarray, shape (keys,)
        Shares that add up to one, the hot keys first.

    Examples
    --------
    The rule of 20 and 80, taken literally:

    >>> hot_set_popularity(10, hot_share=0.2, hot_requests=0.8)
    array([0.4  , 0.4  , 0.025, 0.025, 0.025, 0.025, 0.025, 0.025, 0.025, 0.025])
    """
    name = "hot_set_popularity"
    keys = _keys(name, keys, minimum=2)
    share = float(v.fraction(name, "hot_share", v.number(name, "hot_share", hot_share)))
    requests = v.number(name, "hot_requests", hot_requests, minimum=0)
    v.fraction(name, "hot_requests", requests)
    hot = min(max(round(share * keys), 1), keys - 1)
    popularity = np.full(keys, (1 - requests) / (keys - hot))
    popularity[:hot] = requests / hot
    return popularity


class KeySampler:
    """Draws keys with given popularities, at the same speed for every distribution.

    Parameters
    ----------
    popularity : array_like, shape (keys,)
        Weight of each key, >= 0, not all zero; they need not add up to one.

    Notes
    -----
    The alias method: as many columns of equal probability as there are keys, each shared by
    at most two of them, so that a draw takes one uniform number and two look-ups. Columns are
    filled as by Vose, but with cumulative sums in place of his loop: the surplus of the heavy
    keys, laid end to end, is cut at the ends of the light keys' deficits. Shares of a column are
    kept in single precision, which moves each probability by less than 1e-7 of 1/keys.

    References
    ----------
    Walker, "An efficient method for generating discrete random variables with general
    distributions", ACM Transactions on Mathematical Software 3, 1977; Vose, "A linear algorithm
    for generating random numbers with a given distribution", IEEE Transactions on Software
    Engineering 17, 1991; Hübschle-Schneider and Sanders, "Parallel weighted random sampling",
    ACM Transactions on Mathematical Software 48, 2022.

    Examples
    --------
    >>> sampler = KeySampler([0.5, 0.25, 0.25])
    >>> sampler.draw(8, rng=np.random.default_rng(2))
    array([0, 0, 2, 0, 0, 2, 0, 0], dtype=int32)
    """

    _CHUNK = 1 << 14  # draws at a time: the scratch arrays stay in the processor's cache

    def __init__(self, popularity: ArrayLike) -> None:
        weight = v.weights("KeySampler", "popularity", popularity)
        self._own_share, self._other = _alias_table(weight * (weight.size / weight.sum()))

    @property
    def keys(self) -> int:
        """Number of keys; they are 0, 1, ..., keys - 1."""
        return self._other.size

    def draw(self, count: int, *, rng: np.random.Generator) -> KeyArray:
        """Draw keys, independent of each other.

        Parameters
        ----------
        count : int
            Number of draws, >= 1.
        rng : numpy.random.Generator
            Source of randomness.

        Returns
        -------
        ndarray of int32, shape (count,)
            Indices into the popularity.
        """
        name = "KeySampler.draw"
        drawn = np.empty(v.count(name, "count", count, maximum=v.MOST_DRAWN), np.int32)
        v.generator(name, rng)
        for start in range(0, drawn.size, self._CHUNK):
            self._draw_into(drawn[start : start + self._CHUNK], rng)
        return drawn

    def _draw_into(self, drawn: KeyArray, rng: np.random.Generator) -> None:
        place = rng.random(drawn.size)
        place *= self.keys
        column = place.astype(np.int32)
        place -= column  # what is left is uniform in [0, 1), and picks one of the column's two
        np.take(self._other, column, out=drawn, mode="clip")
        np.copyto(drawn, column, where=place < self._own_share[column])


def zipf_trace(
    keys: int, exponent: float, count: int, *, rng: np.random.Generator, shuffled: bool = True
) -> KeyArray:
    """Independent requests for keys of Zipf popularity: the independent reference model.

    Parameters
    ----------
    keys, exponent
        As in `zipf_popularity`.
    count : int
        Number of requests, >= 1.
    rng : numpy.random.Generator
        Source of randomness.
    shuffled : bool
        Deal the popularities to the keys at random, so that a key says nothing about its rank.
        Otherwise key 0 is the most popular.

    Returns
    -------
    ndarray of int32, shape (count,)
        A key for each request, from 0 to `keys` - 1.

    Examples
    --------
    >>> zipf_trace(1_000, 1.0, 6, rng=np.random.default_rng(1), shuffled=False)
    array([  2,  52, 144,  51,   0,   1], dtype=int32)
    """
    name = "zipf_trace"
    keys, count = _keys(name, keys), v.count(name, "count", count, maximum=v.MOST_DRAWN)
    exponent = v.number(name, "exponent", exponent, minimum=0)
    popularity = zipf_popularity(keys, exponent)
    if v.generator(name, rng) and shuffled:
        rng.shuffle(popularity)
    return KeySampler(popularity).draw(count, rng=rng)


def _keys(function: str, keys: int, minimum: int = 1) -> int:
    return v.count(function, "keys", keys, minimum, v.MOST_DRAWN)


def _alias_table(load: v.FloatArray) -> tuple[NDArray[np.float32], KeyArray]:
    """Own share of each column and the key that has the rest; `load` has a mean of one."""
    light, heavy = np.flatnonzero(load < 1), np.flatnonzero(load >= 1)
    deficit, surplus = np.cumsum(1 - load[light]), np.cumsum(load[heavy] - 1)
    own_share, other = load.astype(np.float32), np.arange(load.size, dtype=np.int32)
    if not light.size or not heavy.size:  # uniform, but for rounding
        return np.ones_like(own_share), other
    # The deficit at whose end a heavy key has spent its surplus: it serves the light keys up
    # to that one, and the next heavy key fills what is then missing in its own column.
    last = np.searchsorted(deficit, surplus)
    served = np.minimum(last + 1, light.size)
    served[-1] = light.size
    other[light] = np.repeat(heavy, np.diff(served, prepend=0))
    short = np.append(deficit, surplus[-1:])[np.minimum(last, light.size)] - surplus
    own_share[heavy] = np.clip(1 - short, 0, 1)
    other[heavy[:-1]] = heavy[1:]
    own_share[heavy[-1]] = 1  # the last sums agree but for rounding
    return own_share, other
