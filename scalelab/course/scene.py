"""A run of the fakes that plays again on the page: recorded now, without a kernel later."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping
from typing import Any

from scalelab import _validate as v
from scalelab.course.page import Html, attribute, prose
from scalelab.course.stage import KEEPS, LOOKS, Box, Look, Stage, Trace
from scalelab.quantities import NBSP, unparted

WIDTH = 400
MOST_EVENTS = 1_000
Run = Callable[..., object]
SHAPES: dict[Look, str] = {  # colour never stands alone: each look has a shape of its own
    "moving": "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z",
    "good": "M-4 -4h8v8h-8z",
    "lost": "M-5-3l2-2 3 3 3-3 2 2-3 3 3 3-2 2-3-3-3 3-2-2 3-3z",
    "again": "M0-5.5L5.2 4h-10.4z",
    "ghost": "M-3.8 0a3.8 3.8 0 1 0 7.6 0a3.8 3.8 0 1 0-7.6 0z",
    "record": "M0-5.8L5.8 0 0 5.8-5.8 0z",
    "miss": "M0 5.5L5.2-4h-10.4z",
}


def scene(
    run: Run,
    runs: Mapping[str, Any],
    *,
    until_s: float,
    alt: str,
    choose: str = "",
    pace: float = 1.0,
    still_s: float | None = None,
    legend: Mapping[Look, str] | None = None,
) -> Html:
    """Let the reader watch recorded runs.

    Parameters
    ----------
    run : callable
        ``run(stage, value)``: builds fakes on ``stage.clock``, shows them, and sets them going.
    runs : mapping
        By the name that the reader sees, the value of one run each.
    until_s : float
        How long it runs, in seconds of the clock.
    alt : str
        What the picture is about.
    choose : str
        What the reader chooses between, where there are several runs.
    pace : float
        Seconds of the clock in a second of the reader, at speed 1.
    still_s : float, optional
        The moment that is shown without a script, and on paper; three fifths by default.
    legend : mapping, optional
        What the looks mean here, where it is not what the shows say.

    Raises
    ------
    ValueError
        There is no run, one has more than 1,000 events, or two show different pictures.
    """
    if not runs:
        v.refuse("scene", "runs", "hold at least one run", runs)
    traces, stage = [], Stage()
    for value in runs.values():
        stage = Stage()
        run(stage, value)
        traces.append(stage.run(until_s))
    if any(trace.picture != traces[0].picture for trace in traces):
        v.refuse("scene", "run", "show the same picture whatever its value", list(runs))
    most = max(trace.events for trace in traces)
    if most > MOST_EVENTS:
        rule = f"have at most {MOST_EVENTS:,} events"
        v.refuse("scene", "run", rule, most, "let it end earlier, or ask for less")
    still_ms = round(1000 * (0.6 * until_s if still_s is None else still_s))
    looks = stage.legend | dict(legend or {})
    packed = {
        "noun": stage.noun,
        "p99": stage.p99_of,
        "choose": choose,
        "pace": pace,
        "still": still_ms,
        **_scenery(traces[0], looks),
        "runs": [{"name": n, **t.packed()} for n, t in zip(runs, traces, strict=True)],
    }
    said = " ".join(f"{ms / 1000:g} s: {text}" for ms, text in traces[0].says)
    body = _figure(traces, list(runs), packed, looks, alt, choose)
    return Html(body, text=f"[scene: {alt} {said}]".replace(" ]", "]"), needs="scene")


def _scenery(trace: Trace, looks: Mapping[Look, str]) -> dict[str, Any]:
    """Return what all runs share, for the player."""
    counters = trace.counters
    places = [
        [
            *(p.name, p.x, p.y, p.dx, p.dy, p.columns, p.most, KEEPS.index(p.keep)),
            counters.index(p.counter) if p.counter else -1,
            *p.half,
        ]
        for p in trace.picture.places
    ]
    return {
        "shapes": [SHAPES[look] for look in LOOKS],
        "words": [looks.get(look, "") for look in LOOKS],
        "boxes": [box.label for box in trace.picture.boxes],
        "counters": counters,
        "places": places,
    }


def _figure(
    traces: list[Trace],
    names: list[str],
    packed: dict[str, Any],
    looks: Mapping[Look, str],
    alt: str,
    choose: str,
) -> str:
    first, ms = traces[0], packed["still"]
    # no space stands between the parts of the JSON, so those that are parted are of sentences
    data = attribute(unparted(json.dumps(packed, separators=(",", ":"), ensure_ascii=False)))
    title = f"{choose}: {names[0]}" if len(traces) > 1 else ""
    time = f'<span class="sl-time">{ms / 1000:.1f}\u00a0s</span>'
    return (
        f'<figure class="sl-scene" data-trace="{data}"><div class="sl-stages">'
        f'<div class="sl-stage"><p class="sl-run">{prose(title)}</p>'
        f'<div class="sl-picture">{_picture(first, ms, alt)}</div>'
        f'<p class="sl-numbers">{prose(_numbers(first, ms))}</p>'
        f'<p class="sl-told">{prose(_sentence(first, ms))}</p></div></div>'
        f"{_legend(looks)}<figcaption>{prose(alt)} {time}</figcaption>"
        f'<p class="sl-live" aria-live="polite"></p>{_in_words(traces, names, choose)}</figure>'
    )


def _picture(trace: Trace, ms: int, alt: str) -> str:
    """Draw the boxes and, for who has no script, the tokens at one moment."""
    written = {box: (text, bad) for time, box, text, bad in trace.states if time <= ms}
    parts = [_box(i, box, *written.get(i, ("", 0))) for i, box in enumerate(trace.picture.boxes)]
    for i, place in enumerate(trace.picture.places):
        if place.keep == "line" and place.columns >= place.most:
            (x, y), (end, _) = place.slot(0), place.slot(place.most - 1)
            parts.append(f'<path class="sl-lane" d="M{x:g} {y + 9:g}H{end:g}"/>')
        if place.keep == "line":
            x, y = place.slot(place.most)
            parts.append(
                f'<text class="sl-more" data-place="{i}" x="{x + 4:g}" y="{y + 4:g}" '
                'text-anchor="end"></text>'
            )
    parts += [
        f'<text class="sl-sign" x="{s.x:g}" y="{s.y:g}" text-anchor="{s.anchor}">'
        f"{html.escape(s.text)}</text>"
        for s in trace.picture.signs
    ]
    return (
        f'<svg viewBox="0 0 {WIDTH} {trace.picture.height:g}" role="img" '
        f'aria-label="{attribute(alt)}">{"".join(parts)}'
        f'<g class="sl-tokens">{"".join(_tokens(trace, ms))}</g></svg>'
    )


def _box(i: int, box: Box, text: str, bad: int) -> str:
    middle, label = box.x + box.width / 2, html.escape(box.label)
    shape = (
        f'<rect class="sl-box" x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" '
        f'height="{box.height:g}" rx="4"/>'
    )
    state = f'class="sl-state" data-box="{i}" data-bad="{bad}">{html.escape(text)}'
    if box.inside:
        y = box.y + box.height / 2 + 4
        return (
            f'{shape}<text x="{middle:g}" y="{box.y - 5:g}" text-anchor="middle">{label}</text>'
            f'<text x="{middle:g}" y="{y:g}" text-anchor="middle" {state}</text>'
        )
    at_right = box.x + box.width > 0.8 * WIDTH  # words that grow, grow into the picture
    x, anchor = (box.x + box.width, "end") if at_right else (middle, "middle")
    words = f"{label} <tspan {state}</tspan>"
    return f'{shape}<text x="{x:g}" y="{box.y - 5:g}" text-anchor="{anchor}">{words}</text>'


def _tokens(trace: Trace, ms: int) -> list[str]:
    shapes = [SHAPES[look] for look in LOOKS]
    dots = []
    for i, tokens in trace.standing(ms).items():
        place = trace.picture.places[i]
        for slot, (_, look) in enumerate(tokens[: 0 if place.keep == "out" else place.most]):
            x, y = place.slot(slot)
            at = f'transform="translate({x:g} {y:g})"'
            dots.append(f'<path class="sl-token sl-look-{look}" d="{shapes[look]}" {at}/>')
    for token, x, y, look in trace.on_the_way(ms):
        at = f'transform="translate({x:.1f} {y:.1f})"'
        dots.append(f'<path class="sl-token sl-look-{look}" d="{shapes[look]}" {at}/>')
        words = html.escape(trace.labels.get(token, ""))
        dots.append(f'<text y="-9" text-anchor="middle" {at}>{words}</text>' if words else "")
    return dots


def _in_words(traces: list[Trace], names: list[str], choose: str) -> str:
    """Every run in words: its sentences, and the numbers at each of them and at the end."""
    parts = []
    for trace, name in zip(traces, names, strict=True):
        title = f"<p><strong>{prose(f'{choose}: {name}')}</strong></p>" if choose else ""
        lines = "".join(
            f"<li>{ms / 1000:g}\u00a0s: {prose(text)} <em>{prose(_numbers(trace, ms))}</em></li>"
            for ms, text in [*trace.says, (trace.end_ms, "The end.")]
        )
        parts.append(f"{title}<ul>{lines}</ul>")
    return f'<details class="sl-script"><summary>In words</summary>{"".join(parts)}</details>'


def _numbers(trace: Trace, ms: int) -> str:
    """Name the counters with what they say; a line may end between two, but not within one."""
    said = [f"{counter} {trace.count(counter, ms)}" for counter in trace.counters]
    return f"{NBSP}· ".join(part.replace(" ", NBSP) for part in said)


def _sentence(trace: Trace, ms: int) -> str:
    past = [text for time, text in trace.says if time <= ms]
    return past[-1] if past else ""


def _legend(looks: Mapping[Look, str]) -> str:
    items = "".join(
        f'<li><svg viewBox="-7 -7 14 14" width="14" height="14" aria-hidden="true">'
        f'<path class="sl-token sl-look-{LOOKS.index(look)}" d="{SHAPES[look]}"/></svg>'
        f"{prose(words)}</li>"
        for look, words in looks.items()
    )
    return f'<ul class="sl-legend">{items}</ul>'
