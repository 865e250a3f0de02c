"""What the chapter on vertical scaling promises and leaves."""

from scalelab.course.about import About

ABOUT = About(
    title="Vertical scaling",
    question="Your server is full and a larger one is on offer. What will it do, and what not?",
    outcomes=(
        "say from two measurements how much a larger machine may bring, and why a third is needed",
        "tell a lock from a part of the work that is done in turn",
        "put a price on a request, on a stop and on the growth that a machine can still take",
    ),
    needs=("introduction",),
    rules=(
        "Two measurements fit two laws. Measure a third size, the largest you can get, before you "
        "buy.",
        "Up to twice the largest size that you measured, allow for an error of a fifth.",
        "Count the price of a request, not of a core: within a family of machines a core has one "
        "price.",
        "One machine is down alone, and all with it. Where that must not be, keep a standby, and "
        "practise.",
        "Look up the largest machine of today before you divide the work: a ceiling has a date.",
    ),
    minutes=11,
    lab_minutes=45,
)
