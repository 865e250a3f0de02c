"""What the chapter on the progressive path promises and leaves."""

from scalelab.course.about import About

ABOUT = About(
    title="The progressive path",
    question="The shop grows. Which step comes next, and how do you know it was not the wrong one?",
    outcomes=(
        "turn users and their habits into requests a second",
        "find the part that is full first, and the cheapest step that helps it",
        "say what a step costs that was taken too early, or at the wrong part",
        "compute a p99 of several parts, and say when the computation is not to be trusted",
    ),
    needs=("caching", "read_replicas", "query_optimization"),
    rules=(
        "Users are no load. Requests a second, and the work of each, are.",
        "Find the part that is full first. A step anywhere else buys nothing.",
        "Compare steps by dollars a month, with the days of work in them.",
        "Never add up percentiles: add up distributions.",
        "Ask of every plan what holds it in its calm state when clients retry.",
    ),
    minutes=9,
    lab_minutes=75,
)
