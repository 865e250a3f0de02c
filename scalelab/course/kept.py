"""What a function or a class keeps from one call to the next.

A function keeps it in its globals, its defaults, its closure; a class in its attributes as well.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

_PLAIN = (type(None), bool, int, float, str, bytes, list, dict, set)
_HEAP_TYPE = 1 << 9  # made by a `class` statement
_Place = tuple[Callable[[], Any], Callable[[Any], None]]  # reads it, and writes it


class Kept:
    """Copies of what a function or a class may keep, made before its first call.

    Parameters
    ----------
    made : object
        Of anything else than a plain function or a class nothing is copied.
    """

    def __init__(self, made: object) -> None:
        self._places: list[tuple[_Place, Any]] = []
        for place in _all_places(made):
            with contextlib.suppress(Exception):  # a name that is still free, an odd __deepcopy__
                value = place[0]()
                if isinstance(value, _PLAIN) or place[0].__name__ == "defaults":
                    self._places.append((place, copy.deepcopy(value)))

    @contextlib.contextmanager
    def put_back(self) -> Iterator[bool]:
        """Put the copies in place for a while; whether any of them is another than what is there.

        Afterwards all is as it was before, so that the learner's own things stay.
        """
        now = [place[0]() for place, _ in self._places]
        try:
            other = any(value != old for value, (_, old) in zip(now, self._places, strict=True))
        except Exception:  # a learner's __eq__
            other = True
        try:
            self.begin_anew()
            yield other
        finally:
            for ((_, write), _), value in zip(self._places, now, strict=True):
                write(value)

    def begin_anew(self) -> None:
        """Put the copies in place, as after a restart."""
        for (_, write), old in self._places:
            write(copy.deepcopy(old))


def _all_places(made: object) -> Iterator[_Place]:
    """Find the places of a function, or of a class, of what it is built on, and their methods."""
    if isinstance(made, FunctionType):
        yield from _places(made)
    for one in made.__mro__ if isinstance(made, type) else ():
        if not one.__flags__ & _HEAP_TYPE:
            continue
        yield _attributes(one)
        for value in vars(one).values():
            method = getattr(value, "__func__", value)  # of a class or a static method
            if isinstance(method, FunctionType):
                yield from _places(method)


def _attributes(one: type) -> _Place:
    def plain() -> dict[str, Any]:
        found = {name: value for name, value in vars(one).items() if isinstance(value, _PLAIN)}
        return {name: value for name, value in found.items() if not name.startswith("__")}

    def set_plain(values: dict[str, Any]) -> None:
        for name in plain().keys() - values.keys():
            delattr(one, name)
        for name, value in values.items():
            setattr(one, name, value)

    return plain, set_plain


def _places(function: FunctionType) -> Iterator[_Place]:
    def defaults() -> Any:
        return function.__defaults__

    def set_defaults(value: Any) -> None:
        function.__defaults__ = value

    yield defaults, set_defaults
    for cell in function.__closure__ or ():

        def inside(cell: Any = cell) -> Any:
            return cell.cell_contents

        def fill(value: Any, cell: Any = cell) -> None:
            cell.cell_contents = value

        yield inside, fill
    for name in set(function.__code__.co_names) & function.__globals__.keys():

        def outside(name: str = name) -> Any:
            return function.__globals__[name]

        def bind(value: Any, name: str = name) -> None:
            function.__globals__[name] = value

        yield outside, bind
