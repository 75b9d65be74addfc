"""Our training step against PyTorch's, of FC-WTA (`fc`) or CONV-WTA (`conv`), in alternating rounds of one run.

Two processes stay up for each row, ours (build/bench/step_bench) and bench/pytorch_baseline.py. They work in turn, and
the one that waits does not spin, so both meet the same machine. A ratio is taken within a round; the table shows its
median. Ratios of processor time (_cpu) say more where other work takes much of the machine.

Protocol of both, a line of text for a line of JSON:
  started with  --arch A --shape D|H,W,C --batch B --lifetime RATE|off --optimizer sgd|adam --lr L --tied|--untied
                --pool WINDOW/STRIDE|off --threads N
  first line    {"version": "pytorch 1.13.0, openblas-openmp"}
  request       KIND SECONDS   on stdin, e.g. `step 1.0`. KIND is step, forward, onednn_forward or encode (ours), wta,
                dense, forward or encode (PyTorch). The process starts again from the same initial weights, makes two
                steps that do not count (one, if that takes SECONDS), then steps for about SECONDS, at least one.
  reply         {"ms": 8.71, "cpu_ms": 16.9, "steps": 115, "samples": 100}   ms: the median over the steps; cpu_ms: the
                processor time of all threads, the mean; samples: of one step (encode takes more than a batch)
  end           end of stdin
A process that cannot answer writes why on stderr and exits with a status that is not 0.
Both sides: one fixed batch of uniform values in [0,1); weights normal with deviation 0.01 (convolutions of the encoder:
each filter shifted to mean 0, so that no map is dead), biases 0; SGD with momentum 0.9, or Adam; loss half the squared
error, summed over inputs, mean over the batch.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import shlex
import statistics
import subprocess
import sys
import time

import measured_paths

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "results"))
from provenance import provenance  # noqa: E402  (found through the line above)


# How the threads of both sides wait for work. `passive`: asleep, right on a machine that others use too. `default`:
# as their OpenMP does it, that is spinning for a moment; on a quiet machine PyTorch is up to 15% faster so.
WAITING = {
    "passive": {"OMP_WAIT_POLICY": "passive", "KMP_BLOCKTIME": "0", "GOMP_SPINCOUNT": "0"},
    "default": {},
}
# Longer than any OpenMP spins after its last work (LLVM's and Intel's: 0.2 s).
SETTLE_SECONDS = 0.25


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    arch: str
    shape: str
    batch: int
    lifetime: str
    optimizer: str = "sgd"
    lr: float = 1e-3
    tied: bool = False
    pool: str = "off"

    def arguments(self, threads: int) -> list[str]:
        fields = ("arch", "shape", "batch", "lifetime", "optimizer", "lr", "pool")
        named = [f"--{field}={getattr(self, field)}" for field in fields]
        return [*named, f"--threads={threads}", "--tied" if self.tied else "--untied"]


# What one round asks for, neighbours measured one after the other: key of the result, our side or theirs, kind.
FC_REQUESTS = (
    ("ours_ms", "ours", "step"),
    ("pytorch_wta_step_ms", "pytorch", "wta"),
    ("pytorch_dense_step_ms", "pytorch", "dense"),
    ("pytorch_forward_ms", "pytorch", "forward"),
    ("ours_forward_ms", "ours", "forward"),
)
# No dense step of PyTorch: it differs from its wta step by the mask alone, and takes over a second.
CONV_REQUESTS = (
    ("ours_ms", "ours", "step"),
    ("pytorch_wta_step_ms", "pytorch", "wta"),
    ("pytorch_forward_ms", "pytorch", "forward"),
    ("ours_forward_ms", "ours", "forward"),
    ("onednn_forward_ms", "ours", "onednn_forward"),
    ("ours_encode_ms", "ours", "encode"),
    ("pytorch_encode_ms", "pytorch", "encode"),
)

# Quotients of two times of one round: key of the result, dividend, divisor.
FC_RATIOS = (("ratio", "pytorch_wta_step_ms", "ours_ms"),)
CONV_RATIOS = (
    ("ratio", "pytorch_wta_step_ms", "ours_ms"),
    ("step_over_forward", "ours_ms", "ours_forward_ms"),
    ("forward_ratio", "pytorch_forward_ms", "ours_forward_ms"),
    ("onednn_ratio", "onednn_forward_ms", "ours_forward_ms"),
    ("encode_ratio", "pytorch_encode_ms", "ours_encode_ms"),
)

# Key of the result, heading, digits after the point.
FC_COLUMNS = (
    ("ours_ms", "ours", 2),
    ("pytorch_wta_step_ms", "pytorch", 2),
    ("ratio", "ratio", 2),
    ("ratio_min", "lowest", 2),
    ("pytorch_dense_step_ms", "dense", 2),
    ("ours_forward_ms", "forward", 2),
    ("pytorch_forward_ms", "pt.forward", 2),
    ("peak_mib", "MiB", 0),
    ("pytorch_peak_mib", "pt.MiB", 0),
    ("load", "load", 2),
)
CONV_COLUMNS = (
    ("ours_ms", "ours", 1),
    ("pytorch_wta_step_ms", "pytorch", 1),
    ("ratio", "ratio", 2),
    ("ratio_min", "lowest", 2),
    ("ratio_cpu", "cpu ratio", 2),
    ("ours_forward_ms", "forward", 1),
    ("step_over_forward", "step/fwd", 2),
    ("onednn_forward_ms", "onednn", 1),
    ("pytorch_forward_ms", "pt.forward", 1),
    ("ours_encode_per_second", "codes/s", 0),
    ("pytorch_encode_per_second", "pt.codes/s", 0),
    ("encode_ratio", "ratio", 2),
    ("peak_mib", "MiB", 0),
    ("pytorch_peak_mib", "pt.MiB", 0),
    ("load", "load", 2),
)


@dataclasses.dataclass(frozen=True)
class Table:
    """One comparison, that of `./dev bench NAME`."""

    rows: tuple[Row, ...]
    requests: tuple[tuple[str, str, str], ...]
    ratios: tuple[tuple[str, str, str], ...]
    columns: tuple[tuple[str, str, int], ...]
    paths: list[str]


FC_ROWS = (
    Row("784-2000-b100", "2000fc", "784", 100, "0.05"),
    Row("784-2000-b1000", "2000fc", "784", 1000, "0.05"),
    Row("784-16384-b1024", "16384fc", "784", 1024, "0.01"),
    Row("784-2000-b100-tied-adam", "2000fc", "784", 100, "0.05", "adam", tied=True),
)
MNIST_CONV = "128conv5-128conv5-128deconv11"
CONV_ROWS = (
    Row("mnist-128-128-5%", MNIST_CONV, "28,28,1", 100, "0.05", lr=1e-4, pool="5/3"),
    Row("mnist-128-128-spatial", MNIST_CONV, "28,28,1", 100, "off", lr=1e-4, pool="5/3"),
    Row("rgb32-64-64-64-10%", "64conv5-64conv5-64conv5-64deconv11", "32,32,3", 100, "0.1", lr=1e-4, pool="5/4"),
    Row("rgb32-64-64-64-spatial", "64conv5-64conv5-64conv5-64deconv11", "32,32,3", 100, "off", lr=1e-4, pool="5/4"),
    Row("codes8-256-1024-20%", "1024conv3-1024deconv3", "8,8,256", 100, "0.2", lr=1e-4, pool="3/2"),
)
TABLES = {
    "fc": Table(FC_ROWS, FC_REQUESTS, FC_RATIOS, FC_COLUMNS, measured_paths.FC),
    "conv": Table(CONV_ROWS, CONV_REQUESTS, CONV_RATIOS, CONV_COLUMNS, measured_paths.CONV),
}


class Worker:
    """One process of the comparison."""

    def __init__(self, command: list[str], waiting: str):
        self.command = command
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **WAITING[waiting]}
        )
        self.version = self._read()["version"]

    def _read(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"driver: {self.command[0]} ended with status {self.process.wait()}; see its message above")
        return json.loads(line)

    def measure(self, kind: str, seconds: float) -> dict:
        """The reply to one request."""
        time.sleep(SETTLE_SECONDS)
        self.process.stdin.write(f"{kind} {seconds}\n")
        self.process.stdin.flush()
        return self._read()

    def peak_mib(self) -> float:
        """The most memory that the process has held so far."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        (kib,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(kib) / 1024

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def start_workers(row: Row, options) -> dict[str, Worker]:
    arguments = row.arguments(options.threads)
    baseline = ROOT / "bench" / "pytorch_baseline.py"
    workers = {"pytorch": Worker([options.python, str(baseline), *arguments], options.waiting)}
    if not options.pytorch_only:
        workers["ours"] = Worker([options.ours, *arguments], options.waiting)
    return workers


def measure_row(table: Table, row: Row, options) -> dict:
    """Every other round runs backwards, so that neither side always comes first."""
    load = os.getloadavg()[0]
    workers = start_workers(row, options)
    requests = [request for request in table.requests if request[1] in workers]
    peaks = {"peak_mib": None}
    rounds = []
    for i in range(options.rounds):
        replies = {}
        for key, side, kind in requests if i % 2 == 0 else requests[::-1]:
            replies[key] = workers[side].measure(kind, options.seconds)
            if i == 0 and key in PEAKS:  # before the other kinds, whose memory is not the step's
                peaks[PEAKS[key]] = workers[side].peak_mib()
        rounds.append(replies)
    result = summary(table, row, rounds)
    result |= {"pytorch_version": workers["pytorch"].version, "load": load}
    result |= {"threads": options.threads, "waiting": options.waiting} | peaks
    for worker in workers.values():
        worker.close()
    return result


# The requests after which memory is read, and the keys of the result that take it.
PEAKS = {"ours_ms": "peak_mib", "pytorch_wta_step_ms": "pytorch_peak_mib"}


def quotients(rounds: list[dict], dividend: str, divisor: str, unit: str) -> list[float]:
    return [r[dividend][unit] / r[divisor][unit] for r in rounds if dividend in r and divisor in r]


def median_or_none(values: list[float]) -> float | None:
    return statistics.median(values) if values else None


def summary(table: Table, row: Row, rounds: list[dict]) -> dict:
    """Medians over the rounds; what was not measured is None."""
    result = {"row": row.name, "pytorch_dense_step_ms": None}
    for key, _, _ in table.requests:
        result[key] = median_or_none([replies[key]["ms"] for replies in rounds if key in replies])
    for side in ("ours", "pytorch"):
        replies = [r[key] for r in rounds if (key := f"{side}_encode_ms") in r]
        if f"{side}_encode_ms" in result:
            speeds = [reply["samples"] / reply["ms"] * 1e3 for reply in replies]
            result[f"{side}_encode_per_second"] = median_or_none(speeds)
    for key, dividend, divisor in table.ratios:
        values = quotients(rounds, dividend, divisor, "ms")
        result[key] = median_or_none(values)
        result[f"{key}_min"] = min(values, default=None)
        result[f"{key}_cpu"] = median_or_none(quotients(rounds, dividend, divisor, "cpu_ms"))
    result["rounds"] = [{key: reply["ms"] for key, reply in replies.items()} for replies in rounds]
    return result


def heading(table: Table) -> str:
    return f"{'row':<24}" + "".join(f"{title:>11}" for _, title, _ in table.columns)


def table_line(table: Table, result: dict) -> str:
    cells = ("-" if result[key] is None else f"{result[key]:.{digits}f}" for key, _, digits in table.columns)
    return f"{result['row']:<24}" + "".join(f"{cell:>11}" for cell in cells)


def parse_options():
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in TABLES:
        sys.exit(f"driver: the first argument must be one of {', '.join(TABLES)}; got '{name}'. Try: ./dev bench fc")
    parser = argparse.ArgumentParser(prog=f"./dev bench {name}", description=__doc__.splitlines()[0])
    names = [row.name for row in TABLES[name].rows]
    described = ", ".join(names).replace("%", "%%")
    parser.add_argument("--rows", nargs="+", choices=names, default=names, metavar="ROW", help=described)
    parser.add_argument("--rounds", type=int, default=7, help="alternating rounds (default 7)")
    parser.add_argument("--seconds", type=float, default=1.0, help="length of one measurement (default 1)")
    parser.add_argument("--threads", type=int, default=2, help="of either side (default 2)")
    parser.add_argument("--waiting", choices=WAITING, default="passive", help="of idle threads (default passive)")
    parser.add_argument("--python", default="/usr/bin/python3", help="the Python that has PyTorch")
    parser.add_argument("--ours", default=str(ROOT / "build" / "bench" / "step_bench"), help="our executable")
    parser.add_argument("--pytorch-only", action="store_true", help="measure the baseline alone")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="also write a list, one object per row")
    options = parser.parse_args(sys.argv[2:])
    options.table = name
    if not options.pytorch_only and not os.access(options.ours, os.X_OK):
        parser.error(f"--ours: must be an executable; got {options.ours}. Try: ./dev bench {name}, or --pytorch-only")
    return options


def main():
    options = parse_options()
    table = TABLES[options.table]
    print(f"milliseconds per step, {options.threads} threads, median of {options.rounds} rounds; ratio: pytorch / ours")
    print(heading(table), flush=True)
    results = []
    for row in table.rows:
        if row.name in options.rows:
            results.append(measure_row(table, row, options))
            print(table_line(table, results[-1]), flush=True)
    print(results[-1]["pytorch_version"])
    if options.json:
        source = provenance("./dev bench " + shlex.join(sys.argv[1:]), table.paths)
        options.json.write_text(json.dumps([result | source for result in results], indent=1) + "\n")


if __name__ == "__main__":
    main()
