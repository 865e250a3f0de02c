import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.models.backlog import backlog, drain_time_s, overload_episode, retry_drain_s


def test_twenty_percent_too_much_for_ten_minutes():
    assert backlog(1_200, 1_000, 600) == 120_000
    assert drain_time_s(120_000, 1_200, 1_500) == 400
    assert backlog(900, 1_000, 600) == 0


@given(
    arrival=st.integers(1, 50),
    before=st.integers(1, 50),
    more=st.integers(1, 50),
    reaction=st.integers(0, 40),
)
def test_an_episode_second_by_second(arrival, before, more, reaction):
    episode = overload_episode(arrival, before, arrival + more, reaction)
    line = 0
    for _ in range(reaction):
        line = max(0, line + arrival - before)
    assert episode.backlog == line
    seconds = 0
    while line > 0:
        line, seconds = line - more, seconds + 1
    assert math.ceil(episode.drain_s) == seconds
    assert episode.delay_s * (arrival + more) == pytest.approx(episode.backlog)


@given(
    arrival=st.integers(2, 50),
    before=st.integers(1, 60),
    more=st.integers(1, 50),
    reaction=st.integers(1, 40),
)
def test_the_longest_wait_by_following_everybody(arrival, before, more, reaction):
    """Each request leaves when as many have been served as had come until it."""
    episode = overload_episode(arrival, before, arrival + more, reaction)
    came_s = np.linspace(0, reaction + episode.drain_s, 4_001)
    number = arrival * came_s
    left_s = np.where(
        number <= before * reaction,
        number / before,
        reaction + (number - before * reaction) / (arrival + more),
    )
    waits_s = np.maximum(left_s - came_s, 0.0)  # nobody leaves before he comes
    step_s = came_s[1]
    slack_s = step_s * (1 + arrival / before)
    assert waits_s.max() == pytest.approx(episode.worst_delay_s, abs=slack_s)
    if episode.worst_delay_s > 10 * slack_s:
        assert came_s[waits_s.argmax()] == pytest.approx(episode.worst_arrival_s, abs=2 * step_s)
    assert episode.worst_delay_s >= episode.delay_s * (1 - 1e-12)


def test_a_line_that_never_empties():
    with pytest.raises(ValueError, match=r"capacity_per_s must be above arrival_rate_per_s"):
        drain_time_s(10, 5, 5)


@given(
    busy=st.floats(0, 0.95),
    retries=st.integers(0, 4),
    times=st.floats(1.1, 4),
    lasts=st.floats(0, 30),
    timeout=st.floats(0.1, 5),
)
def test_a_drain_with_retries_step_by_step(busy, retries, times, lasts, timeout):
    """Work in line, in seconds: what comes is tried so often whenever the line is too long."""
    settings = {"times_capacity": times, "duration_s": lasts, "timeout_s": timeout}
    found = retry_drain_s(busy, retries, **settings)
    line, step, elapsed = 0.0, 0.002, 0.0
    while elapsed < lasts:
        line += step * (times * (1 + retries if line >= timeout else 1) - 1)
        elapsed += step
    if line > timeout and busy * (1 + retries) >= 1:
        near = times * (1 + retries) * step  # a step more, and it has not begun
        assert math.isinf(found) or line - timeout < near
        return
    if math.isinf(found) or busy * (1 + retries) > 0.95:
        return
    slack = 0.02 + times * (1 + retries) * step / (1 - busy * (1 + retries))
    beyond = max(line - timeout, 0.0)
    drained = beyond / (1 - busy * (1 + retries)) if beyond else 0.0
    assert found == pytest.approx(drained + (line - beyond) / (1 - busy), rel=0.01, abs=2 * slack)


def test_a_drain_without_retries_is_that_of_an_episode():
    settings = {"times_capacity": 1.5, "duration_s": 60, "timeout_s": 1.0}
    line = backlog(150, 100, 60)
    assert retry_drain_s(0.4, 0, **settings) == pytest.approx(drain_time_s(line, 40, 100))
    patient = settings | {"timeout_s": 100.0}
    assert retry_drain_s(0.9, 9, **patient) == pytest.approx(drain_time_s(line, 90, 100))
    assert retry_drain_s(0.5, 1, **settings) == math.inf
    assert retry_drain_s(0.4, 1, **settings) > retry_drain_s(0.4, 0, **settings)
