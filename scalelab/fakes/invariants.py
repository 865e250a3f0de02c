"""How every fake says that its books do not add up."""


def ensure(holds: bool, otherwise: str) -> None:
    """Raise AssertionError with `otherwise` unless `holds`; unlike assert, also under -O."""
    if not holds:
        raise AssertionError(f"invariant broken: {otherwise}")
