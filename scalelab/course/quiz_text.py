"""Questions with options, as their author writes them: text, and a mark before each part."""

from __future__ import annotations

import re

from scalelab.course.quiz import Choice, Option


def choice(name: str, text: str, section: str = "") -> Choice:
    """Read a question with options.

    Parameters
    ----------
    name : str
        Unique in its bank.
    text : str
        The prompt; then for each option a line that begins with ``+`` where it is right and with
        ``-`` where it is not, and one with ``:`` that tells whoever chooses it why. A line without
        a mark goes on with the one before. Several may be chosen where several are right.
    section : str
        Heading of the part of the chapter that has the answer.

    Raises
    ------
    ValueError
        An option has no feedback, or there is no right one.

    Examples
    --------
    >>> question = choice(
    ...     "sum",
    ...     '''
    ...     How much is 1 + 1?
    ...     + 2.
    ...     : One, and one more.
    ...     - 11.
    ...     : Those are two digits
    ...       side by side.
    ...     ''',
    ... )
    >>> question.options[1]
    Option(text='11.', feedback='Those are two digits side by side.', right=False)
    """
    pieces = re.split(r"^\s*([-+:]) ", text, flags=re.MULTILINE)
    prompt, *parts = [" ".join(piece.split()) for piece in pieces]
    signs = "".join(parts[::2])
    if not re.fullmatch(r"([-+]:)*", signs):
        rule = "have a feedback behind each option"
        raise ValueError(f"choice: text of {name} must {rule}, got the marks {signs}")
    options = tuple(
        Option(option, feedback, right=sign == "+")
        for sign, option, feedback in zip(parts[::4], parts[1::4], parts[3::4], strict=True)
    )
    return Choice(name, prompt, options, many=signs.count("+") > 1, section=section)
