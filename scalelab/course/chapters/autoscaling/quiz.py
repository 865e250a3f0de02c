"""Questions on auto-scaling."""

from __future__ import annotations

import numpy as np

from scalelab.course.quiz import Numeric, Trap, Variant
from scalelab.course.quiz_text import choice
from scalelab.models.autoscaling import contaminated_mean, fleet_of_step
from scalelab.models.backlog import overload_episode


def fitting_fleet(rng: np.random.Generator) -> Variant:
    """Ask for which fleet a step does what a diagram promises."""
    before, after = int(rng.choice([80, 85, 90, 95])), int(rng.choice([50, 55, 60, 65]))
    step = int(rng.integers(2, 5))
    answer = fleet_of_step(before / 100, after / 100, step)
    return Variant(
        prompt=f"At {before} % CPU a rule adds {step} instances, and the CPU falls to {after} %. "
        "How many instances were there before?",
        answer=answer,
        solution=f"n × {before} = (n + {step}) × {after}, so n = {step} × {after} ÷ ({before} − "
        f"{after}) = {answer:.2f}.",
        traps=(
            Trap(
                step * before / (before - after),
                "That is the fleet afterwards. The question is about the one before.",
            ),
            Trap(
                float(step),
                "As many as were added would mean that the load of each fell by half.",
            ),
        ),
        tolerance=0.03,
    )


def minutes_late(rng: np.random.Generator) -> Variant:
    """Ask how long users wait, from the beginning of an overload to the end of the line."""
    overload = int(rng.choice([10, 20, 25, 30]))
    reaction = int(rng.integers(4, 11))
    demand = 1_000 * (1 + overload / 100)
    episode = overload_episode(demand, 1_000, 1_500, 60 * reaction)
    return Variant(
        prompt=f"A fleet does 1,000 requests a second, and {demand:,.0f} arrive. After {reaction} "
        "minutes it is enlarged to 1,500. Nobody gives up. For how many minutes, from the "
        "beginning, does somebody wait?",
        answer=episode.total_s / 60,
        solution=f"After {reaction} minutes {episode.backlog:,.0f} wait. They go at 1,500 − "
        f"{demand:,.0f} a second, in {episode.drain_s / 60:.2f} minutes more: "
        f"{episode.total_s / 60:.2f} in all.",
        traps=(
            Trap(
                float(reaction),
                "When the new instances arrive, the line is at its longest. It has to be served.",
            ),
            Trap(
                reaction + episode.backlog / 500 / 60,
                "Of the 500 more that the fleet can do, the surplus of new arrivals takes its "
                "part. Only the rest drains the line.",
            ),
        ),
        tolerance=0.03,
    )


def still_seen(rng: np.random.Generator) -> Variant:
    """Ask what a moving average shows when the cool-down ends."""
    startup, window = int(rng.choice([2, 3, 4])), 5
    elapsed = int(rng.choice([5, 6])) if startup > 2 else 5
    high, low = int(rng.choice([85, 90])), int(rng.choice([55, 60]))
    answer = 100 * float(
        contaminated_mean(
            high / 100,
            low / 100,
            elapsed_s=60 * elapsed,
            startup_s=60 * startup,
            window_s=60 * window,
        )
    )
    old = startup + window - elapsed
    return Variant(
        prompt=f"At {high} % instances are ordered. They serve {startup} minutes later, and the "
        f"CPU is at {low} % from then on. The rule looks at the mean of the last {window} minutes. "
        f"What does it see {elapsed} minutes after the order, in %?",
        answer=answer,
        solution=f"Of the last {window} minutes, {old} were at {high} % and {window - old} at "
        f"{low} %: {answer:.1f} %.",
        traps=(
            Trap(float(low), "That is what is so now. The mean still holds old minutes."),
            Trap(float(high), "The new instances already serve, and part of the window knows it."),
        ),
        tolerance=0.005,
    )


QUESTIONS = (
    Numeric("minutes-late", minutes_late, section="1. Dead time"),
    Numeric("fitting-fleet", fitting_fleet, section="4. How many to add"),
    choice(
        "overshoot",
        """
        Target tracking on CPU ends at 20 instances where 12 are needed. Why?
        + While a backlog lasts the CPU reads 100 %, whatever is missing or on its way.
        : It asks for 1.67 times the fleet, again and again, until the line is gone. On requests per
          instance it asks for 12 once.
        - The target of 60 % is too low.
        : With 12 instances the target is met. The way there is the trouble.
        - The fleet starts too slowly, and therefore more is needed.
        : The steady need does not depend on the start-up time. The backlog does.
        """,
        section="3. What the sensor sees",
    ),
    Numeric("still-seen", still_seen, section="5. How long to rest"),
    choice(
        "cooldown",
        """
        How long must the cool-down after scaling out be, so that a rule on a mean of 5 minutes does
        not order twice for one jump, with instances that start in 3 minutes?
        + About 8 minutes: start-up and window.
        : Only then does the whole window show the enlarged fleet.
        - 5 minutes, as long as the window.
        : The window begins to show the new fleet only when that serves, 3 minutes later.
        - 3 minutes, as long as the start-up.
        : Then nearly the whole window is still from before.
        """,
        section="5. How long to rest",
    ),
    choice(
        "metrics",
        """
        Which of these fire only when users already wait?
        + Mean response time above 500 ms.
        : A response time rises when the fleet is full, at 98 % of it for 10 ms of work.
        + More than 100 requests in line.
        : A line is what waiting is.
        - CPU above 70 %.
        : It leads: at 70 % there are three tenths left. What it cannot do is say how much is
          missing beyond 100 %.
        - Requests per second of each instance.
        : It leads as well, and it does not saturate.
        """,
        section="3. What the sensor sees",
    ),
    choice(
        "flat",
        """
        The fleet was doubled. The throughput is what it was, no session broke, and the wait is
        longer than before and stays so. Which challenge is it?
        + A bottleneck behind the fleet.
        : More instances push more work into the same database. Scale that, or ask it less.
        - Warm-up.
        : That passes within minutes, and then the throughput is there.
        - State.
        : Then users would have been logged out, or lost what was in their basket.
        """,
        section="7. Four challenges",
    ),
    choice(
        "schedule",
        """
        A schedule says: Monday to Thursday 4, Friday from 18 to 22 o'clock 12, Saturday and Sunday
        8. What is wrong with it?
        + It says nothing for 20 hours of Friday.
        : A schedule has to give a number for every hour of the 168. A baseline does it.
        - Twelve instances are too many for four hours.
        : That depends on the demand, and is not in the schedule.
        - Nothing, Friday's other hours are obviously 4.
        : Obvious to a reader. A program takes what it finds, perhaps the 12 of yesterday.
        """,
        section="6. Knowing in advance",
    ),
)
