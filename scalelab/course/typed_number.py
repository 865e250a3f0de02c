"""A number as people type it: with a comma or a point, spaces, a unit, a sign of a currency."""

from __future__ import annotations

import math
import re

_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?", re.IGNORECASE)
_GROUPS = re.compile(r"-?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]*)?")  # 12,000 has no decimals


def typed_number(text: str) -> float | None:
    """Read a number kindly, as the quiz of a page does; None where it is none.

    The script of the page (``base.js``) reads by the same rules, and a test holds the two equal.

    Parameters
    ----------
    text : str
        What was typed.

    Examples
    --------
    >>> [typed_number(text) for text in ("12,000 req/s", "0,5", "about ten", "75 %")]
    [12000.0, 0.5, None, 75.0]
    """
    digits = re.sub(r"[\s\u00a0\u202f']", "", text)
    digits = re.sub(r"[−–]", "-", digits)
    digits = re.sub(r"^[~≈$€]", "", digits)
    digits = re.sub(r"(?<=[0-9.,])[^0-9.,-]+$", "", digits, count=1)
    comma, point = digits.rfind(","), digits.rfind(".")
    if _GROUPS.fullmatch(digits) or point > comma:
        digits = digits.replace(",", "")
    elif comma >= 0:
        digits = digits.replace(".", "").replace(",", ".", 1)
    if not _NUMBER.fullmatch(digits):
        return None
    value = float(digits)
    return value if math.isfinite(value) else None
