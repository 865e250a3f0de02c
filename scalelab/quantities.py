"""Numbers as a reader reads them: grouped, with a true minus, never parted from their units.

Captions, axes, sliders, tables and sentences all write their numbers here, so one size looks the
same wherever it stands.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from numbers import Integral, Real

NBSP = "\u00a0"
MINUS = "−"
_JOINER = "\u2060"
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_DIGITS = 4
_MOST_DECIMALS = 6

_UNITS = (
    "%|‰|×|times|per cent|µs|μs|ms|ns|s|min|h|km|m|B|kB|MB|GB|TB|KB|KiB|MiB|GiB|bytes?|bits?"
    "|Mbit/s|Gbit/s|MB/s|GB/s|[a-z]+/s|requests?|milliseconds?|seconds?|minutes?|hours?|days?"
    "|weeks?|months?|years?|dollars?|cents?|cores?|CPUs?|vCPUs?|nodes?|servers?|instances?"
    "|connections?|thousand|million|billion|RTTs?|round[- ]trips?|[$€]"
)
_BEFORE_A_UNIT = re.compile(rf"(?<=\d) (?=(?:{_UNITS})(?![\w]))|(?<=million|billion) (?=[a-z])")
_BEFORE_A_NUMBER = re.compile(
    r"(\b(?:[Ss]ections?|[Cc]hapters?|[Ss]teps?|[Tt]asks?|[Ff]igures?|[Tt]ables?|[Pp]arts?|[Rr]ows?"
    r"|[Tt]ab|[Rr]ules?)|(?<!\w)[~≈<>≤≥=±$€]) (?=\d)"
)
_BEFORE_ITS_VALUE = re.compile(rf"(?<=[^\W\d]) (?==[ {NBSP}]?\d)")  # of a name
_AROUND_RATIO = re.compile(rf"(?<=\d)[ {NBSP}]:[ {NBSP}](?=\d)")
_AROUND_TIMES = re.compile(rf"(?<=\w)[ {NBSP}]([×±]) (?=\d)")


def number(value: float, digits: int = _DIGITS) -> str:
    """`value` to some significant digits, without an exponent where a reader needs none.

    Parameters
    ----------
    value : float
    digits : int
        Significant digits, >= 1.

    Examples
    --------
    >>> number(16.666666), number(1234567.0), number(-0.0), number(-3)
    ('16.67', '1,234,567', '0', '−3')
    >>> number(1.25e-9).replace(NBSP, " ")
    '1.25 × 10⁻⁹'
    """
    if isinstance(value, Integral):
        return f"{value:,}".replace("-", MINUS)
    value = float(value)
    if not math.isfinite(value):
        return {math.inf: "∞", -math.inf: f"{MINUS}∞"}.get(value, "–")
    if value == 0 or 1e-6 <= abs(value) < 1e15:
        text = f"{value:z,.{max(0, digits - _places(value))}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return text.replace("-", MINUS)
    mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    text = f"{mantissa} × 10{str(int(power)).translate(SUPERSCRIPTS)}"
    return text.replace("-", MINUS).replace(" ", NBSP)


def quantity(value: object, unit: str = "", digits: int = _DIGITS) -> str:
    """Write a number and its unit, which no line's end parts; what is no number stays as it is.

    Parameters
    ----------
    value : object
    unit : str
        Such as "ms", "%" or "$"; money stands before its number, and "/s" close to it.
    digits : int
        Significant digits, >= 1.

    Examples
    --------
    >>> quantity(1500.0, "requests/s").replace(NBSP, " "), quantity(20, "$"), quantity("any", "s")
    ('1,500 requests/s', '$20', 'any')
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        return str(value)
    text = number(value, digits)  # type: ignore[arg-type]
    if unit in ("$", "€"):
        return f"{MINUS}{unit}{text[1:]}" if text.startswith(MINUS) else f"{unit}{text}"
    return f"{text}{'' if unit.startswith('/') else NBSP}{unit}" if unit else text


def percent(share: float, digits: int = _DIGITS) -> str:
    """Write a share as a percentage.

    Examples
    --------
    >>> percent(0.025).replace(NBSP, " ")
    '2.5 %'
    """
    return quantity(100 * share, "%", digits)


def with_error(value: float, error: float) -> str:
    """Write a value and its standard error, both rounded to two digits of the error.

    Examples
    --------
    >>> with_error(3.27912, 0.02613).replace(NBSP, " "), with_error(12.0, 0.0)
    ('3.279 ± 0.026', '12')
    """
    if not error or not math.isfinite(error) or not math.isfinite(value):
        return number(value)
    decimals = max(0, 2 - _places(error))
    pair = (f"{part:z,.{decimals}f}".replace("-", MINUS) for part in (value, error))
    return f"{NBSP}±{NBSP}".join(pair)


def column(values: Sequence[object]) -> list[str]:
    """Write a column of a table: numbers with as many decimals as the column needs, all alike.

    The largest has four significant digits and the smallest one, as far as six decimals reach;
    zeros at the end that all share go. What rounding has left of a zero is one.

    Examples
    --------
    >>> column([1000, 20]), column([5.0, 4.997]), column([0.5, 0.25, "none"])
    (['1,000', '20'], ['5.000', '4.997'], ['0.50', '0.25', 'none'])
    """
    numbers = [v for v in values if isinstance(v, Real) and not isinstance(v, bool)]
    sizes = [abs(float(v)) for v in numbers if math.isfinite(float(v))]
    nothing = 1e-13 * max(sizes, default=0.0)
    sizes = [size for size in sizes if size > nothing]
    if all(isinstance(v, Integral) for v in numbers) or (
        sizes and (min(sizes) < 10**-_MOST_DECIMALS or max(sizes) >= 1e15)
    ):
        return [quantity(v) for v in values]
    decimals = _decimals(sizes)
    return [
        f"{0.0 if abs(float(v)) <= nothing else float(v):z,.{decimals}f}".replace("-", MINUS)
        if isinstance(v, Real) and not isinstance(v, bool) and math.isfinite(float(v))
        else quantity(v)
        for v in values
    ]


def _decimals(sizes: Sequence[float]) -> int:
    if not sizes:
        return 0
    most = max(_DIGITS - _places(max(sizes)), 1 - _places(min(sizes)), 0)
    most = min(most, _MOST_DECIMALS)
    written = [f"{size:.{most}f}" for size in sizes]
    needed = max(len(text.partition(".")[2].rstrip("0")) for text in written)
    return min(needed, most)


def unparted(text: str) -> str:
    """`text` with spaces that do not break between a number and what belongs to it.

    Nor does a line end within a ratio, after the sign of an error, or before that of M/G/∞.

    Examples
    --------
    >>> unparted("In section 3, 90 % take 5 ms, at 1 : 100.").replace(NBSP, "_")
    'In section_3, 90_% take 5_ms, at 1_:_100.'
    """
    text = text.replace("/∞", f"/{_JOINER}∞").replace("± s", f"±{NBSP}s")  # standard error
    text = _AROUND_RATIO.sub(f"{NBSP}:{NBSP}", text)
    text = _BEFORE_A_UNIT.sub(NBSP, text)
    text = _BEFORE_ITS_VALUE.sub(NBSP, text)
    text = _AROUND_TIMES.sub(rf"{NBSP}\1{NBSP}", text)
    return _BEFORE_A_NUMBER.sub(rf"\1{NBSP}", text)


def _places(value: float) -> int:
    """Digits before the point; negative for the zeros behind it.

    >>> _places(123.0), _places(1.0), _places(0.5), _places(0.05)
    (3, 1, 0, -1)
    """
    if value == 0:
        return 1
    return math.floor(math.log10(abs(value)) + 1e-12) + 1
