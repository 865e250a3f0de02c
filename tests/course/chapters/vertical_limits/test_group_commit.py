"""Orders that share flushes: what can be known without the simulator."""

import numpy as np
import pytest

from scalelab.course.chapters.vertical_limits.group_commit import group_commits


def run(clients, cores, *, work_s=0.001, flush_s=0.01, until_s=20.0):
    return group_commits(
        clients,
        cores=cores,
        work_s=work_s,
        flush_s=flush_s,
        until_s=until_s,
        rng=np.random.default_rng(3),
    )


def test_one_client_gets_a_flush_for_each_order_whatever_the_cores():
    for cores in (1, 8):
        it = run(1, cores)
        assert it.for_each_flush == 1
        assert len(it.times_s) == pytest.approx(20 / 0.011, rel=0.02)


def test_each_order_is_at_its_stations_in_turn():
    it = run(6, 2)
    assert (np.diff(it.times_s, axis=1) >= 0).all()
    assert it.times_s[:, 4] - it.times_s[:, 3] == pytest.approx(0.01)


def test_never_are_there_more_at_work_than_cores_nor_two_flushes_at_a_time():
    it = run(9, 2, work_s=0.004)
    _, began_s, ready_s, taken_s, _ = it.times_s.T
    for moment in began_s:
        assert ((began_s <= moment) & (moment < ready_s)).sum() <= 2
    begins = np.unique(taken_s)
    assert len(begins) == it.flushes
    assert (np.diff(begins) >= 0.01 - 1e-12).all()


def test_a_flush_takes_all_that_are_ready_and_no_other():
    it = run(9, 3, work_s=0.004)
    _, _, ready_s, taken_s, _ = it.times_s.T
    for begin in np.unique(taken_s):
        assert not ((ready_s < begin) & (taken_s > begin)).any()
    assert (ready_s <= taken_s).all()


def test_half_of_many_clients_share_a_flush_if_the_disk_is_all_that_counts():
    assert run(16, 16, work_s=1e-5).for_each_flush == pytest.approx(8, rel=0.05)


def test_with_slow_work_the_cores_are_the_limit():
    it = run(16, 2, work_s=0.05)
    assert len(it.times_s) / 20 == pytest.approx(2 / 0.05, rel=0.1)


def test_no_order_is_sent_once_it_is_over():
    it = run(4, 2, until_s=1.0)
    assert it.times_s[:, 0].max() < 1.0
    assert run(4, 2, until_s=0.0).times_s.shape == (0, 5)
