"""Shows that a change of code leaves measured figures as they are: the same bits from the tools of two commits.

Trains each experiment of measure.py in short, a thousand real samples for two epochs, and classifies the same way, with the tool of
the commit that its figures are from and with build/release/wta, which has to be the tool of HEAD. Where the model's
tensors and every figure are equal, results/same-bits.json says so, and `./dev results` takes the figures as those of HEAD.

usage: WTA_DATA=FOLDER same_bits.py NAME [--only TRAINING] [--folder FOLDER]     (NAME: of measure.py's EXPERIMENTS)
"""

import argparse
import gzip
import json
import lzma
import os
import pathlib
import shlex
import subprocess

import numpy as np
from measure import EXPERIMENTS, TOOL, Experiment
from provenance import ROOT, provenance
from stale import changes, commit_of

RECORDS = ROOT / "results" / "same-bits.json"
SAMPLES = 1000


def content(path: pathlib.Path) -> bytes:
    """Of a file that may be packed."""
    for suffix, unpack in (("", bytes), (".gz", gzip.decompress), (".xz", lzma.decompress)):
        packed = path.with_name(path.name + suffix)
        if packed.exists():
            return unpack(packed.read_bytes())
    raise FileNotFoundError(f"{path}: not here, nor packed as .gz or .xz. Try: another WTA_DATA.")


def mnist(folder: pathlib.Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    def read(name: str, header: int) -> np.ndarray:
        return np.frombuffer(content(folder / "mnist" / f"{split}-{name}"), np.uint8, offset=header)

    return read("images-idx3-ubyte", 16).reshape(-1, 28, 28), read("labels-idx1-ubyte", 8)


def cifar10(folder: pathlib.Path, file: str) -> tuple[np.ndarray, np.ndarray]:
    records = np.frombuffer(content(folder / "cifar10" / f"{file}.bin"), np.uint8).reshape(-1, 3073)
    return records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), records[:, 0]


def few_samples(kind: str, folder: pathlib.Path) -> pathlib.Path:
    """The first samples of the set that experiments of that kind learn from, as a file."""
    data = pathlib.Path(os.environ["WTA_DATA"])
    if kind == "colour":
        sets = cifar10(data, "data_batch_1"), cifar10(data, "test_batch")
    else:
        sets = mnist(data, "train"), mnist(data, "t10k")
    path = folder / f"{'cifar10' if kind == 'colour' else 'mnist'}.npz"
    (x_train, y_train), (x_test, y_test) = ((x[:SAMPLES], y[:SAMPLES].astype(np.int64)) for x, y in sets)
    np.savez(path, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    return path


def tool_of(commit: str, folder: pathlib.Path) -> pathlib.Path:
    """The tool of a commit, built in the folder."""
    tree = folder / f"tree-{commit[:10]}"
    if not tree.exists():
        subprocess.run(["git", "-C", ROOT, "worktree", "add", "--detach", "--force", tree, commit], check=True)
    if not (tree / "build/release/wta").exists():
        subprocess.run(["cmake", "--preset", "release"], cwd=tree, check=True, stdout=subprocess.DEVNULL)
        build = ["cmake", "--build", "build/release", "--target", "wta_tool"]
        subprocess.run(build, cwd=tree, check=True, stdout=subprocess.DEVNULL)
    return tree / "build/release/wta"


def tensors_sha256(model: pathlib.Path) -> str:
    """Of the model's numbers, which the file states of itself. Its options may be more from commit to commit."""
    with model.open("rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    return header["__metadata__"]["data_sha256"]


def outcome(tool: pathlib.Path, experiment: Experiment, data: pathlib.Path, run: pathlib.Path) -> dict:
    """What the tool makes of the experiment in short: the SHA-256 of the model's tensors, and the figures of each classification."""
    train = experiment.train.replace("--data mnist", "")
    arguments = f"train {train} --data {data} --epochs 2 --seed {experiment.seed} --out {run} --overwrite"
    subprocess.run([tool, *shlex.split(arguments)], check=True, capture_output=True)
    figures: dict = {"tensors_sha256": tensors_sha256(run / "model.safetensors")}
    for choice in experiment.classify:
        if "--labels" in choice and int(choice.split()[-1]) >= SAMPLES:
            continue
        command = [tool, "classify", run, *shlex.split(choice), "--json"]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        figures[choice] = {key: value for key, value in json.loads(done.stdout).items() if key != "seconds"}
    return figures


def compare(experiment: Experiment, entry: dict, folder: pathlib.Path) -> dict | None:
    """The record that the commit of the entry and HEAD give the same; None where they do not."""
    old = commit_of(ROOT, entry)
    if not changes(ROOT, old, experiment.paths()):
        print(f"{experiment.name}: no change since {old[:10]}", flush=True)
        return None
    data = few_samples(experiment.kind, folder)
    before = outcome(tool_of(old, folder), experiment, data, folder / "before")
    now = outcome(TOOL, experiment, data, folder / "now")
    if before != now:
        print(f"{experiment.name}: differs from {old[:10]}\n  {before}\n  {now}", flush=True)
        return None
    print(f"{experiment.name}: the same bits as {old[:10]}", flush=True)
    record = provenance(f"results/same_bits.py, {experiment.name}", experiment.paths())
    if record["uncommitted_changes"]:
        raise SystemExit("same_bits: the working tree must be that of HEAD; it has changes. Try: commit first.")
    return {"experiment": experiment.name, "old": old, "new": record["commit"], "outcome": now} | record


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=EXPERIMENTS)
    parser.add_argument("--only", default="", help="the trainings whose name starts so")
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build" / "same-bits", help="for tools and runs")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    entries = json.loads((ROOT / "results" / f"{options.name}.json").read_text())
    for experiment in EXPERIMENTS[options.name]:
        known = [entry for entry in entries if entry["name"].startswith(experiment.name)]
        if not experiment.name.startswith(options.only) or not known:
            continue
        record = compare(experiment, known[0], options.folder)
        records = json.loads(RECORDS.read_text()) if RECORDS.exists() else []
        if record:
            records = [other for other in records if (other["experiment"], other["old"]) != (record["experiment"], record["old"])]
            RECORDS.write_text(json.dumps([*records, record], indent=1) + "\n")


if __name__ == "__main__":
    main()
