"""What the chapter on the principles promises and leaves."""

from scalelab.course.about import About

ABOUT = About(
    title="The principles",
    question="Ten rules that everybody agrees with. Which of them is true today, in your system?",
    outcomes=(
        "say for each of ten principles under which condition it holds, and compute it",
        "find the part that decides, and see when another one does",
        "say what a cut network takes from you, and choose which of two things it is",
        "write a decision with its load, its budget, its guarantee and its way back",
    ),
    needs=("caching", "replication", "vertical"),
    rules=(
        "Before a principle, ask for its condition; before its condition, for a number.",
        "Only the part that is full first counts. Look for it at the hour that hurts, since the "
        "mix of the requests can move it.",
        "A cache or a server without which the rest cannot carry the load is no reserve.",
        "When the network is cut you keep one consistent copy or answers on both sides; when it "
        "is whole you wait or read old values.",
        "Take a step its own lead time before you need it: not earlier, and not later.",
    ),
    minutes=11,
    lab_minutes=60,
)
