"""The figure of the planner beside the simulation."""

import pytest
from support.drawn_systems import DRAWN, TABLE

from scalelab.course.chapters.reference import planned


def test_it_is_within_its_bounds_where_it_does_not_warn():
    errors = planned.planned_errors(TABLE)
    assert len(errors) == DRAWN
    calm = errors[~errors["warned"]]
    assert calm[["p50", "p99"]].abs().max().max() < planned.WITHIN + calm["noise"].max()
    assert f"Of {DRAWN} systems it gives {len(calm)} without a warning" in planned.errors_in_words(
        errors
    )


def test_each_system_is_a_dot():
    errors = planned.planned_errors(TABLE)
    (ax,) = planned.errors_figure(errors).axes
    assert sum(len(line.get_xdata()) for line in ax.lines) == DRAWN
    assert ax.lines[0].get_ydata() == pytest.approx(errors[~errors["warned"]]["p99"].to_numpy())
