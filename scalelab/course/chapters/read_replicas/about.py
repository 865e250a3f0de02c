"""What the chapter on read replicas promises and leaves."""

from scalelab.course.about import About

ABOUT = About(
    title="Read replicas",
    question="You bought three replicas, and a user's own comment is gone. What did you buy?",
    outcomes=(
        "say how many readers miss a write, from the lag and the time since the write",
        "choose what a commit waits for, and what a user's next reads go by",
        "say how many reads replicas can be promised, with a failure borne",
    ),
    needs=("workloads",),
    rules=(
        "A read misses a write when it comes sooner than the lag: nothing else decides.",
        "Quote a lag with its percentiles, its load and its place, or not at all.",
        "A timer is a bet on the lag; a position in the log is none. Keep it by user.",
        "Stored on a replica is not shown by it: only what was applied can be read.",
        "Promise what is left when one replica fails, replay runs, and nobody is full.",
    ),
    minutes=10,
    lab_minutes=60,
)
