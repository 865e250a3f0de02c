import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.models.headroom import (
    detection_time_s,
    failed_requests,
    safe_utilisation,
    smallest_redundant_fleet,
    utilisation_after_loss,
)


def test_losing_one_of_four():
    assert utilisation_after_loss(0.7, [4, 3, 2]) == pytest.approx([0.9333, 1.05, 1.4], abs=5e-5)
    assert smallest_redundant_fleet(0.7) == 4
    assert smallest_redundant_fleet(0.9) == 10
    assert failed_requests(1_000, 4, detection_time_s(10, 3)) == 7_500


@given(share=st.floats(0.01, 0.99))
def test_the_smallest_fleet_is_smallest(share):
    nodes = smallest_redundant_fleet(share)
    assert utilisation_after_loss(share, nodes) <= 1 + 1e-9
    assert safe_utilisation(nodes) >= share - 1e-9
    if nodes > 2:
        assert utilisation_after_loss(share, nodes - 1) > 1 - 1e-9
