"""What a function takes, settings that it hands through one by one."""

import inspect
import sys
import typing
from collections.abc import Callable
from typing import Any

import pandas as pd


def hints_of(function: Callable, names: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the name and the type of each parameter but self; None where no type is given."""
    own = vars(sys.modules[function.__module__]) if names is None else names
    hints = typing.get_type_hints(function, {"pd": pd} | own)  # which modules load when they run
    taken: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        settings = (
            typing.get_args(hints.get(name)) if parameter.kind is parameter.VAR_KEYWORD else ()
        )
        if settings:
            taken |= typing.get_type_hints(*settings, vars(sys.modules[settings[0].__module__]))
        elif name != "self":
            taken[name] = hints.get(name)
    return taken
