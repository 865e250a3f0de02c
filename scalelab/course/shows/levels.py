"""Boxes that fill and empty, second by second: how full each is, and nothing of what it is."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace

from scalelab import _validate as v
from scalelab.course.stage import Box, Look, Place, Stage

COLUMNS, ROW = 4, 82.0  # boxes in a row of the picture, and its height
WIDTH, HEIGHT = 76.0, 44.0  # of a box
MOST = 10  # tokens that a box has room for, in two rows

Way = list[tuple[float, int, Look]]


def show_levels(stage: Stage, counts: Mapping[str, Sequence[int]]) -> None:
    """Show how many tokens are in each box; who came first leaves first.

    Parameters
    ----------
    stage : Stage
        Nothing runs on its clock: the counts say all.
    counts : mapping
        By what stands above a box, how many tokens it has in each second, 0 to 10.
    """
    for name, numbers in counts.items():
        if not all(0 <= number <= MOST for number in numbers):
            v.refuse("show_levels", f"counts[{name!r}]", f"be from 0 to {MOST}", max(numbers))
    rows = -(-len(counts) // COLUMNS)
    stage.height, stage.noun = ROW * rows + 16, "token"
    stage.legend |= {"moving": "a tenth"}
    for i, (name, numbers) in enumerate(counts.items()):
        _fill(stage, _scenery(stage, name, i), numbers)
    seconds = min(map(len, counts.values()))
    for second in range(seconds):
        now = {name: numbers[second] for name, numbers in counts.items()}
        stage.books.append((1_000 * second, now))


def _scenery(stage: Stage, name: str, i: int) -> list[int]:
    """Put one box on the stage, with a way in and a way out; returns the places."""
    x, y = 12 + (i % COLUMNS) * (WIDTH + 22), 26 + (i // COLUMNS) * ROW
    stage.box(Box(label=name, x=x, y=y, width=WIDTH, height=HEIGHT, inside=True))
    middle = y + HEIGHT / 2
    door = Place(name=f"the way into {name}", x=x, y=middle, keep="out")
    inside = Place(name=name, x=x + 10, y=y + 13, keep="line", dx=14, dy=18, counter=name)
    places = (
        door,
        replace(inside, columns=MOST // 2, most=MOST),
        replace(door, name=f"the way out of {name}", x=x + WIDTH),
    )
    return [stage.place(place) for place in places]


def _fill(stage: Stage, places: list[int], numbers: Sequence[int]) -> None:
    door, inside, out = places
    standing: deque[Way] = deque()
    for second, number in enumerate(numbers):
        while len(standing) < number:
            standing.append([(second, door, "moving"), (second, inside, "moving")])
        while len(standing) > number:
            stage.history([*standing.popleft(), (second, out, "moving")])
    for way in standing:
        stage.history(way)
