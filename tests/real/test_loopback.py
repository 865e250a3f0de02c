"""Inside the process against outside of it; ratios only, and generous ones."""

import pytest

from scalelab.real.loopback import LoopbackComparison, loopback_against_lookup


def test_leaving_the_process_costs_many_lookups():
    measured = loopback_against_lookup(200)
    assert measured.factor > 20
    assert 0 < measured.lookup_s < measured.round_trip_s < 0.1


def test_the_factor_is_their_ratio():
    assert LoopbackComparison(lookup_s=2e-8, round_trip_s=5e-6).factor == pytest.approx(250)


@pytest.mark.parametrize("trips", [0, -1, 2.5, "many", None])
def test_bad_input_is_named(trips):
    with pytest.raises(ValueError, match=r"^loopback_against_lookup: trips must .*, got"):
        loopback_against_lookup(trips)
