"""Carts on the stage: what is shown right and wrong, and what the store has."""

from scalelab.course.shows.carts import Added, lasts_s, show_carts
from scalelab.course.stage import Stage


def played(*story):
    stage = Stage()
    show_carts(stage, [Added("ann", *each) for each in story], 3)
    trace = stage.run(lasts_s(len(story)))
    books = dict(stage.books)
    assert len(books) == len(story)
    for ms, numbers in books.items():
        assert {name: trace.count(name, ms) for name in numbers} == numbers
    return {name: trace.count(name, trace.end_ms) for name in trace.counters}, trace


def test_a_store_that_is_used_shows_whole_carts():
    seen, trace = played(
        ("book", 1, False, ["book"], ["book"]),
        ("lamp", 2, False, ["book", "lamp"], ["book", "lamp"]),
    )
    assert seen == {"right carts": 2, "wrong carts": 0, "items lost": 0, "items in the store": 2}
    assert trace.says[1][1] == "ann adds lamp on server 2, and sees ['book', 'lamp']."


def test_what_is_overwritten_is_lost():
    seen, _ = played(
        ("book", 1, False, ["book"], ["book"]),
        ("lamp", 1, False, ["book", "lamp"], ["book", "lamp"]),
        ("pen", 2, False, ["pen"], ["pen"]),
    )
    assert seen == {"right carts": 2, "wrong carts": 1, "items lost": 1, "items in the store": 1}


def test_a_memory_keeps_nothing_in_the_store_and_a_restart_is_written():
    seen, trace = played(
        ("book", 3, False, ["book"], None),
        ("pen", 3, True, "book,pen", "book,pen"),
    )
    assert seen == {"right carts": 1, "wrong carts": 1, "items lost": 0, "items in the store": 1}
    assert [(text, trace.picture.boxes[box].label) for _, box, text, _ in trace.states] == [
        ("restarted", "server 3")
    ]
