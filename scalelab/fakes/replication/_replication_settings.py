"""The settings of a replicated store, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from scalelab._validate import choice, count, keep, number, refuse, truth
from scalelab.fakes.replication.replication_types import Sync

NAME = "ReplicatedStore"


@dataclass(frozen=True, kw_only=True)
class ReplicationSettings:
    """What :class:`~scalelab.fakes.replication.replicated_store.ReplicatedStore` was asked for.

    Raises
    ------
    ValueError
        A setting is out of range, or the settings contradict each other.
    """

    replicas: int
    sync: Sync
    sync_replicas: int
    flush_s: float
    apply_work_s: float
    retransmit_s: float
    timeout_s: float
    fencing: bool

    def __post_init__(self) -> None:
        keep(self, replicas=count(NAME, "replicas", self.replicas, maximum=1_000))
        choice(NAME, "sync", self.sync, get_args(Sync))
        truth(NAME, "fencing", self.fencing)
        if count(NAME, "sync_replicas", self.sync_replicas) > self.replicas:
            refuse(NAME, "sync_replicas", f"be <= replicas={self.replicas}", self.sync_replicas)
        for name in ("flush_s", "apply_work_s"):
            keep(self, **{name: number(NAME, name, getattr(self, name), minimum=0)})
        for name in ("retransmit_s", "timeout_s"):
            keep(self, **{name: number(NAME, name, getattr(self, name))})

    @property
    def acknowledgements(self) -> int:
        """Replicas that must confirm a write before its client is told; 0 if asynchronous."""
        return 0 if self.sync == "async" else self.sync_replicas
