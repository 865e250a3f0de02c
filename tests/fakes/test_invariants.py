"""How a fake says that its books do not add up."""

import subprocess
import sys

import pytest

from scalelab.fakes.invariants import ensure


def test_what_holds_passes_and_what_does_not_is_said():
    ensure(True, "never said")
    with pytest.raises(AssertionError, match=r"^invariant broken: a request got lost$"):
        ensure(False, "a request got lost")


def test_it_speaks_where_assert_is_switched_off():
    code = "from scalelab.fakes.invariants import ensure; ensure(False, 'said')"
    made = subprocess.run([sys.executable, "-O", "-c", code], capture_output=True, text=True)
    assert made.returncode == 1
    assert "invariant broken: said" in made.stderr
