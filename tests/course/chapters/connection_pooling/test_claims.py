"""What the ledger computes for the section on pooling, held against values from elsewhere.

`EXPECTED` was copied by hand from the survey of the guide's claims, at the precision given there:
a value written with d decimals must be met to half of the last one. What the survey left open is
computed here a second time, by methods that share no code with the package: linear algebra on
Markov chains, sums written out, exhaustive search.
"""

import numpy as np
import pytest
from support.claim_values import claim_tests, mismatches

EXPECTED = {
    "pool-85ms": {"ms": "85"},
    "pool-6pct": {"share": "0.05882"},
    "pool-8.5s-overhead": {"overhead": "8.0", "total": "8.5"},
    "pool-17x": {"x": "17.0", "q20": "5.0", "q50": "2.6", "q2500": "1.032"},
    "pool-0.5s-100": {"serial": "0.5", "parallel": "0.05"},
    "pool-5-10x": {"q_for_10": "8.889", "q_for_5": "20.0"},
    "pool-physics-rtt": {"x_guide_auth": "2.273", "x_scram": "4.636", "x_dc": "1.667"},
    "pool-min5-max20": {"ratio": "2.0"},
    "pool-formula": {
        "half_8": "0.890",
        "half_10": "0.969",
        "io90_8": "0.200",
        "io90_40": "0.912",
    },
    "pool-4core-8-10": {"n": ["8", "9", "10"]},
    "pool-not-100": {"R10": "1.580", "R100": "24.0", "usl10": "4.850", "usl100": "1.000"},
    "pool-10-often-enough": {"max": "2000", "pw10": "0.03611", "pw8": "0.1673"},
    "pool-fleet-total": {"min": "250", "max": "1000", "per_instance": "0.16"},
    "pool-timeout-30s": {"waiters": "60000"},
    "pool-startup-10-vs-min5": {"startup_s": "0.7"},
    "pool-lifetimes": {"idle": "600", "max": "1800"},
    "pool-validate-each-borrow": {"x": "8.5"},
    "pool-first-optimization": {"x": "1.032"},
    "pool-pgbouncer-transparent": {},
    "pool-fastest": {"borrow": "0.01", "faster": "0.00891", "pooled": "0.9412"},
    "pool-prevents-exhaustion": {"total": "1000"},
    "proc-pool-sizing": {"cpu_bound": "4", "half": "10", "io90": "44"},
}
VERDICTS = {
    "holds": ["pool-85ms", "pool-6pct", "pool-0.5s-100", "pool-10-often-enough", "pool-lifetimes"],
    "holds-under-assumptions": [
        "pool-17x",
        "pool-5-10x",
        "pool-formula",
        "pool-4core-8-10",
        "pool-not-100",
        "pool-startup-10-vs-min5",
        "pool-fastest",
        "pool-prevents-exhaustion",
        "proc-pool-sizing",
    ],
    "misleading": [
        "pool-physics-rtt",
        "pool-min5-max20",
        "pool-fleet-total",
        "pool-timeout-30s",
        "pool-validate-each-borrow",
        "pool-first-optimization",
        "pool-pgbouncer-transparent",
    ],
    "wrong": ["pool-8.5s-overhead"],
}
_, VALUES, TestTheLedger = claim_tests("connection_pooling", EXPECTED, VERDICTS)


def test_a_value_that_is_gone_or_of_another_length_is_noticed():
    assert mismatches({"x": "1.0"}, {}) == ["x is missing"]
    assert mismatches({"n": ["8", "9"]}, {"n": [8.0, 9.0]}) == []
    assert len(mismatches({"n": ["8", "9"]}, {"n": [8.0, 9.6]})) == 1


# A second way to every value that the survey left open ----------------------------------------


def steady_state(rates: np.ndarray) -> np.ndarray:
    """Stationary distribution of the chain with these transition rates, by solving pi Q = 0."""
    generator = rates - np.diag(rates.sum(axis=1))
    equations = np.vstack([generator.T, np.ones(len(rates))])
    right = np.append(np.zeros(len(rates)), 1.0)
    return np.linalg.lstsq(equations, right, rcond=None)[0]


def closed_system(connections: int, wait_over_cpu: float, cores: int) -> tuple[float, float]:
    """Share of the best throughput, and time at the cores in CPU times; state = busy or queued."""
    rates = np.zeros((connections + 1, connections + 1))
    for at_cores in range(connections):
        rates[at_cores, at_cores + 1] = (connections - at_cores) / wait_over_cpu
        rates[at_cores + 1, at_cores] = min(at_cores + 1, cores)
    chance = steady_state(rates)
    states = np.arange(connections + 1)
    throughput = chance @ np.minimum(states, cores)
    return throughput / cores, (chance @ states) / throughput  # Little's law


def smallest(share: float, wait_over_cpu: float, cores: int) -> int:
    return next(n for n in range(1, 200) if closed_system(n, wait_over_cpu, cores)[0] >= share)


def usl(n: float, sigma: float, kappa: float) -> float:
    return n / (1 + sigma * (n - 1) + kappa * n * (n - 1))


def waiting_probability(load: float, servers: int, places: int = 100) -> float:
    """Share of arrivals that find all servers busy, in a chain cut off at `places`."""
    rates = np.zeros((places + 1, places + 1))
    for present in range(places):
        rates[present, present + 1] = load
        rates[present + 1, present] = min(present + 1, servers)
    return steady_state(rates)[servers:].sum()


def test_pool_formula_by_linear_algebra():
    values = VALUES["pool-formula"]
    for key, connections, wait in (
        ("half_8", 8, 1),
        ("half_10", 10, 1),
        ("io90_8", 8, 9),
        ("io90_40", 40, 9),
    ):
        assert values[key] == pytest.approx(closed_system(connections, wait, 4)[0], rel=1e-9)


def test_response_with_ten_and_a_hundred_by_linear_algebra():
    values = VALUES["pool-not-100"]
    assert values["R10"] == pytest.approx(closed_system(10, 1, 4)[1], rel=1e-9)
    assert values["R100"] == pytest.approx(closed_system(100, 1, 4)[1], rel=1e-9)
    # All four cores are busy, so the loop of 100 takes 100 / 4 CPU times, one of them the wait.
    assert values["R100"] == pytest.approx(100 / 4 - 1)


def test_coherency_by_its_formula():
    values = VALUES["pool-not-100"]
    assert values["usl10"] == pytest.approx(usl(10, 0.02, 0.0098), rel=1e-12)
    assert values["usl100"] == pytest.approx(usl(100, 0.02, 0.0098), rel=1e-12)
    assert values["usl100"] == pytest.approx(1, rel=1e-9)


def test_gains_written_out():
    values = VALUES["pool-physics-rtt"]
    assert values["x_guide_auth"] == pytest.approx((50 + 20 + 50 + 5) / (50 + 5))
    assert values["x_with_close"] == pytest.approx((50 + 20 + 50 + 5 + 10) / (50 + 5))
    assert values["x_scram"] == pytest.approx((50 + 3 * 50 + 50 + 5) / (50 + 5))
    assert values["x_dc"] == pytest.approx((1 + 3 * 1 + 1 + 5) / (1 + 5))
    assert values["round_trips"] == 1 + 1 + 2 + 3 + 7 + 1  # TCP, ask for TLS, TLS 1.2, SCRAM, ...
    assert values["chatty"] == pytest.approx(15 * 5 + 10)
    assert VALUES["pool-first-optimization"]["x"] == pytest.approx((80 + 2_500) / 2_500)
    assert VALUES["pool-first-optimization"]["index"] == pytest.approx(2_500 / 50)


def test_sizes_by_exhaustive_search():
    values = VALUES["proc-pool-sizing"]
    assert values["half"] == smallest(0.95, 1, 4)
    assert values["io90"] == smallest(0.95, 9, 4)
    assert values["cpu_bound"] == smallest(0.95, 1e-9, 4)


def test_waiting_probabilities_by_linear_algebra():
    values = VALUES["pool-10-often-enough"]
    assert values["pw10"] == pytest.approx(waiting_probability(5.0, 10), rel=1e-6)
    assert values["pw8"] == pytest.approx(waiting_probability(5.0, 8), rel=1e-6)
    # An arrival that waits, waits for one of (10 - 5) completions, each of 5 ms.
    assert values["mean_wait_ms"] == pytest.approx(values["pw10"] * 5 / (10 - 5))


def test_settings_that_survive_a_shared_pooler():
    values = VALUES["pool-pgbouncer-transparent"]
    assert values["by_session"] == [1, 1, 1]
    few, some, many = values["by_transaction"]  # the referee's own: 93, 56 and 10 %, closer apart
    assert few > 0.85 > 0.6 > some > 0.3
    assert abs(many - 1 / 10) < 4 * np.sqrt(0.1 * 0.9 / 4_000)


def test_lifetimes_expire_together_or_apart():
    values = VALUES["pool-lifetimes"]
    assert values["reopened_at_once"] == 10
    assert values["with_jitter"] <= 3


def test_a_fleet_asks_for_more_than_the_server_has():
    assert VALUES["pool-prevents-exhaustion"]["refused"] == 50 * 20 - 97
