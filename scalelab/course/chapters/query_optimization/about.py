"""What the chapter on queries promises and leaves."""

from scalelab.course.about import About

ABOUT = About(
    title="Mend the query first",
    question="The database is full, and a second server costs $500 a month: what does an index do?",
    outcomes=(
        "say how much work a slow query is, and how much of its time it only waits",
        "find the statement that is worth mending by its total time",
        "read a plan: what is scanned, how many pages, and what was expected",
    ),
    needs=("connection_pooling",),
    rules=(
        "Rank statements by calls times the work of a call. The slowest is seldom the dearest.",
        "Count pages and rows of a plan, before and after. Milliseconds change with the day.",
        "An index serves what a statement compares as it stands, and costs something at each "
        "write.",
        "One statement for all rows, and not one for each: over a network, round trips decide.",
        "After a bulk load, ANALYZE. A planner believes its statistics.",
    ),
    minutes=11,
    lab_minutes=60,
)
