"""What the chapter on read-after-write consistency promises and leaves."""

from scalelab.course.about import About

ABOUT = About(
    title="Reading your own writes",
    question="A user saves a comment, the page loads again, and the comment is not there. Why?",
    outcomes=(
        "name the guarantee that a complaint asks for, and what it does not cover",
        "say how many users a timer fails, and what it costs the primary",
        "route reads by a token, so that no lag makes a user miss his own write",
    ),
    needs=("workloads", "read_replicas"),
    rules=(
        "Route by position, not by time, if a user must see his own write at any lag.",
        "If you must use a timer, take it from the lag that you measured at its worst.",
        "Do not compare timestamps of rows for monotonic reads: compare positions in the log.",
        "After a write, fill the cache from the primary, or delete the entry again after the lag.",
        "Guard stock and money with a conditional write: reading your own writes does not.",
    ),
    minutes=12,
    lab_minutes=60,
)
