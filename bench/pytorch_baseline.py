"""A training step of FC-WTA in PyTorch, written the straightforward way, timed on request.

It is the baseline of bench/driver.py and speaks the protocol stated there. Requests:
  wta      one training step: encoder, top-k over the batch for each unit, mask, decoder, loss, backward, optimiser
  dense    the same step without the competition
  forward  encoder product and ReLU alone, without gradients
"""

import argparse
import json
import math
import pathlib
import re
import statistics
import sys
import time

import torch
import torch.nn.functional as F

SEED = 1
WARM_UP_STEPS = 2
LEARNING_RATE = {"sgd": 1e-3, "adam": 1e-3}


class Autoencoder(torch.nn.Module):
    """One ReLU layer with lifetime sparsity and one linear decoder, tied to it or not."""

    def __init__(self, inputs: int, units: int, winners: int, tied: bool):
        super().__init__()
        self.winners = winners
        self.encoder = torch.nn.Linear(inputs, units)
        self.decoder_bias = torch.nn.Parameter(torch.zeros(inputs))
        self.decoder = None if tied else torch.nn.Parameter(torch.empty(inputs, units))
        torch.nn.init.normal_(self.encoder.weight, std=0.01)
        torch.nn.init.zeros_(self.encoder.bias)
        if not tied:
            torch.nn.init.normal_(self.decoder, std=0.01)

    def encode(self, x):
        return F.relu(self.encoder(x))

    def forward(self, x, compete: bool):
        h = self.encode(x)
        if compete:
            _, samples = torch.topk(h, self.winners, dim=0)
            mask = torch.zeros_like(h).scatter_(0, samples, 1.0)
            h = h * mask
        weight = self.encoder.weight.t() if self.decoder is None else self.decoder
        return F.linear(h, weight, self.decoder_bias)


class Baseline:
    """The network with a fixed batch; every round starts from the same initial weights."""

    def __init__(self, options):
        torch.manual_seed(SEED)
        self.options = options
        winners = max(1, math.floor(options.rate * options.batch + 0.5 + 1e-9))
        self.model = Autoencoder(options.inputs, options.units, winners, options.tied)
        self.initial = {name: value.clone() for name, value in self.model.state_dict().items()}
        self.batch = torch.rand(options.batch, options.inputs)
        self.restart()

    def restart(self):
        self.model.load_state_dict(self.initial)
        rate = LEARNING_RATE[self.options.optimizer]
        if self.options.optimizer == "adam":
            self.optimizer = torch.optim.Adam(self.model.parameters(), lr=rate)
        else:
            self.optimizer = torch.optim.SGD(self.model.parameters(), lr=rate, momentum=0.9)

    def step(self, compete: bool):
        output = self.model(self.batch, compete)
        loss = 0.5 * ((output - self.batch) ** 2).sum() / self.batch.shape[0]
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss

    def forward(self):
        with torch.no_grad():
            return self.model.encode(self.batch)

    def measure(self, kind: str, seconds: float) -> dict:
        """Median milliseconds per step over about `seconds`, after a warm-up that is not counted."""
        call = {"wta": lambda: self.step(True), "dense": lambda: self.step(False), "forward": self.forward}[kind]
        self.restart()
        for _ in range(WARM_UP_STEPS):
            call()
        times = []
        end = time.perf_counter() + seconds
        while not times or time.perf_counter() < end:
            start = time.perf_counter()
            result = call()
            times.append(time.perf_counter() - start)
        if not torch.isfinite(result).all():
            raise FloatingPointError(f"pytorch_baseline: {kind} diverged, its time means nothing")
        return {"ms": statistics.median(times) * 1e3, "steps": len(times)}


def blas_name() -> str:
    """The BLAS behind this PyTorch: the one it was built with, or for a generic build the one that was loaded."""
    built = re.search(r"BLAS_INFO=(\w+)", torch.__config__.show())
    name = built.group(1) if built else "unknown"
    if name == "generic":
        loaded = re.search(r"(\S+)/libblas\.so", pathlib.Path("/proc/self/maps").read_text())
        name = pathlib.PurePath(loaded.group(1)).name if loaded else name
    return name


def require_fast_blas(name: str):
    """Debian's PyTorch takes any libblas; the reference one multiplies about 50 times slower and compares nothing."""
    if name == "blas":
        sys.exit(
            "pytorch_baseline: PyTorch must have an optimised BLAS; got the reference libblas. "
            "Try: apt-get install libopenblas0-openmp"
        )


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inputs", type=int, required=True)
    parser.add_argument("--units", type=int, required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--optimizer", choices=("sgd", "adam"), required=True)
    parser.add_argument("--tied", action="store_true")
    parser.add_argument("--threads", type=int, required=True)
    return parser.parse_args()


def main():
    options = parse_options()
    torch.set_flush_denormal(True)  # units that stop winning would slow PyTorch's optimiser down
    torch.set_num_threads(options.threads)
    blas = blas_name()
    require_fast_blas(blas)
    baseline = Baseline(options)
    print(json.dumps({"version": f"pytorch {torch.__version__}, {blas}"}), flush=True)
    for line in sys.stdin:
        kind, seconds = line.split()
        print(json.dumps(baseline.measure(kind, float(seconds))), flush=True)


if __name__ == "__main__":
    main()
