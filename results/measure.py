"""Measures the figures that README and docs quote: trains, classifies or describes, and writes results/NAME.json.

An entry that is there and whose code has not changed since is left alone, so a stopped run goes on.

usage: WTA_DATA=FOLDER measure.py NAME [--only TRAINING] [--runs FOLDER] [--threads N]     (NAME: of EXPERIMENTS)
"""

import argparse
import dataclasses
import hashlib
import json
import pathlib
import re
import shlex
import subprocess
import sys
import time

from provenance import ROOT, provenance
from stale import state_of

sys.path.insert(0, str(ROOT / "bench"))
import measured_paths  # noqa: E402  (found through the line above)

TOOL = ROOT / "build" / "release" / "wta"
# A figure is out of date when the code that decides it changes: what every network shares, and its own kind's.
SHARED = ["src/core", "src/optim", "src/data", "src/train", "src/eval", "src/kernels/row_update_cpu.cpp"]
SHARED += [f"src/kernels/{file}" for file in ("linear_relu_cpu.cpp", "lifetime_selection_cpu.cpp", "winners.cpp")]
SHARED += [f"src/model/{file}.cpp" for file in ("autoencoder", "codes", "model_options", "pooling", "winner_slots")]
PRODUCTS = measured_paths.modules("src/kernels", "gemm_onednn")
PATHS = {
    "fc": SHARED + measured_paths.OF_FC,
    "conv": SHARED + measured_paths.OF_CONV + measured_paths.modules("src/model", "dense_conv_training_step", "dropout"),
    "k-sparse": SHARED
    + measured_paths.OF_FC
    + measured_paths.kernels("sample_selection")
    + measured_paths.modules("src/model", "sample_slots"),
    "sigmoid": SHARED
    + PRODUCTS
    + measured_paths.kernels("sigmoid", "linear_relu", "linear_backward")
    + [*measured_paths.modules("src/model", "dense_fc_training_step"), "src/model/kl_penalty.h"],
    "rbm": SHARED
    + PRODUCTS
    + measured_paths.kernels("sigmoid", "linear_relu")
    + measured_paths.modules("src/model", "rbm_training_step", "bernoulli"),
    "pca": SHARED + PRODUCTS + measured_paths.modules("src/model", "principal_components", "whitening"),
}
PREPARED = ["src/model/preprocessing.cpp", *measured_paths.modules("src/model", "local_contrast", "whitening")]
PATHS["colour"] = PATHS["conv"] + PRODUCTS + PREPARED


@dataclasses.dataclass(frozen=True)
class Experiment:
    """One training, then one or several ways to classify, or what became of the dictionary and a picture of it."""

    name: str
    train: str
    seed: int = 1
    classify: tuple[str, ...] = ("",)
    kind: str = "fc"  # of PATHS
    dictionary: bool = False
    picture: str = ""

    def paths(self) -> list[str]:
        return PATHS[self.kind] + [f"recipes/{name}.toml" for name in re.findall(r"--recipe (\S+)", self.train)]


def fc(rate: int, seed: int, **more) -> Experiment:
    return Experiment(f"fc-{rate}-seed{seed}", f"--data mnist --arch 2000fc --lifetime {rate}%", seed, **more)


def of_recipe(recipe: str, seed: int, kind: str = "fc", **more) -> Experiment:
    return Experiment(f"{recipe}-seed{seed}", f"--recipe {recipe}", seed, kind=kind, **more)


def conv(recipe: str, seed: int, **more) -> Experiment:
    return of_recipe(recipe, seed, "conv", **more)


POSITIVE = "--model wta-rbm --lifetime 30% --cd-competition positive"
FEW_LABELS = ("--labels 300", "--labels 1000", "--labels 2000", "--labels 5000", "--labels 10000")


def delta(setting: str, seed: int) -> Experiment:
    picture = f"docs/figures/delta-{setting}.png" if seed == 1 else ""
    return Experiment(
        f"{setting}-seed{seed}", f"--recipe mnist-conv-{setting}", seed, (), "conv", dictionary=True, picture=picture
    )


def delta_with(name: str, options: str) -> tuple[Experiment, ...]:
    return tuple(
        Experiment(
            f"{name}-{setting}", f"--recipe mnist-conv-{setting} {options}", classify=(), kind="conv", dictionary=True
        )
        for setting in ("none", "spatial")
    )


EXPERIMENTS = {
    "mnist-fc": (
        fc(5, 1, classify=("", "--features raw")),
        fc(5, 2),
        fc(5, 3),
        fc(30, 1),
        fc(10, 1),
        fc(2, 1),
        # What learning adds: the same encoder as it is drawn.
        Experiment("fc-random", "--data mnist --arch 2000fc --epochs 1 --lr 1e-30"),
    ),
    "mnist-conv": (
        conv("mnist-conv-128", 1, classify=("", *FEW_LABELS)),
        conv("mnist-conv-128", 2),
        conv("mnist-conv-128", 3),
        conv("mnist-conv-16", 1),
        Experiment(
            "mnist-conv-128-random",
            "--recipe mnist-conv-128 --epochs 1 --lr 1e-30",
            classify=("", "--labels 300", "--labels 1000"),
            kind="conv",
        ),
    ),
    "mnist-conv-stack": (conv("mnist-conv-stack", 1, classify=("", "--stages 1", "--stages all", *FEW_LABELS)),),
    "mnist-stacked-fc": (of_recipe("mnist-stacked-fc", 1, classify=("--stages all", "", "--stages 1")),),
    # What the method is measured against: same data, same classifier.
    "mnist-baselines": (
        of_recipe("mnist-dae", 1),
        of_recipe("mnist-stacked-dae", 1, classify=("", "--stages all")),
        of_recipe("mnist-k-sparse", 1, "k-sparse"),
        of_recipe("mnist-ae", 1),
        of_recipe("mnist-dropout-ae", 1),
        of_recipe("mnist-kl", 1, "sigmoid"),
        of_recipe("mnist-pca", 1, "pca"),
    ),
    "mnist-rbm": (
        *(of_recipe(recipe, seed, "rbm") for recipe in ("mnist-wta-rbm", "mnist-rbm") for seed in (1, 2, 3)),
        Experiment("mnist-wta-rbm-positive-seed1", f"--recipe mnist-rbm {POSITIVE}", kind="rbm"),
    ),
    "cifar10-conv": (of_recipe("cifar10-conv-64", 1, "colour"), of_recipe("cifar10-conv-256", 1, "colour")),
    # What a convolutional autoencoder learns without competition: delta filters (paper, figure 4).
    "mnist-delta": tuple(
        delta(setting, seed)
        for setting in ("none", "dropout", "spatial", "spatial-lifetime")
        for seed in (1, 2, 3)
    )
    # What it depends on: length of training, size of the first weights, depth, size of the atoms.
    + delta_with("untrained", "--epochs 1 --lr 1e-30")
    + delta_with("4-epochs", "--epochs 4")
    + delta_with("init-0.1", "--init-scale 0.1")
    + delta_with("one-layer", "--arch 16conv5-16deconv7")
    + delta_with("11x11", "--arch 16conv5-16conv5-16deconv11"),
}


def wta(arguments: str) -> str:
    done = subprocess.run([TOOL, *shlex.split(arguments)], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def last_epoch(run: pathlib.Path) -> dict:
    metrics = json.loads((run / "metrics.jsonl").read_text().splitlines()[-1])
    figures = {key: metrics[key] for key in ("epoch", "loss", "explained_variance", "dead_units")}
    model = (run / "model.safetensors").read_bytes()
    return figures | {"model_sha256": hashlib.sha256(model).hexdigest()}


def describe(run: pathlib.Path) -> dict:
    info = json.loads(wta(f"info {run} --json"))
    keys = ("arch", "steps", "atom_delta_median", "filter_delta_median")
    return {key: info[key] for key in keys} | {"init_scale": float(info["options"]["init_scale"])}


def measure(experiment: Experiment, runs: pathlib.Path, threads: int) -> list[dict]:
    run = runs / experiment.name
    train = f"train {experiment.train} --seed {experiment.seed} --out {run}"
    begin = time.time()
    wta(f"{train} --overwrite --threads {threads}")
    seconds = time.time() - begin
    entries = []
    if experiment.picture:
        wta(f"filters {run} --out {ROOT / experiment.picture}")
    if experiment.dictionary:
        figures = {"train_seconds": seconds} | last_epoch(run) | describe(run)
        command = f"wta {train} && wta info {run} --json".replace(f"{runs}/", "runs/")
        entry = {"name": experiment.name, "figures": figures, "seed": experiment.seed}
        entries.append(entry | provenance(command, experiment.paths()))
    for arguments in experiment.classify:
        classify = f"classify {run} {arguments} --json".replace("  ", " ")
        entry = {"name": experiment.name + arguments.replace(" --", "-").replace(" ", "-")}
        entry["figures"] = {"train_seconds": seconds} | last_epoch(run) | json.loads(wta(classify))
        command = f"wta {train} && wta {classify}".replace(f"{runs}/", "runs/")
        entries.append(entry | {"seed": experiment.seed} | provenance(command, experiment.paths()))
    return entries


def headline(entry: dict) -> str:
    figures = entry["figures"]
    if "test_error_percent" in figures:
        return f"test error {figures['test_error_percent']:.2f} %"
    return f"delta-ness of atoms {figures['atom_delta_median']:.3f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=EXPERIMENTS)
    parser.add_argument("--only", default="", help="the trainings whose name starts so")
    parser.add_argument("--runs", type=pathlib.Path, default=ROOT / "runs", help="folder of the trained models")
    parser.add_argument("--threads", type=int, default=0, help="of the training; 0: all processors")
    options = parser.parse_args()
    path = ROOT / "results" / f"{options.name}.json"
    entries = json.loads(path.read_text()) if path.exists() else []
    chosen = [experiment for experiment in EXPERIMENTS[options.name] if experiment.name.startswith(options.only)]
    if not chosen:
        parser.error(f"--only {options.only}: {options.name} has no training of that name")
    for experiment in chosen:
        known = [entry for entry in entries if entry["name"].startswith(experiment.name)]
        if known and all(state_of(ROOT, entry) is None for entry in known):
            continue
        measured = measure(experiment, options.runs, options.threads)
        entries = [entry for entry in entries if entry not in known] + measured
        path.write_text(json.dumps(entries, indent=1) + "\n")
        for entry in measured:
            print(f"{entry['name']:<24} {headline(entry)}", flush=True)


if __name__ == "__main__":
    main()
