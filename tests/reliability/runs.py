"""Small training runs for the rows that disturb them, and what must hold of their folders afterwards."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "cli"))

from kinds import sha256  # noqa: E402
from tool import TOOL, bars  # noqa: E402

TIMEOUT = 60
TEMPORARY = re.compile(r".*\.\d+-\d+\.tmp")
STACK = """checkpoint_seconds = 0
epochs = 2
batch = 40
[[stages]]
arch = "4conv3-4deconv3"
[[stages]]
arch = "16fc"
epochs = 3
"""
# Options of `wta train`; every step is saved.
KINDS = {
    "fc": ["--arch", "16fc", "--epochs", "3", "--batch", "40", "--set", "checkpoint_seconds=0"],
    "conv": ["--arch", "4conv3-4deconv3", "--epochs", "2", "--batch", "40", "--set", "checkpoint_seconds=0"],
    "stack": ["--recipe", "stack.toml"],
}
# One save before the first step and one after the last.
FEW_SAVES = ["--set", "checkpoint_seconds=600"]


def require(holds, message):
    if not holds:
        raise AssertionError(message)


@contextlib.contextmanager
def workplace():
    """A fresh folder with data.npz and stack.toml; in memory where that can be, as saves wait for the disk."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="wta-reliability-", dir=memory) as name:
        folder = pathlib.Path(name)
        x, y = bars(160, 1)
        np.savez(folder / "data.npz", x_train=x[:120], y_train=y[:120], x_test=x[120:], y_test=y[120:])
        (folder / "stack.toml").write_text(STACK)
        yield folder


class Tool:
    """Runs the tool in a folder."""

    def __init__(self, folder):
        self.folder = folder

    def run(self, *arguments, prefix=(), environment=None, stdout=subprocess.PIPE, **options):
        return subprocess.run([*prefix, TOOL, *map(str, arguments)], stdout=stdout, stderr=subprocess.PIPE, text=True,
                              cwd=self.folder, env={**os.environ, **(environment or {})}, timeout=TIMEOUT,
                              check=False, **options)

    def start(self, *arguments):
        return subprocess.Popen([TOOL, *map(str, arguments)], cwd=self.folder, stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, text=True)

    def expect(self, code, *arguments, **options):
        done = self.run(*arguments, **options)
        require(done.returncode == code, f"wta {' '.join(map(str, arguments))}: exit {done.returncode}, not {code}\n"
                                         f"{done.stdout}{done.stderr}")
        return done


def train_arguments(kind, out):
    return ["train", "--data", "data.npz", *KINDS[kind], "--out", out]


def metrics(run):
    """The lines of metrics.jsonl without what a clock decides."""
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [{name: value for name, value in line.items() if name != "samples_per_second"} for line in lines]


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def step_of(event):
    """Field 2 of an event; 0 where it has none."""
    at = 0
    while at < len(event):
        key, at = varint(event, at)
        if key % 8 == 0:
            value, at = varint(event, at)
            if key // 8 == 2:
                return value
        elif key % 8 == 2:
            length, at = varint(event, at)
            at += length
        else:
            at += 8 if key % 8 == 1 else 4
    return 0


def event_steps(run):
    """Name of each event file -> steps of its events, to the last byte."""
    steps = {}
    for file in sorted(run.glob("events.out.tfevents.*")):
        content, at, found = file.read_bytes(), 0, []
        while at < len(content):
            length = int.from_bytes(content[at:at + 8], "little")
            found.append(step_of(content[at + 12:at + 12 + length]))
            at += 12 + length + 4
        require(at == len(content), f"{file.name} ends inside of a record")
        steps[file.name] = found
    return steps


def require_nothing_left(folder):
    """No temporary file lies below the folder; one that does is removed, so that the next case does not meet it."""
    left = [path for path in folder.rglob("*") if TEMPORARY.fullmatch(path.name)]
    for path in left:
        path.unlink()
    require(not left, f"left behind: {left}")


class Reference:
    """A run that nothing disturbs: what every other run of its kind must come to."""

    def __init__(self, tool, kind):
        self.tool, self.kind = tool, kind
        run = tool.folder / f"whole-{kind}"
        shutil.rmtree(run, ignore_errors=True)
        tool.expect(0, *train_arguments(kind, run))
        self.digest, self.metrics, self.events = sha256(run / "model.safetensors"), metrics(run), event_steps(run)

    def require_same(self, run):
        require(sha256(run / "model.safetensors") == self.digest, "the model differs from the undisturbed run's")
        require(metrics(run) == self.metrics, f"the metrics differ: {metrics(run)}, not {self.metrics}")
        require(event_steps(run) == self.events, f"the events differ: {event_steps(run)}, not {self.events}")
        for name in ("filters.png", "reconstructions.png", "config.toml"):
            require((run / name).is_file(), f"{name} is missing")
        require_nothing_left(run)

    def require_whole(self, run):
        """Readers see an old or a new state, never half of one."""
        for checkpoint in run.glob("checkpoints/*.safetensors"):
            self.tool.expect(0, "verify", checkpoint)
        if not (run / "model.safetensors").exists():
            self.tool.expect(4, "verify", run)
            return
        self.tool.expect(0, "verify", run)
        self.tool.expect(0, "info", run, "--json")
        self.tool.expect(0, "encode", run, "--data", "data.npz", "--out", run.parent / "codes.npy")

    def finish(self, run, first=None):
        """Goes on with the run, or starts it where nothing was saved, and compares. first: the command that did."""
        begun = (run / "config.toml").exists() or (run / "model.safetensors").exists()
        self.tool.expect(0, *(["train", "--resume", "--out", run] if begun else first or train_arguments(self.kind, run)))
        self.require_same(run)
