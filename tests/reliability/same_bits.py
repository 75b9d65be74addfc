"""Row "same_bits": models, codes and classifications for several numbers of threads, seeds and instruction sets.

Threads change no bit. Each instruction set is reproducible; two of them differ by rounding, within the bounds below.
"""

import json
import random
import shutil
import sys

import numpy as np

from cases import Cases
from kinds import Size, Workplace, kinds, sha256

ISAS = ("avx2", "avx512")
SEEDS = (1, 2, 3)
# Of two instruction sets: the codes that they give of one model, relative to the largest code, and the losses of the
# first epoch, relative to each other.
CODE_BOUND = 1e-6
LOSS_BOUND = 1e-5


def classification(place, run, threads, environment):
    few = ("--labels", 80, "--subsets", 2)  # a classifier is fitted in little time
    done = place.wta("classify", run, "--json", *few, "--threads", threads, environment=environment)
    figures = json.loads(done.stdout)
    del figures["seconds"]
    return figures


def train(place, recipe, seed, threads, environment=None):
    """A run that is gone at the next call."""
    run = place.folder / "run"
    shutil.rmtree(run, ignore_errors=True)
    place.wta("train", "--recipe", recipe, "--seed", seed, "--threads", threads, "--out", run, environment=environment)
    return run


def encode(place, run, data, threads, environment=None):
    out = place.folder / "codes.npy"
    place.wta("encode", run, "--data", data, "--out", out, "--threads", threads, environment=environment)
    return out


def figures_of(place, recipe, data, seed, threads, environment=None, classifies=True):
    """What a training, its codes and their classification come to. Patches are not what `data` holds."""
    run = train(place, recipe, seed, threads, environment)
    figures = {"model": sha256(run / "model.safetensors")}
    if "patches" in recipe.stem or not classifies:
        return figures
    figures["codes"] = sha256(encode(place, run, data, threads, environment))
    figures["classification"] = classification(place, run, threads, environment)
    figures["classifier"] = sha256(run / "classifier.safetensors")
    return figures


def require_same(got, expected):
    different = [part for part, value in expected.items() if got[part] != value]
    if different:
        raise AssertionError(f"{', '.join(different)} differ:\n{got}\n{expected}")


def supported_isas(place):
    """Those of this processor; the others are skipped by name."""
    there = []
    for isa in ISAS:
        done = place.run([*place.tool, "options"], environment={"WTA_ISA": isa})
        if done.returncode == 0:
            there.append(isa)
        else:
            print(f"SKIPPED every case of {isa}: {done.stderr.strip()}", file=sys.stderr)
    return there


def check_threads(cases, place, kind, recipe, data, threads, seed, classifies):
    """The figures of any of these numbers of threads."""
    expected = {}
    for count in threads:
        with cases.case(f"{kind.name}, {count} threads, seed {seed} of the training"):
            got = figures_of(place, recipe, data, seed, count, classifies=classifies)
            expected = expected or got
            require_same(got, expected)
    return expected


def check_isas(cases, place, kind, recipe, data, isas, unforced):
    """Each set reproducible; the best one of the processor is the one that works without a choice."""
    for isa in isas:
        with cases.case(f"{kind.name} with {isa}"):
            forced = {"WTA_ISA": isa}
            got = figures_of(place, recipe, data, SEEDS[0], 3, forced)
            best = isa == isas[-1]
            require_same(got, unforced if best else figures_of(place, recipe, data, SEEDS[0], 1, forced))


def first_loss(run):
    return json.loads((run / "metrics.jsonl").read_text().splitlines()[0])["loss"]


def check_difference(cases, place, kind, recipe, data):
    with cases.case(f"{kind.name}: {ISAS[0]} beside {ISAS[1]}"):
        losses, codes = [], []
        for isa in ISAS:
            run = train(place, recipe, 1, 2, {"WTA_ISA": isa})
            losses.append(first_loss(run))
        if "patches" not in recipe.stem:
            for isa in ISAS:
                codes.append(np.load(encode(place, run, data, 2, {"WTA_ISA": isa})))
            difference = float(np.abs(codes[0] - codes[1]).max() / max(np.abs(codes[0]).max(), 1e-30))
            cases.measured(f"codes, {ISAS[0]} beside {ISAS[1]}, of the largest code", difference)
            if not difference <= CODE_BOUND:
                raise AssertionError(f"codes differ by {difference} of the largest; at most {CODE_BOUND}")
        difference = abs(losses[0] - losses[1]) / max(abs(losses[0]), 1e-30)
        cases.measured(f"loss of the first epoch, {ISAS[0]} beside {ISAS[1]}", difference)
        if not difference <= LOSS_BOUND:
            raise AssertionError(f"losses {losses} differ by more than {LOSS_BOUND}")


def main():
    cases = Cases(__doc__)
    rng = random.Random(cases.seed)
    threads = cases.choose((1, 2, 3), (1, 2, 3, 4, 8), (1, 2, 3, 4, 8))
    seeds = cases.choose(SEEDS[:1], SEEDS, SEEDS)
    # Several tiles of units, of maps, of inputs and of samples.
    all_kinds = kinds(Size(units=400, maps=36))
    chosen = rng.sample(all_kinds, cases.choose(3, len(all_kinds), len(all_kinds)))
    with Workplace() as place:
        data = place.bars(540, magnify=2)
        isas = supported_isas(place)
        for kind in chosen:
            recipe = place.recipe(kind, data=str(data), epochs=2, batch=270)
            for seed in seeds:
                classifies = seed == SEEDS[0] or cases.arguments.long
                got = check_threads(cases, place, kind, recipe, data, threads, seed, classifies)
                unforced = got if seed == SEEDS[0] else unforced
            check_isas(cases, place, kind, recipe, data, isas, unforced)
            if len(isas) == len(ISAS):
                check_difference(cases, place, kind, recipe, data)
    cases.finish()


if __name__ == "__main__":
    main()
