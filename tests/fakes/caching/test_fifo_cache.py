"""First in is first out, whatever was read since."""

from scalelab.fakes.caching.fifo_cache import FifoCache


def kept(actions, size):
    """What is in the cache after gets (small letters) and puts (capitals)."""
    cache = FifoCache(size)
    for action in actions:
        if action.isupper():
            cache.put(action.lower(), action)
        else:
            cache.get(action)
    cache.check_invariants()
    return "".join(sorted(key for key in "abcd" if key in cache))


def test_what_came_first_goes_first():
    assert kept("ABaaC", 2) == "bc"
    assert kept("ABbC", 2) == "bc"
    assert kept("ABABC", 2) == "bc"  # a new value does not make a key younger
