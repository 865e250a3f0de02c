"""What the chapter on sticky sessions promises and leaves."""

from scalelab.course.about import About

ABOUT = About(
    title="Session affinity and sticky sessions",
    question="What does it cost to send each user back to the same server?",
    outcomes=(
        "find the cause of uneven sessions, and know which causes cannot be it",
        "say who loses a session when a server comes or goes, by the way of remembering",
        "drain a server with a deadline, and say how many users that cuts off",
    ),
    needs=("introduction", "horizontal", "stateless"),
    rules=(
        "Thousands of sessions on uneven servers have a cause. Long sessions are not it.",
        "Never hash modulo n where n may change: from 3 to 4 servers it moves 75 % of sessions.",
        "With cookies a new server relieves the old ones only as fast as sessions end.",
        "Drain with a deadline: three mean lengths leave 5 %, if lengths are exponential.",
        "Sticky is acceptable while deployments times sessions times what a drain leaves is small.",
    ),
    minutes=11,
    lab_minutes=45,
)
