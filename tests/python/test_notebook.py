"""The notebook of docs/ is committed without outputs, and runs from its first cell to its last."""

import pathlib

import nbformat
import pytest
from nbclient import NotebookClient

PATH = pathlib.Path(__file__).parents[2] / "docs" / "tutorial-python.ipynb"


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    notebook = nbformat.read(PATH, as_version=4)
    folder = tmp_path_factory.mktemp("notebook")
    return NotebookClient(notebook, timeout=300, resources={"metadata": {"path": folder}}).execute()


def text_of(notebook):
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "".join(output.get("text", "") for output in outputs)


def test_no_outputs_and_no_counts_are_committed():
    notebook = nbformat.read(PATH, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(cells) > 5
    assert all(not cell.outputs and cell.execution_count is None for cell in cells)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}  # nothing of a machine


def test_features_classify_better_than_pixels(executed):
    percents = {
        line.split(":")[0]: float(line.split()[-1].rstrip("%"))
        for line in text_of(executed).splitlines()
        if line.startswith("right on")
    }
    assert percents["right on features"] > percents["right on pixels"] + 5
    assert percents["right on features"] > 80


def test_it_draws_images_and_filters_and_keeps_the_model(executed):
    outputs = [output for cell in executed.cells for output in cell.get("outputs", [])]
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 2
    assert text_of(executed).endswith("True\n")
