"""Which keys hit how often, where writes make entries invalid and time ends them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from scalelab import _validate as v
from scalelab.models._validity import valid_s
from scalelab.models.hit_ratio import lru_characteristic_time


@dataclass(frozen=True, eq=False)
class CachedKeys:
    """What an LRU cache does for each key.

    Parameters
    ----------
    hit_ratios : ndarray, shape (keys,)
        Share of the reads of each key that hit, in [0, 1).
    hit_ratio : float
        Share of all reads that hit.
    kept_s : float or None
        Seconds for which a key that nobody reads keeps its place; None where all fit.
    """

    hit_ratios: v.FloatArray
    hit_ratio: float
    kept_s: float | None


def hit_ratio_by_key(
    reads_per_s: ArrayLike,
    writes_per_s: ArrayLike,
    capacity: int,
    *,
    ttl_s: float | None = None,
    fill_s: float = 0.0,
) -> CachedKeys:
    r"""Hit ratio of each key in an LRU cache whose entries writes make invalid.

    Parameters
    ----------
    reads_per_s, writes_per_s : array_like, shape (keys,)
        Poisson reads and writes of each key per second, >= 0; some key is read.
    capacity : int
        Entries that fit, >= 1. An invalid one keeps its place.
    ttl_s : float or None
        Seconds after which a fill is forgotten, > 0; None for never.
    fill_s : float
        Seconds that a fill takes, >= 0: whoever comes meanwhile misses as well, without a lock.

    Returns
    -------
    CachedKeys

    Notes
    -----
    By Che's approximation a key keeps its place for T after its last read. It hits if a read
    came within T, and no write since:

    .. math:: h = \frac{r}{r + w} \bigl(1 - e^{-(r + w)T}\bigr).

    A lifetime allows :math:`rL/(1 + rL)` with :math:`L = (1 - e^{-w\,\mathrm{TTL}})/w`; the
    smaller of the two is taken, which is right if one of both limits rules, and otherwise a
    little high. A miss brings the :math:`r\,\delta` others of `redundant_recomputations`:
    :math:`h/(1 + (1 - h) r \delta)`.

    References
    ----------
    Che, Tung and Wang, "Hierarchical web caching systems: modeling, design and experimental
    results", IEEE Journal on Selected Areas in Communications 20, 2002; Jung, Berger and
    Balakrishnan, "Modeling TTL-based internet caches", INFOCOM 2003.

    Examples
    --------
    The same reads, without writes and with one for every nine reads:

    >>> from scalelab.workloads.popularity import zipf_popularity
    >>> reads = 900 * zipf_popularity(10_000, 0.9)
    >>> [round(hit_ratio_by_key(reads, w * reads, 1_000).hit_ratio, 3) for w in (0, 1 / 9)]
    [0.556, 0.513]
    """
    name = "hit_ratio_by_key"
    reads = v.weights(name, "reads_per_s", reads_per_s)
    writes = v.vector(name, "writes_per_s", writes_per_s, reads.size)
    writes = v.non_negative(name, "writes_per_s", writes)
    capacity = v.count(name, "capacity", capacity)
    fill = v.number(name, "fill_s", fill_s, minimum=0)
    ttl = math.inf if ttl_s is None else v.number(name, "ttl_s", ttl_s)
    with v.no_overflow(name, "reads_per_s, writes_per_s, ttl_s and fill_s"):
        kept = float(lru_characteristic_time(reads, capacity)) / float(reads.sum())
        ratios = np.minimum(_by_size(reads, writes, kept), _by_time(reads, writes, ttl))
        others = reads * fill
        ratios = ratios / (1 + (1 - ratios) * others)
    hits = reads * ratios  # no dot product: one of so many keys would wait for a second processor
    return CachedKeys(
        hit_ratios=ratios,
        hit_ratio=float(hits.sum() / reads.sum()),
        kept_s=None if math.isinf(kept) else kept,
    )


def _by_size(reads: v.FloatArray, writes: v.FloatArray, kept_s: float) -> v.FloatArray:
    both = reads + writes
    share = np.divide(reads, both, out=np.zeros_like(reads), where=both > 0)
    if math.isinf(kept_s):
        return share
    with np.errstate(under="ignore"):
        return -share * np.expm1(-both * kept_s)


def _by_time(reads: v.FloatArray, writes: v.FloatArray, ttl_s: float) -> v.FloatArray:
    if math.isinf(ttl_s):
        return np.ones_like(reads)
    life = valid_s(writes, ttl_s)
    return reads * life / (1 + reads * life)
