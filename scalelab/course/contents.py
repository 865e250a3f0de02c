"""The chapters in the order of the book, and the folder of each."""

from __future__ import annotations

from scalelab import _validate as v

# Name of the notebook: its folder below book/, empty for the book itself.
CHAPTERS = {
    "introduction": "",
    "horizontal": "scaling",
    "vertical": "scaling",
    "diagonal": "scaling",
    "autoscaling": "scaling",
    "choosing": "scaling",
    "stateless": "state",
    "sticky_sessions": "state",
    "external_state": "state",
    "serialization": "state",
    "workloads": "reads_writes",
    "read_replicas": "reads_writes",
    "write_sharding": "reads_writes",
    "cqrs": "reads_writes",
    "read_after_write": "reads_writes",
    "connection_pooling": "database",
    "query_optimization": "database",
    "vertical_limits": "database",
    "replication": "database",
    "resharding": "database",
    "caching": "database",
    "progressive_path": "path",
    "principles": "path",
}

LAB = "lab_"  # before a lab's name: two tabs of one name are easily confused
# Labs with another name than their chapter's.
NAMED = {"progressive_path": "capstone", "principles": "incidents"}

PARTS = {  # of the book, by folder
    "": "Introduction",
    "scaling": "Scaling",
    "state": "State",
    "reads_writes": "Reads and writes",
    "database": "Databases",
    "path": "The path",
}


def page_of(chapter: str) -> str:
    """Return the address of a chapter's page, from a page one folder below the book.

    Examples
    --------
    >>> page_of("vertical"), page_of("introduction")
    ('../scaling/vertical.html', '../introduction.html')
    """
    folder = CHAPTERS[v.choice("page_of", "chapter", chapter, tuple(CHAPTERS))]
    return f"../{folder}/{chapter}.html" if folder else f"../{chapter}.html"


def lab_of(chapter: str) -> str:
    """Return the name of the file of a chapter's lab, without its ending.

    Examples
    --------
    >>> lab_of("vertical"), lab_of("progressive_path")
    ('lab_vertical', 'lab_capstone')
    """
    return f"{LAB}{NAMED.get(v.choice('lab_of', 'chapter', chapter, tuple(CHAPTERS)), chapter)}"


def chapter_of(lab: str) -> str:
    """Return the chapter of a lab's file, or an empty text if it is that of none.

    Examples
    --------
    >>> chapter_of("lab_capstone"), chapter_of("vertical")
    ('progressive_path', '')
    """
    return next((chapter for chapter in CHAPTERS if lab_of(chapter) == lab), "")
