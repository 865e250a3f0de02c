"""How far a live resharding has come."""

from enum import IntEnum


class Step(IntEnum):
    """The seven steps, after the state that they lead to; 0 is before the first."""

    OLD_NODES_ONLY = 0
    NEW_NODES_ADDED = 1
    DOUBLE_WRITING = 2
    BACKFILLED = 3
    VERIFIED = 4
    READS_SWITCHED = 5
    DOUBLE_WRITES_STOPPED = 6
    CLEANED_UP = 7
