"""The scene of a deployment shows what its words say."""

import pytest

from scalelab.course.chapters.serialization import scenes
from scalelab.course.chapters.serialization.rollout import Rollout
from scalelab.course.stage import Stage


def run(keeps):
    stage = Stage()
    scenes.on_the_way(stage, keeps)
    return stage.run(16.0)


@pytest.fixture(scope="module")
def traces():
    return {name: run(keeps) for name, keeps in scenes.HABITS.items()}


def test_old_servers_lose_coupons_and_the_sentence_counts_them(traces):
    trace = traces["builds a new object"]
    lost = trace.count("coupon lost", trace.end_ms)
    assert lost > len(scenes.SESSIONS) / 2
    assert f"{lost} of {len(scenes.SESSIONS)} coupons are lost" in trace.says[-1][1]
    whole = [trace.count("with the coupon", ms) for ms in (0, trace.end_ms)]
    assert whole == [len(scenes.SESSIONS), len(scenes.SESSIONS) - lost]


def test_whoever_keeps_what_he_does_not_know_loses_nothing(traces):
    trace = traces["changes the one it read"]
    assert trace.count("with the coupon", trace.end_ms) == len(scenes.SESSIONS)
    assert trace.says[-1][1].endswith(f"0 of {len(scenes.SESSIONS)} coupons are lost.")


def test_every_server_is_updated(traces):
    for trace in traces.values():
        last = {trace.picture.boxes[box].label: text for _, box, text, _ in trace.states}
        assert {last[server] for server in scenes.SERVERS} == {"new"}


def test_watching_changes_nothing(monkeypatch):
    """The same requests without a picture lose the same coupons."""
    trace = run(False)
    seen = []
    monkeypatch.setattr(scenes, "show_rollout", lambda stage, rollout, _: seen.append(rollout))
    stage = Stage()
    scenes.on_the_way(stage, False)
    stage.clock.run(16.0)
    assert isinstance(seen[0], Rollout)
    assert seen[0].lost == trace.count("coupon lost", trace.end_ms)
