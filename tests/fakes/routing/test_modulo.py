"""The modulo router beyond the contract of all routers."""

import numpy as np
import pytest

from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.sim.hashing import hash_keys, hash_text
from scalelab.sim.modulo import ModuloPlacement


def test_modulo_is_the_textbook_formula():
    router = ModuloRouter(["a", "b", "c"])
    for key in ("ann", "bob", ""):
        expected = int(hash_keys(np.array([hash_text(key)], np.uint64))[0]) % 3
        assert router.node_for(key) == router.nodes[expected]


def test_numbers_are_placed_as_in_arrays():
    router, keys = ModuloRouter(["a", "b", "c"]), np.arange(-50, 50)
    assert [router.node_for(int(key)) for key in keys] == [
        router.nodes[i] for i in ModuloPlacement(range(3)).place(keys)
    ]


def test_plain_modulo_of_the_three_examples():
    router = ModuloRouter(["shard1", "shard2", "shard3"], hash_of=int)
    owners = [router.node_for(key) for key in (87234, 12933, 44721, 44723)]
    assert owners == [*["shard1"] * 3, "shard3"]
    router.check_invariants()


def test_a_hash_of_ones_own_must_be_a_number():
    router = ModuloRouter(["a", "b"], hash_of=lambda key: key)
    for key in ("x", None, (1,)):
        with pytest.raises(ValueError, match=r"node_for: key must have a whole number as its hash"):
            router.node_for(key)
