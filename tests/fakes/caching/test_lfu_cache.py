"""The least frequently used goes first; of equals, the least recently used."""

from scalelab.fakes.caching.lfu_cache import LfuCache


def kept(actions, size):
    """What is in the cache after gets (small letters) and puts (capitals)."""
    cache = LfuCache(size)
    for action in actions:
        if action.isupper():
            cache.put(action.lower(), action)
        else:
            cache.get(action)
    cache.check_invariants()
    return "".join(sorted(key for key in "abcd" if key in cache))


def test_what_was_used_least_often_goes_first():
    assert kept("ABaabC", 2) == "ac"
    assert kept("ABbbaC", 2) == "bc"


def test_of_equals_the_least_recent_goes():
    assert kept("ABabC", 2) == "bc"
    assert kept("ABbaC", 2) == "ac"


def test_a_key_that_left_begins_again():
    assert kept("AaaaBCB", 2) == "ab"
