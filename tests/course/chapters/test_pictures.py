"""In the architecture pictures of all chapters no word lies over a box or over another word."""

import importlib
import inspect

import numpy as np
import pytest
from matplotlib.patches import FancyBboxPatch
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from support.tree import PACKAGE, dotted

from scalelab.figure_layout import for_a_phone

MODULES = sorted((PACKAGE / "course" / "chapters").rglob("*.py"))
PICTURES = [
    make
    for module in (importlib.import_module(dotted(path)) for path in MODULES)
    for name, make in inspect.getmembers(module, inspect.isfunction)
    if name.endswith("_picture") and make.__module__ == module.__name__
]


def collisions(figure):
    """Pairs of words, or of words and a box, of which one lies over the other."""
    figure.draw_without_rendering()
    (ax,) = figure.axes
    boxes = {patch: patch.get_window_extent() for patch in ax.patches}
    words = [text for text in ax.findobj(Text) if text.get_visible() and text.get_text().strip()]
    places = {text: text.get_window_extent() for text in words}
    found = []
    for i, text in enumerate(words):
        own = places[text].padded(-2)
        for patch, box in boxes.items():
            if isinstance(patch, FancyBboxPatch) and own.overlaps(box):
                inside = Bbox.intersection(own, box)
                if inside is not None and not np.allclose(inside.bounds, own.bounds):
                    found.append(f"{text.get_text()!r} over a box's edge")
        found += [
            f"{text.get_text()!r} over {other.get_text()!r}"
            for other in words[:i]
            if own.overlaps(places[other].padded(-2))
        ]
    return found


@pytest.mark.parametrize("make", PICTURES, ids=lambda make: make.__name__)
@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_words_lie_over_nothing(make, phone):
    figure = make()
    assert collisions(for_a_phone(figure) if phone else figure) == []
