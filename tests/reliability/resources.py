"""Row "resources": what a training is expected to take beside what it takes, absurd sizes, and sizes that do not fit."""

import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import time

import numpy as np

from cases import Cases
from kinds import Kind, Workplace

NEED = pathlib.Path(os.environ["WTA_BUILD"]) / "training_need"
# Expected / measured bytes, beside the program and its data.
LEAST, MOST = 0.8, 1.5
MEMORY, USAGE = 5, 2
AT_ONCE_SECONDS = 10

# Kinds whose parts weigh differently: weights, a batch, its winners, maps, scratch, a decomposition. Each takes some
# 50 MiB or more: less is hidden by what the allocator keeps.
SIZES = [
    Kind("weights, adam", {"arch": "6000fc"}),
    Kind("weights, sgd", {"arch": "9000fc", "optimizer": "sgd"}),
    Kind("weights, untied", {"arch": "3000fc", "tied": "no"}),
    Kind("weights, two layers", {"arch": "3000fc-2000fc"}),
    Kind("batch of winners", {"arch": "3000fc", "batch": 3000, "lifetime": "50%"}),
    Kind("batch without competition", {"arch": "2500fc", "batch": 3000, "lifetime": "off"}),
    Kind("batch, k-sparse", {"arch": "3000fc", "batch": 3000, "k_sparse": 100}),
    Kind("batch, sigmoid", {"arch": "3000fc", "batch": 3000, "activation": "sigmoid"}),
    Kind("batch, denoising", {"arch": "1500fc-1500fc", "batch": 3000, "input_dropout": 0.3}),
    Kind("batch, rbm", {"arch": "3000fc", "batch": 3000, "model": "rbm"}),
    Kind("batch, wta-rbm", {"arch": "3000fc", "batch": 3000, "model": "wta-rbm", "cd_persistent": True}),
    Kind("maps, both", {"arch": "32conv5-32conv5-32deconv7", "batch": 600}),
    Kind("maps, spatial", {"arch": "32conv5-32conv5-32deconv7", "batch": 600, "lifetime": "off"}),
    Kind("maps, one layer", {"arch": "512conv5-512deconv7", "batch": 3000}),
    Kind("maps, lifetime", {"arch": "32conv5-32deconv7", "batch": 600, "spatial": "no"}),
    Kind("maps, dense", {"arch": "32conv5-32conv5-32deconv7", "batch": 500, "spatial": "no", "lifetime": "off"}),
    Kind("zca", {"arch": "20fc", "preprocess": "zca"}),
    Kind("pca", {"arch": "20fc", "model": "pca"}),
]  # fmt: skip
LARGE_IMAGES = {"zca", "pca"}

ABSURD = [
    {"arch": "1000000000fc"}, {"arch": "999999999999999999fc"}, {"arch": "9223372036854775807fc"},
    {"arch": "1000000fc-1000000fc"}, {"arch": "1000000conv27-1000000deconv27"}, {"arch": "1000000conv3-1000000conv3-9deconv3"},
    {"arch": "5000000fc", "model": "rbm"}, {"arch": "5000000fc", "k_sparse": 1000}, {"arch": "9fc", "batch": 2_000_000_000},
    {"arch": "9fc", "patches": 10**12, "patch_size": 8}, {"arch": "9fc", "patches": 10**18, "patch_size": 8},
    {"arch": "9fc", "patch_size": 10**12, "patches": 10}, {"arch": "9fc", "image_size": "1000000x1000000"},
]  # fmt: skip


def digits(place, count, side=28):
    path = place.folder / f"noise-{count}-{side}.npy"
    if not path.exists():
        np.save(path, np.random.default_rng(1).integers(0, 256, (count, side, side), np.uint8))
    return path


def peak_bytes(place, recipe):
    """Of a training, and how it ended. Linux counts it, in KiB."""
    command = [*place.tool, "train", "--recipe", str(recipe), "--out", str(place.folder / "run")]
    with open(place.folder / "said", "w") as said:
        process = subprocess.Popen(command, cwd=place.folder, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
    shutil.rmtree(place.folder / "run", ignore_errors=True)
    if status != 0:
        raise AssertionError(f"status {status}: {(place.folder / 'said').read_text()[-1000:]}")
    return usage.ru_maxrss * 1024


def options_of(kind, data):
    return {"data": str(data), "epochs": 1, "checkpoint_seconds": 0.5, "threads": 2, "hold_out_fraction": 0} | kind.options


def check_estimates(cases, place, sizes):
    for kind in sizes:
        with cases.case(f"estimate of: {kind.name}"):
            data = digits(place, 1000, 40) if kind.name in LARGE_IMAGES else digits(place, 3000)
            recipe = place.recipe(Kind("measured", {}), **options_of(kind, data))
            expected = float(place.run([NEED, recipe]).stdout)
            measured = peak_bytes(place, recipe) - peak_bytes(place, smallest(place, data))
            print(f"{kind.name}: {expected / 2**20:.0f} MiB expected, {measured / 2**20:.0f} measured", file=sys.stderr)
            if not LEAST * measured <= expected <= MOST * measured:
                raise AssertionError(f"{expected / measured:.2f} times what is taken; must be in {LEAST}..{MOST}")


def smallest(place, data):
    """A training that takes nearly nothing beside the same data."""
    kind = Kind("smallest", {"arch": "1fc", "batch": 1, "epochs": 1, "checkpoint_seconds": 1e9, "events": "off"})
    return place.recipe(kind, data=str(data), threads=1, hold_out_fraction=0)


def check_refusals(cases, place, sizes):
    """With less memory than it is said to take, nothing begins; the same where it just fits."""
    for kind in sizes:
        data = digits(place, 1000, 40) if kind.name in LARGE_IMAGES else digits(place, 3000)
        recipe = place.recipe(Kind("refused", {}), **options_of(kind, data))
        need = float(place.run([NEED, recipe]).stdout) / 2**30 + 1  # what is kept for the rest
        with cases.case(f"refused where it does not fit: {kind.name}"):
            done = place.wta("train", "--recipe", recipe, "--out", place.folder / "run", expect=(MEMORY,),
                             environment={"WTA_MEMORY_GIB": f"{need - 0.01:.4f}"})
            if not re.search(r"wta: error: \w+: .* must fit in memory.* Try: ", done.stderr):
                raise AssertionError(f"not the reason:\n{done.stderr}")
            if (place.folder / "run").exists():
                raise AssertionError("something was begun")


def check_absurd(cases, place):
    data = digits(place, 200)
    for options in ABSURD:
        with cases.case(f"absurd: {options}"):
            recipe = place.recipe(Kind("absurd", options), data=str(data), epochs=1)
            begin = time.monotonic()
            done = place.wta("train", "--recipe", recipe, "--out", place.folder / "run", expect=(USAGE, MEMORY, 3))
            if time.monotonic() - begin > AT_ONCE_SECONDS:
                raise AssertionError("not at once")
            if "wta: error: " not in done.stderr or "bad_alloc" in done.stderr or (place.folder / "run").exists():
                raise AssertionError(f"not refused by name before it began:\n{done.stderr}")


def main():
    cases = Cases(__doc__)
    rng = random.Random(cases.seed)
    sizes = rng.sample(SIZES, cases.choose(2, len(SIZES), len(SIZES)))
    with Workplace() as place:
        check_estimates(cases, place, sizes)
        check_refusals(cases, place, sizes)
        check_absurd(cases, place)
    cases.finish()


if __name__ == "__main__":
    main()
