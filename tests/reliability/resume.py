"""Row "resume": trainings of every kind that are stopped at random steps, once or more often, and go on.

The model, the last checkpoint, the pictures and the metrics must be those of the training that was not stopped.
"""

import json
import os
import pathlib
import random
import shutil

from cases import Cases
from kinds import Workplace, kinds, sha256

STOP_AFTER = pathlib.Path(os.environ["WTA_BUILD"]) / "stop_after"
FINISHED, STOPPED = 0, 3
TIMES = ("samples_per_second",)


def metrics(run):
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [{key: value for key, value in line.items() if key not in TIMES} for line in lines]


def outcome(run):
    """All that a run leaves behind and that is not a time."""
    newest = sorted((run / "checkpoints").iterdir())[-1]
    files = [newest, run / "model.safetensors", run / "filters.png", run / "reconstructions.png"]
    return {file.name: sha256(file) for file in files if file.exists()} | {"metrics": metrics(run)}


def require_same(got, expected):
    for part, value in expected.items():
        if got.get(part) != value:
            raise AssertionError(f"{part} differs from the uninterrupted run's:\n{got.get(part)}\n{value}")
    if len(got) != len(expected):
        raise AssertionError(f"other files: {sorted(got)} instead of {sorted(expected)}")


def total_steps(run):
    """Of all stages."""
    last = {line["stage"]: line["step"] for line in metrics(run)}
    return sum(last.values())


def stop_at(place, recipe, run, steps, resume):
    """Trains that many steps more."""
    done = place.run([STOP_AFTER, steps, recipe, run, *(["resume"] if resume else [])])
    if done.returncode not in (FINISHED, STOPPED):
        raise AssertionError(f"stop_after {steps}: exit {done.returncode}\n{done.stderr}")
    return done.returncode == STOPPED


def check(place, kind, whole, recipe, stops, threads):
    """stops: the steps at which it is stopped, rising."""
    run = place.folder / "stopped"
    before = 0
    for number, stop in enumerate(stops):
        stop_at(place, recipe, run, stop - before, resume=number > 0)
        before = stop
    place.wta("train", "--resume", "--out", run, "--threads", threads)
    require_same(outcome(run), whole)
    shutil.rmtree(run)


def main():
    cases = Cases(__doc__)
    rng = random.Random(cases.seed)
    stops_per_kind = cases.choose(1, 3, 11)
    all_kinds = kinds()
    chosen = rng.sample(all_kinds, cases.choose(10, len(all_kinds), len(all_kinds)))
    with Workplace() as place:
        data = place.bars(230)
        for kind in chosen:
            recipe = place.recipe(kind, data=str(data), epochs=3, batch=30, checkpoint_seconds=1e9)
            whole_run = place.folder / "whole"
            place.wta("train", "--recipe", recipe, "--out", whole_run)
            whole, steps = outcome(whole_run), total_steps(whole_run)
            shutil.rmtree(whole_run)
            for _ in range(stops_per_kind):
                stops = sorted(rng.choices(range(steps + 1), k=rng.choice((1, 1, 2, 3))))
                with cases.case(f"{kind.name} stopped at {stops} of {steps} steps"):
                    check(place, kind, whole, recipe, stops, rng.choice((1, 2)))
    cases.finish()


if __name__ == "__main__":
    main()
