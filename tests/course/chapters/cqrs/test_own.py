"""What a learner's relay and projector are put through."""

import contextlib
import sys

import pytest

from scalelab.course.chapters.cqrs import own
from scalelab.course.examine import UnansweredError
from scalelab.course.values import NotThatError
from scalelab.real.limits import TheirError
from scalelab.real.supervised import RealComponentError


def right(outbox, publish, mark):
    for record in outbox:
        publish(record)
        mark(record)


def hasty(outbox, publish, mark):
    for record in outbox:
        mark(record)
        publish(record)


class Sums:
    """Right without repetitions and crashes only."""

    def __init__(self, saved=None):
        self.sums = dict(saved or {})

    def take(self, key, version, kind, value):
        self.sums[key] = value if kind == "set" else self.sums.get(key, 0) + value

    def state(self):
        return self.sums

    def save(self):
        return self.sums


@pytest.mark.parametrize(
    ("crash", "published", "between"),
    [
        ((1, False), [1, 2], 0),
        ((1, True), [1, 1, 2], 1),
        ((2, False), [1, 1, 2], 1),
        ((2, True), [1, 2], 0),
    ],
)
def test_a_crash_repeats_what_was_not_marked(crash, published, between):
    went = own.relayed(right, [1, 2], [crash])
    assert (went["published"], went["left"], went["between"]) == (published, [], between)


def test_marking_first_loses_one():
    assert own.relayed(hasty, [1, 2], [(1, True)])["published"] == [2]


def test_a_mark_of_what_is_not_there_changes_nothing():
    def marks_twice(outbox, publish, mark):
        right(outbox, publish, mark)
        mark(outbox[0])

    assert own.relayed(marks_twice, [1, 2], [])["left"] == []


def test_who_catches_the_crash_is_dead_all_the_same():
    def stubborn(outbox, publish, mark):
        for record in outbox:
            with contextlib.suppress(BaseException):
                publish(record)
            mark(record)

    assert own.relayed(stubborn, [1], [(1, False)])["published"] == [1]


def test_who_tries_again_after_the_crash_has_ended_all_the_same():
    def tries_again(outbox, publish, mark):
        for record in outbox:
            while True:
                try:
                    publish(record)
                    break
                except:  # noqa: E722
                    continue
            mark(record)

    trace = sys.gettrace()
    went = own.relayed(tries_again, [1, 2], [(1, True), (4, False)])
    assert (went["published"], went["left"], went["between"]) == ([1, 1, 2], [], 1)
    assert sys.gettrace() is trace


def test_a_second_mark_is_no_place_between_a_publication_and_its_mark():
    def marks_twice(outbox, publish, mark):
        for record in outbox:
            publish(record)
            mark(record)
            mark(record)

    went = own.relayed(marks_twice, [1, 2], [(3, False)])
    assert (went["published"], went["between"], went["odd"]) == ([1, 2], 0, "")


def test_a_run_without_end_is_ended_and_told():
    def waits_for_its_copy(outbox, publish, mark):
        while outbox:
            right(outbox[:1], publish, mark)

    went = own.relayed(waits_for_its_copy, [1, 2], [])
    assert went["endless"]
    assert len(went["story"]) == own.STORY
    assert not own.relayed(right, list(range(100)), [])["endless"]


def test_what_was_marked_and_is_no_record_and_what_stayed_unmarked_is_told():
    def marks_the_list(outbox, publish, mark):
        publish(outbox[0])
        mark(outbox)

    went = own.relayed(marks_the_list, [1, 2], [])
    assert (went["odd"], went["unmarked"]) == ("[1, 2]", [1, 1])


def test_errors_of_theirs_come_out_and_the_stub_is_seen():
    with pytest.raises(TheirError):
        own.relayed(lambda *given: 1 / 0, [1], [])
    with pytest.raises(UnansweredError):
        own.relayed(lambda *given: ..., [1], [])
    assert own.relayed(lambda *given: None, [1], [])["left"] == [1]


def test_a_projector_is_played_and_begins_with_what_it_saved():
    one, two = ("take", "tea", 1, "set", 3), ("take", "tea", 2, "add", 2)
    script = [one, ("save",), two, ("crash",), ("look",), two, ("look",)]
    assert own.taken(Sums, script) == [{"tea": 3}, {"tea": 5}]
    assert own.taken(Sums, [one, ("crash",), ("look",)]) == [{}]


def endless_list():
    whole = []
    whole.append(whole)
    return whole


@pytest.mark.parametrize(
    "saves",
    [
        lambda self: self,
        lambda self: self.sums.items(),
        lambda self: (each for each in self.sums),
        lambda self: endless_list(),
    ],
)
def test_what_cannot_be_written_to_a_disk_is_refused(saves):
    with pytest.raises(NotThatError) as refused:
        own.taken(type("Odd", (Sums,), {"save": saves}), [("save",)])
    assert refused.value.why == own.UNSAVED


KEPT, PLACES = {}, []


class InAVariable(Sums):
    def __init__(self, saved=None):
        super().__init__(KEPT["sums"] if saved else None)

    def save(self):
        KEPT["sums"] = dict(self.sums)
        return True


class InTheClass(Sums):
    kept = None

    def __init__(self, saved=None):
        super().__init__(InTheClass.kept if saved else None)

    def save(self):
        InTheClass.kept = dict(self.sums)
        return 1


class AtAPlace(Sums):
    def __init__(self, saved=None):
        super().__init__(None if saved is None else PLACES[saved])

    def save(self):
        PLACES.append(dict(self.sums))
        return len(PLACES) - 1


@pytest.mark.parametrize("outside", [InAVariable, InTheClass, AtAPlace])
def test_data_that_a_crash_would_take_are_no_save(outside):
    script = [("take", "tea", 1, "set", 3), ("save",), ("crash",), ("look",)]
    assert own.taken(outside, script[:2] + script[3:]) == [{"tea": 3}]
    with pytest.raises(NotThatError) as refused:
        own.taken(outside, script)
    assert refused.value.why == own.OUTSIDE
    assert own.taken(Sums, script) == [{"tea": 3}]


def test_a_file_that_another_projector_writes_as_well_is_no_save(tmp_path):
    class InAFile(Sums):
        def __init__(self, saved=None):
            text = saved and (tmp_path / saved).read_text()
            super().__init__([line.split() for line in text.splitlines()] if saved else None)

        def save(self):
            lines = [f"{key} {value}" for key, value in self.sums.items()]
            (tmp_path / "kept").write_text("\n".join(lines))
            return "kept"

    with pytest.raises(NotThatError):
        own.taken(InAFile, [("take", "tea", 1, "set", 3), ("save",), ("crash",), ("look",)])


def test_a_state_is_a_dictionary():
    class Lists(Sums):
        def state(self):
            return list(self.sums)

    with pytest.raises(NotThatError):
        own.taken(Lists, [("look",)])


def test_the_relay_is_told_what_it_published():
    assert "published 8, in 9 events" in own.own_relay(right).text
    assert "published 7, in 7 events" in own.own_relay(hasty).text
    assert "Still to do" in own.own_relay(lambda *given: ...).text
    assert "The check says where" in own.own_relay(lambda *given: 1 / 0).text


def test_a_projector_follows_a_real_server():
    pytest.importorskip("psycopg", reason="the client for PostgreSQL is not installed")
    said = own.own_projector_on_postgres(Sums).text
    if "PostgreSQL 1" not in said:
        pytest.skip(said)
    assert "and your projector shows" in said  # changes that come twice are counted twice


def test_without_a_server_the_stories_have_to_do(monkeypatch):
    def missing():
        raise RealComponentError("no PostgreSQL server found")

    monkeypatch.setattr(own, "PostgresCluster", missing)
    assert "have to do" in own.own_projector_on_postgres(Sums).text
