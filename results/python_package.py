"""Measures the Python package beside the command line and writes results/python-package.json: the time of fit, and the
accuracy of a scikit-learn pipeline on MNIST. To be run alone on a machine, by the Python that has wta installed.

usage: WTA_DATA=FOLDER [WTA_TOOL=FILE] python_package.py [fit | pipeline]     (default: both; build/release/wta)
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

from provenance import ROOT, provenance

TOOL = os.environ.get("WTA_TOOL", ROOT / "build" / "release" / "wta")
FILE = ROOT / "results" / "python-package.json"
PATHS = ["python", "src/app", "src/train", "src/core", "src/kernels", "src/model", "src/data", "src/optim"]
ROUNDS = 5
FIT = """
import time, wta
images = wta.datasets.load("mnist").x_train
begin = time.perf_counter()
wta.FCWTA({units}, epochs={epochs}).fit(images)
print(time.perf_counter() - begin)
"""


def train_seconds(units: int, epochs: int) -> float:
    """The command line's whole run: it also reads the data, saves and draws."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        command = [TOOL, "train", "--data", "mnist", "--arch", f"{units}fc", "--epochs", str(epochs), "--out", folder]
        subprocess.run([*command, "--overwrite"], check=True, capture_output=True)
        return time.perf_counter() - begin


def fit_seconds(units: int, epochs: int) -> tuple[float, float]:
    """Of fit, and of a process that imports the package, reads the data and fits."""
    begin = time.perf_counter()
    code = FIT.format(units=units, epochs=epochs)
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return float(done.stdout), time.perf_counter() - begin


def measure_fit() -> dict:
    """Both in turn, so that what else the machine does falls on both."""
    rounds = [(train_seconds(1000, 5), *fit_seconds(1000, 5)) for _ in range(ROUNDS)]
    figures = {
        "tool_seconds": statistics.median(tool for tool, _, _ in rounds),
        "fit_seconds": statistics.median(fit for _, fit, _ in rounds),
        "process_seconds": statistics.median(process for _, _, process in rounds),
        "fit_per_tool": statistics.median(fit / tool for tool, fit, _ in rounds),
        "process_per_tool": statistics.median(process / tool for tool, _, process in rounds),
        "rounds": ROUNDS,
    }
    return {"name": "fit", "figures": figures} | provenance("results/python_package.py fit", PATHS)


def measure_pipeline() -> dict:
    """make_pipeline(FCWTA, LinearSVC) on the network of the README's first row, and `wta classify` on its model, which
    is the one that `wta train` learns, bit for bit. Both classifiers read codes of mean square norm 1; LinearSVC takes
    its default C, the command line chooses one on held-out training samples."""
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    import wta

    mnist = wta.datasets.load("mnist")
    begin = time.perf_counter()
    pipeline = make_pipeline(wta.FCWTA(2000, lifetime="5%", scale_codes=True), LinearSVC())
    pipeline.fit(mnist.x_train, mnist.y_train)
    seconds = time.perf_counter() - begin
    with tempfile.TemporaryDirectory() as folder:
        model = f"{folder}/model.safetensors"
        pipeline[0].save(model)
        command = [TOOL, "classify", model, "--data", "mnist", "--json"]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures = {
        "pipeline_test_error_percent": 100 * (1 - pipeline.score(mnist.x_test, mnist.y_test)),
        "tool_test_error_percent": json.loads(done.stdout)["test_error_percent"],
        "pipeline_seconds": seconds,
    }
    return {"name": "pipeline", "figures": figures} | provenance("results/python_package.py pipeline", PATHS)


def main():
    measures = {"fit": measure_fit, "pipeline": measure_pipeline}
    for name in sys.argv[1:] or measures:
        entries = json.loads(FILE.read_text()) if FILE.exists() else []
        entry = measures[name]()
        FILE.write_text(json.dumps([old for old in entries if old["name"] != name] + [entry], indent=1) + "\n")
        print(json.dumps(entry["figures"], indent=1))


if __name__ == "__main__":
    main()
