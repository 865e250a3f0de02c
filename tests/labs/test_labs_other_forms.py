"""Right answers in other clothes: a checker asks for a value, and not for its type."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from scalelab.course.examine import examine

CHECKS = Path(__file__).parents[2] / "labs" / "checks"
LABS = {
    name: runpy.run_path(str(CHECKS / f"{name}.py"))["lab"].exercises
    for name in ("horizontal", "vertical", "diagonal", "external_state")
}
PAIRS = {
    "vertical serial": LABS["vertical"]["serial"],
    "diagonal growth": LABS["diagonal"]["growth"],
    "diagonal cheapest": LABS["diagonal"]["cheapest"],
    "diagonal play": LABS["diagonal"]["play"],
}
HEALTH, USABLE = LABS["horizontal"]["health"], LABS["diagonal"]["usable"]


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("form", [list, np.array])
def test_a_pair_may_be_a_list_or_an_array(name, form):
    exercise = PAIRS[name]
    verdict = examine(exercise, lambda *given: form(tuple(exercise.solution(*given))))
    assert verdict.passed, verdict


def test_a_status_and_a_user_may_be_a_list():
    page = LABS["external_state"]["page"]
    assert examine(page, lambda *given: list(page.solution(*given))).passed
    assert not examine(page, lambda *given: [200, None]).passed


@pytest.mark.parametrize(
    "form", [tuple, np.array, lambda states: list(np.array(states)), lambda s: [int(x) for x in s]]
)
def test_states_may_be_any_sequence_of_truth_values(form):
    verdict = examine(HEALTH, lambda *given: form(HEALTH.solution(*given)))
    assert verdict.passed, verdict


@pytest.mark.parametrize("wrong", [3, "up", None, np.array([1, 0]), float("nan"), 0.5])
def test_a_state_that_is_none_is_named(wrong):
    verdict = examine(HEALTH, lambda probes, misses, rises: [wrong] * len(probes))
    assert "True or False after probe 1" in repr(verdict)


def test_a_fleet_of_one_is_among_the_questions():
    """The rule for one node alone is the one that the lab asks to explain."""
    asked = set()

    def spy(nodes, node_per_s, most_busy):
        asked.add(nodes)
        return USABLE.solution(nodes, node_per_s, most_busy)

    assert examine(USABLE, spy).passed
    assert {1, 2, 3} <= asked
