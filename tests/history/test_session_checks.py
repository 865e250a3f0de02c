"""Session guarantees against their definitions, and known histories."""

from dataclasses import replace

import pytest
from history.rules import CHECKS, agrees_with_the_definition, broken, ops
from history.values import DIFFERENT, SAME

from scalelab.history.operations import Operation
from scalelab.history.session_checks import check_read_your_writes, check_writes_follow_reads

RULES = [rule for rule in CHECKS if rule != "no_lost_updates"]


@pytest.mark.parametrize("versions", [False, True])
@pytest.mark.parametrize("rule", RULES)
def test_agrees_with_the_definition(rule, versions):
    assert agrees_with_the_definition(rule, versions)


def test_a_comment_vanishes():
    """The reader of a replica does not find what they just wrote."""
    history = ops(("ann", "put", "comment", "hi"), ("ann", "get", "comment", None))
    assert broken(history) == {"read_your_writes"}


def test_a_page_goes_back_in_time():
    """Reload, and the comment is gone again."""
    history = ops(
        ("ann", "put", "comment", "hi"),
        ("bob", "get", "comment", "hi"),
        ("bob", "get", "comment", None),
    )
    assert broken(history) == {"monotonic_reads"}


def test_an_unchanged_value_read_twice_is_fine():
    """Monotonic means at least as new, not strictly newer."""
    history = ops(("ann", "put", "x", 1), ("bob", "get", "x", 1), ("bob", "get", "x", 1))
    assert broken(history) == set()


def test_an_answer_without_its_question():
    """Terry et al.: a reply in a bulletin board is seen before what it replies to."""
    history = ops(
        ("ann", "put", "question", "where?"),
        ("bob", "get", "question", "where?"),
        ("bob", "put", "answer", "here"),
        ("cid", "get", "answer", "here"),
        ("cid", "get", "question", None),
    )
    assert broken(history) == {"writes_follow_reads"}
    assert len(check_writes_follow_reads(history)) == 5


def test_a_library_updated_before_what_it_needs():
    """Terry et al.: the new program is seen, the library it was written for is not."""
    history = ops(
        ("ann", "put", "library", 2),
        ("ann", "put", "program", 2),
        ("bob", "get", "program", 2),
        ("bob", "get", "library", None),
    )
    assert broken(history) == {"monotonic_writes"}


def test_a_value_that_may_be_either_of_two_writes_gets_the_benefit_of_the_doubt():
    history = ops(
        ("ann", "put", "x", 1),
        ("ann", "put", "x", 2),
        ("bob", "put", "x", 1),
        ("ann", "get", "x", 1),
    )
    assert check_read_your_writes(history) is None
    deleted = ops(("ann", "put", "x", 1), ("bob", "delete", "x", None), ("ann", "get", "x", None))
    assert check_read_your_writes(deleted) is None


def test_versions_tell_what_times_cannot():
    """Two writes overlap, so only the store knows which one won."""
    one = Operation(client="a", kind="put", key="x", value=1, invoked=1, responded=4, version=2)
    two = Operation(client="b", kind="put", key="x", value=2, invoked=2, responded=3, version=1)
    read = Operation(client="a", kind="get", key="x", value=2, invoked=5, responded=6)
    assert len(check_read_your_writes([one, two, read])) == 3
    blind = [replace(o, version=None) for o in (one, two)]
    assert check_read_your_writes([*blind, read]) is None


@pytest.mark.parametrize("rule", RULES)
def test_a_value_from_nowhere_is_refused(rule):
    with pytest.raises(
        ValueError, match="must hold the write of every value read, got 'ann: get x"
    ):
        CHECKS[rule](ops(("ann", "get", "x", 1)))


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(("written", "read"), SAME)
def test_a_value_is_known_again_by_its_parts(rule, written, read):
    assert CHECKS[rule](ops(("ann", "put", "x", written), ("ann", "get", "x", read))) is None


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(("written", "read"), DIFFERENT)
def test_another_value_was_written_by_nobody(rule, written, read):
    with pytest.raises(ValueError, match="must hold the write of every value read"):
        CHECKS[rule](ops(("ann", "put", "x", written), ("ann", "get", "x", read)))
