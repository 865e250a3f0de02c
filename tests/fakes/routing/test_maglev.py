"""The Maglev router beyond the contract of all routers."""

import pytest

from scalelab.fakes.routing.maglev import MaglevRouter


def test_maglev_refuses_a_bad_size_at_once():
    with pytest.raises(ValueError, match="table_size must be a prime"):
        MaglevRouter([], table_size=100)
