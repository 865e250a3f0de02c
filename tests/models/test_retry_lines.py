"""Lines whose clients try again, beside a recursion in small steps and arithmetic by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalelab.models.retry_lines import retry_lines

ONE = {"retries": 2, "timeout_s": 0.5}


def in_small_steps(lines, servers, asked, can, retries, timeout_s, lasts_s, routing, step=1e-3):
    """Attempts in line after some time, in steps of a millisecond."""
    lines, servers = np.array(lines, float), np.array(servers, float)
    for _ in range(round(lasts_s / step)):
        taken = np.ones(lines.size, bool)
        if routing != "random":
            taken = lines <= lines.min() + 2 * step * (asked * (1 + retries) + can)
        long = lines[taken] > can * timeout_s
        share = (servers[taken] * long).sum() / servers[taken].sum()
        tries = sum(share**k for k in range(1 + retries))
        comes = np.where(taken, asked * tries / servers[taken].sum(), 0.0)
        lines = np.maximum(lines + step * (comes - can), 0.0)
    return lines


@given(
    lines=st.lists(st.floats(0, 40), min_size=1, max_size=3),
    servers=st.integers(1, 4),
    load=st.floats(0.1, 2.5),
    retries=st.integers(0, 3),
    timeout=st.floats(0.2, 2),
    routing=st.sampled_from(["random", "fewest outstanding"]),
)
def test_lines_are_those_of_small_steps(lines, servers, load, retries, timeout, routing):
    """A line that is at a border may cross it a step earlier or later: then neither is asked."""
    many, can = [servers + g for g in range(len(lines))], 10.0
    asked = load * can * sum(many)
    settings = {"retries": retries, "timeout_s": timeout, "routing": routing}

    def told(nudge):
        moved = [max(line + nudge, 0.0) for line in lines]
        return retry_lines(moved, many, asked, can, duration_s=3.0, **settings).waiting

    below, found, above = (told(nudge) for nudge in (-0.3, 0.0, 0.3))
    if np.abs(above - below).max() > 2:
        return
    stepped = in_small_steps(lines, many, asked, can, retries, timeout, 3.0, routing)
    assert found == pytest.approx(stepped, abs=0.8)


def test_the_same_capacity_empties_a_short_line_and_never_a_long_one():
    def gone_s(line, rate):
        return retry_lines([line], [1], rate, 100, **ONE).elapsed_s

    assert gone_s(49, 60) == pytest.approx(49 / 40)
    assert gone_s(51, 60) == math.inf
    assert gone_s(51, 30) == pytest.approx(1 / 10 + 50 / 70)
    assert gone_s(0, 60) == 0
    assert gone_s(10, 100) == math.inf


def test_a_line_that_becomes_long_grows_by_all_attempts():
    grown = retry_lines([0], [1], 200, 100, **ONE, duration_s=2)
    assert grown.waiting[0] == pytest.approx(50 + 1.5 * 500)
    assert (grown.elapsed_s, grown.utilisation, grown.tries) == (2, 1, 3)


def test_servers_without_a_line_end_it_where_they_get_the_attempts():
    """One long line, one server more: at random half of the attempts are tried again."""
    at_random = retry_lines([80, 0], [1, 1], 60, 100, **ONE)
    tries = 1 + 0.5 + 0.25
    first_s = 30 / (100 - 60 * tries / 2)
    assert at_random.elapsed_s == pytest.approx(first_s + 50 / (100 - 30))
    shortest = retry_lines([80, 0], [1, 1], 60, 100, **ONE, routing="fewest outstanding")
    assert shortest.elapsed_s == pytest.approx(80 / 100)
    busy = retry_lines([80, 0], [1, 1], 60, 100, **ONE, routing="fewest outstanding", duration_s=0)
    assert busy.utilisation == pytest.approx((1 + 0.6) / 2)


def test_clients_who_have_left_may_make_the_new_line_long():
    """For one timeout all attempts come to the new server: 180 a second are too many for it."""
    settings = {"retries": 2, "timeout_s": 1.0, "routing": "fewest outstanding"}
    assert retry_lines([900, 0], [1, 1], 60, 100, **settings).elapsed_s < math.inf
    many = retry_lines([900, 0], [1, 1], 70, 100, **settings, tries=3.0)
    assert many.elapsed_s == math.inf


@pytest.mark.parametrize("routing", ["random", "fewest outstanding"])
def test_where_nobody_comes_the_longest_line_is_the_last(routing):
    lines = retry_lines([10, 50, 90], [1, 2, 1], 0, 100, **ONE, routing=routing)
    assert lines.elapsed_s == pytest.approx(0.9)
    assert not lines.waiting.any()


def test_patience_without_retries_is_a_line_that_drains():
    lines = retry_lines([90, 90], [2, 3], 350, 100, retries=0, timeout_s=0.1)
    assert lines.elapsed_s == pytest.approx(90 / (100 - 70))
