import ciw
import numpy as np
import pytest
import simpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.agreement import standard_errors_off

from scalelab.models.erlang import erlang_c, mmc_mean_wait_s
from scalelab.models.operational_laws import mean_number, utilisation
from scalelab.models.waiting_times import mmc_response_percentile_s
from scalelab.sim.queue import queue_waits_s
from scalelab.workloads.arrivals import poisson_arrivals_s
from scalelab.workloads.service_times import (
    exponential_times_s,
    hyperexponential_times_s,
    lognormal_times_s,
)

both_engines = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
requests = st.lists(
    st.tuples(st.floats(0, 10), st.floats(0, 10)), min_size=1, max_size=60
)  # gaps and service times; gaps of zero are batches


def textbook(arrivals, services, servers):
    """Each arrival takes the server that falls free first."""
    free = [float("-inf")] * servers
    waits = []
    for arrival, service in zip(arrivals, services, strict=True):
        first = min(range(servers), key=free.__getitem__)
        begin = max(arrival, free[first])
        waits.append(begin - arrival)
        free[first] = begin + service
    return np.array(waits)


def in_simpy(arrivals, services, servers):
    """The same requests in an event simulator that shares nothing with ours."""
    env = simpy.Environment()
    desk = simpy.Resource(env, servers)
    waits = np.empty(len(arrivals))

    def request(i):
        yield env.timeout(arrivals[i])
        with desk.request() as turn:
            yield turn
            waits[i] = env.now - arrivals[i]
            yield env.timeout(services[i])

    for i in range(len(arrivals)):
        env.process(request(i))
    env.run()
    return waits


class InOrder(ciw.dists.Distribution):
    """These values one after another; ciw's own copies an iterator, which Python 3.14 refuses."""

    def __init__(self, values):
        self.values = [float(value) for value in values]
        self.drawn = 0

    def sample(self, t=None, ind=None):
        self.drawn += 1
        return self.values[self.drawn - 1]


def in_ciw(arrivals, services, servers):
    network = ciw.create_network(
        arrival_distributions=[InOrder([*np.diff(arrivals, prepend=0.0), np.inf])],
        service_distributions=[InOrder(services)],
        number_of_servers=[servers],
    )
    run = ciw.Simulation(network)
    run.simulate_until_max_customers(len(arrivals), method="Finish")
    records = sorted(run.get_all_records(), key=lambda record: record.arrival_date)
    return np.array([record.waiting_time for record in records])


@given(requests=requests, servers=st.integers(1, 12))
@both_engines
def test_equals_the_textbook_loop(engine, requests, servers):
    gaps, services = np.array(requests).T
    arrivals = np.cumsum(gaps)
    got = queue_waits_s(arrivals, services, servers)
    expected = textbook(arrivals, services, servers)
    if engine == "plain" and servers == 1:  # sums over the run: rounding differs
        assert got == pytest.approx(expected, abs=1e-12 * (1 + arrivals[-1] + services.sum()))
    else:
        assert np.array_equal(got, expected)


@pytest.mark.parametrize("servers", [1, 2, 8, 100])
def test_both_engines_agree_on_a_long_run(monkeypatch, rng, servers):
    arrivals = poisson_arrivals_s(0.95 * servers, 50_000, rng=rng)
    services = exponential_times_s(1.0, 50_000, rng=rng)
    here = queue_waits_s(arrivals, services, servers)
    monkeypatch.setenv("SCALELAB_NO_NUMBA", "1")
    plain = queue_waits_s(arrivals, services, servers)
    assert plain == pytest.approx(here, abs=1e-9 * arrivals[-1] / 1_000)
    assert (plain >= 0).all()


@pytest.mark.parametrize("peer", [in_simpy, in_ciw])
@pytest.mark.parametrize("servers", [1, 4])
def test_peers_give_the_same_waits(engine, rng, peer, servers):
    arrivals = poisson_arrivals_s(0.9 * servers, 1_500, rng=rng)
    services = lognormal_times_s(1.0, 1_500, scv=2.0, rng=rng)
    expected = peer(arrivals, services, servers)
    assert expected.max() > 3
    assert queue_waits_s(arrivals, services, servers) == pytest.approx(expected, abs=1e-9)


def simulated_mean_waits(rng, servers, rate, services=exponential_times_s, **shape):
    """Twenty replications: enough to tell a 10 % error, see the test of teeth below."""
    means = []
    for stream in rng.spawn(20):
        arrivals, draws = stream.spawn(2)
        times = poisson_arrivals_s(rate, 100_000, rng=arrivals)
        work = services(1.0, 100_000, rng=draws, **shape)
        means.append(queue_waits_s(times, work, servers).mean())
    return means


def pollaczek_khinchine_wait_s(rho, scv):
    """Mean wait of M/G/1 with a mean service of one second: Kleinrock 1975, sec. 5.6."""
    return rho * (1 + scv) / (2 * (1 - rho))


def test_agrees_with_mmc(engine, rng):
    waits = simulated_mean_waits(rng, servers=4, rate=3.2)
    assert standard_errors_off(waits, mmc_mean_wait_s(3.2, 1, 4)) < 4


def test_the_comparison_with_mmc_can_fail(engine, rng):
    waits = simulated_mean_waits(rng, servers=4, rate=3.2)
    assert standard_errors_off(waits, 1.1 * mmc_mean_wait_s(3.2, 1, 4)) > 4
    assert standard_errors_off(waits, mmc_mean_wait_s(3.2, 1, 5)) > 4


@pytest.mark.parametrize(
    ("services", "shape", "scv"),
    [(hyperexponential_times_s, {"scv": 4.0}, 4.0), (lognormal_times_s, {"scv": 0.5}, 0.5)],
)
def test_agrees_with_pollaczek_and_khinchine(engine, rng, services, shape, scv):
    waits = simulated_mean_waits(rng, 1, 0.7, services, **shape)
    assert standard_errors_off(waits, pollaczek_khinchine_wait_s(0.7, scv)) < 4
    assert standard_errors_off(waits, 1.1 * pollaczek_khinchine_wait_s(0.7, scv)) > 4


def test_constant_service(engine, rng):
    services = np.ones(100_000)
    means = [
        queue_waits_s(poisson_arrivals_s(0.8, 100_000, rng=stream), services).mean()
        for stream in rng.spawn(20)
    ]
    assert standard_errors_off(means, pollaczek_khinchine_wait_s(0.8, 0)) < 4
    assert standard_errors_off(means, 0.95 * pollaczek_khinchine_wait_s(0.8, 0)) > 4


def test_shares_and_percentiles_of_a_fleet(engine, rng):
    waited, slow = [], []
    limit = mmc_response_percentile_s(0.99, 8, 1, 10)
    for stream in rng.spawn(20):
        arrivals = poisson_arrivals_s(8, 100_000, rng=stream)
        services = exponential_times_s(1, 100_000, rng=stream)
        waits = queue_waits_s(arrivals, services, servers=10)
        waited.append((waits > 0).mean())
        slow.append((waits + services > limit).mean())
    assert standard_errors_off(waited, erlang_c(8, 1, 10)) < 4
    assert standard_errors_off(waited, erlang_c(8, 1, 11)) > 4
    assert standard_errors_off(slow, 0.01) < 4
    assert standard_errors_off(slow, 0.012) > 4


def test_a_run_obeys_the_operational_laws(engine, rng):
    arrivals = poisson_arrivals_s(3.0, 5_000, rng=rng)
    services = exponential_times_s(1.0, 5_000, rng=rng)
    begins = arrivals + queue_waits_s(arrivals, services, servers=4)
    departures = begins + services
    rate = departures.size / departures.max()
    moments = np.sort(np.concatenate([begins, departures]))
    middle = (moments[1:] + moments[:-1]) / 2
    begun = np.searchsorted(np.sort(begins), middle)
    busy = begun - np.searchsorted(np.sort(departures), middle)
    assert busy.max() == 4  # never more than there are servers
    measured = busy @ np.diff(moments) / departures.max()
    assert mean_number(rate, services.mean()) == pytest.approx(measured)
    assert utilisation(rate, services.mean(), 4) == pytest.approx(measured / 4)


def test_first_come_first_served(engine, rng):
    for servers in (1, 3):
        arrivals = poisson_arrivals_s(servers, 2_000, rng=rng)
        begins = arrivals + queue_waits_s(
            arrivals, exponential_times_s(1.0, 2_000, rng=rng), servers
        )
        assert np.all(np.diff(begins) >= -1e-9)


def test_other_kinds_of_array_are_taken(engine):
    expected = [0.0, 1.0, 2.0]
    assert queue_waits_s((0, 1, 2), [2, 2, 2]).tolist() == expected
    strided = np.repeat([0.0, 1.0, 2.0], 2)[::2]
    assert queue_waits_s(strided, np.full(3, 2, dtype=np.int8)).tolist() == expected
    assert queue_waits_s([5.0], [1.0], servers=3).tolist() == [0.0]


def test_unsorted_arrivals_are_refused():
    with pytest.raises(ValueError, match=r"must not decrease, got 1\.0; it follows 3\.0, so sort"):
        queue_waits_s([0.0, 3.0, 1.0], [1.0, 1.0, 1.0])
