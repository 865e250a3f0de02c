"""Where a run of the fakes is watched and written down, to be played again on a page.

A stage knows boxes, places (where something can stand: a line, a worker, a way out) and tokens
(requests, messages, keys) that go from place to place. Every number of a scene is a count of
tokens, so what is counted is what is seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import wraps
from itertools import pairwise
from typing import Any, Literal, get_args

from scalelab import _validate as v
from scalelab.fakes.clock import VirtualClock

Look = Literal["moving", "good", "lost", "again", "ghost", "record", "miss"]
Keep = Literal["slots", "line", "out"]
LOOKS: tuple[Look, ...] = get_args(Look)
KEEPS: tuple[Keep, ...] = get_args(Keep)
Step = tuple[int, int, int, int]  # time in ms, place, ms on the way, look


@dataclass(frozen=True, kw_only=True)
class Box:
    """A box of the picture; x and y are its left upper corner, in units of the picture."""

    label: str
    x: float
    y: float
    width: float
    height: float
    inside: bool = False
    """Whether its state is written in the box, or above it after the label."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where tokens stand: slot i at x + (i mod columns) dx, y + (i div columns) dy."""

    name: str
    x: float
    y: float
    keep: Keep = "slots"
    """In slots each stays where it is, a line closes up, and out is where a token leaves."""
    dx: float = 0.0
    dy: float = 0.0
    columns: int = 1
    most: int = 1
    """Slots that are drawn; behind them stands how many more there are."""
    counter: str = ""
    """Which of the scene's numbers counts the tokens here."""
    half: tuple[float, float] = (0.0, 0.0)
    """Half the width and height of the box whose middle this is: messages start at its edge."""

    def slot(self, i: int) -> tuple[float, float]:
        """Return where slot `i` is."""
        return self.x + i % self.columns * self.dx, self.y + i // self.columns * self.dy

    def edge(self, x: float, y: float) -> tuple[float, float]:
        """Return where a straight way from here to a point leaves the box."""
        reach = [
            half / abs(way)
            for half, way in zip(self.half, (x - self.x, y - self.y), strict=True)
            if way
        ]
        share = min([*reach, 0.45]) if any(self.half) else 0.0
        return self.x + share * (x - self.x), self.y + share * (y - self.y)


@dataclass(frozen=True)
class Sign:
    """A word in the picture, at the start, middle or end of which the point lies."""

    x: float
    y: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True)
class Picture:
    """What does not move: the same for every run of a scene."""

    height: float
    boxes: tuple[Box, ...]
    places: tuple[Place, ...]
    signs: tuple[Sign, ...]


@dataclass(frozen=True)
class Trace:
    """What was written down in one run; all times in whole milliseconds."""

    picture: Picture
    steps: list[list[Step]]
    """Of each token, in order of time."""
    labels: dict[int, str]
    states: list[tuple[int, int, str, int]]
    """Time, box, what is written there, and whether it is bad."""
    says: list[tuple[int, str]]
    end_ms: int

    def standing(self, ms: int) -> dict[int, list[tuple[int, int]]]:
        """Return the tokens (number, look) at each place at one time, in order of arrival."""
        found: list[tuple[int, int, int, int]] = []
        for token, steps in enumerate(self.steps):
            past = [step for step in steps if step[0] + step[2] <= ms]
            if not past:
                continue
            place, look, came = past[-1][1], past[-1][3], past[-1][0]
            for step in reversed(past):  # back to when it came to where it is
                if step[1] != place:
                    break
                came = step[0]
            found.append((came, token, place, look))
        at: dict[int, list[tuple[int, int]]] = {}
        for _, token, place, look in sorted(found):
            at.setdefault(place, []).append((token, look))
        return at

    def on_the_way(self, ms: int) -> list[tuple[int, float, float, int]]:
        """Return token, x, y and look of what is between two places at one time."""
        found = []
        for token, steps in enumerate(self.steps):
            for before, step in pairwise(steps):
                if step[0] <= ms < step[0] + step[2]:
                    share = (ms - step[0]) / step[2]
                    a, b = (self.picture.places[s[1]] for s in (before, step))
                    (x, y), (to_x, to_y) = a.edge(b.x, b.y), b.edge(a.x, a.y)
                    found.append((token, x + share * (to_x - x), y + share * (to_y - y), step[3]))
        return found

    @property
    def counters(self) -> list[str]:
        """The scene's numbers by name, in the order of the places that count."""
        return list(dict.fromkeys(p.counter for p in self.picture.places if p.counter))

    def count(self, counter: str, ms: int) -> int:
        """Return how many tokens stand, at one time, where `counter` counts."""
        return self.counts(ms)[counter]

    def counts(self, ms: int) -> Counter[str]:
        """Return what all counters say at one time."""
        found: Counter[str] = Counter()
        for place, tokens in self.standing(ms).items():
            found[self.picture.places[place].counter] += len(tokens)
        return found

    @property
    def events(self) -> int:
        """How many steps, states and sentences there are."""
        return sum(map(len, self.steps)) + len(self.states) + len(self.says)

    def packed(self) -> dict[str, Any]:
        """Return the run for the player: flat lists of whole numbers, times as differences."""
        tokens = []
        for steps in self.steps:
            flat, before = [], 0
            for time, place, way, look in steps:
                flat += [time - before, place, way, look]
                before = time
            tokens.append(flat)
        kept = {"tokens": tokens, "labels": self.labels, "states": self.states, "says": self.says}
        return {"end": self.end_ms, **kept}


@dataclass
class Stage:
    """Writes down what happens on a clock.

    Parameters
    ----------
    noun : str
        What a token is called in the lines of text.
    height : float
        Of the picture, which is 400 units wide.
    legend : dict of str to str
        What the looks mean here.
    p99_of : str
        The counter of leavers of whose times the 99th percentile is shown.
    """

    noun: str = "request"
    height: float = 240.0
    legend: dict[Look, str] = field(default_factory=dict)
    p99_of: str = ""
    books: list[tuple[int, dict[str, int]]] = field(default_factory=list)
    """What the fakes themselves counted whenever it changed, by time in ms: for tests."""

    def __post_init__(self) -> None:
        self.clock = VirtualClock()
        self._boxes: list[Box] = []
        self._places: list[Place] = []
        self._signs: list[Sign] = []
        self._steps: list[list[Step]] = []
        self._labels: dict[int, str] = {}
        self._states: list[tuple[int, int, str, int]] = []
        self._shown: dict[int, tuple[str, int]] = {}
        self._says: list[tuple[int, str]] = []

    @property
    def now_ms(self) -> int:
        """The present in whole milliseconds."""
        return round(1000 * self.clock.now_s)

    def box(self, box: Box) -> int:
        """Add a box; returns its number."""
        self._boxes.append(box)
        return len(self._boxes) - 1

    def place(self, place: Place) -> int:
        """Add a place; returns its number."""
        self._places.append(place)
        return len(self._places) - 1

    def sign(self, x: float, y: float, text: str, anchor: str = "middle") -> None:
        """Write a word into the picture."""
        self._signs.append(Sign(x, y, text, anchor))

    def token(self, place: int, look: Look = "moving", label: str = "") -> int:
        """Let something appear at a place; returns its number."""
        self._steps.append([(self.now_ms, place, 0, LOOKS.index(look))])
        if label:
            self._labels[len(self._steps) - 1] = label
        return len(self._steps) - 1

    def move(
        self, token: int, place: int, look: Look | None = None, *, since_s: float | None = None
    ) -> None:
        """Send a token to a place, from `since_s` until now where it had a way to go."""
        steps = self._steps[token]
        ms = self.now_ms if since_s is None else round(1000 * since_s)
        shape = steps[-1][3] if look is None else LOOKS.index(look)
        steps.append((ms, place, self.now_ms - ms, shape))

    def history(self, steps: Iterable[tuple[float, int, Look]]) -> None:
        """Write down a token whose whole way is known: time in seconds, place, look."""
        self._steps.append([(round(1000 * t), p, 0, LOOKS.index(look)) for t, p, look in steps])

    def look(self, token: int, look: Look) -> None:
        """Change how a token looks."""
        self.move(token, self._steps[token][-1][1], look)

    def state(self, box: int, text: str, *, bad: bool = False) -> None:
        """Write at a box, if it is not written there already."""
        self.state_at(self.clock.now_s, box, text, bad=bad)

    def state_at(self, time_s: float, box: int, text: str, *, bad: bool = False) -> None:
        """Write at a box at a known time, not before what is written there."""
        if self._shown.get(box, ("", 0)) != (text, int(bad)):
            self._shown[box] = (text, int(bad))
            self._states.append((round(1000 * time_s), box, text, int(bad)))

    def say(self, text: str) -> None:
        """Say a sentence, which stands below the picture until the next."""
        self._says.append((self.now_ms, text))

    def at(self, time_s: float, text: str, action: Callable[[], object] = lambda: None) -> None:
        """Say a sentence at a time, and do something."""

        def act() -> None:
            if text:
                self.say(text)
            action()

        self.clock.schedule_at(time_s, act)

    def each(self, times_s: Iterable[float], action: Callable[[], object]) -> None:
        """Do something at each of the times."""
        for time_s in times_s:
            self.clock.schedule_at(float(time_s), action)

    def watch(self, look: Callable[[], object], books: Callable[[], dict[str, int]]) -> None:
        """Call `look()` now and after every event, and keep the books of the fakes."""

        def both() -> None:
            look()
            now = books()
            if not self.books or self.books[-1][1] != now:
                self.books.append((self.now_ms, now))

        both()
        self.clock.watch(both)

    def run(self, until_s: float) -> Trace:
        """Let the clock run until `until_s`, not before now, and return what was written down.

        Raises
        ------
        ValueError
            Nothing is shown.
        """
        if not self._places:
            v.refuse("Stage.run", "stage", "show something", "nothing", "call a show first")
        self.clock.run(until_s)
        scenery = tuple(self._boxes), tuple(self._places), tuple(self._signs)
        states = sorted(self._states, key=lambda state: state[0])
        says = sorted(self._says, key=lambda said: said[0])
        picture = Picture(self.height, *scenery)
        return Trace(picture, self._steps, self._labels, states, says, self.now_ms)


def tap(thing: Any, verb: str, around: Callable[..., Any]) -> None:
    """Stand before a public verb of one object: `around` gets the verb, then its arguments."""
    original = getattr(thing, verb)

    @wraps(original)
    def tapped(*args: Any, **kwargs: Any) -> Any:
        return around(original, *args, **kwargs)

    setattr(thing, verb, tapped)
