"""What the statements of the chapter showed on PostgreSQL 18.6, 29 November 2026."""

from scalelab.course.chapters.query_optimization.plans import Plan

# Nodes, buffers, kilobytes, spilled, scans, expected, found: the fields of a Plan.
ROWS: dict[str, tuple[str, int, int, int, int, int, int]] = {
    "no index": ("Limit, Sort, Seq Scan", 736, 1, 0, 1, 13, 13),
    "one status, no index": ("Aggregate, Seq Scan", 736, 1, 0, 1, 25353, 25303),
    "index on customer": ("Limit, Sort, Bitmap Heap Scan, Bitmap Index Scan", 51, 1, 0, 2, 13, 13),
    "every customer, subquery": (
        "Seq Scan, Aggregate, Bitmap Heap Scan, Bitmap Index Scan",
        100690,
        35,
        0,
        3,
        2000,
        2000,
    ),
    "every customer, join": ("Aggregate, Hash Join, Seq Scan", 751, 35, 0, 2, 100000, 100000),
    "20 customers, subquery": (
        "Index Only Scan, Aggregate, Bitmap Heap Scan, Bitmap Index Scan",
        1029,
        1,
        0,
        3,
        20,
        20,
    ),
    "20 customers, join": (
        "Aggregate, Nested Loop, Index Only Scan, Index Scan",
        1029,
        1,
        0,
        2,
        20,
        20,
    ),
    "composite index": ("Limit, Index Scan", 13, 1, 0, 1, 13, 10),
    "one status, index": ("Aggregate, Index Scan", 759, 1, 0, 1, 25353, 25303),
    "function": ("Aggregate, Seq Scan", 736, 1, 0, 1, 500, 274),
    "range": ("Aggregate, Index Scan", 5, 1, 0, 1, 269, 274),
    "expression index": ("Aggregate, Index Scan", 5, 1, 0, 1, 273, 274),
    "distinct": ("Aggregate, Seq Scan", 736, 1640, 0, 1, 100000, 100000),
    "not distinct": ("Seq Scan", 736, 1640, 0, 1, 100000, 100000),
    "long texts, all columns": ("Seq Scan", 810, 1880, 0, 1, 200, 200),
    "long texts, two columns": ("Seq Scan", 2, 5, 0, 1, 200, 200),
    "short rows, all columns": ("Seq Scan", 736, 5367, 0, 1, 100000, 100000),
    "short rows, two columns": ("Seq Scan", 736, 1640, 0, 1, 100000, 100000),
    "one month by a range": ("Aggregate, Seq Scan", 46, 1, 0, 1, 8491, 8493),
    "one month by a function": ("Aggregate, Append, Seq Scan", 544, 1, 0, 12, 42, 0),
    "report, join": ("Aggregate, Hash Join, Seq Scan", 751, 2, 0, 2, 100000, 100000),
    "report, denormalised": ("Aggregate, Seq Scan", 576, 2, 0, 1, 100000, 100000),
    "old statistics": (
        "Aggregate, Sort, Nested Loop, Seq Scan, Index Scan",
        150276,
        2,
        0,
        2,
        1,
        50000,
    ),
    "new statistics": ("Aggregate, Hash Join, Seq Scan", 291, 2, 0, 2, 49970, 50000),
}
PLANS = {
    name: Plan(
        nodes=nodes,
        buffers=buffers,
        kilobytes=kilobytes,
        spilled=spilled,
        scans=scans,
        expected=expected,
        found=found,
    )
    for name, (nodes, buffers, kilobytes, spilled, scans, expected, found) in ROWS.items()
}
