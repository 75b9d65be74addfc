"""Pictures with matplotlib, which is loaded when the first is drawn."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._arrays import Floats


def grid_of(atoms: Floats) -> Floats:
    """Atoms [units, h, w, c] as one picture of values 0..1: each by itself, 0 is mid-grey, one pixel between them."""
    units, height, width, channels = atoms.shape
    columns = int(np.ceil(np.sqrt(units)))
    rows = -(-units // columns)
    grid = np.ones((rows * (height + 1) + 1, columns * (width + 1) + 1, channels), np.float32)
    for unit, atom in enumerate(atoms):
        top = unit // columns * (height + 1) + 1
        left = unit % columns * (width + 1) + 1
        grid[top : top + height, left : left + width] = 0.5 + 0.5 * atom / max(float(np.abs(atom).max()), 1e-12)
    return grid


def plot_filters(atoms: Floats, ax: Any = None) -> Any:
    from matplotlib import pyplot

    if ax is None:
        _, ax = pyplot.subplots(figsize=(8, 8))
    grid = grid_of(atoms)
    ax.imshow(grid if grid.shape[2] == 3 else grid[:, :, 0], cmap="gray", vmin=0, vmax=1)
    ax.set_axis_off()
    return ax
