"""Predict before you run: a guess with a range, compared with what comes out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real

from scalelab import _validate as v
from scalelab.course import progress
from scalelab.course.page import Html, attribute, page_is_static, prose
from scalelab.quantities import number


class GuessError(ValueError):
    """A guess that cannot be kept; a notebook shows its sentence, not our lines."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


_WAITS = "The result waits for your guess."
_FIRST = "Your first guess is the one that counts."
_LATE = "It was made with the answer known, so it does not count."


@dataclass(frozen=True)
class Prediction:
    """A guess and the range around it that its maker believes in.

    Parameters
    ----------
    name : str
        Under which progress keeps it.
    question : str
        What is asked.
    guess, low, high : float or None
        None where the reader has not answered yet.
    unit : str
        Of all three.
    remark : str
        Why another guess than the one given counts, or why it does not count.
    """

    name: str
    question: str
    guess: float | None
    low: float | None
    high: float | None
    unit: str = ""
    remark: str = ""

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return self._html()._repr_mimebundle_()

    def _html(self) -> Html:
        """In a page the reader types here; in a notebook the cell above is the place."""
        if not page_is_static():
            return Html(f'<p class="sl-predict">{prose(str(self))}</p>', text=str(self))
        field = '<input type="text" inputmode="decimal" autocomplete="off" size="7" data-part="{}">'
        guess, low, high = (field.format(part) for part in ("guess", "low", "high"))
        body = (
            f'<form class="sl-predict" data-name="{attribute(self.name)}" '
            f'data-unit="{attribute(self.unit)}">'
            f"<p><strong>Predict.</strong> {prose(self.question)}</p>"
            f'<p class="sl-fields"><label>Your guess {guess} {prose(self.unit)}</label> '
            '<button type="submit">Keep my guess</button> '
            '<button type="button" class="sl-show">Show me</button></p>'
            f"<details><summary>Add a range</summary>"
            f'<p class="sl-fields"><label>at least {low}</label> <label>at most {high}</label></p>'
            '<p class="sl-note">Make it so wide that nine in ten of your ranges hold.</p></details>'
            '<p role="status" class="sl-note"></p></form>'
        )
        return Html(body, text=str(self))

    def __repr__(self) -> str:
        if self.guess is None:
            return f"{self.question} Put your guess into the cell, with a range if you like."
        said = f"{self.question} Guess: {number(self.guess)} {self.unit}".rstrip()
        if self.low is not None and self.high is not None:
            said += f" ({number(self.low)} to {number(self.high)})"
        return f"{said} {self.remark}".rstrip()

    def compare(self, actual: float) -> Html:
        """Set the guess beside what came out, and keep both.

        Parameters
        ----------
        actual : float
            The computed or measured value, in the unit of the guess.

        Raises
        ------
        GuessError
            `actual` is not a finite number.
        """
        actual = _finite("compare", "actual", actual)
        result = f"The run gives {number(actual)} {self.unit}".rstrip()
        if self.guess is not None:
            progress.current().measured(self.name, actual)
        # On a page the reader guesses, and a script keeps this shut until then.
        text = f"{result}." if page_is_static() else self._verdict(actual, result)
        body = (
            f'<p class="sl-compare" role="status" data-name="{attribute(self.name)}" '
            f'data-actual="{actual!r}" data-shown="{attribute(number(actual))}" '
            f'data-unit="{attribute(self.unit)}">{prose(text)}</p>'
        )
        return Html(body, text=text)

    def _verdict(self, actual: float, result: str) -> str:
        if self.guess is None:
            return _WAITS
        text = f"{result}; the guess was {number(self.guess)}"
        if self.low is not None and self.high is not None:
            held = "held" if self.low <= actual <= self.high else "did not hold"
            text += f", the range {number(self.low)} to {number(self.high)} {held}"
        if self.guess > 0 and actual > 0 and self.guess != actual:
            factor = max(self.guess / actual, actual / self.guess)
            text += f", the guess was off by a factor of {number(factor, 3)}"
        return f"{text}. {self.remark}".rstrip()


def predict(
    name: str,
    question: str,
    *,
    guess: float | None = None,
    low: float | None = None,
    high: float | None = None,
    unit: str = "",
) -> Prediction:
    """Commit to a number and a range before the run shows it.

    Parameters
    ----------
    name : str
        Short name, unique in the course.
    question : str
        What is asked.
    guess, low, high : float, optional
        The best single number and, if you like, a range that should hold nine times in ten.
        Without a guess the lab says that it is still to come.
    unit : str
        Unit of all three.

    Returns
    -------
    Prediction
        Its `compare` takes the result of the run.

    Raises
    ------
    GuessError
        A range has one end or no guess in it, or a number is not finite.

    Examples
    --------
    >>> gain = predict("doc-gain", "How much faster?", guess=10, low=5, high=20, unit="times")
    >>> gain.compare(16.0)
    The run gives 16 times; the guess was 10, the range 5 to 20 held, the guess was off by \
a factor of 1.6.
    """
    if guess is None and low is None and high is None:
        return Prediction(name, question, None, None, None, unit)
    best = _finite("predict", "guess", guess, "a range goes with a guess")
    least = most = None
    if low is not None or high is not None:
        both = "give both ends of the range, or none"
        least, most = _finite("predict", "low", low, both), _finite("predict", "high", high, both)
        if not least <= best <= most:
            rule = f"lie between low={low} and high={high}"
            v.refuse("predict", "guess", rule, guess, error=GuessError)
    progress.current().predicted(name, best, least, most, unit)
    kept = progress.current().load()["predictions"].get(name, {})
    if "guess" not in kept:
        return Prediction(name, question, best, least, most, unit, _LATE)
    first = kept["guess"], kept.get("low"), kept.get("high")
    remark = "" if first == (best, least, most) else _FIRST
    return Prediction(name, question, *first, unit, remark)


def _finite(function: str, argument: str, value: object, remedy: str = "") -> float:
    """`value` as a float, of whatever kind the number was."""
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        v.refuse(function, argument, "be finite", value, remedy, GuessError)
    return float(value)
