"""What a function keeps from one call to the next: in its globals, its defaults, its closure."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

_PLAIN = (type(None), bool, int, float, str, bytes, list, dict, set)
_Place = tuple[Callable[[], Any], Callable[[Any], None]]  # reads it, and writes it


class Kept:
    """Copies of what a function may keep, made before its first call.

    Parameters
    ----------
    function : object
        Of anything else than a plain function nothing is copied.
    """

    def __init__(self, function: object) -> None:
        self._places: list[tuple[_Place, Any]] = []
        for place in _places(function) if isinstance(function, FunctionType) else ():
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
            for (_, write), old in self._places:
                write(copy.deepcopy(old))
            yield other
        finally:
            for ((_, write), _), value in zip(self._places, now, strict=True):
                write(value)


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
