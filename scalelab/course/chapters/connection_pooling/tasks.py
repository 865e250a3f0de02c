"""What there is to find with the explorers of the chapter on connection pooling."""

from __future__ import annotations

from scalelab.course.explore import Task
from scalelab.models.closed_queue import machine_repairman_curve
from scalelab.models.round_trips import connection_account

ACCOUNT = Task(
    "Find a setting in which a pool makes a request at most 1.5 times as fast.",
    lambda rtt_ms, work_ms: (
        connection_account(
            rtt_ms / 1e3, tls="1.3", setup_work_s=0.0096, query_work_s=work_ms / 1e3
        ).gain
        <= 1.5
    ),
    "Where the query itself takes long, near the database, the set-up is a small part of it.",
)


def _reaches(share: float, connections: int, wait_over_cpu: float) -> bool:
    curve = machine_repairman_curve(connections, wait_over_cpu, 1.0, 4)
    return bool(curve.share_of_max_throughput.iloc[-1] >= share)


SIZING = Task(
    "Queries wait nine times as long as they compute. Find the smallest of these pools that "
    "reaches 90 % of the best throughput.",
    lambda connections, wait_over_cpu: wait_over_cpu == 9 and _reaches(0.9, connections, 9),
    "Four cores times (1 + 9) are 40 connections, and chance asks for a few more.",
    smallest="connections",
)
