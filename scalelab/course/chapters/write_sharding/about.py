"""What the chapter on write sharding promises and leaves."""

from scalelab.course.about import About

ABOUT = About(
    title="Write sharding",
    question="One server cannot take your writes. You cut the data in pieces: by what, and at "
    "which price?",
    outcomes=(
        "choose a shard key by its load, and not by how many keys each shard has",
        "say how many shards a question asks, and what the slowest of them costs",
        "say what a transaction over two shards leaves when its coordinator dies, and end it",
    ),
    needs=("workloads", "read_replicas"),
    rules=(
        "Shards add the capacity of one server divided by the share of the busiest: measure that.",
        "A hash makes keys even. Where few keys make the load, give them lines in a directory.",
        "What is asked and changed together has one shard key. All else asks every shard.",
        "In doubt, a prepared transaction keeps its locks until somebody ends it: watch for it.",
        "Grow by doubling, where each shard splits in two: any other step moves more rows.",
    ),
    minutes=13,
    lab_minutes=70,
)
