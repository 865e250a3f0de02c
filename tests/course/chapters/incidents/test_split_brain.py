"""Two nodes that take writes, and what fencing makes of it."""

from scalelab.course.chapters.incidents.split_brain import split_run, split_score


def test_two_nodes_acknowledge_and_nobody_notices():
    run = split_run(1, at_s=30, seconds=100)
    assert set(run.writers[:30]) == {1}
    assert set(run.writers[31:89]) == {2}
    assert set(run.writers[91:]) == {1}
    assert sum(run.failed) == 0
    assert run.lost > 1_000


def test_with_fencing_nothing_is_lost_and_half_of_the_writes_fail():
    run = split_run(1, at_s=30, seconds=100, fencing=True)
    assert set(run.writers) == {1}
    assert run.lost == 0
    assert sum(run.failed) > 1_000


def test_a_wait_before_promoting_is_a_delay_and_no_cure():
    assert split_score(["wait 70 s before promoting"], 3) == (1.0, 0.0)
    assert split_score(["fencing"], 3) == (1.0, 1.0)
    assert split_score(["two more replicas"], 3) == (0.0, 0.0)
