"""Both engines of a simulator: compiled by numba, and the plain form without it."""

import pytest

from scalelab.sim import _compiled


@pytest.fixture(params=["compiled", "plain"])
def engine(request, monkeypatch):
    if request.param == "plain":
        monkeypatch.setenv("SCALELAB_NO_NUMBA", "1")
        return "plain"
    monkeypatch.delenv("SCALELAB_NO_NUMBA", raising=False)
    if not _compiled.can_compile():
        pytest.skip("numba is not installed")
    return "compiled"
