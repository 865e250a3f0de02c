import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.models.operational_laws import (
    interactive_response_time_s,
    mean_number,
    saturation_users,
    throughput_bound_per_s,
    utilisation,
)

times = st.floats(1e-4, 1e3)


def test_known_values():
    assert mean_number(2_000, 30) == 60_000
    assert utilisation(40, 0.0225) == pytest.approx(0.9)
    # Lazowska et al. 1984, sec. 3.4: 64 users, 30 s of thinking, 2 interactions a second
    assert interactive_response_time_s(64, 2, 30) == 2.0
    assert saturation_users(0.009, 0.001, servers=4) == pytest.approx(40)


@given(users=st.integers(1, 10_000), think=times, service=times, servers=st.integers(1, 100))
def test_bounds_meet_at_saturation(users, think, service, servers):
    knee = saturation_users(think, service, servers)
    bound = throughput_bound_per_s(users, think, service, servers)
    slope = bound == pytest.approx(users / (think + service))
    ceiling = bound == pytest.approx(servers / service)
    assert slope or users > knee * (1 - 1e-9)
    assert ceiling or users < knee * (1 + 1e-9)


@given(users=st.integers(1, 10_000), think=times, response=times)
def test_response_law_is_littles_law_around_the_loop(users, think, response):
    throughput = users / (think + response)
    assert mean_number(throughput, think + response) == pytest.approx(users)
    got = interactive_response_time_s(users, throughput, think)
    assert got == pytest.approx(response, abs=1e-9 * (think + response))


def test_littles_law_holds_on_any_sample_path(rng):
    """Measured, not assumed: time average inside = rate × mean time, exactly, on a finite path."""
    arrivals = np.sort(rng.random(500)) * 100
    stays = rng.lognormal(0, 1, 500)
    end = (arrivals + stays).max()
    moments = np.sort(np.concatenate([arrivals, arrivals + stays]))
    middles = (moments[1:] + moments[:-1]) / 2
    left_by_then = np.searchsorted(np.sort(arrivals + stays), middles)
    inside = np.searchsorted(arrivals, middles) - left_by_then
    time_average = inside @ np.diff(moments) / end
    assert mean_number(500 / end, stays.mean()) == pytest.approx(time_average)


def test_arrays_broadcast():
    assert mean_number([1.0, 2.0], [[3.0], [4.0]]).tolist() == [[3, 6], [4, 8]]
    assert throughput_bound_per_s([1, 100], 1.0, 1.0).tolist() == [0.5, 1.0]


def test_more_work_than_servers_is_refused():
    with pytest.raises(ValueError, match=r"utilisation: .* must be <= servers=2, got 3\.0; .*shed"):
        utilisation(3, 1.0, servers=2)
    assert utilisation(2, 1.0, servers=2) == 1.0


def test_throughput_beyond_the_users_is_refused():
    with pytest.raises(ValueError, match=r"throughput_per_s must be <= users/think_time_s, got 3"):
        interactive_response_time_s(10, 3, 5)
