"""M/G/c against exact formulas in special cases, and against simulated lines."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.models.erlang import mmc_mean_wait_s
from scalelab.models.mgc_wait import WaitLaw, mgc_wait, mixed_work
from scalelab.models.waiting_times import mmc_wait_percentile_s
from scalelab.sim.queue import queue_waits_s
from scalelab.workloads.arrivals import poisson_arrivals_s


@given(rho=st.floats(0.05, 0.97), servers=st.integers(1, 60))
def test_exponential_work_is_mmc(rho, servers):
    rate = rho * servers / 0.01
    law = mgc_wait(rate, 0.01, 1.0, servers)
    assert law.mean_s == pytest.approx(mmc_mean_wait_s(rate, 100, servers))
    expected = mmc_wait_percentile_s(0.99, rate, 100, servers)
    assert law.quantile(0.99) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(rho=st.floats(0.05, 0.97), scv=st.floats(0, 20))
def test_one_server_has_the_mean_of_pollaczek_and_khinchine(rho, scv):
    law = mgc_wait(rho / 0.01, 0.01, scv, 1)
    assert law.mean_s == pytest.approx(rho * 0.01 * (1 + scv) / 2 / (1 - rho))


def test_tail_quantile_and_mean_are_of_one_law():
    law = WaitLaw(wait_probability=0.4, mean_if_waiting_s=0.02)
    assert law.tail(law.quantile(0.9)) == pytest.approx(0.1)
    assert law.quantile(0.5) == 0
    times = np.linspace(0, 1, 200_001)
    assert np.sum(law.tail(times)) * times[1] == pytest.approx(law.mean_s, rel=1e-3)


def simulated(scv, rng, servers=4, rate=300.0, requests=400_000):
    """Waits of a line whose work is constant, or one of two exponentials."""
    arrivals = poisson_arrivals_s(rate, requests, rng=rng)
    if scv == 0:
        services = np.full(requests, 0.01)
    else:  # means p and 1 − p with equal loads: the usual hyperexponential
        p = (1 + np.sqrt((scv - 1) / (scv + 1))) / 2
        fast = rng.random(requests) < p
        services = rng.exponential(np.where(fast, 0.005 / p, 0.005 / (1 - p)))
    return queue_waits_s(arrivals, services, servers)[requests // 10 :]


@pytest.mark.parametrize(("scv", "close"), [(0, 0.08), (4, 0.15)])
def test_simulated_lines_are_near(scv, close):
    waits = simulated(scv, np.random.default_rng(8))
    law = mgc_wait(300, 0.01, scv, 4)
    assert law.mean_s == pytest.approx(waits.mean(), rel=close)
    assert law.tail(0) == pytest.approx(np.mean(waits > 0), rel=close)
    wrong = mgc_wait(300, 0.01, 1.0, 4)
    assert wrong.mean_s != pytest.approx(waits.mean(), rel=close)


def test_mixed_work_has_the_moments_of_draws():
    rng = np.random.default_rng(9)
    rates, means, scvs = [3.0, 1.0], [0.002, 0.009], [1.0, 0.0]
    kind = rng.random(500_000) < 0.75
    work = np.where(kind, rng.exponential(0.002, kind.size), 0.009)
    mean, scv = mixed_work(rates, means, scvs)
    assert mean == pytest.approx(work.mean(), rel=0.01)
    assert scv == pytest.approx(work.var() / work.mean() ** 2, rel=0.02)
    assert mixed_work([2.0, 0.0], [0.01, 5.0], [4.0, 9.0]) == (0.01, 4.0)
