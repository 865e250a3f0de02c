"""Exercises of the lab on reads and writes."""

import math
import re

from scalelab.course.check import Lab
from scalelab.course.kinds import ListOf, Maybe, Number, Text, Whole

lab = Lab("workloads")

READS, WRITES = ("GET", "HEAD"), ("POST", "PUT", "PATCH", "DELETE")
PATHS = ("/", "/products/7", "/cart", "/orders", "/search?q=GET", "/posts/POST")

# Task 1: the mix of a log --------------------------------------------------------------------

mix = lab.exercise(
    "mix",
    "The mix of a log",
    Number(unit="reads per write"),
    why="The ratio decides how far copies can carry you, so it must count what the database did.",
    hint="Split each line at the blanks. Which two of the words do you need?",
    hints=(
        "The first word is the method, the last one the status, as a text: int(status) >= 400.",
        "Count reads and writes on their own, then divide the reads by the writes. Where there are "
        "no writes, return math.inf.",
    ),
    explanation=(
        "A cached page never comes to the database, so its read is not in the database's mix. In "
        "front there are more reads to a write than behind the cache, and copies of the database "
        "only help with those behind it."
    ),
)


def log_of(rng, lines, write_share):
    log = []
    for _ in range(lines):
        kind = WRITES if rng.random() < write_share else READS
        method = str(rng.choice([*kind, "OPTIONS"] if rng.random() < 0.1 else kind))
        status = int(rng.choice([200, 201, 304, 404, 500, 403], p=[0.6, 0.1, 0.1, 0.1, 0.05, 0.05]))
        log.append(f"{method} {rng.choice(PATHS)} {status}")
    return log


@mix.ask
def ask_mix(rng):
    return ([*log_of(rng, int(rng.integers(10, 30)), rng.uniform(0.1, 0.6)), "GET / 200"],)


@mix.ask_widely
def ask_mix_widely(rng):
    return ([*log_of(rng, int(rng.integers(0, 200)), rng.uniform(0, 1)), "POST /orders 201"],)


@mix.edges
def mix_edges():
    return {
        "a short log": (["GET / 200", "GET /cart 200", "POST /orders 201", "GET / 200"],),
        "a read that was refused": (["GET / 200", "GET /cart 404", "PUT /cart 200"],),
        "a write that failed": (["GET / 200", "POST /orders 500", "PUT /cart 200", "HEAD / 200"],),
        "an answer of 304": (["GET / 304", "GET / 200", "DELETE /cart 204"],),
        "a method in the path": (["GET /posts/POST 200", "GET /search?q=PUT 200", "PUT / 200"],),
        "a method that is neither": (["OPTIONS /cart 204", "GET /cart 200", "PATCH /cart 200"],),
        "no write": (["GET / 200", "HEAD / 200"],),
        "no read": (["POST /orders 201"],),
        "exactly 400": (["GET / 400", "GET / 399", "POST / 200"],),
    }


@mix.words
def mix_in_words(log):
    return f"log={log}" if len(log) < 6 else f"a log of {len(log)} lines, beginning {log[:3]}"


@mix.solve
def reads_per_write(log):
    """Look at the first and the last word of each line, and count only what was done."""
    done = [line.split()[0] for line in log if int(line.split()[-1]) < 400]
    reads = sum(method in ("GET", "HEAD") for method in done)
    writes = sum(method in ("POST", "PUT", "PATCH", "DELETE") for method in done)
    return reads / writes if writes else math.inf


@mix.solve_otherwise
def reads_per_write(log):
    """Go through the lines once, with a counter for each kind."""
    counts = {"read": 0, "write": 0}
    for line in log:
        method, _path, status = line.split()
        if int(status) >= 400:
            continue
        if method in ("GET", "HEAD"):
            counts["read"] += 1
        elif method != "OPTIONS":
            counts["write"] += 1
    return math.inf if counts["write"] == 0 else counts["read"] / counts["write"]


@mix.misread("Lines with a status of 400 or more were refused; the database did nothing for them.")
def refused_count(log):
    methods = [line.split()[0] for line in log]
    reads = sum(m in READS for m in methods)
    writes = sum(m in WRITES for m in methods)
    return reads / writes if writes else math.inf


@mix.misread("HEAD reads as well: the server looks up the same rows as for GET.")
def only_get(log):
    done = [line.split()[0] for line in log if int(line.split()[-1]) < 400]
    writes = sum(m in WRITES for m in done)
    return done.count("GET") / writes if writes else math.inf


@mix.misread("PUT, PATCH and DELETE change rows too. POST is not the only write.")
def only_post(log):
    done = [line.split()[0] for line in log if int(line.split()[-1]) < 400]
    posts = done.count("POST")
    return sum(m in READS for m in done) / posts if posts else math.inf


@mix.misread("OPTIONS neither reads nor writes rows, so it does not count as a write.")
def the_rest_writes(log):
    done = [line.split()[0] for line in log if int(line.split()[-1]) < 400]
    reads = sum(m in READS for m in done)
    return reads / (len(done) - reads) if len(done) > reads else math.inf


@mix.misread("That is the share of reads among all operations. Asked are reads for each write.")
def share_of_reads(log):
    done = [line.split()[0] for line in log if int(line.split()[-1]) < 400]
    reads = sum(m in READS for m in done)
    writes = sum(m in WRITES for m in done)
    return reads / (reads + writes)


@mix.misread("Turn it round: asked are reads per write, not writes per read.")
def upside_down(log):
    done = [line.split()[0] for line in log if int(line.split()[-1]) < 400]
    reads = sum(m in READS for m in done)
    writes = sum(m in WRITES for m in done)
    return writes / reads if reads else math.inf


@mix.misread("304 is an answer: the server looked and found that nothing had changed. It counts.")
def only_200s(log):
    done = [line.split()[0] for line in log if line.split()[-1].startswith("2")]
    reads = sum(m in READS for m in done)
    writes = sum(m in WRITES for m in done)
    return reads / writes if writes else math.inf


@mix.misread("Look at the first word only: a path may hold the name of a method.")
def anywhere_in_the_line(log):
    done = [line for line in log if int(line.split()[-1]) < 400]
    writes = sum(any(m in line for m in WRITES) for line in done)
    reads = sum(any(m in line for m in READS) for line in done) - sum(
        any(m in line for m in WRITES) and any(m in line for m in READS) for line in done
    )
    return reads / writes if writes else math.inf


@mix.misread("400 itself is a refusal: a status of 400 or more does not count.")
def four_hundred_counts(log):
    done = [line.split()[0] for line in log if int(line.split()[-1]) <= 400]
    reads = sum(m in READS for m in done)
    writes = sum(m in WRITES for m in done)
    return reads / writes if writes else math.inf


@mix.misread("Without any write the ratio has no bound: the page asks for math.inf there.")
def zero_without_writes(log):
    done = [line.split()[0] for line in log if int(line.split()[-1]) < 400]
    writes = sum(m in WRITES for m in done)
    return sum(m in READS for m in done) / writes if writes else 0.0


@mix.misread("404 is not the only refusal: 400, 403 and 500 were refused as well.")
def only_404_refused(log):
    done = [line.split()[0] for line in log if line.split()[-1] != "404"]
    writes = sum(m in WRITES for m in done)
    return sum(m in READS for m in done) / writes if writes else math.inf


@mix.misread("That is a hundred times as much: reads for each write, not in per cent.")
def in_per_cent(log):
    ratio = mix.solution(log)
    return 100 * ratio


@mix.misread("A read that was refused does not count either, not only a write.")
def refused_reads_count(log):
    writes = sum(line.split()[0] in WRITES for line in log if int(line.split()[-1]) < 400)
    reads = sum(line.split()[0] in READS for line in log)
    return reads / writes if writes else math.inf


@mix.otherwise
def why_mix(got, log):
    done = [line.split()[0] for line in log if int(line.split()[-1]) < 400]
    reads, writes = sum(m in READS for m in done), sum(m in WRITES for m in done)
    other = len(done) - reads - writes
    return (
        f"Of {len(log)} lines {len(log) - len(done)} were refused. The others are {reads} reads "
        f"(GET, HEAD), {writes} writes (POST, PUT, PATCH, DELETE) and {other} of neither kind."
    )


# Task 2: the ceiling by work -----------------------------------------------------------------

ceiling = lab.exercise(
    "ceiling",
    "The ceiling, by work",
    Number(unit="times"),
    why="Counts flatter a service whose writes are dear, and you would buy copies that do nothing.",
    hint="What does one node do all day, in milliseconds? Which part of it is done by every copy?",
    hints=(
        "The work of a row is count * ms. Add up all work, and the work of the writes.",
        "With very many copies each does all the writes and next to no reads. So the writes' work "
        "fills it: the ceiling is all work divided by the writes' work.",
    ),
    explanation=(
        "Batching makes the writes cheaper, so their share of the work falls and the ceiling "
        "rises, although no request has changed. It is often the better first step than a copy."
    ),
)


@ceiling.ask
def ask_ceiling(rng):
    rows = [("read", int(rng.integers(50, 2_000)), float(rng.choice([0.2, 0.5, 1.0, 40.0])))]
    rows += [("write", int(rng.integers(10, 300)), float(rng.choice([0.5, 2.0, 5.0])))]
    if rng.random() < 0.7:
        rows += [("read", int(rng.integers(1, 9)), float(rng.choice([200.0, 900.0])))]
    if rng.random() < 0.5:
        rows += [("write", int(rng.integers(1, 40)), 8.0)]
    return (rows,)


@ceiling.ask_widely
def ask_ceiling_widely(rng):
    return (
        [
            (
                str(rng.choice(["read", "write"])),
                int(rng.integers(0, 5_000)),
                float(rng.uniform(0, 100)),
            )
            for _ in range(int(rng.integers(0, 9)))
        ]
        + [("read", int(rng.integers(1, 99)), 1.5)],
    )


@ceiling.edges
def ceiling_edges():
    return {
        "the shop of the page": ([("read", 900, 0.2), ("write", 100, 2.0)],),
        "reads and writes alike": ([("read", 9, 1.0), ("write", 1, 1.0)],),
        "one report": ([("write", 999, 0.2), ("read", 1, 5_000.0)],),
        "two kinds of writes": ([("read", 100, 1.0), ("write", 10, 1.0), ("write", 5, 8.0)],),
        "no writes": ([("read", 100, 1.0)],),
        "writes that cost nothing": ([("read", 100, 1.0), ("write", 10, 0.0)],),
        "no reads": ([("write", 10, 2.0)],),
    }


@ceiling.solve
def most_gain(operations):
    """Every copy does all the writes, so their work is what no copy divides: Amdahl's law."""
    whole = sum(count * ms for _, count, ms in operations)
    writes = sum(count * ms for kind, count, ms in operations if kind == "write")
    return whole / writes if writes else math.inf


@ceiling.solve_otherwise
def most_gain(operations):
    """Take the work of reads per work of writes, k, and add one."""
    work = {"read": 0.0, "write": 0.0}
    for kind, count, ms in operations:
        work[kind] += count * ms
    return work["read"] / work["write"] + 1 if work["write"] > 0 else math.inf


@ceiling.misread("By count it would be so. A node is filled by work: weigh each row with its ms.")
def by_count(operations):
    writes = sum(count for kind, count, _ in operations if kind == "write")
    return sum(count for _, count, _ in operations) / writes if writes else math.inf


@ceiling.misread("That is reads per write, in work. The copies do the writes as well: add one.")
def without_the_one(operations):
    writes = sum(count * ms for kind, count, ms in operations if kind == "write")
    reads = sum(count * ms for kind, count, ms in operations if kind == "read")
    return reads / writes if writes else math.inf


@ceiling.misread("A row stands for many operations: multiply its ms by its count.")
def without_counts(operations):
    writes = sum(ms for kind, _, ms in operations if kind == "write")
    return sum(ms for _, _, ms in operations) / writes if writes else math.inf


@ceiling.misread("Divide by the work of the writes: they are what no copy divides, not the reads.")
def over_reads(operations):
    reads = sum(count * ms for kind, count, ms in operations if kind == "read")
    return sum(count * ms for _, count, ms in operations) / reads if reads else math.inf


@ceiling.misread("There may be several rows of writes; every copy does them all. Add them up.")
def last_write_row(operations):
    writes = [count * ms for kind, count, ms in operations if kind == "write"]
    whole = sum(count * ms for _, count, ms in operations)
    return whole / writes[-1] if writes and writes[-1] else math.inf


@ceiling.misread("That is the share of the work that can be divided. Asked is the most they gain.")
def share(operations):
    reads = sum(count * ms for kind, count, ms in operations if kind == "read")
    return reads / sum(count * ms for _, count, ms in operations)


@ceiling.misread("Nothing stands in the way of copies where no write costs work: that is math.inf.")
def one_without_writes(operations):
    writes = sum(count * ms for kind, count, ms in operations if kind == "write")
    return sum(count * ms for _, count, ms in operations) / writes if writes else 1.0


@ceiling.misread("A plain mean of the costs forgets the counts: weigh each row by its own.")
def by_mean_cost(operations):
    cost = {}
    for kind in ("read", "write"):
        rows = [ms for k, _, ms in operations if k == kind]
        number = sum(count for k, count, _ in operations if k == kind)
        cost[kind] = number * sum(rows) / len(rows) if rows else 0.0
    return cost["read"] / cost["write"] + 1 if cost["write"] else math.inf


@ceiling.misread("There may be several rows of writes, and the first is one of them. Add them up.")
def first_write_row(operations):
    writes = [count * ms for kind, count, ms in operations if kind == "write"]
    whole = sum(count * ms for _, count, ms in operations)
    return whole / writes[0] if writes and writes[0] else math.inf


@ceiling.misread("All work divided by the writes' work has the one in it already.")
def one_too_many_in_the_ceiling(operations):
    writes = sum(count * ms for kind, count, ms in operations if kind == "write")
    return sum(count * ms for _, count, ms in operations) / writes + 1 if writes else math.inf


@ceiling.misread("Without work for writes nothing limits the copies: that is math.inf, not zero.")
def zero_without_writes_in_the_ceiling(operations):
    writes = sum(count * ms for kind, count, ms in operations if kind == "write")
    return sum(count * ms for _, count, ms in operations) / writes if writes else 0.0


@ceiling.misread("That is the share of the writes. The most that copies gain is one over it.")
def share_of_writes(operations):
    writes = sum(count * ms for kind, count, ms in operations if kind == "write")
    return writes / sum(count * ms for _, count, ms in operations)


@ceiling.otherwise
def why_ceiling(got, operations):
    reads = sum(count * ms for kind, count, ms in operations if kind == "read")
    writes = sum(count * ms for kind, count, ms in operations if kind == "write")
    return (
        f"By count * ms there are {reads:,.4g} ms of reads and {writes:,.4g} ms of writes. Every "
        "copy does all of the writes; only the reads are divided."
    )


# Task 3: how many replicas -------------------------------------------------------------------

copies = lab.exercise(
    "copies",
    "How many replicas",
    Maybe(Whole(of="replicas")),
    why="Each replica is a bill; and past the ceiling no bill helps, which you should say in time.",
    hint="What is a node's limit in operations a second, and what is left of it after the replay?",
    hints=(
        "Up to the limit a node does node_per_s * limit. The primary spends writes_per_s of it, a "
        "replica replay * writes_per_s, whatever the number of replicas.",
        "n replicas have n times what is left over for reads. Round up, and at least one. If "
        "nothing is left over, or the primary is beyond its limit, return None.",
    ),
    explanation=(
        "When None comes back because of the primary, more replicas change nothing: it has to do "
        "less. Write less, in batches or not at all; make the machine larger; or cut the data into "
        "parts with a primary each."
    ),
)

LIMITS, REPLAYS = (0.5, 0.75, 1.0), (0.25, 0.5, 1.0)  # exact in binary, so that a fit is exact


@copies.ask
def ask_copies(rng):
    node = int(rng.choice([1_000, 2_000, 4_000]))
    writes = int(rng.integers(1, 12)) * node // 16
    return int(rng.integers(2, 60)) * 500, writes, node, float(rng.choice(REPLAYS)), 0.75


@copies.ask_widely
def ask_copies_widely(rng):
    return (
        int(rng.integers(0, 50_000)),
        int(rng.integers(0, 4_000)),
        int(rng.integers(100, 4_000)),
        float(rng.choice(REPLAYS)),
        float(rng.choice(LIMITS)),
    )


@copies.edges
def copies_edges():
    return {
        "the shop of the page": (9_000, 1_000, 2_000, 0.5, 0.75),
        "an exact fit": (3_000, 500, 2_000, 1.0, 0.75),
        "one read more": (3_001, 500, 2_000, 1.0, 0.75),
        "few reads": (10, 100, 2_000, 0.5, 0.75),
        "no reads": (0, 100, 2_000, 0.5, 0.75),
        "no writes": (9_000, 0, 2_000, 0.5, 0.75),
        "the primary exactly at its limit": (1_000, 1_500, 2_000, 0.5, 0.75),
        "the primary just beyond it": (1_000, 1_501, 2_000, 0.5, 0.75),
        "replay leaves nothing for reads": (1_000, 1_500, 2_000, 1.0, 0.75),
        "no reads, and replay fills a replica": (0, 1_500, 2_000, 1.0, 0.75),
        "no reads, and the primary beyond its limit": (0, 1_501, 2_000, 0.5, 0.75),
    }


@copies.words
def copies_in_words(reads_per_s, writes_per_s, node_per_s, replay, limit):
    return (
        f"reads_per_s={reads_per_s}, writes_per_s={writes_per_s}, node_per_s={node_per_s}, "
        f"replay={replay:g}, limit={limit:g}"
    )


@copies.solve
def replicas_needed(reads_per_s, writes_per_s, node_per_s, replay, limit):
    """See what the limit leaves after the writes, on the primary and on a replica."""
    most = node_per_s * limit
    if writes_per_s > most:
        return None
    left = most - replay * writes_per_s
    if left <= 0:
        return 1 if reads_per_s == 0 else None
    return max(1, math.ceil(reads_per_s / left))


@copies.solve_otherwise
def replicas_needed(reads_per_s, writes_per_s, node_per_s, replay, limit):
    """Ask of each number whether it will do, up to the number that gives a replica one read."""
    if writes_per_s > limit * node_per_s or (
        reads_per_s and replay * writes_per_s >= limit * node_per_s
    ):
        return None
    n = 1
    while n * (limit * node_per_s - replay * writes_per_s) < reads_per_s:
        n += 1
    return n


@copies.misread("Each replica replays every write; that takes a part of it, whatever their number.")
def no_replay(reads_per_s, writes_per_s, node_per_s, replay, limit):
    if writes_per_s > node_per_s * limit:
        return None
    return max(1, math.ceil(reads_per_s / (node_per_s * limit)))


@copies.misread("The primary is a node too: beyond its limit no number of replicas helps.")
def forgets_the_primary(reads_per_s, writes_per_s, node_per_s, replay, limit):
    left = node_per_s * limit - replay * writes_per_s
    if left <= 0:
        return None
    return max(1, math.ceil(reads_per_s / left))


@copies.misread("The limit keeps a node from being full. You have filled the replicas to the brim.")
def no_limit(reads_per_s, writes_per_s, node_per_s, replay, limit):
    left = node_per_s - replay * writes_per_s
    if writes_per_s > node_per_s * limit or left <= 0:
        return None
    return max(1, math.ceil(reads_per_s / left))


@copies.misread("A replay costs `replay` of a write here, not a whole one.")
def whole_writes(reads_per_s, writes_per_s, node_per_s, replay, limit):
    left = node_per_s * limit - writes_per_s
    if left <= 0:
        return None
    return max(1, math.ceil(reads_per_s / left))


@copies.misread("Rounded down, the replicas are short of a part of one. Round up.")
def rounds_down(reads_per_s, writes_per_s, node_per_s, replay, limit):
    left = node_per_s * limit - replay * writes_per_s
    if writes_per_s > node_per_s * limit or left <= 0:
        return None
    return max(1, int(reads_per_s // left))


@copies.misread("A node may be exactly as busy as the limit: at an exact fit you buy one too many.")
def one_too_many(reads_per_s, writes_per_s, node_per_s, replay, limit):
    left = node_per_s * limit - replay * writes_per_s
    if writes_per_s > node_per_s * limit or left <= 0:
        return None
    return int(reads_per_s // left) + 1


@copies.misread("The primary does the writes and is no replica: do not count it.")
def counts_the_primary(reads_per_s, writes_per_s, node_per_s, replay, limit):
    left = node_per_s * limit - replay * writes_per_s
    if writes_per_s > node_per_s * limit or left <= 0:
        return None
    return max(1, math.ceil(reads_per_s / left)) + 1


@copies.misread("The writes are not divided among the replicas. Each of them does all of them.")
def divides_the_writes(reads_per_s, writes_per_s, node_per_s, replay, limit):
    if writes_per_s > node_per_s * limit:
        return None
    return max(1, math.ceil((reads_per_s + replay * writes_per_s) / (node_per_s * limit)))


@copies.misread(
    "A replica that the replay just fills is within its limit, if nobody reads from it."
)
def nothing_left_is_none(reads_per_s, writes_per_s, node_per_s, replay, limit):
    left = node_per_s * limit - replay * writes_per_s
    if writes_per_s > node_per_s * limit or left <= 0:
        return None
    return max(1, math.ceil(reads_per_s / left))


@copies.misread("The primary may be beyond its limit also where nobody reads: look at it first.")
def no_reads_first(reads_per_s, writes_per_s, node_per_s, replay, limit):
    if reads_per_s == 0:
        return 1
    return copies.solution(reads_per_s, writes_per_s, node_per_s, replay, limit)


@copies.misread("At least one replica, also without reads: the page wants a copy in any case.")
def none_without_reads(reads_per_s, writes_per_s, node_per_s, replay, limit):
    left = node_per_s * limit - replay * writes_per_s
    if writes_per_s > node_per_s * limit or (left <= 0 and reads_per_s):
        return None
    return math.ceil(reads_per_s / left) if reads_per_s else 0


@copies.misread("Where the primary is exactly at its limit it still is within it.")
def primary_at_its_limit(reads_per_s, writes_per_s, node_per_s, replay, limit):
    left = node_per_s * limit - replay * writes_per_s
    if writes_per_s >= node_per_s * limit or left <= 0:
        return None
    return max(1, math.ceil(reads_per_s / left))


@copies.misread("Where no number will do, the page asks for None. Zero replicas would be a plan.")
def zero_for_impossible(reads_per_s, writes_per_s, node_per_s, replay, limit):
    return copies.solution(reads_per_s, writes_per_s, node_per_s, replay, limit) or 0


@copies.misread(
    "The limit is of the whole node: its replay counts in full, not at the limit's share."
)
def limit_of_the_rest(reads_per_s, writes_per_s, node_per_s, replay, limit):
    left = (node_per_s - replay * writes_per_s) * limit
    if writes_per_s > node_per_s * limit or left <= 0:
        return None
    return max(1, math.ceil(reads_per_s / left))


@copies.misread("The primary answers no reads here, however little it has to do.")
def the_primary_helps(reads_per_s, writes_per_s, node_per_s, replay, limit):
    left = node_per_s * limit - replay * writes_per_s
    if writes_per_s > node_per_s * limit or left <= 0:
        return None
    own = node_per_s * limit - writes_per_s
    return max(1, math.ceil((reads_per_s - own) / left))


@copies.otherwise
def why_copies(got, reads_per_s, writes_per_s, node_per_s, replay, limit):
    most, replayed = node_per_s * limit, replay * writes_per_s
    if writes_per_s > most:
        return (
            f"The primary must do {writes_per_s:,} writes a second and may do {most:,.4g}: no "
            "number of replicas changes that. The answer is None."
        )
    if most - replayed <= 0 and reads_per_s:
        return (
            f"A replica may do {most:,.4g} a second, and the replay alone takes {replayed:,.4g}: "
            "nothing is left for reads. The answer is None."
        )
    if got is None:
        return "There is a number that will do: neither the primary nor the replicas are too busy."
    if got <= 0:
        return "At least one replica: the page wants a copy in any case."
    each = reads_per_s / got + replayed
    if each > most:
        return (
            f"With {got} replicas each would do {each:,.4g} a second, replay included; the limit "
            f"allows {most:,.4g}."
        )
    return (
        f"Fewer will do: each replica may do {most:,.4g} a second, of which replay {replayed:,.4g}."
    )


# Task 4: who gets which statement ------------------------------------------------------------

split = lab.exercise(
    "split",
    "Who gets which statement",
    ListOf(Text(("primary", "replica")), "statement"),
    why="A write that reaches a replica is refused, and a read at the primary is a copy wasted.",
    hint="Clean a statement first: no comment lines, no blanks in front, all in capitals.",
    hints=(
        "Keep one thing from statement to statement: whether a transaction is open. BEGIN opens "
        "it, COMMIT and ROLLBACK close it, and all of them go to the primary.",
        "Outside, look at the first word: SELECT and SHOW may go to the replica. WITH may, unless "
        "INSERT, UPDATE or DELETE is a word in it. And FOR UPDATE or FOR SHARE never may.",
    ),
    explanation=(
        "By the words alone a read cannot be told from a call that writes: SELECT charge(7) runs a "
        "function that may change rows. And a read right after a write may come too early for the "
        "replica. So the router has to know more than the text: from the caller, or from a token."
    ),
)

READING = ("SELECT name FROM t", "select 1", "  Select * from orders where id = 7", "SHOW timezone")
WRITING = (
    "INSERT INTO t VALUES (1)",
    "update t set n = n + 1",
    "DELETE FROM t WHERE id = 7",
    "CREATE TABLE u (id int)",
    "TRUNCATE t",
)
TRICKY = (
    "SELECT n FROM t WHERE id = 7 FOR UPDATE",
    "select n from t for share",
    "WITH x AS (SELECT 1) SELECT * FROM x",
    "with gone as (delete from t returning *) select * from gone",
    "-- a report\nSELECT count(*) FROM t",
    "-- select nothing\nUPDATE t SET n = 0",
    "SELECT updated, deleted_at FROM t",
    "\n\tSELECT\n1",
)


def statements(rng, count):
    found = []
    while len(found) < count:
        if rng.random() < 0.25:
            inside = [str(rng.choice(READING + WRITING)) for _ in range(int(rng.integers(0, 4)))]
            begin = str(rng.choice(["BEGIN", "begin", "START TRANSACTION"]))
            found += [begin, *inside, str(rng.choice(["COMMIT", "rollback"]))]
        else:
            found.append(str(rng.choice(READING + WRITING + TRICKY)))
    return found


@split.ask
def ask_split(rng):
    return (statements(rng, 8),)


@split.ask_widely
def ask_split_widely(rng):
    return (statements(rng, int(rng.integers(0, 40))),)


@split.edges
def split_edges():
    return {
        "a read and a write": (["SELECT name FROM t", "INSERT INTO t VALUES (1)"],),
        "small letters": (["select 1", "update t set n = 1", "begin", "select 1", "commit"],),
        "reads within a transaction": (["BEGIN", "SELECT 1", "COMMIT", "SELECT 1"],),
        "a transaction that is rolled back": (["BEGIN", "SELECT 1", "ROLLBACK", "SELECT 1"],),
        "the other way to begin": (["START TRANSACTION", "SELECT 1", "COMMIT", "SHOW timezone"],),
        "rows that are locked": (["SELECT n FROM t FOR UPDATE", "select n from t for share"],),
        "a comment in front": (["-- a report\nSELECT 1", "-- select\nUPDATE t SET n = 0"],),
        "blanks in front": (["\n\t SELECT\n1"],),
        "WITH that reads, and that writes": (
            [
                "WITH x AS (SELECT 1) SELECT * FROM x",
                "with gone as (delete from t returning *) select * from gone",
                "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x",
            ],
        ),
        "names that look like words": (
            ["SELECT updated, deleted_at FROM t", "SELECT for_update FROM t"],
        ),
        "WITH and a name that looks like a word": (
            ["WITH x AS (SELECT updated FROM t) SELECT * FROM x"],
        ),
        "WITH that updates": (["WITH x AS (UPDATE t SET n = 1 RETURNING n) SELECT * FROM x"],),
        "a transaction that is still open": (["SELECT 1", "BEGIN", "SELECT 1"],),
        "BEGIN within a transaction": (["BEGIN", "BEGIN", "COMMIT", "SELECT 1"],),
        "an end without a beginning": (["ROLLBACK", "SELECT 1", "COMMIT", "SELECT 1"],),
        "a comment in the middle": (["SELECT n\n-- for update\nFROM t"],),
        "more behind the lock": (["SELECT n FROM t FOR UPDATE SKIP LOCKED"],),
        "a lock over two lines": (["SELECT n FROM t FOR\n  SHARE"],),
        "a column of that name": (["SELECT delete FROM t"],),
        "other statements": (["CREATE TABLE u (id int)", "TRUNCATE t", "VACUUM"],),
        "nothing": ([],),
    }


@split.words
def split_in_words(statements):
    return f"statements={statements}"


def cleaned(statement):
    lines = [line for line in statement.splitlines() if not line.strip().startswith("--")]
    return " ".join("\n".join(lines).upper().split())


@split.solve
def where_each_goes(statements):
    """Follow the transactions, and outside them look at the first word and at what locks rows."""
    where, is_open = [], False
    for statement in statements:
        lines = [line for line in statement.splitlines() if not line.strip().startswith("--")]
        words = re.findall(r"\w+", "\n".join(lines).upper())
        first = words[0]
        locks = re.search(r"\bFOR (UPDATE|SHARE)\b", " ".join(words))
        reads = first in ("SELECT", "SHOW") or (
            first == "WITH" and not {"INSERT", "UPDATE", "DELETE"} & set(words)
        )
        is_open = is_open or first in ("BEGIN", "START")
        where.append("replica" if reads and not locks and not is_open else "primary")
        if first in ("COMMIT", "ROLLBACK"):
            is_open = False
    return where


@split.solve_otherwise
def where_each_goes(statements):
    """Say with patterns what a replica may have, and whether the last transaction has ended."""
    may = re.compile(r"(SELECT|SHOW|WITH)\b(?!.*\bFOR (UPDATE|SHARE)\b)")
    writes = re.compile(r"WITH\b.*\b(INSERT|UPDATE|DELETE)\b")
    ended, begun, where = True, re.compile(r"(BEGIN|START)\b"), []
    for text in map(cleaned, statements):
        ended = ended and not begun.match(text)
        free = ended and may.match(text) and not writes.match(text)
        where.append("replica" if free else "primary")
        ended = ended or bool(re.match(r"(COMMIT|ROLLBACK)\b", text))
    return where


def splitter(reads, *, transactions=True, clean=cleaned):
    """Make a wrong answer that goes by the text of each statement, with or without transactions."""

    def answer(statements):
        where, is_open = [], False
        for statement in statements:
            text = clean(statement)
            is_open = is_open or text.upper().startswith(("BEGIN", "START"))
            inside = transactions and is_open
            where.append("replica" if reads(text) and not inside else "primary")
            if text.upper().startswith(("COMMIT", "ROLLBACK")):
                is_open = False
        return where

    return answer


def right_reads(text):
    words = re.findall(r"\w+", text.upper())
    if not words or re.search(r"\bFOR (UPDATE|SHARE)\b", " ".join(words)):
        return False
    writes = {"INSERT", "UPDATE", "DELETE"} & set(words)
    return words[0] in ("SELECT", "SHOW") or (words[0] == "WITH" and not writes)


@split.misread("Within a transaction all goes to the primary: its reads must see its own writes.")
def each_on_its_own(statements):
    return splitter(right_reads, transactions=False)(statements)


@split.misread("FOR UPDATE and FOR SHARE lock rows, which a replica cannot do.")
def locks_on_the_replica(statements):
    return splitter(lambda t: right_reads(re.sub(r"\bFOR (UPDATE|SHARE)\b", "", t.upper())))(
        statements
    )


@split.misread("SQL does not tell small letters from capitals, so neither may you.")
def capitals_only(statements):
    def plain(statement):
        lines = [x for x in statement.splitlines() if not x.strip().startswith("--")]
        return " ".join("\n".join(lines).split())

    where, is_open = [], False
    for text in map(plain, statements):
        first = text.split()[0]
        is_open = is_open or first in ("BEGIN", "START")
        reads = first in ("SELECT", "SHOW", "WITH") and right_reads(text)
        where.append("replica" if reads and not is_open else "primary")
        if first in ("COMMIT", "ROLLBACK"):
            is_open = False
    return where


@split.misread("A comment in front is not the statement. Its first word is in the line after it.")
def comments_and_all(statements):
    return splitter(right_reads, clean=lambda s: s)(statements)


@split.misread("WITH may stand in front of a write too: look for the three verbs in it.")
def with_always_reads(statements):
    def reads(text):
        return right_reads(text) or (
            text.upper().startswith("WITH") and not re.search(r"\bFOR (UPDATE|SHARE)\b", text)
        )

    return splitter(reads)(statements)


@split.misread("WITH that only reads may go to a replica, like the SELECT that it is.")
def with_never_reads(statements):
    return splitter(lambda t: right_reads(t) and not t.upper().startswith("WITH"))(statements)


@split.misread("SHOW reads too, and a replica can answer it.")
def show_on_the_primary(statements):
    return splitter(lambda t: right_reads(t) and not t.upper().startswith("SHOW"))(statements)


@split.misread("UPDATED is the name of a column, not the word UPDATE. Compare whole words.")
def parts_of_words(statements):
    verbs = ("INSERT", "UPDATE", "DELETE")
    return splitter(lambda t: right_reads(t) and not any(v in t.upper() for v in verbs))(statements)


@split.misread("What begins a transaction belongs to it, and so does what ends it: the primary's.")
def edges_on_the_replica(statements):
    where, is_open = [], False
    for text in map(cleaned, statements):
        begins, ends = text.startswith(("BEGIN", "START")), text.startswith(("COMMIT", "ROLLBACK"))
        is_open = (is_open or begins) and not ends
        edge = begins or ends
        where.append("replica" if edge or (right_reads(text) and not is_open) else "primary")
    return where


@split.misread("A transaction ends with ROLLBACK as well as with COMMIT.")
def rollback_goes_on(statements):
    where, is_open = [], False
    for text in map(cleaned, statements):
        is_open = is_open or text.startswith(("BEGIN", "START"))
        where.append("replica" if right_reads(text) and not is_open else "primary")
        if text.startswith("COMMIT"):
            is_open = False
    return where


@split.misread("UPDATE behind WITH writes too, not only INSERT and DELETE.")
def with_update_forgotten(statements):
    def reads(text):
        return right_reads(text) or (
            text.upper().startswith("WITH")
            and not re.search(r"\b(INSERT|DELETE)\b|\bFOR (UPDATE|SHARE)\b", text.upper())
        )

    return splitter(reads)(statements)


@split.misread("BEGIN within a transaction opens no second one: the next COMMIT ends it.")
def counts_depth(statements):
    depth, where = 0, []
    for text in map(cleaned, statements):
        depth += text.startswith(("BEGIN", "START"))
        where.append("replica" if right_reads(text) and depth == 0 else "primary")
        depth -= bool(depth) and text.startswith(("COMMIT", "ROLLBACK"))
    return where


@split.misread("COMMIT and ROLLBACK end a transaction. Where none is open they begin none either.")
def ends_toggle(statements):
    is_open, where = False, []
    for text in map(cleaned, statements):
        is_open = is_open or text.startswith(("BEGIN", "START"))
        where.append("replica" if right_reads(text) and not is_open else "primary")
        if text.startswith(("COMMIT", "ROLLBACK")):
            is_open = not is_open
    return where


@split.misread("Only behind WITH do the words matter: a column may be called delete.")
def any_statement_with_a_verb(statements):
    def reads(text):
        return right_reads(text) and not {"INSERT", "UPDATE", "DELETE"} & set(
            re.findall(r"\w+", text.upper())
        )

    return splitter(reads)(statements)


@split.misread("A bracket is not a part of the word behind it: (delete is the word delete.")
def words_by_blanks(statements):
    def reads(text):
        words = text.upper().split()
        plain = not re.search(r"\bFOR (UPDATE|SHARE)\b", text.upper())
        return plain and (
            words[0] in ("SELECT", "SHOW")
            or (words[0] == "WITH" and not {"INSERT", "UPDATE", "DELETE"} & set(words))
        )

    return splitter(reads)(statements)


@split.misread("START TRANSACTION begins one as well as BEGIN does.")
def begin_alone(statements):
    where, is_open = [], False
    for text in map(cleaned, statements):
        is_open = is_open or text.startswith("BEGIN")
        where.append("replica" if right_reads(text) and not is_open else "primary")
        if text.startswith(("COMMIT", "ROLLBACK")):
            is_open = False
    return where


@split.misread("Only what is known to read may go to a replica. CREATE and TRUNCATE write as well.")
def all_but_three(statements):
    verbs = ("INSERT", "UPDATE", "DELETE", "BEGIN", "START", "COMMIT", "ROLLBACK")

    def reads(text):
        words = text.upper().split()
        return right_reads(text) or words[0] not in (*verbs, "WITH", "SELECT")

    return splitter(reads)(statements)


@split.otherwise
def why_split(got, statements):
    right = split.solution(statements)
    i = next((i for i, (a, b) in enumerate(zip(got, right, strict=False)) if a != b), None)
    if i is None:
        return f"There are {len(statements)} statements, and {len(got)} places came back."
    before = [cleaned(s).split()[0] for s in statements[:i]]
    text, is_open = cleaned(statements[i]), False
    for first in before:
        is_open = (is_open or first in ("BEGIN", "START")) and first not in ("COMMIT", "ROLLBACK")
    name = f"Statement {i + 1}, {statements[i]!r},"
    if right[i] == "replica":
        after = " and no transaction is open any more" if "COMMIT" in before else ""
        return f"{name} only reads{after}: it may go to a replica, so it must."
    if is_open:
        return f"{name} stands within a transaction, which is the primary's from begin to end."
    if re.search(r"\bFOR (UPDATE|SHARE)\b", text):
        return f"{name} locks rows: the primary's."
    return f"{name} is none of those that are known to read: the primary's."
