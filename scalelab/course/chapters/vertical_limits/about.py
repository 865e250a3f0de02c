"""What the chapter on the limits of a larger database server promises and leaves."""

from scalelab.course.about import About

ABOUT = About(
    title="The limits of a larger server",
    question="The database is full, and a larger machine is on the list. How often can you do "
    "that?",
    outcomes=(
        "say which part of a database machine is full first, and whether a larger one has more of "
        "it",
        "read a price list by what you use: cores, memory, cores that are busy all day",
        "put a number on the moment at which one machine stops being the cheaper way",
    ),
    needs=("vertical", "workloads"),
    rules=(
        "Ask which part is full before you order: only what the larger machine has more of helps.",
        "Compare prices within one family, by the unit that you use all day.",
        "Expect less from each doubling: while a share is done in turn, the wall is its inverse.",
        "Order while the time to the limit is longer than the time that the order takes.",
        "Put a price on complexity before you compare: without one, one machine wins or loses by "
        "taste.",
    ),
    minutes=8,
    lab_minutes=45,
)
