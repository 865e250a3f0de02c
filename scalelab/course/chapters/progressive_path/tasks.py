"""What there is to find with the explorers of the chapter on the path."""

from scalelab.course.chapters.progressive_path.experiments import (
    SERVER_PER_S,
    THRESHOLDS,
    peak_of,
)
from scalelab.course.chapters.progressive_path.roads import entered
from scalelab.course.explore import Task

BUSY_USERS = Task(
    "Find habits with which 10,000 users send 1,000 requests a second, as many as the guide's "
    "server of four cores does.",
    lambda active, requests, peak: (
        peak_of(THRESHOLDS[0], active, requests, peak) >= SERVER_PER_S * (1 - 1e-9)
    ),
    "It takes a request of each user every ten seconds: 0.1 requests a second a user. Sensors and "
    "apps that poll do that. People who click do not.",
)

GUIDES_ORDER = Task(
    "Find the largest number of days of work with which the cheapest shop optimises its queries "
    "before it has a cache or a second server, as the guide says.",
    lambda days, core_usd, read_ms: _optimised_first(entered(days, core_usd, read_ms)),
    "Two days, with queries of 6 ms or more: then an index or a better query is the cheapest cores "
    "that you can buy. At eight days a cache comes first, and a query of 1 ms has nothing to save.",
    largest="days",
)


def _optimised_first(found: dict[str, float]) -> bool:
    others = [found[name] for name in ("more servers", "cache", "read replicas") if name in found]
    return found.get("optimise queries", float("inf")) < min(others)
