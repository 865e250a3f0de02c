"""Two nodes that take writes, and what fencing makes of it."""

from scalelab.course.chapters.incidents.split_brain import split_run


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
