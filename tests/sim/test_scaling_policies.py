"""What a policy is made of, and what it decides as compiled and as written."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.sim import _fleet_kernel as kernel
from scalelab.sim._compiled import can_compile
from scalelab.sim._scaling_rules import decide, rules_of
from scalelab.sim.fleet import Fleet
from scalelab.sim.scaling_policies import OwnPolicy, StepPolicy, TargetPolicy

FLEET = Fleet(rate_per_s=10, startup_s=7, min_instances=2, max_instances=12, tick_s=2.0)
STEP = StepPolicy(high=0.8, low=0.3, add=2, remove=1, window_s=10, every_s=4, cooldown_s=20)
TARGET = TargetPolicy(target=0.6, window_s=6, every_s=1, cooldown_out_s=4, cooldown_in_s=30)
LONG_AGO = {"since_out": math.inf, "since_change": math.inf}


def asked(policy, mean, *, running=4, have=4, **since):
    rules = rules_of(FLEET, policy, saturates=True)
    return decide(rules, mean=mean, running=running, have=have, **LONG_AGO | since)


def test_steps_are_taken_beyond_the_thresholds_and_not_at_them():
    assert [asked(STEP, mean) for mean in (0.29, 0.3, 0.8, 0.81)] == [3, 4, 4, 6]


def test_a_target_asks_for_the_proportion():
    assert [asked(TARGET, mean) for mean in (0.3, 0.6, 0.61, 1.0)] == [2, 4, 5, 7]
    assert asked(TARGET, 0.2, running=3, have=3) == 1  # 3 × 0.2 / 0.6 is 1, and a rounding error


@pytest.mark.parametrize(
    ("policy", "mean", "since", "wanted"),
    [
        (STEP, 0.9, {"since_out": 9}, None),
        (STEP, 0.9, {"since_out": 10}, 6),
        (STEP, 0.9, {"since_change": 0}, 6),
        (STEP, 0.1, {"since_change": 9}, None),
        (TARGET, 0.9, {"since_out": 1}, None),
        (TARGET, 0.1, {"since_change": 14}, None),
        (TARGET, 0.1, {"since_change": 15}, 1),
        (TARGET, 0.6, {"since_out": 0, "since_change": 0}, 4),
    ],
)
def test_rests_are_kept_in_ticks(policy, mean, since, wanted):
    """A tick is two seconds; what asks for no change need not rest."""
    assert asked(policy, mean, **since) == wanted


def test_times_become_whole_ticks_and_one_at_least():
    rules = rules_of(FLEET, TARGET, saturates=False)
    assert (rules.window, rules.every, rules.cooldown_out, rules.cooldown_in) == (3, 1, 2, 15)
    own = rules_of(FLEET, OwnPolicy(decide=len, window_s=8, every_s=2), saturates=False)
    assert (own.kind, own.window, own.every) == (kernel.OWN, 4, 1)
    nobody = rules_of(FLEET, None, saturates=False)
    assert (nobody.kind, nobody.window, nobody.every) == (kernel.NONE, 1, 1)


@pytest.mark.skipif(not can_compile(), reason="numba is not installed")
@given(
    policy=st.sampled_from([STEP, TARGET]),
    mean=st.floats(0, 3),
    running=st.integers(1, 12),
    starting=st.integers(0, 5),
    since=st.tuples(st.integers(0, 30), st.integers(0, 30)),
)
def test_the_compiled_decision_is_the_written_one(policy, mean, running, starting, since):
    rules = rules_of(FLEET, policy, saturates=True)
    compiled = kernel._decide(mean, running, running + starting, *since, rules)
    plain = kernel._decide.in_python(mean, running, running + starting, *since, rules)
    assert compiled == plain


@pytest.mark.parametrize(
    ("made", "changed", "message"),
    [
        (STEP, {"low": 0.8}, "StepPolicy: low must be < high=0.8, got 0.8"),
        (STEP, {"add": 0}, "StepPolicy: add must"),
        (TARGET, {"target": 0.0}, "TargetPolicy: target must"),
        (TARGET, {"every_s": 0.0}, "TargetPolicy: every_s must"),
    ],
)
def test_bad_settings_are_named(made, changed, message):
    with pytest.raises(ValueError, match=message):
        type(made)(**vars(made) | changed)
