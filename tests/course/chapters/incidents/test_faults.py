"""The incidents: drawn from a seed, with one red herring each, told apart by the reference."""

import importlib.util

import pytest
from support.tree import ROOT

from scalelab.course.chapters.incidents._record import metrics_of_incident
from scalelab.course.chapters.incidents.faults import HERRINGS, INCIDENTS, setting_of


def reference():
    """The diagnosis of the lab's solution."""
    path = ROOT / "labs" / "checks" / "incidents.py"
    spec = importlib.util.spec_from_file_location("checks_of_incidents", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.lab.exercises["cause"].solution


@pytest.mark.parametrize("name", INCIDENTS)
def test_an_incident_is_drawn_from_its_seed(name):
    drawn = [setting_of(name, 5) for _ in range(2)]
    assert drawn[0][1:] == drawn[1][1:]
    assert drawn[0][0].faults == drawn[1][0].faults
    others = [setting_of(name, seed) for seed in range(40)]
    assert {herring for _, _, herring, _ in others} <= set(HERRINGS)
    assert len({at_s for _, at_s, _, _ in others}) > 10
    assert all(80 <= at_s < 110 for _, at_s, _, _ in others)


@pytest.mark.parametrize("seed", [301, 2_003])
@pytest.mark.parametrize("name", [*INCIDENTS, "split brain"])
def test_the_reference_tells_it_on_a_seed_that_it_was_not_made_for(name, seed):
    pytest.importorskip("numba")
    assert reference()(metrics_of_incident(name, seed)) == name
