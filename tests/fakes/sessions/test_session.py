"""What the session stores have in common; see tests/contracts for the rest."""

import pytest

from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.sessions.token_sessions import (
    TokenSessions,
)


def test_the_invariants_can_fail():
    sessions = TokenSessions(VirtualClock(), b"secret")
    sessions.save("ann", {})
    sessions._jars["bob"] = sessions.token_of("ann")
    with pytest.raises(AssertionError, match="in another client's jar"):
        sessions.check_invariants()
