"""What every router keeps to, whatever its way of placing keys."""

import os
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.routing.attributes import AttributeRouter
from scalelab.fakes.routing.directory import DirectoryRouter
from scalelab.fakes.routing.entities import EntityRouter
from scalelab.fakes.routing.hash_ring import HashRingRouter
from scalelab.fakes.routing.jump_hash import JumpRouter
from scalelab.fakes.routing.maglev import MaglevRouter
from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.fakes.routing.ranges import RangeRouter
from scalelab.fakes.routing.rendezvous import RendezvousRouter
from scalelab.fakes.routing.slots import SlotRouter
from scalelab.fakes.sharding.sharded_store import ShardedStore
from scalelab.models.placement import modulo_moved_share

KEYS = [f"user:{number}" for number in range(2_000)]
NODES = ["ann", "bob", "cat", "dan"]


def by_last_digit(nodes):
    return AttributeRouter(lambda key: int(key[-1]) % 4, dict(enumerate(nodes)))


ROUTERS = {
    "modulo": ModuloRouter,
    "jump": JumpRouter,
    "ring": HashRingRouter,
    "rendezvous": RendezvousRouter,
    "maglev": lambda nodes=(): MaglevRouter(nodes, table_size=2_003),
    "slots": SlotRouter,
    "directory": DirectoryRouter,
    "directory and modulo": lambda nodes=(): DirectoryRouter(default=ModuloRouter(nodes)),
    "entity": lambda nodes=(): EntityRouter(lambda key: key, HashRingRouter(nodes)),
}
FIXED = {
    "range": lambda nodes: RangeRouter(["user:13", "user:4", "user:7"], nodes),
    "attribute": by_last_digit,
}
MINIMAL = ("jump", "ring", "rendezvous", "slots", "directory", "entity")  # only what must, moves
ANY_ORDER = ("ring", "rendezvous", "maglev", "entity")
ANY_KEY = ("modulo", "jump", "ring", "rendezvous", "maglev", "slots", "directory", "entity")
EQUAL_KEYS = [
    (7, 7.0, np.int64(7), np.uint8(7), np.float32(7), Decimal(7)),
    (1, True, 1.0),
    (2**70, float(2**70)),
    (0.5, np.float32(0.5), Decimal("0.5")),
    (("user", 7), ("user", 7.0), ("user", np.int32(7))),
    (frozenset("abc"), frozenset("cba")),
    ("user:1", np.str_("user:1")),
    (-1,),
    (None,),
    (b"bytes",),
    ("photo-\udcff",),
    ((1, ("nested", frozenset({2, 3.0}))), (True, ("nested", frozenset({3, 2})))),
]


def owners(router, keys=KEYS):
    return {key: router.node_for(key) for key in keys}


@pytest.fixture(params=ROUTERS)
def kind(request):
    return request.param


@pytest.fixture
def router(kind):
    return ROUTERS[kind](NODES)


@pytest.fixture(params=FIXED)
def fixed(request):
    return FIXED[request.param](NODES)


def test_a_key_has_one_node_and_it_is_known(router):
    assert owners(router) == owners(router)
    assert set(owners(router).values()) == set(NODES)
    router.check_invariants()


def test_two_processes_agree(kind, router):
    assert owners(ROUTERS[kind](NODES)) == owners(router)


def test_a_router_whose_nodes_stay_keeps_the_same_promises(fixed):
    assert owners(fixed) == owners(fixed)
    assert set(owners(fixed).values()) == set(NODES) == set(fixed.nodes)
    assert fixed.may_leave == "none"
    fixed.check_invariants()


@pytest.mark.parametrize("node", ["ann", "dan"])
def test_a_router_that_can_lose_no_node_says_so(fixed, node):
    with pytest.raises(ValueError, match=rf"remove_node: node must stay, got '{node}'; nob.*new"):
        fixed.remove_node(node)
    with pytest.raises(ValueError, match=r"Router.add_node: node must be there from .*, got 'eve'"):
        fixed.add_node("eve")
    assert fixed.nodes == tuple(NODES)


@pytest.mark.parametrize("kind", ANY_KEY)
@pytest.mark.parametrize("keys", EQUAL_KEYS, ids=range(len(EQUAL_KEYS)))
def test_any_key_has_a_node_and_equal_keys_have_the_same(kind, keys):
    router = ROUTERS[kind](NODES)
    assert all(key == keys[0] for key in keys)
    assert len({router.node_for(key) for key in keys}) == 1


OTHER_PROCESS = """
from test_router_contract import ANY_KEY, EQUAL_KEYS, NODES, ROUTERS
print([ROUTERS[kind](NODES).node_for(keys[0]) for kind in ANY_KEY for keys in EQUAL_KEYS])
"""


def test_a_process_of_its_own_gives_any_key_the_same_node():
    """Python's own hash of a text, or of a set of texts, differs from process to process."""
    here = [ROUTERS[kind](NODES).node_for(keys[0]) for kind in ANY_KEY for keys in EQUAL_KEYS]
    path = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})"
    made = subprocess.run(
        [sys.executable, "-c", path + OTHER_PROCESS],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONHASHSEED": "7"},
    )
    assert made.stdout.strip() == str(here)


@pytest.mark.parametrize("kind", ANY_KEY)
def test_a_store_and_whoever_else_asks_get_the_same_node(kind):
    """Two callers, one a sharded store, agree on every key, be it a text or a number."""
    store = ShardedStore(VirtualClock(), ROUTERS[kind](NODES))
    alone = ROUTERS[kind](NODES)
    for key in (*KEYS[:50], *range(50), ("user", 1)):
        store.put(key, "row")
        assert key in store.contents()[alone.node_for(key)]
    store.check_invariants()


@pytest.mark.parametrize("kind", sorted(set(ANY_KEY) - {"directory"}))
def test_a_node_may_be_a_number(kind):
    assert set(owners(ROUTERS[kind](range(4)), range(300)).values()) == {0, 1, 2, 3}


def test_a_node_can_come_back_to_its_place(kind, router):
    before = owners(router)
    if kind == "jump":
        with pytest.raises(ValueError, match="before must be None: new nodes come last, got 'ann'"):
            router.add_node("eve", before="ann")
        return
    router.remove_node("bob")
    router.add_node("bob", before="cat")
    assert router.nodes == tuple(NODES)
    if kind not in ("slots", "directory"):  # their tables remember what happened
        assert owners(router) == before


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
    if kind not in ("slots", "directory"):
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
    for bad in ("ann", "", 1.5, None, True):
        with pytest.raises(ValueError, match=r"add_node: node must"):
            router.add_node(bad)
    for bad in ("eve", "", 3, None):
        with pytest.raises(ValueError, match=r"remove_node: node must be one of"):
            router.remove_node(bad)
    with pytest.raises(ValueError, match=r"node_for: key must be hashable and equal to itself"):
        router.node_for(["a"])


@pytest.mark.parametrize("kind", sorted(set(ANY_KEY) - {"directory"}))
def test_a_key_that_looks_different_in_each_process_is_refused(kind):
    for key in (object(), ("user", object()), print):
        with pytest.raises(ValueError, match=r": key must be a text, a number or a tuple"):
            ROUTERS[kind](NODES).node_for(key)


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
