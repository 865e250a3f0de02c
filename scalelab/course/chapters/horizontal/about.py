"""What the chapter on horizontal scaling promises and leaves."""

from scalelab.course.about import About

ABOUT = About(
    title="Horizontal scaling",
    question="You put three more servers beside the one that is full. What have you bought?",
    outcomes=(
        "choose a routing rule by the waits that it makes, not by the shares that it deals",
        "size a fleet that survives the loss of a server, and say how long the loss is felt",
        "measure how a cluster scales, and know how far to believe the curve",
    ),
    needs=("introduction",),
    rules=(
        "Route to the shorter line. Equal shares are not equal waits.",
        "Buy one server more than the peak needs, if the loss of one must not be felt: N + 1.",
        "A dead server takes its share until it is found out: probes per interval times misses.",
        "Try a request that failed once more elsewhere, if it may safely be done twice.",
        "Believe a curve of throughput as far as you have measured it, and measure one point more.",
    ),
    minutes=13,
    lab_minutes=45,
)
