import numpy as np
import pytest

from scalelab.models.races import arrival_within


def test_windows_of_a_poisson_stream(rng):
    counts = rng.poisson(0.3 * 2.0, 200_000)
    assert arrival_within(0.3, 2.0) == pytest.approx(np.mean(counts > 0), abs=0.004)
    assert arrival_within([1, 10, 100], 0.1) == pytest.approx([0.0952, 0.6321, 1], abs=5e-5)
    assert arrival_within([1, 10], 0.005) == pytest.approx([0.004988, 0.04877], abs=5e-6)
