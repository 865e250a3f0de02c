import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.models._mmc import blocking
from scalelab.models.closed_queue import (
    machine_repairman,
    machine_repairman_curve,
    smallest_population,
)

populations = st.integers(1, 300)
thinks = st.floats(0, 100)
servers_ = st.integers(1, 30)


def test_fellers_machines():
    """Feller vol. 1, sec. XVII.7: λ/μ = 0.1; six machines and one repairman, twenty and three.

    His tables: p_0 = 0.4845, so 1 − p_0 of the time busy; 0.3296 and 0.339 machines waiting.
    """
    six = machine_repairman(6, 10, 1, servers=1)
    assert six.utilisation == pytest.approx(1 - 0.4845, abs=5e-5)
    assert six.mean_number_at_servers - six.utilisation == pytest.approx(0.3296, abs=3e-4)
    twenty = machine_repairman(20, 10, 1, servers=3)
    waiting = twenty.mean_number_at_servers - 3 * twenty.utilisation
    assert waiting / 20 == pytest.approx(0.01694, abs=5e-6)


@pytest.mark.parametrize(
    ("customers", "think", "servers"), [(1, 2.0, 1), (10, 1.0, 4), (44, 9.0, 4), (30, 0.1, 50)]
)
def test_machine_repairman_brute_force(stationary, customers, think, servers):
    number = np.arange(customers + 1)
    busy = np.minimum(number, servers).astype(float)
    share = stationary((customers - number[:-1]) / think, busy[1:])
    queue = machine_repairman(customers, think, 1.0, servers)
    assert queue.throughput_per_s == pytest.approx(share @ busy)
    assert queue.mean_number_at_servers == pytest.approx(share @ number)
    assert queue.mean_response_s == pytest.approx(share @ number / (share @ busy))


@given(customers=populations, think=thinks)
def test_one_server_is_mean_value_analysis(customers, think):
    """Reiser and Lavenberg, "Mean-value analysis of closed multichain queueing networks", 1980."""
    inside = 0.0
    for n in range(1, customers + 1):
        response = 1.0 + inside  # an arrival sees the system with one customer fewer
        throughput = n / (think + response)
        inside = throughput * response
    queue = machine_repairman(customers, think, 1.0)
    assert queue.throughput_per_s == pytest.approx(throughput)
    assert queue.mean_response_s == pytest.approx(response)


@given(customers=populations, think=thinks, servers=servers_)
def test_the_response_law_holds(customers, think, servers):
    queue = machine_repairman(customers, think, 1.0, servers)
    bound = min(customers / (think + 1.0), servers)
    assert queue.throughput_per_s <= bound * (1 + 1e-9)
    # N/X − Z cancels where nearly all think
    slack = 1e-9 * customers / queue.throughput_per_s
    law = customers / queue.throughput_per_s - think
    assert queue.mean_response_s == pytest.approx(law, abs=slack)


@given(customers=st.integers(1, 60), think=st.floats(0, 20), servers=st.integers(1, 10))
def test_one_more_customer_never_hurts_throughput(customers, think, servers):
    few = machine_repairman(customers, think, 1.0, servers)
    more = machine_repairman(customers + 1, think, 1.0, servers)
    assert more.throughput_per_s >= few.throughput_per_s * (1 - 1e-12)
    assert more.mean_response_s >= few.mean_response_s * (1 - 1e-12)


def test_with_a_server_each_nobody_waits():
    queue = machine_repairman(8, 3.0, 1.0, servers=8)
    assert queue.throughput_per_s == pytest.approx(2.0)
    assert queue.mean_response_s == pytest.approx(1.0)


def test_many_distant_customers_are_a_poisson_stream():
    """Engset tends to Erlang: a million rare callers on ten lines that never lack one."""
    queue = machine_repairman(100_000, 1e5, 1.0, servers=30)
    assert queue.throughput_per_s == pytest.approx(1.0, rel=1e-4)
    assert blocking(1.0, 30) < 1e-30
    assert queue.mean_response_s == pytest.approx(1.0, rel=1e-6)


def test_without_thinking_all_are_at_the_servers():
    assert machine_repairman(3, 0, 0.5, servers=4).throughput_per_s == 6
    crowd = machine_repairman(100, 0, 0.005, servers=4)
    assert crowd.throughput_per_s == 800
    assert crowd.mean_response_s == pytest.approx(0.125)
    limit = machine_repairman(100, 1e-12, 0.005, servers=4)
    assert limit.mean_response_s == pytest.approx(0.125)


def test_thousands_of_customers():
    queue = machine_repairman(50_000, 1.0, 0.001, servers=16)
    assert queue.utilisation == pytest.approx(1.0)
    assert queue.mean_response_s == pytest.approx(50_000 * 0.001 / 16 - 1.0)


def test_the_curve_is_its_points():
    curve = machine_repairman_curve(40, 0.5, 1.0, servers=4)
    assert curve.index.to_list() == list(range(1, 41))
    assert curve.loc[17, "mean_response_s"] == machine_repairman(17, 0.5, 1.0, 4).mean_response_s
    assert (curve["share_of_max_throughput"] == curve["utilisation"]).all()


def test_pool_sizes_of_the_guide():
    """Four cores; waiting as long as computing, nine times as long, not at all."""
    sizes = [smallest_population(0.95, wait, 1.0, servers=4) for wait in (1.0, 9.0, 0.0)]
    assert sizes == [10, 44, 4]


@given(share=st.floats(0.05, 0.999), think=st.floats(0, 30), servers=st.integers(1, 12))
def test_smallest_population_is_smallest(share, think, servers):
    enough = smallest_population(share, think, 1.0, servers)
    assert machine_repairman(enough, think, 1.0, servers).share_of_max_throughput >= share
    if enough > 1:
        fewer = machine_repairman(enough - 1, think, 1.0, servers)
        assert fewer.share_of_max_throughput < share


def test_all_of_the_maximum_is_never_reached():
    with pytest.raises(ValueError, match=r"smallest_population: share must be a ratio in \(0, 1\)"):
        smallest_population(1.0, 1.0, 1.0)


def test_what_would_never_end_is_refused_at_once():
    with pytest.raises(ValueError, match=r"must need at most 1,000,000 customers, got over"):
        smallest_population(0.9, 1e6, 0.1, 2)
    with pytest.raises(ValueError, match="max_customers must be an integer of at most 10,000"):
        machine_repairman_curve(10**7, 1.0, 1.0)
