"""The least recently used goes first."""

from scalelab.fakes.caching.lru_cache import LruCache


def kept(actions, size):
    """What is in the cache after gets (small letters) and puts (capitals)."""
    cache = LruCache(size)
    for action in actions:
        if action.isupper():
            cache.put(action.lower(), action)
        else:
            cache.get(action)
    cache.check_invariants()
    return "".join(sorted(key for key in "abcd" if key in cache))


def test_what_was_not_used_longest_goes_first():
    assert kept("ABaC", 2) == "ac"
    assert kept("ABbC", 2) == "bc"
    assert kept("ABCbcD", 3) == "bcd"


def test_to_write_is_to_use():
    assert kept("ABAC", 2) == "ac"
