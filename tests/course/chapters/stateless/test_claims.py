"""What the ledger computes on stateless and stateful servers, held against values from elsewhere.

`EXPECTED` was copied by hand from the survey of the guide's claims, but for the mean responses: the
survey's 9.65, 6.42, 3.82 and 3.32 came from a simulation. Random routing and routing in turn have
closed forms, 10 and 6.38; the other two are solved here as Markov chains.
"""

import itertools

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse.linalg import spsolve
from support.agreement import standard_errors_off
from support.claim_values import claim_tests

from scalelab.course.chapters.stateless.experiments import (
    busy_lookups,
    crash_loss,
    missed,
    routed_response,
)

EXPECTED = {
    "sl-random-or-rr": {"random": "10.00", "rr": "6.38", "random_70": "3.33", "rr_70": "2.24"},
    "sl-any-server": {"differences": "0", "stateful_miss": "0.6667"},
    "sl-self-contained": {"lookups_per_request": "1", "with_context": "0"},
    "sl-larger-requests": {
        "jwt_min": "163",
        "jwt_session": "935",
        "fixed": "81",
        "cookie": "17",
        "mbps": "7.224",
    },
    "sl-repeated-lookups": {"lookups_per_s": "1000", "conns": "5.0"},
    "sf-memory-fast": {},
    "sf-wrong-server-logout": {"n2": "0.50", "n3": "0.6667", "n4": "0.75", "same_server": "0"},
    "sf-crash-loses-sessions": {
        "balanced": "0.3333",
        "worst": "0.625",
        "best": "0.0625",
        "in_a_store": "0",
    },
    "proc-stateless-stateful-choice": {"token_shut_out": "0", "store_kept_when_down": "0"},
}
VERDICTS = {
    "holds": [
        "sl-any-server",
        "sl-larger-requests",
        "sf-memory-fast",
        "sf-wrong-server-logout",
        "sf-crash-loses-sessions",
        "proc-stateless-stateful-choice",
    ],
    "holds-under-assumptions": ["sl-random-or-rr", "sl-repeated-lookups"],
    "misleading": ["sl-self-contained"],
    "wrong": [],
}
_, VALUES, TestTheLedger = claim_tests("stateless", EXPECTED, VERDICTS)


# Four servers, the shortest of some lines: the Markov chain of the sorted lines ------------------


def sorted_lines(longest: int, widest: int) -> list[tuple[int, ...]]:
    """Lines of four servers in falling order, up to a length and a difference."""
    lines = range(longest + 1)
    states = (
        (a, b, c, d)
        for a in lines
        for b in range(max(0, a - widest), a + 1)
        for c in range(max(0, a - widest), b + 1)
        for d in range(max(0, a - widest), c + 1)
    )
    return list(states)


def exact_response(load: float, choices: int, longest: int, widest: int) -> float:
    """Mean response in service times, by balance equations and Little's law."""
    states = sorted_lines(longest, widest)
    index = {state: i for i, state in enumerate(states)}
    draws = list(itertools.combinations(range(4), choices))
    entries = []

    def move(state, server, step, rate):
        lines = list(state)
        lines[server] += step
        target = index.get(tuple(sorted(lines, reverse=True)))
        if target is not None:
            entries.append((target, index[state], rate))

    for state in states:
        for draw in draws:
            move(state, min(draw, key=lambda i: state[i]), 1, 4 * load / len(draws))
        for server in range(4):
            if state[server]:
                move(state, server, -1, 1.0)
    rows, columns, rates = zip(*entries, strict=True)
    flow = sparse.coo_matrix((rates, (rows, columns)), shape=(len(states),) * 2).tocsc()
    balance = (flow - sparse.diags(np.asarray(flow.sum(axis=0)).ravel())).tolil()
    balance[0, :] = 1.0
    right = np.zeros(len(states))
    right[0] = 1.0
    share = spsolve(balance.tocsc(), right)
    return float(share @ [sum(state) for state in states]) / (4 * load)


def test_the_chain_itself_on_random_routing():
    assert exact_response(0.3, 1, 12, 12) == pytest.approx(1 / 0.7, rel=1e-3)


CHAINS = [
    ("p2c", "power_of_d", 0.9, (2, 40, 9)),
    ("jsq", "join_shortest_queue", 0.9, (4, 45, 7)),
    ("p2c_70", "power_of_d", 0.7, (2, 20, 8)),
    ("jsq_70", "join_shortest_queue", 0.7, (4, 20, 5)),
]


@pytest.mark.parametrize(("name", "policy", "load", "chain"), CHAINS)
def test_responses_by_a_markov_chain(name, policy, load, chain):
    exact = exact_response(load, *chain)
    assert VALUES["sl-random-or-rr"][name] == pytest.approx(exact, rel=0.005)
    runs = [
        routed_response(rng, policy, load, requests=200_000)
        for rng in np.random.default_rng(11).spawn(10)
    ]
    assert standard_errors_off(runs, exact) < 4
    assert standard_errors_off(runs, 1.15 * exact) > 4


# The rest by simulation and by hand -----------------------------------------------------------


@pytest.mark.parametrize("servers", [2, 3, 4])
def test_requests_without_a_session_by_simulation(servers):
    runs = [missed(np.random.default_rng(s), servers, users=100) for s in range(12)]
    theory = VALUES["sf-wrong-server-logout"][f"n{servers}"]
    assert standard_errors_off(runs, theory) < 4
    assert standard_errors_off(runs, 1.1 * theory) > 4


def test_a_crash_by_simulation():
    runs = [crash_loss(np.random.default_rng(s), 3, users=1_000) for s in range(12)]
    assert standard_errors_off(runs, VALUES["sf-crash-loses-sessions"]["balanced"]) < 4
    assert standard_errors_off(runs, 0.37) > 4


def test_look_ups_under_way_by_simulation():
    runs = [busy_lookups(np.random.default_rng(s), 1_000.0, 0.005) for s in range(8)]
    assert standard_errors_off(runs, VALUES["sl-repeated-lookups"]["conns"]) < 4
    assert standard_errors_off(runs, 5.5) > 4


def test_a_token_byte_by_byte():
    """Three parts in base64 without padding: 27 bytes of head, the claims, 32 of signature."""
    for name, claims_bytes in (("jwt_min", 61), ("jwt_session", 640)):
        parts = [-(-4 * size // 3) for size in (27, claims_bytes, 32)]
        assert VALUES["sl-larger-requests"][name] == sum(parts) + 2


def test_memory_is_faster_by_orders_of_magnitude():
    values = VALUES["sf-memory-fast"]
    assert 5 < values["dict_ns"] < 1_000  # the survey's machine: 48
    assert values["times_1_ms"] > 1_000
    assert values["times_5_ms"] == pytest.approx(5 * values["times_1_ms"])


def test_a_third_of_the_carts_die_with_a_server_of_three():
    kept = VALUES["proc-stateless-stateful-choice"]["memory_kept_after_crash"]
    assert kept == pytest.approx(2 / 3, abs=0.01)
