"""What the chapter on workloads promises and leaves."""

from scalelab.course.about import About

ABOUT = About(
    title="Reads and writes",
    question="Nine requests of ten are reads. How far will copies of the database carry you?",
    outcomes=(
        "turn a percentage of reads into reads per write, and back, without an error",
        "say how much any number of copies can gain, from the mix alone",
        "measure a mix where it counts: in work, at the database, in its worst hour",
    ),
    needs=("vertical",),
    rules=(
        "Say reads per write, not per cent: 90 % and 99 % look alike and are 9 and 99.",
        "Copies gain at most k + 1 times one node, at k reads per write: each takes every write.",
        "Weigh by work: a report and a lookup are one read each, and their costs may differ a lot.",
        "Measure behind the cache: a read that it answers is no read of the database any more.",
        "Plan for the hour with the most writes if copies must bear it, not for the day's mean.",
    ),
    minutes=9,
    lab_minutes=45,
)
