"""splitmix64 in Python's own whole numbers, which know no overflow."""

MASK = 2**64 - 1


def splitmix64(key: int) -> int:
    """Hash of a key of 64 bits; a negative one counts modulo 2**64."""
    word = (key + 0x9E3779B97F4A7C15) & MASK
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & MASK
    return word ^ (word >> 31)
