"""What the chapter on stateless and stateful servers promises and leaves."""

from scalelab.course.about import About

ABOUT = About(
    title="Stateless and stateful servers",
    question="Where should a server's memory of its users live?",
    outcomes=(
        "say how many requests miss their session when it is in the memory of one server",
        "choose between memory, token and store by the failure that each of them has",
        "put numbers on what statelessness costs: look-ups, connections and bytes",
    ),
    needs=("introduction", "horizontal"),
    rules=(
        "With sessions in the memory of n servers, 1 − 1/n of requests sent at random miss.",
        "Deployments are more frequent than crashes: judge a place for state by a restart.",
        "Route stateless requests to the shorter of two lines where load is high.",
        "Put who somebody is into a token, if a log-out may wait until the token expires.",
        "A look-up for each request is cheap while rate times its time is a few connections.",
    ),
    minutes=11,
    lab_minutes=45,
)
