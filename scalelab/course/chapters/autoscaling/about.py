"""What the chapter on auto-scaling promises and leaves."""

from scalelab.course.about import About

ABOUT = About(
    title="Auto-scaling",
    question="Demand triples, and instances start by themselves: for how long do users wait?",
    outcomes=(
        "say how long an overload is felt: detection, start-up, and the drain of the line",
        "choose a metric that rises before anybody waits and falls when instances join",
        "set steps and rests from the size of the fleet, its start-up and the window of its rule",
        "compare policies by what they cost and by how many requests are late",
    ),
    needs=("introduction", "horizontal"),
    rules=(
        "Quote detection, start-up and warm-up as one sum, and add the drain if a line has formed.",
        "Scale on what rises before anybody waits: CPU below 100 %, or requests for each instance.",
        "Rest after an order for start-up and window together, if the rule looks at a mean.",
        "Add in per cent of the fleet, unless the fleet has always the same size.",
        "If you know the date, order before it; keep a metric on top for what you do not know.",
    ),
    minutes=15,
    lab_minutes=50,
)
