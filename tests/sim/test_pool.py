import dataclasses

import numpy as np
import pytest
import simpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.agreement import standard_errors_off

from scalelab.models._mmc import blocking
from scalelab.models.finite_queues import mmc_abandonment
from scalelab.sim.pool import pool_waits_s
from scalelab.sim.queue import queue_waits_s
from scalelab.workloads.arrivals import poisson_arrivals_s
from scalelab.workloads.service_times import exponential_times_s, hyperexponential_times_s

both_engines = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
requests = st.lists(st.tuples(st.floats(0, 10), st.floats(0, 10)), min_size=1, max_size=60)


def textbook(arrivals, services, connections, timeout):
    """Each arrival looks at the connection that falls free first, and leaves if it is too late."""
    free = [float("-inf")] * connections
    waits, lost = [], []
    for arrival, service in zip(arrivals, services, strict=True):
        first = min(range(connections), key=free.__getitem__)
        begin = max(arrival, free[first])
        lost.append(begin - arrival > timeout)
        waits.append(timeout if lost[-1] else begin - arrival)
        if not lost[-1]:
            free[first] = begin + service
    return np.array(waits), np.array(lost)


def in_simpy(arrivals, services, connections, timeout):
    """Requests that really stand in the line until a timer sends them away."""
    env = simpy.Environment()
    pool = simpy.Resource(env, connections)
    waits, lost = np.empty(len(arrivals)), np.zeros(len(arrivals), dtype=bool)

    def request(i):
        yield env.timeout(arrivals[i])
        with pool.request() as turn:
            yield turn | env.timeout(timeout)
            waits[i], lost[i] = env.now - arrivals[i], not turn.triggered
            if turn.triggered:
                yield env.timeout(services[i])

    for i in range(len(arrivals)):
        env.process(request(i))
    env.run()
    return waits, lost


@given(requests=requests, connections=st.integers(1, 12), timeout=st.floats(0, 20))
@both_engines
def test_equals_the_textbook_loop(engine, requests, connections, timeout):
    gaps, services = np.array(requests).T
    arrivals = np.cumsum(gaps)
    run = pool_waits_s(arrivals, services, connections, timeout)
    waits, lost = textbook(arrivals, services, connections, timeout)
    assert np.array_equal(run.wait_s, waits)
    assert np.array_equal(run.timed_out, lost)


@pytest.mark.parametrize("connections", [1, 5])
def test_simpy_gives_the_same_waits_and_timeouts(engine, rng, connections):
    arrivals = poisson_arrivals_s(1.3 * connections, 1_500, rng=rng)
    services = exponential_times_s(1.0, 1_500, rng=rng)
    run = pool_waits_s(arrivals, services, connections, 0.7)
    waits, lost = in_simpy(arrivals, services, connections, 0.7)
    assert 100 < lost.sum() < 1_400
    assert np.array_equal(run.timed_out, lost)
    assert run.wait_s == pytest.approx(waits, abs=1e-9)


def runs(rng, connections, rate, timeout, services=exponential_times_s, **shape):
    """Shares that time out and mean waits of twenty replications."""
    shares, waits = [], []
    for stream in rng.spawn(20):
        arrivals = poisson_arrivals_s(rate, 50_000, rng=stream)
        work = services(1.0, 50_000, rng=stream, **shape)
        run = pool_waits_s(arrivals, work, connections, timeout)
        shares.append(run.timeout_share)
        waits.append(run.wait_s.mean())
    return shares, waits


@pytest.mark.parametrize(
    ("connections", "rate", "timeout"),
    [(1, 0.8, 1.0), (10, 9.0, 0.3), (10, 10.0, 0.5), (8, 12.0, 1)],
)
def test_agrees_with_abandonment(engine, rng, connections, rate, timeout):
    shares, waits = runs(rng, connections, rate, timeout)
    theory = mmc_abandonment(rate, 1, connections, timeout)
    assert standard_errors_off(shares, theory.abandon_probability) < 4
    assert standard_errors_off(waits, theory.mean_wait_s) < 4


def test_the_comparison_with_abandonment_can_fail(engine, rng):
    shares, waits = runs(rng, 10, 9.0, 0.3)
    theory = mmc_abandonment(9.0, 1, 10, 0.3)
    assert standard_errors_off(shares, 1.1 * theory.abandon_probability) > 4
    assert standard_errors_off(waits, 1.1 * theory.mean_wait_s) > 4
    assert standard_errors_off(shares, mmc_abandonment(9.0, 1, 10, 0.33).abandon_probability) > 4


def test_without_patience_only_the_mean_service_time_matters(engine, rng):
    """Erlang B is insensitive: log of the load, not of its shape (Sevastyanov 1957)."""
    shares, waits = runs(rng, 5, 4.0, 0.0, hyperexponential_times_s, scv=8.0)
    assert standard_errors_off(shares, blocking(4.0, 5)) < 4
    assert standard_errors_off(shares, 1.05 * blocking(4.0, 5)) > 4
    assert not np.any(waits)


def test_endless_patience_is_the_queue(engine, rng):
    arrivals = poisson_arrivals_s(2.7, 3_000, rng=rng)
    services = exponential_times_s(1.0, 3_000, rng=rng)
    run = pool_waits_s(arrivals, services, 3, 1e9)
    assert not run.timed_out.any()
    assert np.array_equal(run.wait_s, queue_waits_s(arrivals, services, 3))


@pytest.mark.parametrize(
    ("arrivals", "connections", "waits"),
    [([0.0, 1.0, 4.5], 1, [0.0, 2.0, 1.5]), ([0.0, 0.0, 1.0, 4.0, 4.5], 2, [0, 0, 2, 0, 1.5])],
)
def test_a_connection_that_comes_just_in_time_is_taken(engine, arrivals, connections, waits):
    services = np.full(len(arrivals), 3.0)
    run = pool_waits_s(arrivals, services, connections, acquire_timeout_s=2.0)
    assert run.wait_s.tolist() == waits  # the last one waits for who came just in time
    assert run.timeout_share == 0.0


@given(requests=requests, connections=st.integers(1, 6), timeout=st.floats(0, 20))
@both_engines
def test_the_loss_frees_the_line(engine, requests, connections, timeout):
    """Nobody waits longer than the timeout, and who is served would wait longer if all stayed."""
    gaps, services = np.array(requests).T
    arrivals = np.cumsum(gaps)
    run = pool_waits_s(arrivals, services, connections, timeout)
    assert (run.wait_s <= timeout).all()
    assert (run.wait_s[run.timed_out] == timeout).all()
    patient = queue_waits_s(arrivals, services, connections)
    assert (run.wait_s <= patient + 1e-9).all()


def test_results_are_frozen():
    run = pool_waits_s([0.0], [1.0], 1, 1.0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        run.wait_s = None
