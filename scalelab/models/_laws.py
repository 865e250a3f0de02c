"""The check of a distribution that a function is given."""

from __future__ import annotations

from scalelab import _validate as v
from scalelab.models.lag_laws import LagLaw


def check_law(function: str, argument: str, law: LagLaw) -> None:
    """Refuse what lacks the verbs of a law."""
    if not (callable(getattr(law, "tail", None)) and callable(getattr(law, "quantile", None))):
        v.refuse(
            function,
            argument,
            "be a law with tail and quantile",
            v.Words(type(law).__name__),
            "take one of scalelab.models.lag_laws",
        )
