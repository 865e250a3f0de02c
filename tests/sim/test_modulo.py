"""Placement by the remainder of a hash."""

import numpy as np
import pytest
from support.splitmix import splitmix64

from scalelab.sim.modulo import ModuloPlacement

pytestmark = pytest.mark.usefixtures("engine")


def test_the_owner_is_the_remainder_of_the_hash():
    keys = np.arange(300)
    wanted = [(7, 2, 5)[splitmix64(int(key)) % 3] for key in keys]
    assert ModuloPlacement([7, 2, 5]).place(keys).tolist() == wanted
