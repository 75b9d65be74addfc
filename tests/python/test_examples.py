"""The Python examples run, and leave what they promise; so does the drawing of filters."""

import pathlib
import subprocess
import sys

import numpy as np
import pytest

from wta._plot import grid_of

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"


def test_features_in_python(tmp_path):
    pytest.importorskip("matplotlib")
    command = [sys.executable, str(EXAMPLES / "3_features_in_python.py")]
    printed = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    accuracy = float(printed.split()[-1])
    assert 0.7 < accuracy < 1
    assert (tmp_path / "filters.png").stat().st_size > 1000


def test_a_grid_shows_zero_as_grey_and_the_largest_value_as_white_or_black():
    atoms = np.zeros((5, 2, 3, 1), np.float32)
    atoms[1, 0, 0] = -4
    atoms[1, 1, 2] = 2
    grid = grid_of(atoms)
    assert grid.shape == (7, 13, 1)  # two rows of three, one pixel between them
    assert grid[1, 5, 0] == 0 and grid[2, 7, 0] == 0.75
    assert grid[1, 1, 0] == 0.5 and grid[0, 0, 0] == 1
