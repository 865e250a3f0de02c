"""Load balancing against Markov chains, single queues, the mean-field limit and simpy."""

import numpy as np
import pytest
import simpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.agreement import standard_errors_off

from scalelab.models.erlang import mm1_mean_response_s
from scalelab.sim.load_balancing import CLIENT_POLICIES, POLICIES, balanced_run
from scalelab.sim.queue import queue_waits_s
from scalelab.workloads.arrivals import poisson_arrivals_s
from scalelab.workloads.service_times import exponential_times_s

N = 60_000


def mean_responses(policy, load, servers, runs=10, **how):
    for run in range(runs):
        arrivals, services, choice = np.random.default_rng(run).spawn(3)
        times = poisson_arrivals_s(load * servers, N, rng=arrivals)
        work = exponential_times_s(1.0, N, rng=services)
        made = balanced_run(times, work, servers, policy, rng=choice, **how)
        yield made.response_s[N // 10 :].mean()


def shortest_of_two(load, most=40):
    """Mean response of join-the-shortest-queue with two servers, from the balance equations."""
    states = {(a, b): a * most + b for a in range(most) for b in range(most)}
    rates = np.zeros((most * most, most * most))
    for (a, b), here in states.items():
        short = [(a + 1, b)] if a < b else [(a, b + 1)] if b < a else [(a + 1, b), (a, b + 1)]
        for there in short:
            if there in states:
                rates[here, states[there]] += 2 * load / len(short)
        for there, busy in (((a - 1, b), a), ((a, b - 1), b)):
            if busy:
                rates[here, states[there]] += 1.0
    rates -= np.diag(rates.sum(axis=1))
    equations = rates.T.copy()
    equations[0] = 1.0  # one equation is redundant; shares add up to one instead
    shares = np.linalg.solve(equations, np.eye(most * most)[0])
    return sum(shares[i] * (a + b) for (a, b), i in states.items()) / (2 * load)


@pytest.fixture(scope="module")
def both():
    return shortest_of_two(0.8, most=30)


def test_random_is_a_queue_of_its_own_for_each_server():
    found = list(mean_responses("random", 0.7, 4))
    theory = mm1_mean_response_s(0.7, 1.0)
    assert standard_errors_off(found, theory) < 4
    assert standard_errors_off(found, 1.1 * theory) > 4


@pytest.mark.parametrize("policy", ["join_shortest_queue", "power_of_d", "least_connections"])
def test_two_servers_and_the_shorter_line(policy, both):
    """With two servers, two choices are all, and who gets the equals does not matter."""
    found = list(mean_responses(policy, 0.8, 2))
    assert standard_errors_off(found, both) < 4
    assert standard_errors_off(found, 1.1 * both) > 4


def test_round_robin_of_two_is_an_erlang_queue():
    """E₂/M/1: the root σ of σ = (2λ/(2λ + 1 − σ))² gives the mean response 1/(1 − σ)."""
    load, sigma = 0.8, 0.5
    for _ in range(200):
        sigma = (2 * load / (2 * load + 1 - sigma)) ** 2
    found = list(mean_responses("round_robin", load, 2))
    assert standard_errors_off(found, 1 / (1 - sigma)) < 4
    assert standard_errors_off(found, mm1_mean_response_s(load, 1.0)) > 4


def test_two_choices_of_many_servers_reach_the_limit():
    """Mitzenmacher 2001: Σ load^((dᵏ − d)/(d − 1)) over k ≥ 1."""
    limit = sum(0.8 ** (2**k - 2) for k in range(1, 8))
    found = list(mean_responses("power_of_d", 0.8, 400, runs=6))
    assert np.mean(found) == pytest.approx(limit, rel=0.03)
    assert np.mean(found) < 0.5 * mm1_mean_response_s(0.8, 1.0)


def test_the_order_of_policies():
    mean = {p: np.mean(list(mean_responses(p, 0.9, 4, runs=4))) for p in POLICIES}
    assert mean["random"] > mean["round_robin"] > mean["power_of_d"] > mean["least_connections"]
    assert mean["join_shortest_queue"] == pytest.approx(mean["least_connections"], rel=0.05)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("policy", POLICIES + CLIENT_POLICIES)
def test_each_line_is_a_queue(policy):
    """Whatever the policy, each server's own arrivals wait as in a queue of one server."""
    rng = np.random.default_rng(4)
    arrivals, services = np.cumsum(rng.exponential(0.3, 2_000)), rng.exponential(1.0, 2_000)
    clients = rng.integers(0, 50, 2_000)
    run = balanced_run(arrivals, services, 4, policy, rng=rng, clients=clients)
    for server in range(4):
        mine = run.server == server
        assert run.wait_s[mine] == pytest.approx(queue_waits_s(arrivals[mine], services[mine]))
    assert run.requests_by_server.sum() == 2_000
    assert np.array_equal(run.response_s, run.wait_s + services)


@pytest.mark.parametrize("policy", POLICIES + CLIENT_POLICIES)
def test_compiled_equals_plain(policy, monkeypatch):
    pytest.importorskip("numba")
    rng = np.random.default_rng(4)
    arrivals, services = np.cumsum(rng.exponential(0.3, 2_000)), rng.exponential(1.0, 2_000)
    clients = rng.integers(0, 50, 2_000)

    def run():
        draws = np.random.default_rng(9)
        return balanced_run(arrivals, services, 4, policy, rng=draws, clients=clients)

    compiled = run()
    monkeypatch.setenv("SCALELAB_NO_NUMBA", "1")
    plain = run()
    assert np.array_equal(compiled.server, plain.server)
    assert np.allclose(compiled.wait_s, plain.wait_s)


@pytest.mark.usefixtures("engine")
def test_the_shortest_line_is_simpys():
    """The same requests in simpy, where each asks every server for its length."""
    rng = np.random.default_rng(6)
    arrivals, services = np.cumsum(rng.exponential(0.4, 800)), rng.exponential(1.0, 800)
    env = simpy.Environment()
    desks = [simpy.Resource(env, 1) for _ in range(3)]
    waits = np.empty(800)

    def request(i):
        yield env.timeout(arrivals[i])
        order = [(i + j) % 3 for j in range(3)]
        desk = desks[min(order, key=lambda d: desks[d].count + len(desks[d].queue))]
        with desk.request() as turn:
            yield turn
            waits[i] = env.now - arrivals[i]
            yield env.timeout(services[i])

    for i in range(800):
        env.process(request(i))
    env.run()
    run = balanced_run(arrivals, services, 3, "least_connections", rng=rng)
    assert run.wait_s == pytest.approx(waits, abs=1e-9)


def test_clients_stay_where_they_are():
    rng = np.random.default_rng(6)
    clients = rng.integers(0, 30, 900)
    times = np.arange(900.0)
    for policy in CLIENT_POLICIES:
        run = balanced_run(times, np.full(900, 0.1), 3, policy, rng=rng, clients=clients)
        assert all(np.unique(run.server[clients == c]).size == 1 for c in range(30))
    homes = [run.server[clients == c][0] for c in range(30)]  # sticky: new clients in turn
    assert np.bincount(homes).tolist() == [10, 10, 10]


@given(servers=st.integers(1, 6), data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
def test_drawn_servers_are_different_and_equally_likely(servers, data):
    from scalelab.sim.load_balancing import _different

    choices = data.draw(st.integers(1, servers))
    drawn = _different(6_000, servers, choices, np.random.default_rng(1))
    assert all(len(set(row)) == choices for row in drawn.tolist())
    for column in range(choices):
        counts = np.bincount(drawn[:, column], minlength=servers)
        assert np.abs(counts - 6_000 / servers).max() < 5 * (6_000 / servers) ** 0.5


def test_a_policy_that_needs_clients_says_so(rng):
    with pytest.raises(ValueError, match=r"balanced_run: clients must be given for policy sticky"):
        balanced_run([1.0], [1.0], 1, "sticky", rng=rng)
