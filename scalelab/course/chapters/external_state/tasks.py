"""What there is to find with the explorers of the chapter on external state."""

from __future__ import annotations

from scalelab.course.explore import Task

REQUEST = Task(
    "Find a setting in which the store takes less than 5 % of a request with load and save.",
    lambda round_trip_ms, work_ms: 2 * round_trip_ms < 0.05 * (2 * round_trip_ms + work_ms),
    "Two round trips count little where the request itself has much to do, and the store is near.",
)
MEMORY = Task(
    "Sessions have 4,000 bytes. Find the longest lifetime with which they fit into 100 MB.",
    lambda ttl_min, bytes_each: (
        bytes_each == 4_000 and 10 * 60 * (10 + ttl_min) * bytes_each <= 100e6
    ),
    "Sessions in the store are logins per second times the time that each stays.",
    largest="ttl_min",
)
