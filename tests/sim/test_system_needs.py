"""What clients, guards, faults and an autoscaler are, beside what the arguments table refuses."""

import pytest

from scalelab.sim.system_needs import Clients, Fault, Guards


def test_by_default_nobody_is_in_need():
    assert Clients().timeout_s is None
    assert Clients().retries == 0
    assert Guards().line_limit is None
    assert not Guards().checks_deadline


def test_a_fault_does_not_end_before_it_begins():
    assert Fault(kind="slow node", at_s=3, until_s=3, size=2).until_s == 3
    with pytest.raises(ValueError, match="Fault: until_s must be finite and >= 3, got 2"):
        Fault(kind="slow node", at_s=3, until_s=2)
