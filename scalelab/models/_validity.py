"""How long a cached value stays valid."""

from __future__ import annotations

import numpy as np

from scalelab import _validate as v


def valid_s(writes_per_s: v.FloatArray, life_s: float | v.FloatArray) -> v.FloatArray:
    """Mean seconds until a write or the end of a life, without checks: (1 − exp(−wL))/w."""
    life = np.broadcast_to(np.asarray(life_s, dtype=np.float64), writes_per_s.shape)
    rare = writes_per_s * np.minimum(life, 1e300) < 1e-9  # no write comes first
    safe = np.where(rare, 1.0, writes_per_s)
    with np.errstate(under="ignore"):
        return np.where(rare, life, -np.expm1(-np.where(rare, 1.0, safe * life)) / safe)
