"""The scene of the chapter on write sharding shows what its words say."""

import pytest

from scalelab.course.chapters.write_sharding import scenes
from scalelab.course.examine import UnansweredError
from scalelab.course.stage import Stage

END_S = scenes.SCENES[0][2]


def played(name):
    stage = Stage()
    scenes.sign_up(stage, scenes.RUNS[name])
    return stage.run(END_S)


def rows_at(trace, ms):
    places = {p.name: i for i, p in enumerate(trace.picture.places)}
    standing = trace.standing(ms)
    return [len(standing.get(places[f"on {name}"], [])) for name in scenes.SHARDS]


@pytest.mark.parametrize("name", scenes.RUNS)
def test_every_row_is_stored_and_every_question_answered(name):
    trace = played(name)
    assert trace.count("rows", trace.end_ms) == scenes.ROWS
    assert trace.count("in line", trace.end_ms) == 0
    asked = 1 + 3 if scenes.RUNS[name] == "range" else 3 + 3
    assert trace.count("answers", trace.end_ms) == asked


def test_ranges_fill_one_after_the_other_and_the_hash_at_once():
    by_range, by_hash, by_tenant = (played(name) for name in scenes.RUNS)
    assert rows_at(by_range, by_range.end_ms) == [8, 8, 8]
    early = rows_at(by_range, 3_000)
    assert early[2] == 0 < early[0]
    assert min(rows_at(by_hash, 3_000)) > 0
    longest = {
        name: max(trace.count("in line", ms) for ms in range(0, 6_000, 100))
        for name, trace in (("range", by_range), ("hash", by_hash), ("tenant", by_tenant))
    }
    assert longest["hash"] < longest["range"]
    assert longest["hash"] < longest["tenant"]
    assert max(rows_at(by_tenant, by_tenant.end_ms)) > scenes.ROWS / 2


class Fixed:
    """A router of the lab's that has everything on the first shard."""

    def __init__(self, shards):
        self.first = shards[0]

    def wrote(self, tenant):
        return self.first

    def ask(self, tenants):
        return [self.first] if tenants else []

    def move(self, tenant, shard):
        self.first = shard

    def add(self, shard):
        pass


EVENTS = [
    ("wrote", "t1"),
    ("wrote", "t1"),
    ("ask", ["t1"]),
    ("ask", []),
    ("move", "t1", "b"),
    ("add", "c"),
    ("wrote", "t1"),
    ("ask", None),
]


def test_a_learners_router_is_played():
    stage = Stage()
    scenes.own_router(stage, Fixed, ["a", "b"], EVENTS)
    trace = stage.run(scenes.until_s(["a", "b"], EVENTS))
    assert [box.label for box in trace.picture.boxes] == ["clients", "a", "b", "c"]
    assert trace.count("rows", trace.end_ms) == 3
    assert trace.count("in line", trace.end_ms) == 0
    assert trace.count("answers", trace.end_ms) == 1 + 2  # a question, and two deletes of the move


def test_an_unanswered_router_is_told():
    class Stub(Fixed):
        def wrote(self, tenant):
            return ...

    stage = Stage()
    scenes.own_router(stage, Stub, ["a", "b"], EVENTS)
    with pytest.raises(UnansweredError):
        stage.run(9.0)
