"""Load balancer: the array kernel's decisions, health checks, draining, random faults."""

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from scalelab.fakes.balancing.balancer_types import NoServerError
from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.fakes.balancing.web_server import Request
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.routing.jump_hash import JumpRouter
from scalelab.fakes.routing.maglev import MaglevRouter
from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.fakes.routing.rendezvous import RendezvousRouter
from scalelab.models.headroom import detection_time_s
from scalelab.models.infinite_servers import exponential_drain_s
from scalelab.models.placement import minimum_moved_share, modulo_moved_share
from scalelab.sim.load_balancing import balanced_run

NAMES = ("web-0", "web-1", "web-2", "web-3")


def ignore(result):
    """Take a result that nobody needs."""


def balancer(policy="round_robin", servers=NAMES, **settings):
    return LoadBalancer(VirtualClock(), servers, policy, **settings)


def played(policy, arrivals, services, clients, rng=None):
    """Wait and server of each request, in order of arrival."""
    made = balancer(policy, rng=rng)
    waits, chosen = np.empty(arrivals.size), np.empty(arrivals.size, int)

    def done(number, response):
        waits[number], chosen[number] = response.wait_s, NAMES.index(response.server)

    for number in range(arrivals.size):
        request = Request(client=str(clients[number]), service_s=services[number])
        made.clock.run(arrivals[number])
        made.submit(request, partial(done, number), pytest.fail)
    made.clock.advance(1_000.0)
    made.check_invariants()
    return waits, chosen


def load(rng, number, rho):
    arrivals = np.cumsum(rng.exponential(1 / (len(NAMES) * rho), number))
    return arrivals, rng.exponential(1.0, number), rng.integers(0, 40, number)


@pytest.mark.parametrize(
    ("policy", "in_arrays"),
    [("round_robin",) * 2, ("least_connections",) * 2, ("cookie", "sticky")],
)
def test_waits_and_servers_equal_the_array_kernel(policy, in_arrays):
    rng = np.random.default_rng(1)
    arrivals, services, clients = load(rng, 3_000, 0.8)
    waits, chosen = played(policy, arrivals, services, clients)
    run = balanced_run(arrivals, services, 4, in_arrays, rng=rng, clients=clients)
    assert chosen.tolist() == run.server.tolist()
    np.testing.assert_allclose(waits, run.wait_s, atol=1e-9)
    assert waits.max() > 1


def test_two_choices_are_worth_as_much_as_in_the_array_kernel():
    """sl-random-or-rr: mean response 9.6 at random, 3.8 with two choices, at 90 %."""
    rng = np.random.default_rng(2)
    arrivals, services, clients = load(rng, 30_000, 0.9)
    waits, _ = played("power_of_two", arrivals, services, clients, rng)
    means = {
        policy: balanced_run(arrivals, services, 4, policy, rng=rng).wait_s.mean()
        for policy in ("power_of_d", "random", "join_shortest_queue")
    }
    assert waits.mean() == pytest.approx(means["power_of_d"], rel=0.05)
    assert means["join_shortest_queue"] < 0.95 * waits.mean()
    assert means["random"] > 1.5 * waits.mean()


def test_random_spreads_evenly():
    made = balancer("random", rng=np.random.default_rng(3))
    for _ in range(4_000):
        made.submit(Request(client="ann"), ignore, ignore)
    counts = [made.sent_to(name) for name in NAMES]
    assert sum((count - 1_000) ** 2 / 1_000 for count in counts) < 16.3  # chi², 3 df, 0.1 %
    made.clock.advance(1.0)


def homes(made, clients):
    return [made.handle(Request(client=client)).server for client in clients]


@pytest.mark.parametrize(
    ("policy", "share"),
    [
        ("ip_hash", modulo_moved_share(3, 4)),
        ("rendezvous", minimum_moved_share(3, 4)),
        ("cookie", 0.0),
    ],
)
def test_clients_that_a_new_server_moves(policy, share):
    """as-stateless-easy: 75 %, 25 % and none."""
    made = balancer(RendezvousRouter() if policy == "rendezvous" else policy, NAMES[:3])
    clients = [f"client {number}" for number in range(4_000)]
    before = homes(made, clients)
    made.add_server("web-3")
    moved = np.mean([x != y for x, y in zip(before, homes(made, clients), strict=True)])
    assert moved == pytest.approx(share, abs=0.03)


def test_a_crash_moves_two_thirds_of_the_clients_of_an_ip_hash():
    """st-mod-n-remap: one of three goes."""
    for policy, share in (("ip_hash", 2 / 3), ("cookie", 1 / 3)):
        made = balancer(policy, NAMES[:3], check_every_s=1.0, misses_until_out=1)
        clients = [f"client {number}" for number in range(3_000)]
        before = homes(made, clients)
        made.server("web-0").crash()
        made.clock.advance(1.0)
        moved = np.mean([x != y for x, y in zip(before, homes(made, clients), strict=True)])
        assert moved == pytest.approx(share, abs=0.03)
        made.check_invariants()


def test_a_dead_server_fails_requests_until_it_is_found_out():
    """A crash at a random moment is found out after 2.5 intervals on average, after 3 at worst."""
    rng, found = np.random.default_rng(4), []
    for _ in range(300):
        made = balancer(servers=NAMES[:2], check_every_s=5.0, misses_until_out=3)
        made.clock.advance(rng.uniform(0, 5.0) + 20)
        made.server("web-0").crash()
        began = made.clock.now_s
        made.clock.run_until(lambda made=made: made.in_service == ("web-1",))
        found.append(made.clock.now_s - began)
    worst, mean, error = detection_time_s(5.0, 3), 2.5 * 5.0, 5.0 / math.sqrt(12 * 300)
    assert worst - 0.1 < max(found) <= worst
    assert abs(np.mean(found) - mean) < 4 * error
    assert abs(np.mean(found) - 1.1 * mean) > 4 * error


def test_retries_hide_a_dead_server_from_clients():
    for retries, failed in ((0, 8), (1, 0)):
        made = balancer(servers=NAMES[:2], check_every_s=5.0, retries=retries)
        made.server("web-0").crash()
        for _ in range(20):
            made.submit(Request(client="ann"), ignore, ignore)
            made.clock.advance(1.0)
        stats = made.stats()
        assert (stats.failed, stats.answered) == (failed, 20 - failed)
        assert stats.sent_to_dead >= 8
        made.check_invariants()


def test_a_server_that_recovers_is_back_after_two_good_checks():
    made = balancer(check_every_s=1.0, misses_until_out=2, hits_until_in=2)
    made.server("web-0").crash()
    made.clock.advance(2.0)
    assert made.in_service == NAMES[1:]
    made.server("web-0").recover()
    made.clock.advance(1.0)
    assert made.in_service == NAMES[1:]
    made.clock.advance(1.0)
    assert made.in_service == NAMES


def test_without_a_server_clients_are_refused():
    made = balancer(servers=["a"], check_every_s=1.0, misses_until_out=1)
    made.server("a").crash()
    made.clock.advance(1.0)
    with pytest.raises(NoServerError, match="a server must be in service"):
        made.handle(Request(client="ann"))
    assert made.stats().refused == 1


def drain_time_s(rng, sessions, mean_s):
    made = balancer("cookie", ["old"])
    for number in range(sessions):
        made.handle(Request(client=str(number)))
        made.clock.schedule(rng.exponential(mean_s), partial(made.end_session, str(number)))
    made.add_server("new")
    began = made.clock.now_s
    assert made.drain("old") == 0
    return made.clock.now_s - began


def test_the_time_to_drain_agrees_with_the_closed_form():
    """st-drain-all: the longest of 100 sessions of ten minutes."""
    rng = np.random.default_rng(5)
    times = [drain_time_s(rng, 100, 600.0) for _ in range(100)]
    expected, error = exponential_drain_s(100, 600.0), 600 * math.pi / math.sqrt(6 * 100)
    assert abs(np.mean(times) - expected) < 4 * error
    assert abs(np.mean(times) - 0.8 * expected) > 4 * error


def test_a_draining_server_keeps_its_clients_and_gets_no_new_ones():
    made = balancer("cookie", ["old", "new"])
    assert homes(made, ["ann", "bob"]) == ["old", "new"]
    made.submit_drain("old")
    assert homes(made, ["ann", "cat", "dan"]) == ["old", "new", "new"]
    made.end_session("ann")
    assert made.servers == ("new",)
    assert homes(made, ["ann"]) == ["new"]
    made.check_invariants()


def test_a_deadline_cuts_off_whoever_is_still_there():
    made = balancer("cookie", ["old", "new"])
    homes(made, ["ann", "bob", "cat"])
    cut, errors = [], []
    made.submit_drain("old", cut.append, deadline_s=60.0)
    made.clock.advance(59.0)
    made.submit(Request(client="ann", service_s=5.0), ignore, errors.append)
    made.clock.advance(1.0)
    made.clock.advance(0.0)
    assert (cut, len(errors), made.servers, made.stats().cut_clients) == ([2], 1, ("new",), 2)
    made.add_server("old")
    assert homes(made, ["ann"]) == ["old"]
    made.check_invariants()


def test_a_drain_without_cookies_waits_for_the_requests_under_way():
    made = balancer(servers=["old", "new"])
    for _ in range(4):
        made.submit(Request(client="ann", service_s=2.0), ignore, pytest.fail)
    assert made.drain("old") == 0
    assert made.clock.now_s == 4.0
    assert homes(made, ["ann"] * 3) == ["new"] * 3


def test_a_draining_server_that_dies_is_removed():
    made = balancer("cookie", ["old", "new"], check_every_s=1.0)
    homes(made, ["ann", "bob"])
    cut = []
    made.submit_drain("old", cut.append)
    made.server("old").crash()
    made.clock.advance(3.0)
    assert (cut, made.servers) == ([1], ("new",))
    made.check_invariants()


def test_misuse_is_refused():
    made = balancer()
    made.submit_drain("web-0", deadline_s=9.0)
    made._members["web-1"].clients["ghost"] = None
    with pytest.raises(AssertionError, match="a client is counted twice"):
        made.check_invariants()
    with pytest.raises(ValueError, match="name must be a server that does not drain yet"):
        balancer().submit_drain("web-0") or made.submit_drain("web-0")
    for router in (JumpRouter(), ModuloRouter(["a"])):
        with pytest.raises(ValueError, match="policy must be a router without nodes"):
            balancer(router)


class BalancerMachine(RuleBasedStateMachine):
    @initialize(
        policy=st.sampled_from(
            [
                "random",
                "round_robin",
                "least_connections",
                "power_of_two",
                "ip_hash",
                "cookie",
                "maglev",
            ]
        ),
        check_every_s=st.sampled_from([None, 0.5]),
        retries=st.integers(0, 2),
        workers=st.integers(1, 2),
    )
    def start(self, policy, **settings):
        chosen = MaglevRouter(table_size=251) if policy == "maglev" else policy
        self.made = balancer(
            chosen, NAMES[:2], misses_until_out=2, rng=np.random.default_rng(1), **settings
        )
        self.asked, self.ended, self.answered = 0, [], 0

    @rule(client=st.sampled_from("abcde"), service_s=st.sampled_from([0.0, 0.3, 2.0]))
    def request(self, client, service_s):
        number = self.asked
        self.asked += 1

        def end(result):
            self.ended.append(number)

        self.made.submit(Request(client=client, service_s=service_s), end, end)

    @rule(seconds=st.sampled_from([0.0, 0.2, 1.0]))
    def advance(self, seconds):
        self.made.clock.advance(seconds)

    @rule(client=st.sampled_from("abcde"))
    def leave(self, client):
        self.made.end_session(client)

    @rule(name=st.sampled_from(NAMES))
    def add(self, name):
        if name not in self.made.servers:
            self.made.add_server(name)

    @precondition(lambda self: self.made.servers)
    @rule(data=st.data(), verb=st.sampled_from(["crash", "recover", "restart"]))
    def fault(self, data, verb):
        name = data.draw(st.sampled_from(self.made.servers))
        getattr(self.made.server(name), verb)()

    @rule(name=st.sampled_from(NAMES), deadline_s=st.sampled_from([None, 0.0, 1.0]))
    def drain(self, name, deadline_s):
        if name in self.made.servers and self.made._members[name].state != "draining":
            self.made.submit_drain(name, deadline_s=deadline_s)

    @invariant()
    def the_books_are_in_order(self):
        if hasattr(self, "made"):
            self.made.check_invariants()
            assert len(set(self.ended)) == len(self.ended)

    def teardown(self):
        if hasattr(self, "made"):
            self.made.close()
            self.made.clock.advance(1_000.0)
            assert sorted(self.ended) == list(range(self.asked))
            assert self.made.stats().pending == 0
            self.the_books_are_in_order()


BalancerMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestBalancer = BalancerMachine.TestCase


@pytest.mark.parametrize("policy", ["ip_hash", ModuloRouter])
@pytest.mark.parametrize("away", [("a",), ("b",), ("a", "c"), ("b", "a")])
def test_clients_go_home_when_all_servers_are_back(policy, away):
    """A hash modulo the servers counts on their order, whatever the order of their return."""
    clock = VirtualClock()
    balancer = LoadBalancer(
        clock,
        ["a", "b", "c"],
        policy if isinstance(policy, str) else policy(),
        check_every_s=1,
        misses_until_out=1,
        hits_until_in=1,
    )

    def places():
        return [balancer.handle(Request(client=f"10.0.0.{n}")).server for n in range(50)]

    before = places()
    for name in away:
        balancer.server(name).crash()
    clock.advance(2)
    for name in away:
        balancer.server(name).recover()
        clock.advance(2)
        balancer.check_invariants()
    assert balancer.in_service == ("a", "b", "c")
    assert places() == before


@pytest.mark.parametrize("policy", ["round_robin", "least_connections"])
@pytest.mark.parametrize("servers", [3, 4, 5])
@pytest.mark.parametrize("service_s", [0.0, 0.5])
def test_a_dead_server_in_service_starves_nobody_else(policy, servers, service_s):
    """A turn is not counted modulo a list that leaves out who was tried already."""
    clock = VirtualClock()
    balancer = LoadBalancer(clock, [f"web-{n}" for n in range(servers)], policy, retries=1)
    balancer.server("web-1").crash()
    for _ in range(60 * (servers - 1)):
        balancer.submit(
            Request(client="ann", service_s=service_s), lambda response: None, lambda error: None
        )
        clock.advance(0.3)
    clock.advance(100)
    served = [balancer.server(f"web-{n}").served for n in range(servers)]
    assert served == [60, 0, *[60] * (servers - 2)]


def test_who_comes_and_goes_keeps_its_turn():
    """A server that joins, leaves and comes back changes no more than its own turns."""
    clock = VirtualClock()
    balancer = LoadBalancer(clock, ["a", "b", "c"])
    seen = []

    def turns(number):
        seen.extend(balancer.handle(Request(client="ann")).server for _ in range(number))

    turns(4)
    balancer.add_server("d")
    turns(4)
    balancer.drain("b")
    turns(6)
    assert "".join(seen) == "abca" + "dbca" + "dcadca"


def counted(probes):
    """What three misses and two hits in a row make of the probes, from the beginning."""
    up, against = True, 0
    for ok in probes:
        against = against + 1 if ok != up else 0
        if against >= (3 if up else 2):
            up, against = not up, 0
    return up


@pytest.mark.parametrize("seed", range(5))
def test_a_rule_of_ones_own_decides_about_health(seed):
    alive = np.random.default_rng(seed).random(60) < 0.5
    seen = []
    for health in (None, counted):
        made = balancer(servers=NAMES[:2], check_every_s=1.0, health=health)
        states = []
        for second, ok in enumerate(alive):
            (made.server("web-1").recover if ok else made.server("web-1").crash)()
            made.clock.run(second + 1.0)
            states.append("web-1" in made.in_service)
        made.check_invariants()
        seen.append(states)
    assert seen[0] == seen[1]
    assert {True, False} == set(seen[0])
