"""Jump consistent hashing against the paper's own words and published vectors."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.splitmix import MASK, splitmix64

from scalelab.sim.hashing import hash_keys
from scalelab.sim.jump_hash import JumpPlacement, jump_hash

KEYS = np.random.default_rng(5).integers(-(2**63), 2**63 - 1, 20_000)
PUBLISHED = {(1, 1): 0, (42, 57): 43, (0xDEAD10CC, 1): 0, (0xDEAD10CC, 666): 361, (256, 1024): 520}


def jump(key, buckets):
    """Lamping and Veach's figure 1, in whole numbers and floats."""
    b, j = -1, 0
    while j < buckets:
        b = j
        key = (key * 2862933555777941757 + 1) & MASK
        j = int((b + 1) * ((1 << 31) / ((key >> 33) + 1)))
    return b


@pytest.mark.parametrize(("key", "nodes"), PUBLISHED)
def test_the_published_vectors(key, nodes):
    assert jump_hash(key, nodes) == jump(key, nodes) == PUBLISHED[key, nodes]


@given(st.integers(0, 2**64 - 1), st.integers(1, 2**31 - 1))
def test_one_key_jumps_as_the_paper_says(key, nodes):
    assert jump_hash(key, nodes) == jump(key, nodes)


def test_a_negative_key_counts_modulo_2_to_the_64():
    assert jump_hash(-1, 1_000) == jump_hash(2**64 - 1, 1_000)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("nodes", [1, 57, 2**31 - 1])
def test_a_placement_hashes_first(nodes):
    placed = JumpPlacement(nodes).place(KEYS[:500]).tolist()
    assert placed == [jump(splitmix64(int(key)), nodes) for key in KEYS[:500]]
    assert placed[:20] == [jump_hash(int(word), nodes) for word in hash_keys(KEYS[:20])]


@pytest.mark.usefixtures("engine")
def test_memory_does_not_grow_with_the_nodes():
    JumpPlacement(3).place(KEYS[:10])
    tracemalloc.start()
    JumpPlacement(2**31 - 1).place(KEYS[:10])
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 100_000


@pytest.mark.parametrize("make", [JumpPlacement, lambda nodes: jump_hash(1, nodes)])
def test_an_owner_fits_32_bits(make):
    with pytest.raises(ValueError, match="nodes must be <= 2147483647, got 2147483648"):
        make(2**31)
