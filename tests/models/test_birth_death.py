"""Birth–death queues against queues that have a closed form."""

import heapq

import numpy as np
import pytest

from scalelab.models.birth_death import birth_death_queue
from scalelab.models.closed_queue import machine_repairman, machine_repairman_curve
from scalelab.models.erlang import mmc_mean_wait_s
from scalelab.models.finite_queues import mmc_abandonment


@pytest.mark.parametrize(("rate", "servers"), [(1.5, 2), (9.0, 10), (0.2, 1)])
def test_an_endless_line_is_mmc(rate, servers):
    deaths = np.arange(1.0, servers + 1)
    queue = birth_death_queue(np.full(servers, rate), deaths, endless=True)
    assert queue.mean_time_s == pytest.approx(mmc_mean_wait_s(rate, 1.0, servers) + 1)
    assert queue.throughput_per_s == pytest.approx(rate)
    assert queue.shares.sum() + queue.beyond == pytest.approx(1)


def test_more_states_of_the_same_rates_change_nothing():
    few = birth_death_queue([3.0] * 2, [2.0, 4.0], endless=True)
    many = birth_death_queue([3.0] * 9, [2.0] + [4.0] * 8, endless=True)
    assert many.mean_number == pytest.approx(few.mean_number)


def test_no_waiting_room_is_erlang_b():
    queue = birth_death_queue([4.0] * 6, np.arange(1.0, 7))
    lost = mmc_abandonment(4.0, 1.0, 6, patience_s=0).abandon_probability
    assert queue.shares[-1] == pytest.approx(lost)
    assert queue.beyond == 0


def test_customers_who_think_are_the_machine_repairman():
    births = [(8 - n) / 0.05 for n in range(8)]
    queue = birth_death_queue(births, [min(n, 3) / 0.01 for n in range(1, 9)])
    known = machine_repairman(8, 0.05, 0.01, servers=3)
    assert queue.mean_time_s == pytest.approx(known.mean_response_s)
    assert queue.throughput_per_s == pytest.approx(known.throughput_per_s)


def connections(rate, pool, rng, requests=40_000):
    """Mean seconds from asking for a connection to its return: a pool before two cores."""
    arrivals = np.cumsum(rng.exponential(1 / rate, requests)).tolist()
    think, work = rng.exponential(0.005, requests), rng.exponential(0.004, requests)
    events = [(arrival, "asks", r) for r, arrival in enumerate(arrivals)]  # in order: a heap
    lines = {"pool": [], "cores": []}
    free = {"pool": pool, "cores": 2}
    total = 0.0

    def take(what, r, now):
        if not free[what]:
            lines[what].append(r)
            return
        free[what] -= 1
        duration, then = (think[r], "ready") if what == "pool" else (work[r], "done")
        heapq.heappush(events, (now + duration, then, r))

    while events:
        now, kind, r = heapq.heappop(events)
        if kind != "done":
            take("pool" if kind == "asks" else "cores", r, now)
            continue
        total += now - arrivals[r]
        for what in free:
            free[what] += 1
            if lines[what]:
                take(what, lines[what].pop(0), now)
    return total / requests


def test_a_pool_before_a_database_is_a_flow_equivalent_server():
    """The closed loop's throughputs as death rates, against requests one by one."""
    curve = machine_repairman_curve(5, 0.005, 0.004, servers=2)["throughput_per_s"].to_numpy()
    model = birth_death_queue(np.full(5, 300.0), curve, endless=True)
    measured = connections(300.0, 5, np.random.default_rng(10))
    assert model.mean_time_s == pytest.approx(measured, rel=0.04)
    assert birth_death_queue(np.full(5, 340.0), curve, endless=True).mean_time_s != pytest.approx(
        measured, rel=0.04
    )


def test_an_endless_line_that_grows_is_refused():
    with pytest.raises(ValueError, match=r"birth_death_queue: births_per_s must .* grows for ever"):
        birth_death_queue([2.0], [1.0], endless=True)
    assert birth_death_queue([2.0], [1.0]).shares == pytest.approx([1 / 3, 2 / 3])
