"""A move of rows on the stage: watched and unwatched alike, wrong copies where they are."""

import numpy as np
import pytest

from scalelab.course.shows.resharding import RIGHT, WRONG, show_resharding
from scalelab.course.stage import Stage
from scalelab.fakes.clock import VirtualClock
from scalelab.fakes.routing.modulo import ModuloRouter
from scalelab.fakes.sharding.live_resharding import LiveResharding, Step

CURED = {"copy_rule": "versioned", "tombstones": True}
END_S, COPY_S = 12.0, 2.0


def routers():
    return ModuloRouter(["a", "b"]), ModuloRouter(["a", "b", "c"])


def story(move, rng):
    """Rows, the steps, and writes and deletes all the while, the backfill's time included."""
    clock, keys = move.clock, [f"k{i}" for i in range(24)]
    for i, key in enumerate(keys):
        clock.schedule_at(0.1 + 0.02 * i, lambda key=key: move.put(key, "first"))
    clock.schedule_at(1.0, move.add_nodes)
    clock.schedule_at(1.5, move.double_write)
    clock.schedule_at(2.0, lambda: move.start_backfill(rows_per_s=4.0))
    for at_s in np.sort(rng.uniform(2.0, 8.0, 40)):
        key, gone = keys[int(rng.integers(24))], rng.random() < 0.4
        act = (lambda key=key: move.delete(key)) if gone else (lambda key=key: move.put(key, "new"))
        clock.schedule_at(float(at_s), act)
    clock.schedule_at(10.0, lambda: move.switch_reads(force=True))


def moved(clock, seed, **cure):
    move = LiveResharding(clock, *routers(), copy_s=COPY_S, second_write_s=0.3, **cure)
    return move, lambda: story(move, np.random.default_rng(seed))


@pytest.mark.parametrize("cure", [{}, {"copy_rule": "if_absent"}, CURED])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_watched_move_is_the_unwatched_one(cure, seed):
    stage = Stage()
    move, begin = moved(stage.clock, seed, **cure)
    show_resharding(stage, move, *routers())
    begin()
    trace = stage.run(END_S)
    alone, begin = moved(VirtualClock(), seed, **cure)
    begin()
    alone.clock.run(END_S)
    assert (move.copied, move.overwritten, move.resurrected, move.audit(), move.step) == (
        *(alone.copied, alone.overwritten, alone.resurrected, alone.audit()),
        Step.READS_SWITCHED,
    )
    for ms, numbers in dict(stage.books).items():
        assert {name: trace.count(name, ms) for name in numbers} == numbers, ms
    assert trace.events <= 1_000


def at_the_end(cure):
    stage = Stage()
    move, begin = moved(stage.clock, 1, **cure)
    show_resharding(stage, move, *routers())
    begin()
    trace = stage.run(END_S)
    return move, trace


def test_a_write_in_the_copy_window_leaves_wrong_copies_and_versions_do_not():
    move, trace = at_the_end({})
    read = [place.name for place in trace.picture.places]
    wrong_where_read = sum(
        len(tokens) for i, tokens in trace.standing(trace.end_ms).items() if "wrong on" in read[i]
    )
    assert move.audit().wrong > 0
    assert wrong_where_read >= move.audit().wrong - len(move.audit().missing)
    cured, quiet = at_the_end(CURED)
    assert cured.audit().wrong == 0
    assert quiet.count(WRONG, quiet.end_ms) == 0
    assert quiet.count(RIGHT, quiet.end_ms) > 0


def test_copies_travel_for_as_long_as_the_backfill_takes():
    _, trace = at_the_end(CURED)
    ways = {way for steps in trace.steps for _, _, way, _ in steps if way}
    assert ways == {round(1_000 * COPY_S)}
    assert trace.on_the_way(2_400)
    assert "From now on a row that moves is written in both places." in dict(trace.says).values()


def test_a_copy_that_yields_is_dropped():
    _, trace = at_the_end(CURED)
    assert trace.count("copies dropped", trace.end_ms) > 0
