import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, expon

from scalelab.models.lag_laws import (
    ExponentialLag,
    LogNormalLag,
)
from scalelab.models.write_latency import (
    kth_exponential_mean_s,
    kth_latency_mean_s,
    kth_latency_percentile_s,
    kth_latency_tail,
)


@given(replicas=st.integers(1, 12), part=st.floats(0, 1), t=st.floats(0, 3))
def test_order_statistics_are_betas(replicas, part, t):
    """The k-th of n uniform shares is Beta(k, n − k + 1): David and Nagaraja 2003, ch. 2."""
    needed = max(1, round(part * replicas))
    law = ExponentialLag(mean_s=1.0)
    theirs = beta(needed, replicas - needed + 1)
    late = theirs.sf(expon.cdf(t))
    assert kth_latency_tail(law, t, needed, replicas) == pytest.approx(late, abs=1e-9)
    median = expon.ppf(theirs.ppf(0.5))
    assert kth_latency_percentile_s(law, 0.5, needed, replicas) == pytest.approx(median)
    mean = kth_exponential_mean_s(needed, replicas, 1.0)
    assert kth_latency_mean_s(law, needed, replicas) == pytest.approx(mean)


def test_any_one_of_two_cuts_the_tail():
    law = LogNormalLag(median_s=0.010, log_sd=0.5)
    assert kth_latency_percentile_s(law, 0.99, 1, 2) == pytest.approx(18.97e-3, rel=0.003)
    assert kth_latency_percentile_s(law, 0.99, 1, 1) == pytest.approx(31.92e-3, rel=0.005)
