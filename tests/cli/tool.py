"""Runs the tool for the tests, on small made-up data."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import numpy as np

TOOL = os.environ["WTA_TOOL"]


def bars(count, seed):
    """8x8 pictures of one bright row (classes 0..3) or column (4..7) in noise, and their classes."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 8, count)
    pictures = rng.random((count, 8, 8)).astype(np.float32) * 0.4
    for picture, label in zip(pictures, labels):
        if label < 4:
            picture[2 * label] += 0.6
        else:
            picture[:, 2 * (label - 4)] += 0.6
    return pictures, labels.astype(np.int64)


class ToolTest(unittest.TestCase):
    """A fresh folder per test, with data in train.npz (x_train, y_train, x_test, y_test)."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="wta-cli-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.x, self.y = bars(600, 1)
        self.x_test, self.y_test = bars(200, 2)
        self.data = self.folder / "train.npz"
        np.savez(self.data, x_train=self.x, y_train=self.y, x_test=self.x_test, y_test=self.y_test)
        self.run_folder = self.folder / "run"

    def wta(self, *arguments, expect=0, environment=None, **options):
        """Runs the tool, checks the exit code and returns the finished process."""
        done = subprocess.run([TOOL, *map(str, arguments)], capture_output=True, text=True, cwd=self.folder,
                              env={**os.environ, **(environment or {})}, timeout=600, check=False, **options)
        self.assertEqual(done.returncode, expect, f"wta {' '.join(map(str, arguments))}\n{done.stdout}{done.stderr}")
        return done

    def train(self, *more, expect=0, **options):
        return self.wta("train", "--data", self.data, "--arch", "32fc", "--epochs", 5, "--out", self.run_folder, *more,
                        expect=expect, **options)

    def json(self, *arguments):
        return json.loads(self.wta(*arguments).stdout)


def read_safetensors(path):
    """Tensors and metadata of a safetensors file, by the format's own rules (no library)."""
    content = pathlib.Path(path).read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8:8 + length])
    metadata = header.pop("__metadata__", {})
    types = {"F32": "<f4", "I64": "<i8", "F64": "<f8"}
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        data = content[8 + length + begin:8 + length + end]
        tensors[name] = np.frombuffer(data, types[entry["dtype"]]).reshape(entry["shape"])
    return tensors, metadata
