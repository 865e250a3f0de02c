import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.models.amdahl import amdahl_speedup
from scalelab.models.replication import (
    lost_writes,
    most_replicas,
    needed_replicas,
    pinned_share,
    read_capacity,
    safe_read_load_per_s,
    write_utilisation,
)
from scalelab.models.traffic import read_share, reads_per_write


@given(replicas=st.integers(1, 1_000), ratio=st.floats(0, 1e4))
def test_it_is_amdahls_law_with_the_share_of_writes(replicas, ratio):
    expected = amdahl_speedup(replicas, 1 - read_share(ratio))
    assert read_capacity(replicas, ratio) == pytest.approx(expected)


@given(replicas=st.integers(1, 100), ratio=st.floats(0.1, 1e3))
def test_every_node_is_just_full(replicas, ratio):
    """Writes on every node, and a part of the reads, fill it; one node alone did 1/(k+1) writes."""
    writes = read_capacity(replicas, ratio) / (ratio + 1)
    assert writes + ratio * writes / replicas == pytest.approx(1)
    assert write_utilisation(replicas, ratio) == pytest.approx(writes)


def test_ten_replicas():
    assert read_capacity(10, [9, 100, 1_000]) == pytest.approx([5.263, 9.182, 9.911], abs=5e-4)
    assert read_capacity(1e9, [9, 100]) == pytest.approx([10, 101], rel=1e-4)
    assert write_utilisation(10, 9) == pytest.approx(0.5263, abs=5e-5)


@given(replicas=st.integers(1, 100), ratio=st.floats(0.1, 1e3), cost=st.floats(0, 1))
def test_with_a_cheaper_replay_the_first_that_is_full_sets_the_limit(replicas, ratio, cost):
    writes = read_capacity(replicas, ratio, replay_cost=cost) / (ratio + 1)
    primary, replica = writes, cost * writes + ratio * writes / replicas
    assert max(primary, replica) == pytest.approx(1)
    assert write_utilisation(replicas, ratio, replay_cost=cost) == pytest.approx(primary)


def test_a_cheaper_replay_reaches_the_ceiling_and_does_not_raise_it():
    """At nine reads to a write, by hand: n (k + 1) / (r n + k), and k / (1 - r) replicas."""
    assert read_capacity(10, 9, replay_cost=[0.4, 0.5]) == pytest.approx([100 / 13, 100 / 14])
    assert read_capacity([15, 16, 1_000], 9, replay_cost=0.4) == pytest.approx([10, 10, 10])
    assert read_capacity(14, 9, replay_cost=0.4) < 10
    assert write_utilisation(10, 9, replay_cost=0.45) == pytest.approx(0.7407, abs=5e-5)


def test_three_replicas_of_ten_thousand():
    load = safe_read_load_per_s
    assert load(10_000, 3) == 30_000
    assert load(10_000, 3, write_share=0.1) == pytest.approx(27_000)
    assert load(10_000, 3, max_utilisation=0.7) == pytest.approx(21_000)
    assert load(10_000, 3, max_utilisation=0.7, lost=1) == pytest.approx(14_000)
    assert np.all(most_replicas([0.02, 0.05, 0.1]) == [50, 20, 10])


@given(ratio=st.floats(0.5, 1e3), part=st.floats(0.01, 0.99))
def test_the_smallest_number_of_replicas(ratio, part):
    factor = 1 + part * ratio
    replicas = needed_replicas(factor, ratio)
    assert read_capacity(replicas, ratio) >= factor * (1 - 1e-9)
    assert replicas == 1 or read_capacity(replicas - 1, ratio) < factor * (1 + 1e-9)


def test_what_is_out_of_reach_is_said():
    with pytest.raises(ValueError, match=r"capacity_factor must be < 10, the ceiling at .*=9"):
        needed_replicas(10, 9)
    with pytest.raises(ValueError, match=r"write_share must be < max_utilisation=0.7"):
        safe_read_load_per_s(1e4, 3, max_utilisation=0.7, write_share=0.8)


def test_pinned_time(rng):
    """One operation per second: at 100 and at 9 reads per write, for one second."""
    rates = 1 - read_share([100, 9])
    assert pinned_share(1.0, rates) == pytest.approx([0.009852, 0.09516], abs=5e-6)
    gaps = rng.exponential(1 / 0.1, 100_000)
    assert pinned_share(1.0, 0.1) == pytest.approx(np.minimum(gaps, 1).sum() / gaps.sum(), rel=0.02)
    assert lost_writes([0.1, 0.5, 5], 1_000) == pytest.approx([100, 500, 5_000])


@given(ratio=st.floats(0, 1e6))
def test_ratio_and_share_are_inverse(ratio):
    assert reads_per_write(read_share(ratio)) == pytest.approx(ratio, rel=1e-6)


@pytest.mark.parametrize("function", [read_capacity, lost_writes])
def test_what_no_float_holds_is_refused(function):
    words = rf"^{function.__name__}: .* must have a result that a float holds, got one beyond"
    with pytest.raises(ValueError, match=words):
        function(1e300, 1e300)
    assert np.isfinite(function(1e150, 1e150))
