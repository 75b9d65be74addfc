"""SIGINT and SIGTERM at random moments of every long verb: ends at once, nothing half-written, and training goes on."""

import random
import shutil
import signal
import time

import numpy as np

from cases import Cases
from runs import KINDS, Reference, Tool, bars, require, require_nothing_left, train_arguments, workplace

SIGNALS = (signal.SIGINT, signal.SIGTERM)
MOST_SECONDS = 5
MOST_SECONDS_OF_SECOND = 1


def interrupted(tool, wait, number, *arguments):
    """Exit code, messages, and seconds from the signal to the end. A negative code: death by the signal, which shells
    report as 130 or 143 too."""
    process = tool.start(*arguments)
    time.sleep(wait)
    process.send_signal(number)
    begin = time.monotonic()
    messages = process.communicate(timeout=60)[1]
    return process.returncode, messages, time.monotonic() - begin


def require_end(number, code, seconds):
    """The signal's code, or 0 where all was done before."""
    require(code in (0, 128 + number, -number), f"exit {code} after signal {number}")
    require(seconds < MOST_SECONDS, f"{seconds:.1f} s from the signal to the end")


def moments(cases, counts, longest):
    """Random waits, each with a signal."""
    rng = random.Random(cases.seed)
    for i in range(cases.choose(*counts)):
        yield i, rng.uniform(0, longest), SIGNALS[i % 2]


def seconds_of(tool, *arguments):
    begin = time.monotonic()
    tool.expect(0, *arguments)
    return time.monotonic() - begin


def stop_trainings(cases, tool):
    references = {kind: Reference(tool, kind) for kind in KINDS}
    longest = seconds_of(tool, *train_arguments("stack", "timed"))
    for i, wait, number in moments(cases, (9, 50, 500), longest):
        kind = list(KINDS)[i % len(KINDS)]
        out = tool.folder / "run"
        with cases.case(f"signal {number} in train ({kind}) after {wait:.4f} s"):
            code, messages, seconds = interrupted(tool, wait, number, *train_arguments(kind, out))
            require_end(number, code, seconds)
            require(code != -number or not out.exists(), f"died of the signal after it began to write\n{messages}")
            if code == 128 + number and "--resume" not in messages:
                references[kind].require_same(out)  # all was done
            require_nothing_left(tool.folder)
            references[kind].require_whole(out)
            references[kind].finish(out)
        shutil.rmtree(out, ignore_errors=True)


def stop_writers(cases, tool):
    """A file that stands there is the old or the new one afterwards. No checkpoint: the work starts over."""
    x, y = bars(6000, 3)
    np.savez(tool.folder / "large.npz", x_train=x[:5000], y_train=y[:5000], x_test=x[5000:], y_test=y[5000:])
    data = ["--data", "large.npz"]
    tool.expect(0, "train", *data, "--arch", "256fc", "--epochs", 1, "--out", "model")
    verbs = {"encode": (["encode", "model", *data, "--out", "codes.npy"], "codes.npy"),
             "predict": (["predict", "model", *data, "--out", "labels.csv"], "labels.csv"),
             "reconstruct": (["reconstruct", "model", *data, "--out", "pairs.npy"], "pairs.npy"),
             "report": (["report", "model", *data, "--out", "report.html"], "report.html"),
             "filters": (["filters", "model", "--out", "filters.png"], "filters.png"),
             "classify": (["classify", "model", *data], "model/classifier.safetensors")}
    tool.expect(0, *verbs["classify"][0])
    for name, (arguments, file) in verbs.items():
        longest, out = seconds_of(tool, *arguments), tool.folder / file
        new = out.read_bytes()
        for _, wait, number in moments(cases, (2, 12, 100), longest):
            with cases.case(f"signal {number} in {name} after {wait:.4f} s"):
                out.write_bytes(b"old")
                code, _, seconds = interrupted(tool, wait, number, *arguments)
                require_end(number, code, seconds)
                require(out.read_bytes() in (b"old", new), "neither the old file nor the new one")
                require(code != 0 or out.read_bytes() == new, "exit 0 without the file")
                require_nothing_left(tool.folder)
        out.write_bytes(new)


def stop_sweeps(cases, tool):
    sweep = ["sweep", "seed=1,2", *train_arguments("fc", "sweep")[1:]]
    longest, out = seconds_of(tool, *sweep), tool.folder / "sweep"
    whole = {path.name: (path / "model.safetensors").read_bytes() for path in out.glob("seed=*")}
    shutil.rmtree(out)
    for _, wait, number in moments(cases, (2, 16, 100), longest):
        with cases.case(f"signal {number} in sweep after {wait:.4f} s"):
            code, _, seconds = interrupted(tool, wait, number, *sweep)
            require_end(number, code, seconds)
            require_nothing_left(tool.folder)
            tool.expect(0, *sweep, "--resume")
            models = {path.name: (path / "model.safetensors").read_bytes() for path in out.glob("seed=*")}
            require(models == whole, "the models differ from the undisturbed sweep's")
            require((out / "sweep.png").is_file() and (out / "sweep.json").is_file(), "the table is missing")
        shutil.rmtree(out, ignore_errors=True)


def second_signal(cases, tool):
    """Ends a step of seconds, which the first signal leaves its end."""
    slow = ["train", "--data", "large.npz", "--arch", "3000fc-3000fc", "--batch", "5000", "--epochs", "100", "--out"]
    for i in range(cases.choose(1, 4, 20)):
        number, out = SIGNALS[i % 2], tool.folder / "slow"
        with cases.case(f"signal {number} twice in a long step"):
            process = tool.start(*slow, out)
            while process.poll() is None and not (out / "model.safetensors").exists():
                time.sleep(0.01)
            time.sleep(0.1)
            process.send_signal(number)
            time.sleep(0.2)
            require(process.poll() is None, "the step was too short to be interrupted twice")
            process.send_signal(number)
            begin = time.monotonic()
            process.communicate(timeout=60)
            seconds = time.monotonic() - begin
            require(process.returncode == 128 + number, f"exit {process.returncode}")
            require(seconds < MOST_SECONDS_OF_SECOND, f"{seconds:.1f} s from the second signal to the end")
            tool.expect(0, "verify", out)
        shutil.rmtree(out, ignore_errors=True)


def main():
    cases = Cases(__doc__)
    with workplace() as folder:
        tool = Tool(folder)
        for part in (stop_trainings, stop_writers, stop_sweeps, second_signal):
            part(cases, tool)
    cases.finish()


if __name__ == "__main__":
    main()
