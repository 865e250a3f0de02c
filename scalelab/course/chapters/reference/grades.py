"""The four grades of the ledger, each with an entry that shows what it means."""

from __future__ import annotations

from scalelab.course.ledger import MEANING, VERDICTS, load, shown_entry
from scalelab.course.page import Html, prose

# By grade: an entry of the ledger, and why it has this grade and not the next.
EXAMPLES = {
    "holds": (
        "vert-diminishing",
        "The sentence says no more than that it may happen. It does happen, at each doubling.",
    ),
    "holds-under-assumptions": (
        "pool-prevents-exhaustion",
        "It is right for one process, and for a fleet whose pools share one limit. The sentence "
        "leaves that out, so it does not simply hold.",
    ),
    "misleading": (
        "horiz-near-infinite",
        "It is right for work that shares nothing, so it is not wrong. But a careful reader who "
        "plans other work with it buys servers that make things slower.",
    ),
    "wrong": (
        "pool-8.5s-overhead",
        "The time of the queries is counted as overhead. No reading of the sentence makes it true.",
    ),
}


def grades() -> Html:
    """Show each grade: what it means, an entry that has it, and why that entry has it."""
    entries = {entry.id: entry for entry in load()}
    parts, lines = [], []
    for verdict, (name, why) in EXAMPLES.items():
        example = shown_entry(entries[name]).replace("<details>", "<details open>")
        parts.append(
            f'<section data-verdict="{verdict}"><p><span class="sl-badge">{VERDICTS[verdict]}'
            f"</span> {prose(MEANING[verdict])}. For example:</p>"
            f"<ul>{example}</ul><p>{prose(why)}</p></section>"
        )
        lines.append(f"{VERDICTS[verdict]}: {MEANING[verdict]}. {entries[name].says} {why}")
    body = f'<div class="sl-ledger sl-grades">{"".join(parts)}</div>'
    return Html(body, "\n".join(lines))
