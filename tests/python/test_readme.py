"""What README and docs show runs as written."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[2]


def run(document, folder):
    runner = ROOT / "tests" / "python" / "readme.py"
    done = subprocess.run(
        [sys.executable, runner, ROOT / document], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout


def test_the_example_of_the_readme_runs(tmp_path):
    accuracy = float(run("README.md", tmp_path).split()[-1])
    assert 0.88 < accuracy < 1


def test_the_example_of_the_python_page_runs(tmp_path):
    assert run("docs/python.md", tmp_path).endswith("(1000, 64) (1000, 784) 10\n")
