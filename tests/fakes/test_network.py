"""The fake network: delays, chance, partitions, and books that add up."""

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from support.agreement import standard_errors_off

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.network import FakeNetwork


def network(**settings):
    network = FakeNetwork(VirtualClock(), **settings)
    network.add(["a", "b", "c"])
    return network


def deliver(net, count, source="a", target="b"):
    """Numbers in the order of their arrival."""
    got = []
    for number in range(count):
        net.send(source, target, number, got.append)
    net.clock.advance(100.0)
    net.check_invariants()
    return got


def test_a_constant_delay_is_kept_to_the_moment():
    net = network(delay_s=0.25)
    times = []
    net.send("a", "b", None, lambda _: times.append(net.clock.now_s))
    net.clock.advance(1.0)
    assert times == [0.25]


def test_a_link_may_have_its_own_delay_each_way():
    net = network(delay_s=0.25)
    net.set_delay("a", "b", 1.0)
    net.set_delay("b", "a", 2.0, both=False)
    times = []
    for source, target in (("a", "b"), ("b", "a"), ("a", "c")):
        net.send(source, target, source + target, lambda m: times.append((m, net.clock.now_s)))
    net.clock.advance(3.0)
    assert times == [("ac", 0.25), ("ab", 1.0), ("ba", 2.0)]


def test_an_ordered_link_keeps_the_order_of_drawn_delays(rng):
    net = network(delay_s=lambda rng: rng.exponential(1.0), rng=rng)
    assert deliver(net, 50) == list(range(50))
    assert net.stats().reordered == 0


def test_an_unordered_link_reorders(rng):
    net = network(delay_s=lambda rng: rng.exponential(1.0), ordered=False, rng=rng)
    got = deliver(net, 50)
    assert got != sorted(got)
    late = sum(number < max(got[: i + 1]) for i, number in enumerate(got))
    assert net.stats().reordered == late


def test_loss_and_duplication_have_their_shares(rng):
    net = network(loss=0.2, duplication=0.1, rng=rng)
    runs = [len(deliver(net, 500)) / 500 for _ in range(40)]
    assert standard_errors_off(runs, 0.8 * 1.1) < 4
    assert standard_errors_off(runs, 0.8 * 1.1 * 1.05) > 4  # the comparison can fail


def test_the_same_seed_gives_the_same_run():
    def run(seed):
        rng = np.random.default_rng(seed)
        net = network(
            delay_s=lambda rng: rng.exponential(1.0),
            loss=0.2,
            duplication=0.2,
            ordered=False,
            rng=rng,
        )
        return deliver(net, 100)

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_a_partition_stops_both_ways_and_only_between_the_groups():
    net = network()
    net.partition({"a"}, {"b"})
    assert not net.connected("a", "b")
    assert net.connected("a", "c")
    assert deliver(net, 1) == deliver(net, 1, "b", "a") == []
    assert deliver(net, 1, "a", "c") == [0]
    net.heal()
    assert deliver(net, 1) == [0]


def test_a_group_without_the_other_is_cut_from_all_others():
    net = network()
    net.partition({"a"})
    pairs = [("a", "b"), ("a", "c"), ("b", "c")]
    assert [net.connected(*pair) for pair in pairs] == [False, False, True]


def test_a_one_way_cut():
    net = network()
    net.cut("a", "b")
    assert (net.is_open("a", "b"), net.is_open("b", "a")) == (False, True)
    assert deliver(net, 2) == []
    assert deliver(net, 2, "b", "a") == [0, 1]
    net.heal_link("a", "b")
    assert deliver(net, 1) == [0]


def test_a_message_on_its_way_is_gone_when_it_falls_due_on_a_cut_link():
    net = network(delay_s=1.0)
    got = []
    net.send("a", "b", 1, got.append)
    net.cut("a", "b")
    net.clock.advance(2.0)
    assert got == []
    assert net.stats().blocked == 1


def test_listeners_hear_of_healing():
    net, heard = network(), []
    net.on_heal(lambda: heard.append(net.clock.now_s))
    net.partition({"a"})
    assert heard == []
    net.heal()
    net.heal_link("a", "b")
    assert heard == [0.0, 0.0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda n: n.send("a", "z", 1, print), r"send: target must be one of .* got 'z'"),
        (lambda n: n.send("a", "a", 1, print), r"send: target must differ from source, got 'a'"),
        (
            lambda n: n.partition("a"),
            r"partition: left must be a group of non-empty texts, got 'a'",
        ),
        (lambda n: n.partition({"a"}, {"a", "b"}), r"right must share no node with left"),
        (lambda n: FakeNetwork(n.clock, loss=1.0), r"loss must be below 1, got 1.0; cut"),
        (lambda n: FakeNetwork(n.clock, loss=0.1), r"rng must be a numpy.random.Generator"),
        (lambda n: FakeNetwork(n.clock, delay_s=lambda rng: 1.0), r"rng must be a numpy"),
    ],
)
def test_misuse_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(network())


def test_a_drawn_delay_is_checked(rng):
    net = network(delay_s=lambda rng: -1.0, rng=rng)
    with pytest.raises(ValueError, match=r"FakeNetwork: delay_s must be finite and >= 0, got -1"):
        net.send("a", "b", 1, print)


NODES = st.sampled_from(["a", "b", "c"])
LINKS = st.tuples(NODES, NODES).filter(lambda link: link[0] != link[1])


class NetworkMachine(RuleBasedStateMachine):
    @initialize(ordered=st.booleans(), loss=st.sampled_from([0.0, 0.3]), seed=st.integers(0, 99))
    def start(self, ordered, loss, seed):
        self.net = network(
            delay_s=lambda rng: rng.exponential(1.0),
            loss=loss,
            duplication=0.2,
            ordered=ordered,
            rng=np.random.default_rng(seed),
        )
        self.got = 0

    def arrived(self, message):
        self.got += 1

    @rule(link=LINKS)
    def send(self, link):
        self.net.send(*link, None, self.arrived)

    @rule(link=LINKS)
    def cut(self, link):
        self.net.cut(*link)

    @rule(left=st.sets(NODES, min_size=1, max_size=2))
    def partition(self, left):
        self.net.partition(left)

    @rule()
    def heal(self):
        self.net.heal()

    @rule(seconds=st.sampled_from([0.0, 0.5, 3.0]))
    def advance(self, seconds):
        self.net.clock.advance(seconds)

    @invariant()
    def books(self):
        if hasattr(self, "net"):
            self.net.check_invariants()
            assert self.net.stats().delivered == self.got

    def teardown(self):
        if hasattr(self, "net"):
            self.net.clock.advance(1000.0)
            self.books()
            assert self.net.stats().in_flight == 0


NetworkMachine.TestCase.settings = settings(max_examples=30, stateful_step_count=30)
TestNetwork = NetworkMachine.TestCase
