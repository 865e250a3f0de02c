"""What the chapter on connection pooling promises and leaves."""

from scalelab.course.about import About

ABOUT = About(
    title="Connection pooling",
    question="A query takes 5 ms and the user waits 85: where do the other 80 go?",
    outcomes=(
        "say what a pool saves from round trips and work, on your network and for your query",
        "size a pool from the cores and from how long a query waits for each second it computes",
        "bound the connections of a whole fleet, not of each process",
        "set the acquire timeout and the second tries so that a short stall stays short",
    ),
    needs=("introduction", "autoscaling"),
    rules=(
        "Compute the gain from round trips and work; it shrinks as the query gets longer.",
        "Take cores × (1 + wait ÷ CPU) connections for the whole database, and a few for chance.",
        "Bound the sum over all instances; a pool bounds only its own process.",
        "Let the acquire timeout be shorter than the caller's patience, if callers ask again.",
        "Test a connection that has lain idle, and handle the error of the others.",
    ),
    minutes=15,
    lab_minutes=60,
)
