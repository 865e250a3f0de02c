"""What the chapter on diagonal scaling promises and leaves."""

from scalelab.course.about import About

ABOUT = About(
    title="Diagonal scaling",
    question="Four small servers are full. Do you buy larger ones, or more of them?",
    outcomes=(
        "ask of every factor of growth: of what, against what",
        "find the size of node on which a request costs least",
        "choose the cheapest fleet that survives the loss of a node, tier by tier",
    ),
    needs=(
        "horizontal",
        "vertical",
    ),
    rules=(
        "Name the baseline of a ratio and the resource. A fleet is measured against a fleet.",
        "Enlarge up to the size at which a request is cheapest, if a node costs something to have.",
        "Plan for the loss of a node on the first day, if the service must survive it: one box "
        "never does.",
        "Give each tier its own law and its own size. Grow the narrowest first: the others bring "
        "nothing.",
        "Order sizes between those that you measured. If the best lies outside, measure there "
        "first.",
    ),
    minutes=12,
    lab_minutes=45,
)
