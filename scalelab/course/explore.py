"""One drawing function, two lives: widgets with a kernel, drawn frames without one."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from scalelab import _validate as v
from scalelab.course.controls import Control, Quantity, Selector, Switch
from scalelab.course.page import Html, assets, attribute, boxed, drawing, page_is_static, prose
from scalelab.extras import how_to_get
from scalelab.plotting import canvas
from scalelab.quantities import unparted
from scalelab.svg import MAIN

Draw = Callable[..., str]
MOST_FRAMES = 200


@dataclass(frozen=True)
class Task:
    """Something to find with an explorer, checked on the page.

    Parameters
    ----------
    question : str
        "Find the ... at which ...".
    right : callable
        Of the controls' values, by name: whether they answer the question.
    told : str
        Why, for who has found it.
    smallest, largest : str, optional
        The control of which the question asks for the smallest or the largest value: of the
        settings that are right, only those with that value answer.

    Examples
    --------
    >>> Task("Find the smallest n over 7.", lambda n: n > 7, "8 = 7 + 1.", smallest="n").smallest
    'n'
    """

    question: str
    right: Callable[..., Any]
    told: str
    smallest: str = ""
    largest: str = ""


def explore(
    draw: Draw,
    *,
    alt: str,
    task: Task,
    height: float = 3.4,
    panels: int = 1,
    **controls: Control,
) -> Any:
    """Let the reader move the inputs of a figure, and find something with them.

    The curves and bars before a change stay as a ghost until the next. The address of the page
    says where the controls stand, so that a link shows what its sender saw.

    Parameters
    ----------
    draw : callable
        ``draw(ax, **values) -> str``: draws into the axes (an array of them if `panels` > 1) and
        returns one sentence with the numbers that the figure shows. Its name, without ``draw_``,
        names the explorer in the page's address.
    alt : str
        What the figure is about; the sentence of `draw` is added to it.
    task : Task
        Right for some settings, but neither for all nor for the first.
    height : float
        In inches.
    panels : int
        Axes side by side; on a phone they stand below each other.
    **controls : Quantity, Selector or Switch
        Each named after the argument of `draw` that it sets.

    Returns
    -------
    object
        Shows itself: as widgets where a kernel runs, else as frames drawn now.

    Raises
    ------
    ValueError
        There is no control, the grid of their values has more than 200 frames, or the task is
        right nowhere, everywhere or at the start.
    """
    if not controls:
        v.refuse("explore", "controls", "hold at least one control", v.Words("none"))
    explorer = _Explorer(draw, alt, task, height, panels, controls)
    settings = explorer.settings()
    if len(settings) > MOST_FRAMES:
        remedy = "give a control fewer values"
        v.refuse("explore", "controls", f"span at most {MOST_FRAMES} frames", len(settings), remedy)
    right = explorer.right()
    if not 0 < len(right) < len(settings) or explorer.first in right:
        rule = "be right for some settings, but not for all and not for the first"
        v.refuse("explore", "task", rule, v.Words(f"{len(right)} of {len(settings)}"))
    return (_frames if page_is_static() else _widgets)(explorer)


Setting = tuple[int, ...]  # where each control stands


@dataclass(frozen=True)
class _Explorer:
    draw: Draw
    alt: str
    task: Task
    height: float
    panels: int
    controls: dict[str, Control]

    @property
    def name(self) -> str:
        return self.draw.__name__.removeprefix("draw_").replace("_", "-")

    @property
    def first(self) -> Setting:
        return tuple(control.first for control in self.controls.values())

    def settings(self) -> list[Setting]:
        """All of the grid; the last control changes fastest."""
        return list(itertools.product(*(range(len(c.options)) for c in self.controls.values())))

    def values(self, setting: Setting) -> dict[str, Any]:
        pairs = zip(self.controls.items(), setting, strict=True)
        return {name: control.options[at][1] for (name, control), at in pairs}

    def right(self) -> list[Setting]:
        """Find the settings that answer the task."""
        found = [s for s in self.settings() if self.task.right(**self.values(s))]
        for name, pick in ((self.task.smallest, min), (self.task.largest, max)):
            if name and found:
                place = list(self.controls).index(name)
                best = pick(setting[place] for setting in found)
                found = [setting for setting in found if setting[place] == best]
        return found

    def render(self, setting: Setting) -> tuple[list[str], list[str], str]:
        """Return the picture, wide and narrow, and its sentence."""
        figure, ax = canvas(self.panels, height=self.height)
        text = self.draw(ax, **self.values(setting))
        mark_main(figure)
        wide, narrow = drawing(figure, self.alt)
        said = f'aria-label="{attribute(unparted(f"{self.alt} {text}"))}">'
        return [wide[0], said, *wide[2:]], [narrow[0], said, *narrow[2:]], text


def mark_main(figure: Figure) -> None:
    """Name the curves and the bars of a figure: they leave a ghost when a control moves."""
    for i, ax in enumerate(figure.axes):
        bars = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
        curves = [line for line in ax.get_lines() if np.size(line.get_xdata()) > 2]
        for artist in (*bars, *curves):
            artist.set_gid(f"{MAIN}{i}")


def _frames(explorer: _Explorer) -> Html:
    """All frames of the grid; the first is in the page, the others come when they are near."""
    parts: dict[str, int] = {}
    frames, texts, right = [], [], explorer.right()
    for setting in explorer.settings():
        wide, narrow, text = explorer.render(setting)
        frames.append([parts.setdefault(line, len(parts)) for line in (*wide, *narrow)])
        texts.append(unparted(text))
    answers = [place for place, s in enumerate(explorer.settings()) if s in right]
    wide, narrow, text = explorer.render(explorer.first)
    data = json.dumps({"parts": list(parts), "frames": frames, "texts": texts}, ensure_ascii=False)
    data = data.replace("</", "<\\/").replace("<!", "<\\!")  # or a text would end the script
    controls = "".join(
        _control(explorer.name, name, control) for name, control in explorer.controls.items()
    )
    body = (
        f'<figure class="sl-explore" data-explore="{attribute(explorer.name)}">'
        f'<div class="sl-frame">{"".join([*wide, *narrow])}</div>'
        f'<figcaption aria-live="polite">{prose(text)}</figcaption>'
        f'<div class="sl-controls">{controls}</div>{_task(explorer.task, answers)}'
        f'<script type="application/json" class="sl-frames">{data}</script>'
        "</figure>"
    )
    return Html(body, text=f"[explorer: {explorer.alt} {text}]")


def _task(task: Task, right: Iterable[int]) -> str:
    return (
        f'<form class="sl-task" data-right="{" ".join(map(str, right))}" '
        f'data-told="{attribute(unparted(task.told))}">'
        f'<p><strong>Find it.</strong> {prose(task.question)} <button type="submit">Check</button>'
        '</p><p role="status" class="sl-note"></p></form>'
    )


def _control(explorer: str, name: str, control: Control) -> str:
    shown = [text for text, _ in control.options]
    label, data = prose(control.label), f'data-control="{attribute(name)}"'
    if isinstance(control, Quantity):
        return (
            f'<label class="sl-quantity" {data}><span>{label}</span>'
            f'<input type="range" min="0" max="{len(shown) - 1}" step="1" value="{control.first}" '
            f'data-values="{attribute(json.dumps(shown, ensure_ascii=False))}" '
            f'aria-valuetext="{attribute(shown[control.first])}">'
            f"<output>{prose(shown[control.first])}</output></label>"
        )
    if isinstance(control, Switch):
        checked = " checked" if control.start else ""
        return (
            f'<label class="sl-switch" {data}><input type="checkbox"{checked}>'
            f"<span>{label}</span></label>"
        )
    segments = "".join(
        f'<label><input type="radio" name="{attribute(f"{explorer}-{name}")}" value="{i}"'
        f"{' checked' if i == control.first else ''}><span>{prose(text)}</span></label>"
        for i, text in enumerate(shown)
    )
    return f'<fieldset class="sl-choice" {data}><legend>{label}</legend>{segments}</fieldset>'


def _widgets(explorer: _Explorer) -> Any:
    """Make the same controls of ipywidgets, which draw on demand."""
    try:
        import ipywidgets as widgets
    except ImportError:
        wide, narrow, text = explorer.render(explorer.first)
        missing = f"The controls need ipywidgets: {how_to_get('labs')}."
        picture = "".join([*wide, *narrow])
        body = f"{picture}<figcaption>{prose(text)}</figcaption><p>{prose(missing)}</p>"
        return Html(f'<figure class="sl-figure">{body}</figure>', text=f"{text} {missing}")
    controls = [_widget(widgets, control) for control in explorer.controls.values()]
    image, line, answer = widgets.HTML(), widgets.HTML(), widgets.HTML()
    question = widgets.HTML(
        boxed(f"<p><strong>Find it.</strong> {prose(explorer.task.question)}</p>")
    )
    button = widgets.Button(description="Check", tooltip="Check what the controls show")

    def stand() -> Setting:
        return tuple(
            int(control.index if hasattr(control, "index") else control.value)
            for control in controls
        )

    def redraw(_: object = None) -> None:
        wide, narrow, text = explorer.render(stand())
        image.value = boxed(f'<div class="sl-frame">{"".join([*wide, *narrow])}</div>')
        line.value = boxed(f"<p>{prose(text)}</p>")
        answer.value = ""

    def check(_: object) -> None:
        told = f"Right. {explorer.task.told}" if stand() in explorer.right() else NOT_YET
        answer.value = boxed(f'<p role="status">{prose(told)}</p>')

    for control in controls:
        control.observe(redraw, names="value")
    button.on_click(check)
    redraw()
    box = widgets.VBox([image, line, *controls, question, button, answer, _own_style(widgets)])
    return box.add_class("sl-explorer")


def _own_style(widgets: Any) -> Any:
    """Return style and script as an output, because a widget of HTML runs no script."""
    shown = {"output_type": "display_data", "metadata": {}}
    return widgets.Output(outputs=({**shown, "data": {"text/html": assets("widgets")}},))


NOT_YET = "Not yet. Read the sentence below the picture, and move on."


def _widget(widgets: Any, control: Control) -> Any:
    common = {
        "description": control.label,
        "tooltip": control.label,
        "style": {"description_width": "initial"},
    }
    if isinstance(control, Quantity):
        return widgets.SelectionSlider(
            options=control.options,
            index=control.first,
            layout={"width": "90%"},
            continuous_update=False,
            **common,
        )
    if isinstance(control, Selector):
        return widgets.ToggleButtons(options=control.options, index=control.first, **common)
    return widgets.Checkbox(value=control.start, indent=False, **common)
