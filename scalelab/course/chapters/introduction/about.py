"""What the chapter on what scalability is promises and leaves."""

from scalelab.course.about import About

ABOUT = About(
    title="What scalability is",
    question="Does it scale, and what would show that it does not?",
    outcomes=(
        "turn a number of users into requests per second",
        "write down four thresholds that say whether a system scales, and up to which load",
        "tell a cost that falls with size from one that rises, and say why",
    ),
    needs=(),
    rules=(
        "State a load in requests per second and in bytes. Users are no load before their habits "
        "are known.",
        "Say up to which load it scales. Beyond every range there is a load at which it does not.",
        "Give each of the four criteria a number, if the answer is to be one that can fail.",
        "Share one line if requests are alike: a large fleet then needs a smaller margin a server.",
        "Let nodes agree on as little as they can, if there are to be many: agreement grows with "
        "pairs.",
    ),
    minutes=7,
    lab_minutes=0,
)
