import numpy as np
import pytest
import simpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.agreement import standard_errors_off

from scalelab.models.closed_queue import machine_repairman
from scalelab.sim.closed import closed_run
from scalelab.workloads.service_times import exponential_times_s, hyperexponential_times_s

both_engines = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
times = st.lists(st.tuples(st.floats(0, 10), st.floats(0, 10)), min_size=1, max_size=50)


def textbook(thinks, services, customers, servers):
    """Whoever asks next takes the server that falls free first, and thinks again."""
    asks, free = list(thinks[:customers]), [float("-inf")] * servers
    returns = [*thinks[customers:], *[float("inf")] * customers]
    arrivals, waits = [], []
    for service, away in zip(services, returns, strict=True):
        who = min(range(customers), key=asks.__getitem__)
        desk = min(range(servers), key=free.__getitem__)
        begin = max(asks[who], free[desk])
        arrivals.append(asks[who])
        waits.append(begin - asks[who])
        free[desk] = begin + service
        asks[who] = begin + service + away
    return np.array(arrivals), np.array(waits)


def in_simpy(thinks, services, customers, servers):
    """Customers as processes; draws are handed out in order of arrival, as ours are."""
    env = simpy.Environment()
    desks = simpy.Resource(env, servers)
    arrivals, waits = [], []

    def customer(think):
        while True:
            yield env.timeout(think)
            if len(arrivals) == len(services):
                return
            k = len(arrivals)
            arrivals.append(env.now)
            waits.append(None)
            with desks.request() as turn:
                yield turn
                waits[k] = env.now - arrivals[k]
                yield env.timeout(services[k])
            if k + customers >= len(thinks):
                return
            think = thinks[k + customers]

    for i in range(customers):
        env.process(customer(thinks[i]))
    env.run()
    return np.array(arrivals), np.array(waits)


@given(times=times, customers=st.integers(1, 20), servers=st.integers(1, 6))
@both_engines
def test_equals_the_textbook_loop(engine, times, customers, servers):
    thinks, services = np.array(times).T
    customers = min(customers, thinks.size)
    run = closed_run(thinks, services, customers, servers)
    arrivals, waits = textbook(thinks, services, customers, servers)
    assert np.array_equal(run.arrival_s, arrivals)
    assert np.array_equal(run.wait_s, waits)
    assert np.array_equal(run.response_s, waits + services)


@pytest.mark.parametrize(("customers", "servers"), [(1, 1), (7, 1), (12, 4)])
def test_simpy_gives_the_same_run(engine, rng, customers, servers):
    thinks = exponential_times_s(2.0, 1_000, rng=rng)
    services = exponential_times_s(1.0, 1_000, rng=rng)
    run = closed_run(thinks, services, customers, servers)
    arrivals, waits = in_simpy(thinks, services, customers, servers)
    assert run.arrival_s == pytest.approx(arrivals)
    assert run.wait_s == pytest.approx(waits, abs=1e-9)


def replications(rng, customers, think_s, servers, thinking=exponential_times_s, **shape):
    """Throughputs and mean responses of twenty runs, both ends of each left out."""
    throughputs, responses = [], []
    for stream in rng.spawn(20):
        thinks = thinking(think_s, 20_000, rng=stream, **shape)
        services = exponential_times_s(1.0, 20_000, rng=stream)
        run = closed_run(thinks, services, customers, servers)
        middle = slice(1_000, 20_000 - customers)
        arrivals = run.arrival_s[middle]
        throughputs.append((arrivals.size - 1) / (arrivals[-1] - arrivals[0]))
        responses.append(run.response_s[middle].mean())
    return throughputs, responses


@pytest.mark.parametrize(
    ("customers", "think_s", "servers"), [(10, 1.0, 4), (44, 9.0, 4), (5, 2.0, 1), (3, 1.0, 8)]
)
def test_agrees_with_the_machine_repairman(engine, rng, customers, think_s, servers):
    throughputs, responses = replications(rng, customers, think_s, servers)
    theory = machine_repairman(customers, think_s, 1.0, servers)
    assert standard_errors_off(throughputs, theory.throughput_per_s) < 4
    assert standard_errors_off(responses, theory.mean_response_s) < 4


def test_the_comparison_with_the_machine_repairman_can_fail(engine, rng):
    throughputs, responses = replications(rng, 10, 1.0, 4)
    theory = machine_repairman(10, 1.0, 1.0, 4)
    assert standard_errors_off(throughputs, 1.02 * theory.throughput_per_s) > 4
    assert standard_errors_off(responses, machine_repairman(10, 1.0, 1.0, 5).mean_response_s) > 4
    assert standard_errors_off(responses, 1.05 * theory.mean_response_s) > 4


def test_only_the_mean_think_time_matters(engine, rng):
    """The model is insensitive to the distribution of think times (Lazowska et al. 1984)."""
    theory = machine_repairman(10, 3.0, 1.0, 2)
    throughputs, responses = replications(rng, 10, 3.0, 2, hyperexponential_times_s, scv=3.0)
    assert standard_errors_off(throughputs, theory.throughput_per_s) < 4
    assert standard_errors_off(responses, theory.mean_response_s) < 4


def test_without_thinking_the_servers_never_rest(engine):
    run = closed_run(np.zeros(400), np.ones(400), customers=100, servers=4)
    assert run.throughput_per_s == 4.0
    assert run.response_s[100:300].tolist() == [25.0] * 200


def test_a_run_of_no_time_has_no_throughput(engine):
    assert closed_run([0.0], [0.0], customers=1).throughput_per_s == np.inf


def test_more_customers_than_think_times_is_refused():
    with pytest.raises(ValueError, match=r"closed_run: customers must be <= 2, .* got 3"):
        closed_run([1.0, 1.0], [1.0, 1.0], customers=3)
