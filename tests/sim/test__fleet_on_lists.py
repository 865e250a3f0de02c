"""The quick way over quiet stretches against the kernel's text, tick by tick: equal to the bit."""

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.sim import _fleet_kernel as kernel
from scalelab.sim._fleet_loop import empty_books
from scalelab.sim._fleet_on_lists import advance_on_lists
from scalelab.sim._scaling_rules import rules_of
from scalelab.sim.fleet import Fleet
from scalelab.sim.scaling_policies import OwnPolicy, StepPolicy, TargetPolicy

FLEET = Fleet(rate_per_s=10, startup_s=25, min_instances=2, max_instances=9, queue_limit=300)
POLICIES = {
    "none": None,
    "step": StepPolicy(high=0.7, low=0.3, add=2, remove=1, window_s=30, every_s=20, cooldown_s=40),
    "target": TargetPolicy(target=0.6, window_s=45, every_s=15),
    "own": OwnPolicy(decide=lambda reading: 3),
}


def books_of(seed, rules, floor):
    """Lists of a demand that is quiet for long, and now and then too much."""
    rng = np.random.default_rng(seed)
    level = np.repeat(rng.choice([5.0, 15.0, 40.0, 120.0], size=12), 50)
    demand = level * rng.uniform(0.8, 1.1, level.size)
    made = empty_books(demand, np.array(floor, np.int32), FLEET, rules)
    return kernel.Books(*(np.asarray(entries).tolist() for entries in made))


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
@pytest.mark.parametrize("saturates", [True, False])
@given(
    seed=st.integers(0, 10_000),
    floor=st.sampled_from([[0], [4], [0] * 300 + [5] * 300]),
    orders=st.lists(st.sampled_from([kernel.NOTHING, 1, 3, 7, 12]), min_size=10, max_size=10),
)
def test_it_writes_what_the_kernel_writes(policy, saturates, seed, floor, orders):
    rules = rules_of(FLEET, policy, saturates=saturates)
    quick = books_of(seed, rules, floor)
    plain = copy.deepcopy(quick)
    for start, wanted in zip(range(0, 600, 60), orders, strict=True):
        for books, advance in ((quick, advance_on_lists), (plain, kernel._advance.in_python)):
            if isinstance(policy, OwnPolicy):
                books.whole[kernel.WANTED] = wanted
            advance(start, start + 60, rules, books)
        assert quick == plain
