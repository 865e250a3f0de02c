"""What every router keeps to, whatever its way of placing keys."""

from collections import Counter

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from scalelab.fakes.routing.routers import (
    HashRingRouter,
    JumpRouter,
    MaglevRouter,
    ModuloRouter,
    RendezvousRouter,
)
from scalelab.fakes.routing.table_routers import DirectoryRouter, SlotRouter
from scalelab.models.placement import modulo_moved_share

ROUTERS = {
    "modulo": ModuloRouter,
    "jump": JumpRouter,
    "ring": HashRingRouter,
    "rendezvous": RendezvousRouter,
    "maglev": lambda nodes=(): MaglevRouter(nodes, table_size=2_003),
    "slots": SlotRouter,
    "directory": DirectoryRouter,
}
MINIMAL = ("jump", "ring", "rendezvous", "slots", "directory")  # keys move only where they must
ANY_ORDER = ("ring", "rendezvous", "maglev")
KEYS = [f"user:{number}" for number in range(2_000)]
NODES = ["ann", "bob", "cat", "dan"]


def owners(router, keys=KEYS):
    return {key: router.node_for(key) for key in keys}


@pytest.fixture(params=ROUTERS)
def kind(request):
    return request.param


@pytest.fixture
def router(kind):
    return ROUTERS[kind](NODES)


def test_a_key_has_one_node_and_it_is_known(router):
    assert owners(router) == owners(router)
    assert set(owners(router).values()) == set(NODES)
    router.check_invariants()


def test_two_processes_agree(kind, router):
    assert owners(ROUTERS[kind](NODES)) == owners(router)


def test_keys_are_spread(router):
    held = Counter(owners(router).values())
    assert max(held.values()) < 1.35 * len(KEYS) / len(NODES)


@pytest.mark.parametrize("kind", ANY_ORDER)
def test_the_order_of_arrival_plays_no_part(kind):
    built = ROUTERS[kind]()
    for node in ("eve", *reversed(NODES)):
        built.add_node(node)
    built.remove_node("eve")
    assert owners(built) == owners(ROUTERS[kind](NODES))


def test_a_new_node_takes_its_share(kind, router):
    before = owners(router)
    router.add_node("eve")
    moved = {key: node for key, node in owners(router).items() if node != before[key]}
    if kind in MINIMAL:
        assert set(moved.values()) <= {"eve"}
        assert len(moved) < 1.35 * len(KEYS) / 5
    elif kind == "maglev":
        elsewhere = sum(node != "eve" for node in moved.values())
        assert 0 < elsewhere < len(moved) / 2
    else:
        assert len(moved) / len(KEYS) == pytest.approx(modulo_moved_share(4, 5), abs=0.04)
    assert kind == "directory" or "eve" in moved.values()
    router.check_invariants()


def test_only_the_keys_of_a_node_that_goes_must_move(kind, router):
    before = owners(router)
    router.remove_node("dan")
    after = owners(router)
    assert "dan" not in after.values()
    moved = {before[key] for key in KEYS if before[key] != after[key]}
    assert (moved == {"dan"}) == (kind in MINIMAL)
    router.check_invariants()


def test_a_node_that_comes_back_gets_the_same_keys(kind, router):
    before = owners(router)
    router.remove_node("dan")
    router.add_node("dan")
    if kind in (*ANY_ORDER, "modulo", "jump"):
        assert owners(router) == before


def test_nobody_serves_without_nodes(kind):
    router = ROUTERS[kind]()
    with pytest.raises(ValueError, match=r"node_for: nodes must hold at least one"):
        router.node_for("a")
    router.add_node("ann")
    assert router.node_for("a") == "ann"
    router.remove_node("ann")
    assert router.nodes == ()


def test_names_are_checked(router):
    for bad in ("ann", "", 3, None):
        with pytest.raises(ValueError, match=r"add_node: node must"):
            router.add_node(bad)
    for bad in ("eve", "", 3, None):
        with pytest.raises(ValueError, match=r"remove_node: node must be one of"):
            router.remove_node(bad)
    with pytest.raises(ValueError, match=r"node_for: key must be a text"):
        router.node_for(b"a")


class RouterMachine(RuleBasedStateMachine):
    @initialize(kind=st.sampled_from(sorted(ROUTERS)))
    def start(self, kind):
        self.kind, self.router, self.names = kind, ROUTERS[kind](), []
        self.before = {}

    @rule(name=st.sampled_from("abcdefgh"))
    def add(self, name):
        if name not in self.names:
            self.router.add_node(name)
            self.names.append(name)
            self.compare(arrived=name)

    @precondition(lambda self: self.names)
    @rule(data=st.data())
    def remove(self, data):
        name = self.names[-1] if self.kind == "jump" else data.draw(st.sampled_from(self.names))
        self.router.remove_node(name)
        self.names.remove(name)
        self.compare(gone=name)

    def compare(self, arrived=None, gone=None):
        after = owners(self.router, KEYS[:100]) if self.names else {}
        if self.kind in MINIMAL and self.before and after:
            for key, node in after.items():
                assert node == self.before[key] or node == arrived or self.before[key] == gone
        self.before = after

    @invariant()
    def the_books_are_in_order(self):
        if hasattr(self, "router"):
            assert self.router.nodes == tuple(self.names)
            assert set(self.before.values()) <= set(self.names)
            self.router.check_invariants()


RouterMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
TestRouters = RouterMachine.TestCase
