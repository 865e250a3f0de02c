"""Claims on read-heavy and write-heavy workloads."""

from __future__ import annotations

from numpy.typing import ArrayLike

from scalelab.course.chapters.workloads.experiments import class_by_percent
from scalelab.course.ledger import Values, section
from scalelab.models.replication import read_capacity
from scalelab.models.traffic import read_share, reads_per_write

claim = section("Read-Heavy vs Write-Heavy Workloads", "workloads")

ALL_COPIES = 1e9  # as good as any number


def ceiling(ratio: ArrayLike) -> float:
    """Gain of very many copies at a mix."""
    return float(read_capacity(ALL_COPIES, ratio))


@claim(
    "rw-read-heavy",
    says="A workload is read-heavy with 90 % reads or more; its ratio is 100 : 1 to 1,000 : 1.",
    kind="arithmetic",
    verdict="holds-under-assumptions",
    finding="The percentage is a bound, and the ratio describes the examples: both are true, and "
    "they are 11 times apart at the lower end. 90 % are 9 reads to a write; 100 : 1 is 99 %. "
    "Who mixes them up errs where it matters: copies gain at most 10 × at 90 %, and 101 × at "
    "100 : 1.",
    source="k reads per write are a share of k/(k + 1); the gain of copies is Amdahl's law.",
    named={
        "ratio_90": "reads per write at 90 % reads | reads",
        "apart": "100 reads per write, of those at 90 % | ×",
        "pct_100": "share of reads at 100 to a write | share",
        "pct_1000": "share of reads at 1,000 to a write | share",
        "cap_9": "most that copies gain at 9 reads per write | ×",
        "cap_100": "most that copies gain at 100 reads per write | ×",
    },
)
def read_heavy() -> Values:
    return {
        "ratio_90": reads_per_write(0.9),
        "apart": 100 / reads_per_write(0.9),
        "pct_100": read_share(100),
        "pct_1000": read_share(1_000),
        "cap_9": ceiling(9),
        "cap_100": ceiling(100),
    }


@claim(
    "rw-write-heavy",
    says="A workload is write-heavy with 50 % writes or more; its ratio is 1 : 10 to 1 : 100.",
    kind="arithmetic",
    verdict="holds-under-assumptions",
    finding="Again the percentage is a bound and the ratio describes the examples. 50 % writes "
    "are one read to a write; 1 : 10 is 90.9 % writes and 1 : 100 is 99.0 %. For copies it makes "
    "little difference here: they gain at most 2 × at one end and 1.01 × at the other.",
    source="k reads per write leave a share of 1/(k + 1) to writes; Amdahl's law.",
    named={
        "w_10": "share of writes at 1 read to 10 writes | share",
        "w_100": "share of writes at 1 read to 100 writes | share",
        "cap_1": "most that copies gain at 1 read to a write | ×",
        "cap_100": "most that copies gain at 1 read to 100 writes | ×",
    },
)
def write_heavy() -> Values:
    return {
        "w_10": 1 - read_share(1 / 10),
        "w_100": 1 - read_share(1 / 100),
        "cap_1": ceiling(1),
        "cap_100": ceiling(1 / 100),
    }


@claim(
    "rw-classes-partition",
    says="Workloads are read-heavy (90 % reads or more), write-heavy (50 % writes or more) or "
    "balanced (50 : 50).",
    kind="arithmetic",
    verdict="misleading",
    finding="The guide calls them common patterns and does not say that there are no others. But "
    "all advice that follows is given by class, and a workload of 80 % reads is in none: of the "
    "whole percentages of reads, 39 belong to no class, 51 to 89. And 50 : 50 is in two. Use the "
    "number instead: at 80 % reads copies gain at most 5 ×.",
    source="The guide's own bounds, applied to each whole percentage.",
    named={
        "in_none": "whole percentages of reads that are in no class | of 101",
        "in_two": "whole percentages of reads that are in two | of 101",
        "cap_80": "most that copies gain at 80 % reads | ×",
    },
)
def classes() -> Values:
    names = [class_by_percent(float(reads_per_write(p / 100))) for p in range(100)] + ["read-heavy"]
    return {
        "in_none": names.count("no class"),
        "in_two": sum(" and " in name for name in names),
        "cap_80": ceiling(reads_per_write(0.8)),
    }


@claim(
    "rw-reads-replicate-writes-coordinate",
    says="Reads are easily copied to many servers; writes must be coordinated.",
    kind="replication",
    verdict="holds",
    finding="And it has a number: each copy must do every write, so the share of writes is the "
    "part of the work that copies do not divide. Ten copies give 5.26 × at nine reads per write, "
    "and no number gives more than 10 ×; at a hundred they give 9.18 ×, of at most 101 ×.",
    source="Gray, Helland, O'Neil and Shasha 1996; Amdahl's law with the share of writes.",
    named={
        "ten_9": "gain of 10 copies at 9 reads per write | ×",
        "ten_100": "gain of 10 copies at 100 reads per write | ×",
        "cap_9": "most that copies gain at 9 reads per write | ×",
        "cap_100": "most that copies gain at 100 reads per write | ×",
    },
)
def copies() -> Values:
    return {
        "ten_9": read_capacity(10, 9),
        "ten_100": read_capacity(10, 100),
        "cap_9": ceiling(9),
        "cap_100": ceiling(100),
    }


@claim(
    "rw-chat-write-heavy",
    says="Storing chat messages is write-heavy: 1 read to 10 writes, or fewer.",
    kind="qualitative",
    verdict="misleading",
    finding="One large chat reported about as many reads as writes from its message store. By the "
    "guide's percentage that is just write-heavy, and balanced as well; by its ratio there are 10 "
    "times as many reads as it says. People open a channel to "
    "read it. A store of sensor values that nobody looks at is another matter. Do not take the "
    "class of your neighbour: count.",
    source="Engineers of Discord on their message store, 2017 (read in a copy): about 50 % reads.",
    named={
        "reported": "reads per write of that store | reads",
        "guide": "reads per write at most, by the guide | reads",
        "times": "how many times as many reads as the guide says | ×",
    },
)
def chat() -> Values:
    reported, most = float(reads_per_write(0.5)), 1 / 10
    return {"reported": reported, "guide": most, "times": reported / most}
