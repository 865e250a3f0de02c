"""What the chapter on serialization promises and leaves."""

from scalelab.course.about import About

ABOUT = About(
    title="State as bytes",
    question="What do the bytes of a session cost, and what can they do to you?",
    outcomes=(
        "estimate the bytes of an object in text and in binary formats, and say where they go",
        "compare libraries from dictionary to dictionary, and not formats by their name",
        "deploy a new field without losing it in old programs",
        "say for how long a signed token opens the door after a lock-out",
    ),
    needs=("introduction", "stateless", "external_state"),
    rules=(
        "Names make JSON large: a schema saves most where objects are small and many.",
        "Try another library before another format, if time is the matter.",
        "Keep the fields that you do not know, wherever two versions write the same state.",
        "Never unpickle what somebody else may have written: reading it is running it.",
        "A token cannot be taken back. If a lock-out must hold in minutes, let it live so long.",
    ),
    minutes=12,
    lab_minutes=45,
)
