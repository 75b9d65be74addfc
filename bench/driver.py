"""Our training step of FC-WTA against PyTorch's, in alternating rounds of one run.

Two processes stay up for each row, ours (build/bench/fc_bench) and bench/pytorch_baseline.py. They work in turn, and
the one that waits does not spin, so both meet the same machine. A ratio is taken within a round; the table shows its median.

Protocol of both, a line of text for a line of JSON:
  started with  --inputs D --units M --batch B --rate R --optimizer sgd|adam [--tied] --threads N
  first line    {"version": "pytorch 1.13.0, openblas-openmp"}
  request       KIND SECONDS   on stdin, e.g. `step 1.0`. KIND is step or forward (ours), wta, dense or forward
                (PyTorch). The process starts again from the same initial weights, makes two steps that do not count,
                then steps for about SECONDS, at least one.
  reply         {"ms": 8.71, "steps": 115}   ms: the median over the steps
  end           end of stdin
A process that cannot answer writes why on stderr and exits with a status that is not 0.
Both sides: one fixed batch of uniform values in [0,1); weights normal with deviation 0.01, biases 0; learning rate
0.001; SGD with momentum 0.9, or Adam; loss half the squared error, summed over inputs, mean over the batch.
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

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "results"))
from provenance import provenance  # noqa: E402  (found through the line above)

# A result is out of date when one of these changes (./dev results).
PATHS = ["bench/fc_bench.cpp", "bench/driver.py", "bench/pytorch_baseline.py"] + [
    f"src/{module}" for module in ("core", "kernels", "optim", "model")
]
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
    inputs: int
    units: int
    batch: int
    rate: float
    optimizer: str = "sgd"
    tied: bool = False

    def arguments(self, threads: int) -> list[str]:
        named = [
            f"--{field}={getattr(self, field)}" for field in ("inputs", "units", "batch", "rate", "optimizer")
        ]
        return [*named, f"--threads={threads}"] + (["--tied"] if self.tied else [])


ROWS = (
    Row("784-2000-b100", 784, 2000, 100, 0.05),
    Row("784-2000-b1000", 784, 2000, 1000, 0.05),
    Row("784-16384-b1024", 784, 16384, 1024, 0.01),
    Row("784-2000-b100-tied-adam", 784, 2000, 100, 0.05, "adam", True),
)


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

    def measure(self, kind: str, seconds: float) -> float:
        """Milliseconds per step."""
        time.sleep(SETTLE_SECONDS)
        self.process.stdin.write(f"{kind} {seconds}\n")
        self.process.stdin.flush()
        return self._read()["ms"]

    def peak_mib(self) -> float:
        """The most memory that the process has held so far."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        (kib,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(kib) / 1024

    def close(self):
        self.process.stdin.close()
        self.process.wait()


# What one round asks for, neighbours measured one after the other: key of the result, our side or theirs, kind.
REQUESTS = (
    ("ours_ms", "ours", "step"),
    ("pytorch_wta_step_ms", "pytorch", "wta"),
    ("pytorch_dense_step_ms", "pytorch", "dense"),
    ("pytorch_forward_ms", "pytorch", "forward"),
    ("ours_forward_ms", "ours", "forward"),
)


def measure_row(row: Row, options) -> dict:
    """Every other round runs backwards, so that neither side always comes first."""
    load = os.getloadavg()[0]
    arguments = row.arguments(options.threads)
    baseline = ROOT / "bench" / "pytorch_baseline.py"
    workers = {"pytorch": Worker([options.python, str(baseline), *arguments], options.waiting)}
    if not options.pytorch_only:
        workers["ours"] = Worker([options.ours, *arguments], options.waiting)
    requests = [request for request in REQUESTS if request[1] in workers]
    rounds = []
    for i in range(options.rounds):
        order = requests if i % 2 == 0 else requests[::-1]
        rounds.append({key: workers[side].measure(kind, options.seconds) for key, side, kind in order})
    result = summary(row, rounds)
    result |= {"pytorch_version": workers["pytorch"].version, "load": load}
    result |= {"threads": options.threads, "waiting": options.waiting}
    result["peak_mib"] = workers["ours"].peak_mib() if "ours" in workers else None
    result["pytorch_peak_mib"] = workers["pytorch"].peak_mib()
    for worker in workers.values():
        worker.close()
    return result


def summary(row: Row, rounds: list[dict]) -> dict:
    """Medians over the rounds; what was not measured is None."""
    result = {"row": row.name}
    for key, _, _ in REQUESTS:
        values = [figures[key] for figures in rounds if key in figures]
        result[key] = statistics.median(values) if values else None
    ratios = [figures["pytorch_wta_step_ms"] / figures["ours_ms"] for figures in rounds if "ours_ms" in figures]
    result["ratio"] = statistics.median(ratios) if ratios else None
    result["ratio_min"] = min(ratios) if ratios else None
    result["rounds"] = rounds
    return result


# Key of the result, heading, digits after the point.
COLUMNS = (
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


def heading() -> str:
    return f"{'row':<24}" + "".join(f"{title:>11}" for _, title, _ in COLUMNS)


def table_line(result: dict) -> str:
    cells = ("-" if result[key] is None else f"{result[key]:.{digits}f}" for key, _, digits in COLUMNS)
    return f"{result['row']:<24}" + "".join(f"{cell:>11}" for cell in cells)


def parse_options():
    parser = argparse.ArgumentParser(prog="./dev bench fc", description=__doc__.splitlines()[0])
    names = [row.name for row in ROWS]
    parser.add_argument("--rows", nargs="+", choices=names, default=names, metavar="ROW", help=", ".join(names))
    parser.add_argument("--rounds", type=int, default=7, help="alternating rounds (default 7)")
    parser.add_argument("--seconds", type=float, default=1.0, help="length of one measurement (default 1)")
    parser.add_argument("--threads", type=int, default=2, help="of either side (default 2)")
    parser.add_argument("--waiting", choices=WAITING, default="passive", help="of idle threads (default passive)")
    parser.add_argument("--python", default="/usr/bin/python3", help="the Python that has PyTorch")
    parser.add_argument("--ours", default=str(ROOT / "build" / "bench" / "fc_bench"), help="our executable")
    parser.add_argument("--pytorch-only", action="store_true", help="measure the baseline alone")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="also write a list, one object per row")
    options = parser.parse_args()
    if not options.pytorch_only and not os.access(options.ours, os.X_OK):
        parser.error(f"--ours: must be an executable; got {options.ours}. Try: ./dev bench fc, or --pytorch-only")
    return options


def main():
    options = parse_options()
    print(f"milliseconds per step, {options.threads} threads, median of {options.rounds} rounds; ratio: pytorch / ours")
    print(heading(), flush=True)
    results = []
    for row in ROWS:
        if row.name in options.rows:
            results.append(measure_row(row, options))
            print(table_line(results[-1]), flush=True)
    print(results[-1]["pytorch_version"])
    if options.json:
        source = provenance("./dev bench fc " + shlex.join(sys.argv[1:]), PATHS)
        options.json.write_text(json.dumps([result | source for result in results], indent=1) + "\n")


if __name__ == "__main__":
    main()
