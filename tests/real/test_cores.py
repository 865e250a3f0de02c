"""Threads under one lock, on the real cores of this machine; ratios only, and generous ones."""

import pytest

from scalelab.real.cores import cores, thread_runs


def test_one_lock_around_everything_is_one_thread():
    def is_one():
        alone, both = thread_runs([1, 2], 1.0, seconds=0.2)
        assert (alone.threads, both.threads) == (1, 2)
        return both.jobs_per_s < 1.5 * alone.jobs_per_s

    assert any(is_one() for _ in range(20))  # others may have slowed the first run only


@pytest.mark.skipif(cores() < 2, reason="one core cannot do two things at once")
def test_without_a_lock_two_threads_do_more():
    def do_more():
        alone, both = thread_runs([1, 2], 0.0, seconds=0.2)
        return both.jobs_per_s > 1.1 * alone.jobs_per_s

    assert any(do_more() for _ in range(20))  # others may have the second core for a while


@pytest.mark.parametrize(
    ("arguments", "named"),
    [(([0], 0.1), "threads"), (([1], 1.5), "locked_share"), (([1], "x"), "locked_share")],
)
def test_bad_input_is_named(arguments, named):
    with pytest.raises(ValueError, match=rf"^thread_runs: {named} must .*, got"):
        thread_runs(*arguments)
