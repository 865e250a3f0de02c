from scalelab.course.chapters.caching import contest
from scalelab.sim.caches import simulate_cache
from scalelab.workloads.oracle_general import write_oracle_general


class Fifo:
    def __init__(self, capacity):
        self.line = []

    def used(self, key):
        pass

    def added(self, key):
        self.line.append(key)

    def victim(self):
        return self.line.pop(0)


def test_a_known_policy_hits_what_the_simulator_says():
    for keys in contest.hidden_traces().values():
        hits = contest.play(Fifo, keys.tolist(), contest.ROOM)
        assert hits == simulate_cache(keys, contest.ROOM, "fifo").mean()


def test_nobody_beats_the_optimum_and_no_policy_wins_everywhere():
    rows = [row.split(" | ") for row in contest.contest(Fifo).text.split("\n")[1:]]
    hits = {name: [float(x) for x in row] for name, *row in rows}
    assert all(max(column) == column[-1] for column in zip(*hits.values(), strict=True))
    shop, _, news = (lru < sieve for lru, sieve in zip(hits["LRU"], hits["SIEVE"], strict=True))
    assert shop
    assert not news


def test_a_stub_and_an_error_are_told():
    stub = type("Stub", (Fifo,), {"victim": lambda self: ...})
    assert "Still to do" in contest.contest(stub).text
    wrong = type("Wrong", (Fifo,), {"victim": lambda self: 1 / 0})
    assert "ZeroDivisionError came out" in contest.contest(wrong).text


def test_the_sale():
    def hits(trace):
        return [0, len(trace) // 2]

    assert "room it needs is 1" in contest.own_sale(hits, lambda *_: 1).text
    assert "smallest_room is the stub" in contest.own_sale(hits, lambda *_: ...).text
    assert "hits_by_size is the stub" in contest.own_sale(lambda _: ..., hits).text
    assert "a list of numbers" in contest.own_sale(lambda _: 3, hits).text
    assert "ZeroDivisionError" in contest.own_sale(lambda _: 1 / 0, hits).text


def test_a_trace_of_ones_own_in_three_formats(tmp_path):
    keys = contest.hidden_traces()["shop"]
    text, rows, packed = (tmp_path / name for name in ("a.txt", "a.csv", "a.bin"))
    text.write_text("\n".join(map(str, keys)))
    rows.write_text("key\n" + "\n".join(map(str, keys)))
    write_oracle_general(packed, keys)
    shown = {contest.curve_of(path).text for path in (None, text, rows, packed)}
    assert len(shown) == 1
