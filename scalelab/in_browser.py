"""Whether this Python runs in a page of a browser, and what is said where that is not enough.

There Emscripten stands in for the operating system. It has no processes, no threads and no sockets,
so whatever is real stays out, and the fakes do.
"""

from __future__ import annotations

import logging
import sys

NOT_HERE = (
    "in a browser there are no processes, threads or sockets: a clone of the course and make lab "
    "show this on a real system"
)


def in_browser() -> bool:
    """Return whether this is Python in a page of a browser."""
    return sys.platform == "emscripten"


def refuse_in_browser(error: type[Exception]) -> None:
    """Raise `error` in a browser, and say in a sentence where to go instead.

    Parameters
    ----------
    error : type
        What to raise.
    """
    if in_browser():
        raise error(NOT_HERE)


def keep_quiet_about_fonts() -> None:
    """Let Matplotlib look for its fonts in silence: in a browser it does so on every start."""
    if in_browser():
        logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
