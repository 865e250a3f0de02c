"""Amdahl's law: how much faster n workers are than one, when a part cannot be shared."""

from __future__ import annotations

from numpy.typing import ArrayLike

from scalelab import _validate as v


def amdahl_speedup(n: ArrayLike, serial_fraction: ArrayLike) -> float | v.FloatArray:
    r"""Speed-up of a fixed job on `n` workers when a part of it cannot be shared.

    Parameters
    ----------
    n : float or array_like, shape (...)
        Workers, >= 1.
    serial_fraction : float or array_like, shape (...)
        Share of the time on one worker that cannot be shared, in [0, 1].

    Returns
    -------
    float or ndarray, shape (...)
        Time on one worker over time on `n`: :math:`1/(s + (1-s)/n)`.

    References
    ----------
    Amdahl, "Validity of the single processor approach to achieving large scale computing
    capabilities", AFIPS 1967.

    Examples
    --------
    >>> amdahl_speedup([1, 4, 1e9], 0.25).round(3)
    array([1.   , 2.286, 4.   ])
    """
    workers = v.at_least("amdahl_speedup", "n", n, 1)
    serial = v.fraction("amdahl_speedup", "serial_fraction", serial_fraction)
    v.broadcastable("amdahl_speedup", n=workers, serial_fraction=serial)
    return v.scalar_or_array(1 / (serial + (1 - serial) / workers))
