"""Scene of the chapter on the path: one step at the wrong part, and three at the right one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from scalelab.course.chapters.progressive_path.experiments import GROWN
from scalelab.course.shows.tiers import show_tiers
from scalelab.course.stage import Stage
from scalelab.fakes.balancing.web_server import Request, WebServer
from scalelab.fakes.clock import VirtualClock
from scalelab.workloads.arrivals import poisson_arrivals_until_s

SLOWER = 100.0  # a request's work in slow motion
RATE_PER_S = 3.4  # 340 requests a second, in slow motion
UNTIL_S = 24.0
HITS = 0.5  # share of the requests that the cache of the last run answers
# How fast app server and database are, and the share that a cache answers.
STEPS = {
    "no step": (1.0, 1.0, 0.0),
    "app server twice as fast": (2.0, 1.0, 0.0),
    "database twice as fast": (1.0, 2.0, 0.0),
    "a cache": (1.0, 1.0, HITS),
}


def open_shop(
    clock: VirtualClock,
    step: tuple[float, float, float],
    answered: Callable[[], object] = lambda: None,
) -> list[WebServer]:
    """Start app server and database, and let requests come; `answered` is called at each answer."""
    app_speed, database_speed, hits = step
    app = WebServer(clock, "app server", workers=GROWN.app.cores)
    database = WebServer(clock, "database", workers=GROWN.database.cores)
    rng = np.random.default_rng(33)
    arrivals_s = poisson_arrivals_until_s(RATE_PER_S, UNTIL_S, rng=rng)
    works_s = rng.exponential(1.0, (arrivals_s.size, 2)) * SLOWER
    works_s *= [GROWN.app.app_s / app_speed, GROWN.database.read_s / database_speed]
    is_hit = rng.random(arrivals_s.size) < hits

    def ask(i: int) -> None:
        request = Request(client=str(i), service_s=float(works_s[i, 0]))
        app.submit(request, lambda _: query(i), _never)

    def query(i: int) -> None:  # a hit asks the database for nothing
        work_s = 1e-6 if is_hit[i] else float(works_s[i, 1])
        request = Request(client=str(i), service_s=work_s)
        database.submit(request, lambda _: answered(), _never)

    for i, at_s in enumerate(arrivals_s):
        clock.schedule_at(float(at_s), partial(ask, i))
    return [app, database]


def one_step(stage: Stage, step: tuple[float, float, float]) -> None:
    """Let requests pass app server and database, after one of four steps."""
    show_tiers(stage, open_shop(stage.clock, step))
    stage.at(0.0, "340 requests a second, a hundred times slower. In a box each place is a core.")
    stage.at(UNTIL_S - 4, "Where is the line, and how many are answered?")


def _never(error: Exception) -> None:
    raise error


SCENES = ((one_step, STEPS, UNTIL_S),)
