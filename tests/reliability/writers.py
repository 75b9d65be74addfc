"""Row "writers": a second writer of a run is refused and changes nothing; readers see whole files while others write."""

import contextlib
import os
import pathlib
import random
import shutil
import signal
import subprocess
import threading
import time

from cases import Cases
from kinds import Workplace, sha256

REFUSED = 4
NO_LOCKS = pathlib.Path(os.environ["WTA_BUILD"]) / "no_locks.so"
TIMEOUT = 120


class Runs:
    """Trainings in a workplace, in the background where they are to be disturbed."""

    def __init__(self, place):
        self.place = place
        self.data = place.bars(200)
        self.options = ["--data", self.data, "--arch", "24fc", "--events", "off", "--threads", 1]
        self.saving = [*self.options, "--set", "checkpoint_seconds=0"]

    def train(self, run, *more, **options):
        return self.place.wta("train", *self.options, "--out", run, *more, **options)

    @contextlib.contextmanager
    def background(self, run, *more, verb="train"):
        """A writer at work, from its first model on."""
        command = [*self.place.tool, verb, *self.saving, "--out", run, *more]
        process = subprocess.Popen([str(part) for part in command], cwd=self.place.folder, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True)
        try:
            wait_for_model(process, run)
            yield process
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def wait_for_model(process, run):
    end = time.monotonic() + TIMEOUT
    while not list(run.rglob("model.safetensors")):
        if process.poll() is not None or time.monotonic() > end:
            raise AssertionError(f"no model in {run}:\n{process.communicate()[0]}")
        time.sleep(0.01)


def finish(process):
    said = process.communicate(timeout=TIMEOUT)[0]
    if process.returncode != 0:
        raise AssertionError(f"exit {process.returncode}:\n{said}")


def files_of(run):
    return {str(file.relative_to(run)): sha256(file) for file in run.rglob("*") if file.is_file()}


def require_refused(done):
    if "one process at a time writes to a run" not in done.stderr:
        raise AssertionError(f"the reason is not named:\n{done.stderr}")


@contextlib.contextmanager
def held(process):
    process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


def check_refusal(runs, first, run, second):
    """The first writer stands still while the second one tries."""
    with held(first):
        before = files_of(run)
        require_refused(runs.place.wta(*second, expect=(REFUSED,)))
        if files_of(run) != before:
            raise AssertionError(f"changed: {before.items() ^ files_of(run).items()}")


def check_second_writers(cases, runs, rounds):
    """All that could write to the folder of a training; in the end the training is as if nothing had been."""
    whole, run, other = (runs.place.folder / name for name in ("whole", "run", "other"))
    runs.train(whole, "--epochs", 40)
    runs.place.wta("export", whole, "--format", "sparsify", "--out", other)
    train = ["train", *runs.options, "--out", run]
    seconds = {
        "train": [*train, "--overwrite"],
        "another train": [*train, "--overwrite", "--seed", 5],
        "resume": ["train", "--resume", "--out", run],
        "import": ["import", other, "--format", "sparsify", "--overwrite", "--out", run],
    }
    for number in range(rounds):
        with runs.background(run, "--epochs", 40) as first:
            for name, second in seconds.items():
                with cases.case(f"{name} while another trains, round {number}"):
                    check_refusal(runs, first, run, second)
            with cases.case(f"the first one goes on undisturbed, round {number}"):
                finish(first)
                require_model(run, whole)
        shutil.rmtree(run)


def require_model(run, whole):
    if sha256(run / "model.safetensors") != sha256(whole / "model.safetensors"):
        raise AssertionError("the model is not that of an undisturbed run")


def check_sweeps(cases, runs):
    """A sweep has its folder for itself, and each training in it."""
    folder = runs.place.folder / "sweep"
    sweep = ["sweep", "seed=3,4", *runs.saving, "--out", folder]
    with runs.background(folder, "seed=3,4", "--epochs", 2000, verb="sweep") as first:
        with cases.case("a second sweep"):
            check_refusal(runs, first, folder, [*sweep, "--resume"])
        with cases.case("a training in a sweep's run"):
            check_refusal(runs, first, folder, ["train", "--resume", "--out", folder / "seed=3"])


def check_start_together(cases, runs, rounds):
    """Of several that begin at once in a new folder one is served, and the run is its own."""
    whole = runs.place.folder / "whole-5"
    runs.train(whole, "--epochs", 5)
    for number in range(rounds):
        run = runs.place.folder / f"together-{number}"
        with cases.case(f"four that begin at once, round {number}"):
            command = [str(part) for part in [*runs.place.tool, "train", *runs.options, "--epochs", 5, "--out", run]]
            started = [subprocess.Popen(command, cwd=runs.place.folder, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
                       for _ in range(4)]  # fmt: skip
            said = [process.communicate(timeout=TIMEOUT)[1] for process in started]
            codes = sorted(process.returncode for process in started)
            # Who comes when the first one has ended finds a run there already.
            if codes[0] != 0 or not set(codes[1:]) <= {2, REFUSED}:
                raise AssertionError(f"exit codes {codes}: {said}")
            require_model(run, whole)
            runs.place.wta("verify", run)


def check_killed(cases, runs, rng, rounds):
    """A writer that was killed leaves no lock."""
    whole = runs.place.folder / "whole"
    for number in range(rounds):
        run = runs.place.folder / f"killed-{number}"
        with cases.case(f"resume after kill -9, round {number}"):
            with runs.background(run, "--epochs", 40) as first:
                time.sleep(rng.uniform(0, 0.3))
                first.kill()
                first.wait()
            runs.place.wta("train", "--resume", "--out", run)
            require_model(run, whole)


def check_without_locks(cases, runs):
    with cases.case("a file system without locks"):
        done = runs.train(runs.place.folder / "unlocked", "--epochs", 1, environment={"LD_PRELOAD": str(NO_LOCKS)})
        if "knows no locks" not in done.stderr:
            raise AssertionError(f"no warning:\n{done.stderr}")


def check_readers(cases, runs, seconds):
    """All verbs that read, again and again, during a training that saves after every step, and a classifier's fits."""
    run, out = runs.place.folder / "read", runs.place.folder / "out"
    out.mkdir()
    readers = {
        "info": ["info", run, "--json"],
        "verify": ["verify", run],
        "encode": ["encode", run, "--data", runs.data, "--out", out / "codes.npy"],
        "report": ["report", run, "--out", out / "report.html"],
        "filters": ["filters", run, "--out", out / "filters.png"],
        "export": ["export", run, "--format", "safetensors", "--out", out / "model.safetensors"],
        "reconstruct": ["reconstruct", run, "--data", runs.data, "--out", out / "x.npy"],
        "predict": ["predict", run, "--data", runs.data, "--out", out / "labels.csv"],
    }
    classify = ["classify", run, "--labels", 16, "--subsets", 1, "--threads", 1]
    with runs.background(run, "--epochs", 10**6):
        runs.place.wta(*classify)
        stop = threading.Event()
        fits = threading.Thread(target=lambda: repeat_until(stop, lambda: runs.place.wta(*classify)))
        fits.start()
        end, number = time.monotonic() + seconds, 0
        while number < len(readers) or time.monotonic() < end:
            name = list(readers)[number % len(readers)]
            with cases.case(f"{name} during saves, number {number}"):
                runs.place.wta(*readers[name])
            number += 1
        stop.set()
        fits.join()


def repeat_until(stop, call):
    while not stop.is_set():
        call()


def main():
    cases = Cases(__doc__)
    rng = random.Random(cases.seed)
    with Workplace() as place:
        runs = Runs(place)
        check_second_writers(cases, runs, cases.choose(1, 3, 20))
        check_sweeps(cases, runs)
        check_start_together(cases, runs, cases.choose(1, 8, 50))
        check_killed(cases, runs, rng, cases.choose(1, 8, 50))
        check_without_locks(cases, runs)
        check_readers(cases, runs, cases.choose(2, 20, 300))
    cases.finish()


if __name__ == "__main__":
    main()
