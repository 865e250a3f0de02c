"""The time of day, for what is kept from one day to the next."""

from __future__ import annotations

import time

DAY_S = 86_400


def now_s() -> float:
    """Return the seconds since 1970, in UTC.

    Examples
    --------
    >>> now_s() > 1.7e9  # since November 2023
    True
    """
    return time.time()
