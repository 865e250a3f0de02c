"""One drawing function, two lives: widgets with a kernel, drawn frames without one."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from scalelab.course.page import Html, attribute, image_source, page_is_static, picture, prose
from scalelab.extras import how_to_get
from scalelab.plotting import canvas, themed_svg

Draw = Callable[..., str]
MOST_FRAMES = 200


@dataclass(frozen=True)
class Control:
    """One slider: its label, the values it steps through, and where it starts.

    Parameters
    ----------
    label : str
        With the unit.
    values : sequence
        In order; each is passed to the drawing function as it is.
    start : int
        Index of the first value shown.
    """

    label: str
    values: Sequence[Any]
    start: int = 0

    def __post_init__(self) -> None:
        if not len(self.values):
            raise ValueError("Control: values must not be empty, got []")
        if not 0 <= self.start < len(self.values):
            raise ValueError(
                f"Control: start must be an index of the {len(self.values)} values, "
                f"got {self.start}"
            )


def explore(
    draw: Draw, *, alt: str, height: float = 3.4, panels: int = 1, **controls: Control
) -> Any:
    """Let the reader move the inputs of a figure.

    Parameters
    ----------
    draw : callable
        ``draw(ax, **values) -> str``: draws into the axes (an array of them if `panels` > 1) and
        returns one sentence with the numbers that the figure shows.
    alt : str
        What the figure is about; the sentence of `draw` is added to it.
    height : float
        In inches.
    panels : int
        Axes side by side.
    **controls : Control
        One slider each, named after the argument of `draw` that it sets.

    Returns
    -------
    object
        Shows itself: as widgets where a kernel runs, else as frames drawn now.

    Raises
    ------
    ValueError
        There is no control, or the grid of their values has more than 200 frames.
    """
    if not controls:
        raise ValueError("explore: controls must hold at least one Control, got none")
    frames = 1
    for control in controls.values():
        frames *= len(control.values)
    if frames > MOST_FRAMES:
        raise ValueError(
            f"explore: controls must span at most {MOST_FRAMES} frames, got {frames}; "
            "give a control fewer values"
        )

    def render(values: Sequence[Any]) -> tuple[Figure, str]:
        figure, ax = canvas(panels, height=height)
        return figure, draw(ax, **dict(zip(controls, values, strict=True)))

    make = _frames if page_is_static() else _widgets
    return make(render, alt, controls)


Render = Callable[[Sequence[Any]], tuple[Figure, str]]


def _frames(render: Render, alt: str, controls: dict[str, Control]) -> Html:
    """All frames of the grid, the first in the page, the others fetched when asked for."""
    images, texts = [], []
    for values in itertools.product(*(control.values for control in controls.values())):
        figure, text = render(values)
        images.append([image_source(svg) for svg in themed_svg(figure)])
        texts.append(text)
    figure, text = render([control.values[control.start] for control in controls.values()])
    sliders = "".join(_slider(name, control) for name, control in controls.items())
    frames = attribute(json.dumps({"images": images, "texts": texts}))
    body = (
        f'<figure class="sl-explore" data-frames="{frames}" data-alt="{attribute(alt)}">'
        f"{picture(figure, f'{alt} {text}')}"
        f'<figcaption aria-live="polite">{prose(text)}</figcaption>'
        f'<div class="sl-controls">{sliders}</div></figure>'
    )
    return Html(body, text=f"[explorer: {alt} {text}]")


def _slider(name: str, control: Control) -> str:
    values = attribute(json.dumps([_shown(value) for value in control.values]))
    shown = _shown(control.values[control.start])
    return (
        f"<label><span>{prose(control.label)}</span>"
        f'<input type="range" min="0" max="{len(control.values) - 1}" step="1" '
        f'value="{control.start}" data-name="{attribute(name)}" data-values="{values}" '
        f'aria-valuetext="{attribute(shown)}"><output>{prose(shown)}</output></label>'
    )


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _widgets(render: Render, alt: str, controls: dict[str, Control]) -> Any:
    """Sliders of ipywidgets that draw on demand."""
    try:
        import ipywidgets as widgets
    except ImportError:
        figure, text = render([control.values[control.start] for control in controls.values()])
        missing = f"Sliders need ipywidgets: {how_to_get('labs')}."
        body = f"{picture(figure, f'{alt} {text}')}<p>{prose(text)}</p><p>{prose(missing)}</p>"
        return Html(f'<figure class="sl-figure">{body}</figure>', text=f"{text} {missing}")
    sliders = [
        widgets.SelectionSlider(
            options=[(_shown(value), value) for value in control.values],
            index=control.start,
            description=control.label,
            style={"description_width": "initial"},
            layout={"width": "90%"},
            continuous_update=False,
        )
        for control in controls.values()
    ]
    image, line = widgets.HTML(), widgets.HTML()

    def redraw(_: object = None) -> None:
        figure, text = render([slider.value for slider in sliders])
        light, _dark = themed_svg(figure)
        picture = f'<img alt="{attribute(f"{alt} {text}")}" src="{image_source(light)}">'
        image.value = f'<div style="background:#fff;padding:4px">{picture}</div>'
        line.value = f"<p>{prose(text)}</p>"

    for slider in sliders:
        slider.observe(redraw, names="value")
    redraw()
    return widgets.VBox([image, line, *sliders])
