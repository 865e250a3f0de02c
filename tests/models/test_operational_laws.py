import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.models.operational_laws import mean_number, saturation_users, utilisation

times = st.floats(1e-4, 1e3)


def test_known_values():
    assert mean_number(2_000, 30) == 60_000
    assert utilisation(40, 0.0225) == pytest.approx(0.9)
    assert saturation_users(0.009, 0.001, servers=4) == pytest.approx(40)


@given(users=st.integers(1, 10_000), think=times, response=times)
def test_response_law_is_littles_law_around_the_loop(users, think, response):
    throughput = users / (think + response)
    assert mean_number(throughput, think + response) == pytest.approx(users)


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


def test_more_work_than_servers_is_refused():
    with pytest.raises(ValueError, match=r"utilisation: .* must be <= servers=2, got 3\.0; .*shed"):
        utilisation(3, 1.0, servers=2)
    assert utilisation(2, 1.0, servers=2) == 1.0
