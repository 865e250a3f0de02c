"""What the chapter on resharding promises and leaves."""

from scalelab.course.about import About

ABOUT = About(
    title="Resharding",
    question="Your shards are full, and you add one. Which rows move, and how do they move while "
    "they are written?",
    outcomes=(
        "say how many rows move by five ways to place them, and how much that varies",
        "move rows under writes, and name the row that each step left out would spoil",
        "judge by measured numbers whether there is anything to shard yet",
    ),
    needs=("write_sharding", "read_replicas"),
    rules=(
        "A partition spares work on one server. Only a shard brings a second server.",
        "A ring moves the right share on average; many points a server make it so each time.",
        "Copies and writes race. Give each row a version, and each delete a tombstone.",
        "Before the switch, stop the writes and wait for the last change. It takes one delay.",
        "Compare from both sides, and keep the way back until nobody wants it.",
    ),
    minutes=11,
    lab_minutes=70,
)
