import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.models.backlog import backlog, drain_time_s, overload_episode


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
