"""Fixes change a setting, and are scored at the end."""

import pytest

from scalelab.course.chapters.incidents._record import TRIED
from scalelab.course.chapters.incidents.fixes import FIXES, fixed_setting, score, well_at_the_end
from scalelab.course.chapters.incidents.recorded import recorded_runs, recorded_scores


@pytest.mark.parametrize("name", FIXES)
def test_a_fix_changes_something_or_leaves_an_incident_alone(name):
    causes = [cause for cause, (_, options) in TRIED.items() if name in options]
    for cause in causes:
        before, after = fixed_setting(cause, 1, ()), fixed_setting(cause, 1, (name,))
        assert repr(before) != repr(after), cause


def test_without_a_fix_no_run_ends_well():
    for cause in TRIED:
        assert max(recorded_scores()[cause][()]) < 0.9, cause


def test_a_calm_run_ends_well_whatever_is_looked_at():
    for cause in TRIED:
        assert well_at_the_end(cause, recorded_runs()["calm"][0]) > 0.99, cause


def test_a_fix_holds_on_a_seed_of_its_own():
    pytest.importorskip("numba")
    assert min(score("sinkhole", ("eject what answers with errors",), 900)) > 0.99
