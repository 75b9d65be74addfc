"""Every kind of model that the tool trains, as options, and how rows run the tool on them."""

import dataclasses
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "cli"))
from tool import TOOL, bars, read_safetensors  # noqa: E402  (found by the line above)

__all__ = ["Kind", "Size", "Workplace", "kinds", "read_safetensors", "sha256"]


@dataclasses.dataclass(frozen=True)
class Kind:
    """A training: options of the whole, and where it is a stack those of each stage."""

    name: str
    options: dict
    stages: tuple = ()

@dataclasses.dataclass(frozen=True)
class Size:
    """How large the networks of the kinds are."""

    units: int = 24
    maps: int = 4


def fc_kinds(fc):
    dense = {"arch": fc, "lifetime": "off"}
    return {
        "fc-tied": {"arch": fc},
        "fc-untied": {"arch": fc, "tied": "no"},
        "fc-two-layer": {"arch": f"{fc}-{fc}"},
        "fc-sgd": {"arch": fc, "optimizer": "sgd", "momentum": 0.8},
        "fc-sgd-plain": {"arch": fc, "optimizer": "sgd", "momentum": 0},
        "fc-untied-sgd": {"arch": fc, "tied": "no", "optimizer": "sgd"},
        "fc-constant": {"arch": fc, "schedule": "constant"},
        "fc-steps-warm-up": {"arch": fc, "schedule": "step", "warmup_fraction": 0.3},
        "fc-cosine-end": {"arch": fc, "final_lr_fraction": 0.2, "warmup_fraction": 0.1},
        "fc-threshold-codes": {"arch": fc, "threshold_codes": True},
        "fc-dense": dense,
        "fc-denoising": dense | {"input_dropout": 0.3},
        "fc-wta-denoising": {"arch": fc, "input_dropout": 0.3},
        "fc-dropout": dense | {"hidden_dropout": 0.4},
        "fc-sigmoid": {"arch": fc, "activation": "sigmoid"},
        "fc-linear": {"arch": fc, "activation": "identity"},
        "fc-kl": {"arch": fc, "kl_weight": 0.1},
        "k-sparse": {"arch": fc, "k_sparse": 3, "k_sparse_start": 9, "k_sparse_alpha": 2},
        "k-sparse-relu": {"arch": fc, "k_sparse": 4, "activation": "relu"},
        "rbm": {"arch": fc, "model": "rbm"},
        "rbm-long-chain": {"arch": fc, "model": "rbm", "cd_steps": 3, "weight_decay": 0.001},
        "rbm-persistent": {"arch": fc, "model": "rbm", "cd_persistent": True},
        "wta-rbm": {"arch": fc, "model": "wta-rbm"},
        "wta-rbm-positive": {"arch": fc, "model": "wta-rbm", "cd_competition": "positive"},
        "wta-rbm-persistent": {"arch": fc, "model": "wta-rbm", "cd_persistent": True},
    }


def conv_kinds(maps):
    one = f"{maps}conv3-{maps}deconv5"
    two = f"{maps}conv3-{maps}conv3-{maps}deconv5"
    return {
        "conv-both": {"arch": one},
        "conv-spatial": {"arch": one, "lifetime": "off"},
        "conv-lifetime": {"arch": one, "spatial": "no"},
        "conv-two-layer": {"arch": two},
        "conv-two-layer-5": {"arch": f"{maps}conv5-{maps}conv5-{maps}deconv5"},
        "conv-sgd": {"arch": two, "optimizer": "sgd"},
        "conv-denoising": {"arch": two, "input_dropout": 0.3},
        "conv-dense": {"arch": two, "lifetime": "off", "spatial": "no"},
        "conv-dropout": {"arch": two, "lifetime": "off", "spatial": "no", "hidden_dropout": 0.4},
        "conv-pooled": {"arch": one, "pool": "3/2", "threshold_codes": True},
        "conv-patches": {"arch": one, "patches": 300, "patch_size": 6},
    }


def computed_kinds(units, maps):
    """Those of which something is computed from all samples before, or instead of, the training."""
    fc = f"{units}fc"
    conv = f"{maps}conv3-{maps}deconv3"
    return {
        "pca": {"arch": f"{min(units, 64)}fc", "model": "pca"},
        "range-rbm": {"arch": fc, "model": "rbm", "preprocess": "range"},
        "normalize": {"arch": fc, "preprocess": "normalize"},
        "zca": {"arch": fc, "preprocess": "normalize+zca"},
        "local-mean": {"arch": fc, "preprocess": "local-mean5"},
        "local-contrast": {"arch": conv, "preprocess": "local-contrast5"},
        "conv-zca": {"arch": conv, "preprocess": "normalize+zca"},
    }


def stacks(fc, maps):
    conv = f"{maps}conv3-{maps}deconv3"
    return {
        "fc-stack": ({"arch": fc}, {"arch": fc}),
        "denoising-stack": ({"arch": fc, "lifetime": "off", "input_dropout": 0.2}, {"arch": fc, "lifetime": "off"}),
        "conv-stack": ({"arch": conv, "pool": "2/2"}, {"arch": conv}),
        "conv-fc-stack": ({"arch": conv, "preprocess": "normalize"}, {"arch": fc, "optimizer": "sgd"}),
        "rbm-stack": ({"arch": fc, "model": "rbm"}, {"arch": fc, "model": "rbm"}, {"arch": fc}),
    }


def kinds(size=Size()):
    """One of every kind: networks, competitions, optimisers, schedules, preparations, stacks."""
    fc = f"{size.units}fc"
    single = fc_kinds(fc) | conv_kinds(size.maps) | computed_kinds(size.units, size.maps)
    return [Kind(name, options) for name, options in single.items()] + [
        Kind(name, {}, stages) for name, stages in stacks(fc, size.maps).items()
    ]


def toml(options):
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in options.items())


def sha256(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


class Workplace:
    """A temporary folder with data, in which the tool runs."""

    def __init__(self):
        self._temporary = tempfile.TemporaryDirectory(prefix="wta-reliability-")
        self.folder = pathlib.Path(self._temporary.name)

        self.tool = [TOOL]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._temporary.cleanup()

    def bars(self, count, magnify=1):
        """Pictures of 8x8 values, `magnify` times as large, in a file: train, a fifth as many for a test."""
        path = self.folder / f"bars-{count}-{magnify}.npz"
        parts = {}
        for part, number, seed in (("train", count, 1), ("test", max(count // 5, 1), 2)):
            pictures, parts[f"y_{part}"] = bars(number, seed)
            parts[f"x_{part}"] = np.kron(pictures, np.ones((magnify, magnify), np.float32))
        np.savez(path, **parts)
        return path

    def recipe(self, kind, **options):
        """A file with the kind's options and these."""
        path = self.folder / f"{kind.name}.toml"
        stages = "".join("[[stages]]\n" + toml(stage) for stage in kind.stages)
        path.write_text(toml({"events": "off"} | kind.options | options) + stages)
        return path

    def run(self, command, timeout=120, environment=None):
        return subprocess.run([str(part) for part in command], cwd=self.folder, capture_output=True, text=True,
                              timeout=timeout, check=False, env={**os.environ, **(environment or {})})

    def wta(self, *arguments, expect=(0,), **options):
        """Runs the tool, checks its exit code and returns the finished process."""
        done = self.run([*self.tool, *arguments], **options)
        if done.returncode not in expect:
            said = f"{done.stdout[-2000:]}{done.stderr[-2000:]}"
            raise AssertionError(f"exit {done.returncode}: wta {' '.join(map(str, arguments))}\n{said}")
        return done
