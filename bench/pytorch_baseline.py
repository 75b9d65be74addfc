"""A training step in PyTorch, written the straightforward way, timed on request.

It is the baseline of bench/driver.py and speaks the protocol stated there. Requests:
  wta      one training step: encoder, competition, mask, decoder, loss, backward, optimiser
  dense    the same step without the competition
  forward  encoder layers and ReLU alone, without gradients
  encode   of a convolutional network: forward and max-pooling of ENCODE_SAMPLES samples in batches, without gradients
Convolutions run on channels-last tensors, which are not slower than contiguous ones (128conv5-128conv5-128deconv11,
processor time of a step, two runs: 1.30 and 1.35 s against 1.33 and 1.43 s).
"""

import argparse
import functools
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
ENCODE_SAMPLES = 500


def winners_of(rate: str, candidates: int) -> int | None:
    """How many a unit or map keeps; None: all."""
    return None if rate == "off" else max(1, math.floor(float(rate) * candidates + 0.5 + 1e-9))


class FcAutoencoder(torch.nn.Module):
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


class ConvAutoencoder(torch.nn.Module):
    """ReLU convolutions, spatial and then lifetime sparsity over the last one's maps, one linear deconvolution."""

    def __init__(self, layers: list[tuple[int, int]], channels: int, winners: int | None):
        super().__init__()
        self.winners = winners
        *encoder, (maps, kernel) = layers
        below = [channels] + [out for out, _ in encoder]
        self.encoder = torch.nn.ModuleList(
            torch.nn.Conv2d(i, out, size, padding=size // 2) for i, (out, size) in zip(below, encoder)
        )
        self.decoder = torch.nn.ConvTranspose2d(maps, channels, kernel, padding=kernel // 2)
        for layer in [*self.encoder, self.decoder]:
            torch.nn.init.normal_(layer.weight, std=0.01)
            torch.nn.init.zeros_(layer.bias)
        with torch.no_grad():
            for layer in self.encoder:
                layer.weight -= layer.weight.mean(dim=(1, 2, 3), keepdim=True)

    def encode(self, x):
        for layer in self.encoder:
            x = F.relu(layer(x))
        return x

    def compete(self, h):
        largest = torch.amax(h, dim=(2, 3), keepdim=True)
        mask = h == largest  # ties, which would keep more than one, only where a whole map is 0
        if self.winners is not None:
            _, samples = torch.topk(largest, self.winners, dim=0)
            mask = mask & torch.zeros_like(largest, dtype=torch.bool).scatter_(0, samples, True)
        return h * mask

    def forward(self, x, compete: bool):
        h = self.encode(x)
        return self.decoder(self.compete(h) if compete else h)


def network_of(options) -> torch.nn.Module:
    winners = winners_of(options.lifetime, options.batch)
    layers = options.arch.split("-")
    if layers[0].endswith("fc"):
        return FcAutoencoder(math.prod(options.shape), int(layers[0].removesuffix("fc")), winners, options.tied)
    sizes = [tuple(int(number) for number in re.split("conv|deconv", layer)) for layer in layers]
    return ConvAutoencoder(sizes, options.shape[2], winners).to(memory_format=torch.channels_last)


def inputs_of(options, samples: int) -> torch.Tensor:
    """Uniform values in [0,1): [samples, inputs], or [samples, channels, height, width] with the channels last."""
    x = torch.rand(samples, *options.shape)
    return x.permute(0, 3, 1, 2) if len(options.shape) == 3 else x


class Baseline:
    """The network with a fixed batch; every round starts from the same initial weights."""

    def __init__(self, options):
        torch.manual_seed(SEED)
        self.options = options
        self.model = network_of(options)
        self.initial = {name: value.clone() for name, value in self.model.state_dict().items()}
        self.batch = inputs_of(options, options.batch)
        self.restart()

    def restart(self):
        self.model.load_state_dict(self.initial)
        rate = self.options.lr
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

    @torch.no_grad()
    def forward(self):
        return self.model.encode(self.batch)

    @torch.no_grad()
    def encode(self):
        window, stride = (int(number) for number in self.options.pool.split("/"))
        codes = []
        for batch in self.encode_samples.split(self.options.batch):
            pooled = F.max_pool2d(self.model.encode(batch), window, stride, ceil_mode=True)
            codes.append(pooled.permute(0, 2, 3, 1).flatten(1))
        return torch.cat(codes)

    @functools.cached_property
    def encode_samples(self) -> torch.Tensor:
        return inputs_of(self.options, ENCODE_SAMPLES)

    def measure(self, kind: str, seconds: float) -> dict:
        """Median milliseconds per call over about `seconds`, after a warm-up that is not counted."""
        calls = {
            "wta": lambda: self.step(True),
            "dense": lambda: self.step(False),
            "forward": self.forward,
            "encode": self.encode,
        }
        call = calls[kind]
        self.restart()
        end = time.perf_counter() + seconds
        for i in range(WARM_UP_STEPS):
            if i == 0 or time.perf_counter() < end:
                call()
        times = []
        cpu = time.process_time()
        end = time.perf_counter() + seconds
        while not times or time.perf_counter() < end:
            start = time.perf_counter()
            result = call()
            times.append(time.perf_counter() - start)
        cpu_ms = (time.process_time() - cpu) * 1e3 / len(times)
        if not torch.isfinite(result).all():
            raise FloatingPointError(f"pytorch_baseline: {kind} diverged, its time means nothing")
        samples = ENCODE_SAMPLES if kind == "encode" else self.options.batch
        return {"ms": statistics.median(times) * 1e3, "cpu_ms": cpu_ms, "steps": len(times), "samples": samples}


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
    parser.add_argument("--arch", required=True)
    parser.add_argument("--shape", type=lambda text: [int(n) for n in text.split(",")], required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--lifetime", required=True, help="a rate or off")
    parser.add_argument("--optimizer", choices=("sgd", "adam"), required=True)
    parser.add_argument("--lr", type=float, required=True)
    parser.add_argument("--tied", action="store_true")
    parser.add_argument("--untied", dest="tied", action="store_false")
    parser.add_argument("--pool", default="off", help="WINDOW/STRIDE")
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
