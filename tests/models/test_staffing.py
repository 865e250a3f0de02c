import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.models.erlang import UnstableQueueError, erlang_c
from scalelab.models.staffing import smallest_servers, smallest_servers_for_response
from scalelab.models.waiting_times import mmc_response_percentile_s


@given(load=st.floats(0.01, 300), target=st.floats(1e-6, 1.0))
def test_one_server_fewer_waits_too_often(load, target):
    servers = smallest_servers(load, 1, max_wait_probability=target)
    assert erlang_c(load, 1, servers) <= target * (1 + 1e-12)
    fewer = servers - 1
    try:
        assert fewer == 0 or erlang_c(load, 1, fewer) > target
    except UnstableQueueError:
        assert fewer <= load


@given(load=st.floats(0.01, 100), q=st.floats(0.1, 0.999), slack=st.floats(1.01, 10))
def test_one_server_fewer_is_too_slow(load, q, slack):
    limit = slack * mmc_response_percentile_s(q, 1e-9, 1, 50)  # of service alone, nearly
    servers = smallest_servers_for_response(load, 1, percentile=q, max_response_s=limit)
    assert mmc_response_percentile_s(q, load, 1, servers) <= limit * (1 + 1e-9)
    if servers - 1 > load:
        assert mmc_response_percentile_s(q, load, 1, servers - 1) > limit * (1 - 1e-9)


def test_square_root_staffing():
    """a + √a servers let about one request in four or five wait, whatever the size.

    Harchol-Balter 2013, ch. 15.
    """
    for load in (100, 10_000, 1_000_000):
        servers = smallest_servers(load, 1, max_wait_probability=0.2237)
        assert (servers - load) / load**0.5 == pytest.approx(1, abs=0.06 + 1 / load**0.5)


def test_a_limit_below_service_itself_is_refused():
    with pytest.raises(
        ValueError, match=r"max_response_s must be > 0\.02303, .* got 0\.02; .*faster"
    ):
        smallest_servers_for_response(1_000, 200, percentile=0.99, max_response_s=0.02)


def test_ratios_are_checked():
    with pytest.raises(
        ValueError, match=r"max_wait_probability must be a ratio in \(0, 1\], got 2"
    ):
        smallest_servers(1, 1, max_wait_probability=2)
    with pytest.raises(ValueError, match=r"percentile must be a ratio in \(0, 1\), got 1"):
        smallest_servers_for_response(1, 1, percentile=1, max_response_s=9)
