"""What the chapter on CQRS promises and leaves."""

from scalelab.course.about import About

ABOUT = About(
    title="Two models: commands and queries",
    question="A page that joins four tables is slow. May you keep a copy that is made for it?",
    outcomes=(
        "say from how many reads to a write a second model pays",
        "get every change into it: none lost, none invented, none counted twice",
        "say how late it is, and when it falls behind for good",
    ),
    needs=("workloads", "read_replicas"),
    rules=(
        "Count the work of keeping a document against what each read saves. No ratio alone "
        "decides.",
        "Write the event in the same transaction as the row: a crash then loses and invents none.",
        "Every event may come twice. Keep the position together with the data.",
        "Name the source of each field of a read model before you build it.",
        "If it must be fresh, keep it in the same transaction. Two models need not be two "
        "databases.",
    ),
    minutes=11,
    lab_minutes=60,
)
