"""What a legend covers."""

import numpy as np


def under_legend(ax):
    """Labels of the lines that pass below the legend, once the figure is laid out."""
    ax.figure.draw_without_rendering()
    box = ax.get_legend().get_window_extent()
    found = []
    for line in ax.get_lines():
        corners = line.get_transform().transform(np.asarray(line.get_xydata(), dtype=float))
        corners = corners[np.isfinite(corners).all(axis=1)]
        share = np.linspace(0, 1, 50)[:, None, None]
        along = corners[:-1] + share * np.diff(corners, axis=0)
        if ((along > box.min) & (along < box.max)).all(axis=-1).any():
            found.append(line.get_label())
    return found
