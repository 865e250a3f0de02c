"""What the chapter on replication promises and leaves."""

from scalelab.course.about import About

ABOUT = About(
    title="Replication",
    question="The database said “committed”, and its machine burned. Is the payment still there?",
    outcomes=(
        "say what a confirmed write survives, and what it waits for, at each level of waiting",
        "count what a failover loses, and choose whom to promote so that it loses nothing",
        "write a runbook that leaves one primary, and a probe that rings when it should",
    ),
    needs=("read_replicas", "read_after_write"),
    rules=(
        "Asynchronous: a dead primary loses lag × write rate. Synchronous: nothing, if you "
        "promote one that has it.",
        "Never wait for one standby alone: wait for any one of two, or all writes hang with it.",
        "Planned: stop, wait, promote. Dead: fence, take the longest log, promote, rewind.",
        "Measure lag by position or heartbeat, and take a missing standby for an alarm.",
        "High lag takes a standby out of the reads. It never makes it the primary.",
    ),
    minutes=11,
    lab_minutes=70,
)
