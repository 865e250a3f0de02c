import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import gammaln

from scalelab.models._mmc import blocking
from scalelab.models.erlang import erlang_c, mmc_mean_wait_s
from scalelab.models.finite_queues import mmc_abandonment

loads = st.floats(0.01, 3.0)  # per server: overload included
fleets = st.integers(1, 60)


@pytest.mark.parametrize(("rho", "patience"), [(0.5, 1.0), (0.999, 0.3), (1.5, 2.0), (3.0, 0.1)])
def test_one_server_with_patience(rho, patience):
    """M/M/1+D in closed form: Gnedenko and Kovalenko, *Introduction to Queueing Theory*, 1989."""
    decay = math.exp((rho - 1) * patience)
    expected = (1 - rho) * rho * decay / (1 - rho**2 * decay)
    assert mmc_abandonment(rho, 1, 1, patience).abandon_probability == pytest.approx(expected)


@pytest.mark.parametrize(
    ("arrival", "servers", "patience"),
    [(8, 10, 0.5), (10, 10, 0.5), (10.001, 10, 3.0), (9.9, 10, 0.01), (15, 10, 2.0), (30, 40, 0.2)],
)
def test_integrating_the_density_of_the_offered_wait(arrival, servers, patience):
    """Baccelli and Hebuterne 1981, integrated numerically: no formula of ours but the density."""
    at_most = servers - 1
    states = np.exp(np.arange(servers) * np.log(arrival) - gammaln(np.arange(servers) + 1))

    def density(x):
        exponent = arrival * min(x, patience) - servers * x
        return arrival * states[at_most] * math.exp(exponent)

    in_time = quad(density, 0, patience)[0]
    too_late = quad(density, patience, patience + 60 / servers)[0]
    moment = quad(lambda x: x * density(x), 0, patience)[0]
    total = states.sum() + in_time + too_late
    queue = mmc_abandonment(arrival, 1, servers, patience)
    assert queue.abandon_probability == pytest.approx(too_late / total, rel=1e-7)
    assert queue.wait_probability == pytest.approx((in_time + too_late) / total, rel=1e-7)
    mean_wait = (moment + patience * too_late) / total
    assert queue.mean_wait_s == pytest.approx(mean_wait, rel=1e-7)


@pytest.mark.parametrize(("arrival", "servers", "patience"), [(8, 10, 0.5), (15, 10, 0.3)])
def test_level_crossing_step_by_step(arrival, servers, patience):
    """The integral equation of the offered wait on a grid, without its solution.

    The wait falls at rate 1 and jumps by an exponential of rate cμ when somebody joins a full
    house: down-crossings of each level equal up-crossings (Brill and Posner 1977).
    """
    cells, h = 6_000, (patience + 20 / servers) / 6_000
    x = (np.arange(cells) + 0.5) * h
    density = np.zeros(cells)
    # level crossing: v(x) = λ e^{-cμx} (p_{c-1} + ∫ over y < min(x, τ) of v(y) e^{cμy} dy)
    inflow = 1.0
    for i in range(cells):
        density[i] = arrival * math.exp(-servers * x[i]) * inflow
        if x[i] < patience:
            inflow += density[i] * math.exp(servers * x[i]) * h
    before = np.cumprod(np.append(1.0, np.arange(servers - 1, 0, -1) / arrival)).sum()
    total = before + density.sum() * h
    queue = mmc_abandonment(arrival, 1, servers, patience)
    expected = density[x > patience].sum() * h / total
    assert queue.abandon_probability == pytest.approx(expected, rel=0.02)


@given(rho=loads, servers=fleets)
def test_no_patience_is_erlang_b(rho, servers):
    queue = mmc_abandonment(rho * servers, 1, servers, 0.0)
    blocked = blocking(rho * servers, servers)
    assert queue.abandon_probability == pytest.approx(blocked, abs=1e-14)
    assert queue.mean_wait_s == 0


@given(rho=st.floats(0.01, 0.95), servers=fleets)
def test_endless_patience_is_mmc(rho, servers):
    queue = mmc_abandonment(rho * servers, 1, servers, 1e6)
    assert queue.abandon_probability == 0
    assert queue.wait_probability == pytest.approx(erlang_c(rho * servers, 1, servers), abs=1e-14)
    wait = mmc_mean_wait_s(rho * servers, 1, servers)
    assert queue.mean_wait_s == pytest.approx(wait, abs=1e-14)


@given(rho=loads, servers=fleets, patience=st.floats(0, 50), more=st.floats(0, 50))
def test_patience_trades_timeouts_for_waiting(rho, servers, patience, more):
    short = mmc_abandonment(rho * servers, 1, servers, patience)
    long = mmc_abandonment(rho * servers, 1, servers, patience + more)
    assert long.abandon_probability <= short.abandon_probability + 1e-12
    assert long.mean_wait_s >= short.mean_wait_s - 1e-9 * patience
    for queue in (short, long):
        assert 0 <= queue.abandon_probability <= queue.wait_probability <= 1 + 1e-12
        assert queue.utilisation <= 1 + 1e-12


@given(servers=fleets, patience=st.floats(0.01, 10), nudge=st.floats(-1e-9, 1e-9))
def test_the_balanced_load_is_no_singularity(servers, patience, nudge):
    at = mmc_abandonment(servers, 1, servers, patience)
    near = mmc_abandonment(servers * (1 + nudge), 1, servers, patience)
    assert near.abandon_probability == pytest.approx(at.abandon_probability, rel=1e-6)
    assert near.mean_wait_s == pytest.approx(at.mean_wait_s, rel=1e-6)


@pytest.mark.parametrize("growth", [0.4999999, 0.5000001])
def test_series_and_closed_form_meet(growth):
    """The mean wait changes its formula at |(λ - cμ)τ| = 0.5; its value must not jump."""
    for sign in (1, -1):
        queue = mmc_abandonment(10 + sign * growth, 1, 10, 1.0)
        half = mmc_abandonment(10 + sign * 0.5, 1, 10, 1.0)
        assert queue.mean_wait_s == pytest.approx(half.mean_wait_s, rel=1e-6)


def test_abandonment_survives_size_and_overload():
    crowd = mmc_abandonment(2_000_000, 200, 1_000, 30.0)
    assert crowd.abandon_probability == pytest.approx(0.9)
    assert crowd.mean_wait_s == pytest.approx(30, rel=1e-5)
    assert crowd.utilisation == pytest.approx(1.0)
    idle = mmc_abandonment(1.0, 200, 1_000, 30.0)
    assert idle.abandon_probability == idle.mean_wait_s == 0.0


def test_overload_loses_what_cannot_be_served():
    """A fluid argument, exact in the limit: 1 − 1/ρ give up, and wait all their patience."""
    queue = mmc_abandonment(4_000, 200, 10, 30.0)
    assert queue.abandon_probability == pytest.approx(0.5, abs=1e-6)
    assert queue.mean_number_waiting == pytest.approx(4_000 * queue.mean_wait_s)
    assert queue.throughput_per_s == pytest.approx(2_000)


def test_endless_patience_must_be_a_number():
    with pytest.raises(ValueError, match=r"mmc_abandonment: patience_s must .*>= 0, got inf"):
        mmc_abandonment(1, 1, 1, math.inf)
