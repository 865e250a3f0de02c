"""What the chapter on external state promises and leaves."""

from scalelab.course.about import About

ABOUT = About(
    title="External state",
    question="What does a store that all servers share cost, and what can go wrong with it?",
    outcomes=(
        "count the round trips of a request, and leave one of them out where that is safe",
        "choose a lifetime, and say how many sessions and bytes it keeps",
        "find and cure the lost update of two requests at a time",
        "say what a store, a replica and a cluster each do when something dies",
    ),
    needs=("introduction", "horizontal", "stateless", "sticky_sessions"),
    rules=(
        "Count round trips, not the store's microseconds. Save only what has changed.",
        "Renew the lifetime on each load, if inactivity is what should end a session.",
        "Save with the version that you loaded, where one user can send two requests at a time.",
        "One store is up as long as one server was. A replica is as good as its switch-over.",
        "A page that needs no session should be shown while the store is down.",
    ),
    minutes=10,
    lab_minutes=45,
)
