"""What every test may ask for."""

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

# Derandomised: a test passes twenty times in a row, or fails twenty times in a row.
settings.register_profile(
    "course",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("course")
os.environ.setdefault("MPLBACKEND", "agg")
os.environ.setdefault("SCALELAB_PROGRESS", "off")  # a doctest is not the reader's guess


@pytest.fixture
def rng():
    return np.random.default_rng(20260101)
