"""What the chapter on caching promises and leaves."""

from scalelab.course.about import About

ABOUT = About(
    title="Caching",
    question="Nine reads in ten never reach the database. What happens when the tenth is all ten?",
    outcomes=(
        "say how much load a cache takes off a database, writes counted, and what it saves in time",
        "size a cache from a curve, and say which policy that curve belongs to",
        "choose a pattern and an invalidation by what they lose and how long they are wrong",
        "keep a stampede and a flush from taking the database down",
    ),
    needs=("workloads", "read_after_write"),
    rules=(
        "A cache saves work at the database; time it saves only if a load is slow.",
        "Writes are never cached away: with a share w of writes the gain ends at 1/w.",
        "Size it from a curve of your own requests, for the policy that you run.",
        "Every pattern is wrong for a while: know for how long, and what ends it.",
        "One load a key, kept whoever left: else a flush may never heal.",
    ),
    minutes=12,
    lab_minutes=65,
)
