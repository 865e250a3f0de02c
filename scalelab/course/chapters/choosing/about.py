"""What the chapter on choosing a way to scale promises and leaves."""

from scalelab.course.about import About

ABOUT = About(
    title="Choosing a way to scale",
    question="Two ways to scale claim the same service: how do you get a single answer?",
    outcomes=(
        "turn a description of a service into three questions with numbers, in an order",
        "say how many machines a promise of availability takes",
        "turn users into requests per second, and say for how long a machine is enough",
        "find the number on which the cheapest path of growth depends",
    ),
    needs=("introduction", "horizontal", "vertical", "diagonal", "autoscaling"),
    rules=(
        "Ask for availability first: it rules out single machines whatever the load.",
        "Then measure: if the peak fits the machine with headroom, do nothing yet.",
        "Compare costs last, with your own price of a machine besides its cores.",
        "Count requests per second, not users, unless you know what a user does in a day.",
        "Add spares against failures that are independent; against a bad deployment go in steps.",
    ),
    minutes=10,
    lab_minutes=45,
)
