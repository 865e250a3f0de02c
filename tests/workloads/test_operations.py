import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.workloads.operations import read_again_flags, write_flags


def test_writes_have_their_share(rng):
    flags = write_flags(100_000, 0.1, rng=rng)
    assert flags.mean() == pytest.approx(0.1, abs=4 * 0.3 / math.sqrt(100_000))
    assert not write_flags(1_000, 0.0, rng=rng).any()
    assert write_flags(1_000, 1.0, rng=rng).all()


@given(keys=st.lists(st.integers(0, 5), min_size=1, max_size=40), window=st.integers(1, 8))
def test_read_again_is_what_a_loop_sees(keys, window):
    wanted = [key in keys[max(0, i - window) : i] for i, key in enumerate(keys)]
    assert read_again_flags(keys, window).tolist() == wanted
