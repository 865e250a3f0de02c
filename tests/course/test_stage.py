"""A stage writes down what happens, and a wrong record is found out."""

import pytest

from scalelab.course.shows.servers import show_balancer
from scalelab.course.stage import Box, Place, Stage, tap
from scalelab.fakes.balancing.load_balancer import LoadBalancer
from scalelab.fakes.balancing.web_server import Request


def drop(*_):
    pass


def test_a_wrong_recorder_is_found_out():
    stage = Stage()
    balancer = LoadBalancer(stage.clock, ["a"])
    show_balancer(stage, balancer)
    balancer.submit(Request(client="x", service_s=1.0), drop, drop)
    trace = stage.run(2.0)
    assert (trace.count("answered", 999), trace.count("answered", 1000)) == (0, 1)
    trace.steps[0].pop()
    assert trace.count("answered", 1000) != dict(stage.books)[1000]["answered"]


def two_places():
    stage = Stage()
    box = stage.box(Box(label="a", x=0, y=20, width=40, height=20))
    left = stage.place(Place(name="left", x=20, y=30, half=(20, 10), counter="here"))
    right = stage.place(
        Place(name="right", x=120, y=30, half=(20, 10), keep="out", counter="there")
    )
    return stage, box, left, right


def test_a_message_is_under_way_from_edge_to_edge():
    stage, _, left, right = two_places()
    token = stage.token(left, label="hello")
    stage.at(2.0, "It has come.", lambda: stage.move(token, right, since_s=1.0))
    trace = stage.run(3.0)
    assert trace.on_the_way(1_000) == [(token, 40.0, 30.0, 0)]
    assert trace.on_the_way(1_500) == [(token, 70.0, 30.0, 0)]
    assert trace.on_the_way(2_000) == []
    assert [(trace.count("here", ms), trace.count("there", ms)) for ms in (0, 1_999, 2_000)] == [
        (1, 0),
        (1, 0),
        (0, 1),
    ]
    assert trace.says == [(2_000, "It has come.")]
    assert trace.packed()["tokens"] == [[0, left, 0, 0, 1_000, right, 1_000, 0]]


def test_a_state_is_written_once_and_in_order():
    stage, box, *_ = two_places()
    stage.state_at(2.0, box, "late")
    stage.state_at(1.0, box, "down", bad=True)
    stage.state_at(1.5, box, "down", bad=True)
    assert stage.run(3.0).states == [(1_000, box, "down", 1), (2_000, box, "late", 0)]


def test_who_looks_is_called_after_every_event_and_keeps_the_books():
    stage, _, left, _ = two_places()
    seen = []
    stage.watch(lambda: seen.append(stage.now_ms), lambda: {"events": len(seen) // 2})
    stage.each([0.5, 1.0, 1.5], lambda: stage.token(left))
    stage.run(2.0)
    assert seen == [0, 500, 1_000, 1_500]
    assert stage.books == [(0, {"events": 0}), (500, {"events": 1}), (1_500, {"events": 2})]


def test_a_tap_stands_before_one_objects_verb_only():
    heard = []

    class Thing:
        def double(self, x):
            return 2 * x

    one, other = Thing(), Thing()
    tap(one, "double", lambda original, x: heard.append(x) or original(x + 1))
    assert (one.double(1), other.double(1), heard) == (4, 2, [1])


def test_an_empty_stage_is_refused():
    with pytest.raises(ValueError, match=r"^Stage\.run: stage must show something, got 'nothing'"):
        Stage().run(1.0)
