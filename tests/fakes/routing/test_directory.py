"""The directory beyond the contract of all routers."""

import pytest

from scalelab.fakes.routing.directory import DirectoryRouter
from scalelab.fakes.routing.modulo import ModuloRouter


def test_the_directory_remembers():
    router = DirectoryRouter(["a", "b"])
    for number in range(10):
        router.node_for(str(number))
    assert (router.keys_of("a"), router.keys_of("b")) == (5, 5)
    router.add_node("c")
    assert [router.node_for(f"new {number}") for number in range(5)] == ["c"] * 5
    router.forget("0")
    assert len(router) == 14
    router._held["a"] += 1
    with pytest.raises(AssertionError, match="keys are miscounted"):
        router.check_invariants()


def test_a_line_is_before_the_default_and_concerns_one_key():
    router = DirectoryRouter(default=ModuloRouter(["a", "b", "c"]))
    before = {key: router.node_for(key) for key in range(100)}
    target = next(node for node in router.nodes if node != before[7])
    router.assign(7, target)
    after = {key: router.node_for(key) for key in range(100)}
    assert [key for key in before if before[key] != after[key]] == [7]
    assert after[7] == target
    assert (router.lookups, len(router)) == (200, 1)
    router.remove_node(target)
    assert len(router) == 0
    router.check_invariants()


def test_a_line_stays_when_its_new_node_is_refused():
    router = DirectoryRouter(["a", "b"])
    router.assign("ann", "b")
    with pytest.raises(ValueError, match="assign: node must be one of a, b, got 'z'"):
        router.assign("ann", "z")
    assert router.node_for("ann") == "b"


def test_nodes_come_from_one_place():
    with pytest.raises(ValueError, match="nodes must be left out beside default"):
        DirectoryRouter(["a"], default=ModuloRouter(["a"]))
