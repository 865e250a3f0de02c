import math

import numpy as np
import pytest

from scalelab.models.lag_laws import (
    lognormal_from_percentiles,
)
from scalelab.models.staleness import backward_read_probability, safe_window_s, stale_share


def test_lags_of_the_usual_ranges():
    near = lognormal_from_percentiles(0.001, 0.010)
    assert near.median_s == pytest.approx(3.162e-3, abs=5e-7)
    assert stale_share(near, [0.005, 0.050]) == pytest.approx([0.2564, 4.002e-5], rel=5e-4)
    wide = lognormal_from_percentiles(0.010, 5.0)
    assert stale_share(wide, [0.5, 1, 2]) == pytest.approx([0.3351, 0.2139, 0.1231], abs=5e-5)
    far = lognormal_from_percentiles(0.1, 0.5)
    assert stale_share(far, [1, 2]) == pytest.approx([0.0011, 3.8e-6], rel=0.02)
    rare = lognormal_from_percentiles(0.010, 5.0, low_share=0.01, high_share=0.99)
    assert stale_share(rare, [1, 2]) == pytest.approx([0.131, 0.0505], abs=5e-4)
    assert stale_share(wide, safe_window_s(wide, 0.01)) == pytest.approx(0.01)


def test_a_second_read_goes_back_in_time(rng):
    lag = lognormal_from_percentiles(0.010, 5.0)
    ours = backward_read_probability(lag, 0.2, 0.3, replicas=3)
    assert ours == pytest.approx(0.1392, abs=5e-5)
    lags = lag.quantile(rng.uniform(1e-9, 1 - 1e-9, (200_000, 3)))
    first, second = (lags[np.arange(200_000), rng.integers(0, 3, 200_000)] for _ in "12")
    back = np.mean((first <= 0.2) & (second > 0.3))
    error = math.sqrt(back * (1 - back) / 200_000)
    assert abs(back - ours) < 4 * error < abs(back - 1.1 * ours)
    assert backward_read_probability(lag, 0.2, 0.3, replicas=1) == 0


def test_what_is_no_law_is_refused():
    with pytest.raises(
        ValueError, match=r"stale_share: lag must be a law with tail .*, got float;"
    ):
        stale_share(0.1, 1.0)
