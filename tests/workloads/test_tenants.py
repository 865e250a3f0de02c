import collections

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scalelab.workloads.tenants import tenant_sizes


@given(st.integers(1, 60), st.integers(1, 5_000), st.floats(0, 3))
def test_tenants_share_out_everything_in_proportion(tenants, total, exponent):
    sizes = tenant_sizes(tenants, total, exponent=exponent)
    weights = np.arange(1, tenants + 1) ** -exponent
    assert sizes.sum() == total
    assert np.abs(sizes - total * weights / weights.sum()).max() < 1 + 1e-6
    assert (np.diff(sizes) <= 0).all()


def test_equal_tenants():
    assert collections.Counter(tenant_sizes(3, 10, exponent=0.0).tolist()) == {3: 2, 4: 1}
