"""The session guarantees and lost updates, word for word, to hold the checks against."""

import itertools

import numpy as np
from history.random_histories import parts, random_history

from scalelab.history.lost_updates import check_lost_updates
from scalelab.history.operations import Operation
from scalelab.history.session_checks import (
    check_monotonic_reads,
    check_monotonic_writes,
    check_read_your_writes,
    check_writes_follow_reads,
)

# The definitions, over pairs and quadruples of operations, one after the other. Values are
# written once, so what a read returned is one write, or nothing.


class Definitions:
    def __init__(self, history):
        self.history = history
        self.versioned = all(
            o.version is not None for o in history if o.is_write and o.responded is not None
        ) and any(o.version is not None for o in history)

    def read_of(self, read):
        """The write whose value a read returned; None for the beginning."""
        return next(
            (o for o in self.history if o.is_write and (o.key, o.value) == (read.key, read.value)),
            None,
        )

    def first(self, one, other):
        """Whether a write stands before another one for certain; None is the beginning."""
        if one is None or other is None:
            return one is None and other is not None
        if self.versioned:
            return None not in (one.version, other.version) and one.version < other.version
        return one.responded is not None and one.responded < other.invoked

    def sees(self, read, write):
        got = self.read_of(read)
        return got is write or bool(self.first(write, got))

    def misses(self, read, write):
        return bool(self.first(self.read_of(read), write))

    def pairs(self):
        """Two operations of one client, in order, the first one acknowledged."""
        for one, other in itertools.product(self.history, repeat=2):
            ordered = one.invoked < other.invoked and one.responded is not None
            if one.client == other.client and ordered:
                yield one, other

    def read_your_writes(self):
        return not any(
            w.is_write and not r.is_write and w.key == r.key and self.misses(r, w)
            for w, r in self.pairs()
        )

    def monotonic_reads(self):
        return not any(
            not one.is_write
            and not two.is_write
            and one.key == two.key
            and self.read_of(one) is not None
            and self.misses(two, self.read_of(one))
            for one, two in self.pairs()
        )

    def follows(self, cause_of):
        """No write before, or seen without, the write that `cause_of` its client's past."""
        for past, write in self.pairs():
            cause = cause_of(past)
            if cause is None or not write.is_write:
                continue
            if cause.key == write.key and self.first(write, cause):
                return False
            for one, two in self.pairs():
                seen = not one.is_write and one.key == write.key and self.sees(one, write)
                if seen and not two.is_write and two.key == cause.key and self.misses(two, cause):
                    return False
        return True

    def monotonic_writes(self):
        return self.follows(lambda past: past if past.is_write else None)

    def writes_follow_reads(self):
        return self.follows(lambda past: None if past.is_write else self.read_of(past))

    def no_lost_updates(self):
        updates = []
        for r, w in self.pairs():
            between = any(
                o.client == r.client and o.key == r.key and r.invoked < o.invoked < w.invoked
                for o in self.history
            )
            is_update = not r.is_write and w.is_write and r.key == w.key and w.responded
            if is_update and not between:
                updates.append((r, w))
        same = any(
            one[0].key == two[0].key and self.read_of(one[0]) is self.read_of(two[0])
            for one, two in itertools.combinations(updates, 2)
        )
        passed_over = any(
            o.is_write
            and o.key == w.key
            and o.client != w.client
            and self.first(self.read_of(r), o)
            and self.first(o, w)
            for r, w in updates
            for o in self.history
        )
        return not same and not passed_over


CHECKS = {
    "read_your_writes": check_read_your_writes,
    "monotonic_reads": check_monotonic_reads,
    "monotonic_writes": check_monotonic_writes,
    "writes_follow_reads": check_writes_follow_reads,
    "no_lost_updates": check_lost_updates,
}


def agrees_with_the_definition(rule, versions):
    """Whether a check and its definition say the same of many histories, and of their parts."""
    rng = np.random.default_rng(1)
    verdicts = []
    for _ in range(150):
        history = random_history(
            rng,
            operations=int(rng.integers(4, 36)),
            keys=2,
            unknown=0.05,
            mean_span=0.3,
            versions=versions,
        )
        found = CHECKS[rule](history)
        assert (found is None) == getattr(Definitions(history), rule)()
        verdicts.append(found is None)
        if found is not None:
            assert not getattr(Definitions(list(found)), rule)()
            assert all(CHECKS[rule](part) is None for part in parts(found.operations))
            assert found.explanation
            assert found.rule == rule.replace("_", " ")
    return 0.04 < np.mean(verdicts) < 0.96  # both verdicts occur


def ops(*rows):
    """Operations one after the other: client, kind, key, value."""
    return [
        Operation(client=c, kind=kind, key=key, value=value, invoked=2 * i, responded=2 * i + 1)
        for i, (c, kind, key, value) in enumerate(rows)
    ]


def broken(history):
    return {rule for rule, check in CHECKS.items() if check(history) is not None}
