"""Runs fuzz targets (preset fuzz). New inputs go to build/fuzz/found/NAME, those that fail to build/fuzz/failed.

usage: run_targets.py [--test] [--build] [NAME [SECONDS]]      no NAME: the names; --test: a test, which WTA_FUZZ_SECONDS turns on
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build" / "fuzz"
SKIPPED = 77  # what ctest reports as skipped

# An input takes at most a second and 256 MiB. Freed memory would otherwise wait in a queue as large as that.
LIMITS = ["-timeout=1", "-rss_limit_mb=256", "-max_len=4096"]
ENVIRONMENT = {"ASAN_OPTIONS": "quarantine_size_mb=8:detect_leaks=1"}


def names():
    return sorted(path.stem.removesuffix("_fuzz") for path in HERE.glob("*_fuzz.cpp"))


def build(*targets):
    """Configures the preset and builds the targets."""
    subprocess.run(["cmake", "--preset", "fuzz"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", "--preset", "fuzz", "--target", *(f"{name}_fuzz" for name in targets)], cwd=ROOT,
                   check=True, stdout=subprocess.DEVNULL)


def run(name, seconds):
    """Fuzzes one target: (executions, its last figures as text, output of a failure or None)."""
    found = BUILD / "found" / name
    found.mkdir(parents=True, exist_ok=True)
    (BUILD / "failed").mkdir(exist_ok=True)
    done = subprocess.run(
        [BUILD / f"{name}_fuzz", *LIMITS, f"-max_total_time={seconds}", "-print_final_stats=1",
         f"-artifact_prefix={BUILD}/failed/{name}-", found, HERE / "corpus" / name],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=os.environ | ENVIRONMENT, timeout=seconds + 300, check=False)
    output = done.stdout.decode(errors="replace")
    stats = dict(re.findall(r"stat::(\w+):\s+(\d+)", output))
    count = int(stats.get("number_of_executed_units", 0))
    figures = (f"{name}: {count} executions, {stats.get('average_exec_per_sec', '?')} a second, "
               f"at most {stats.get('peak_rss_mb', '?')} MiB")
    return count, figures, output if done.returncode != 0 or count == 0 else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--test", action="store_true")
    parser.add_argument("--build", action="store_true")
    parser.add_argument("name", nargs="?")
    parser.add_argument("seconds", nargs="?", type=int, default=60)
    arguments = parser.parse_args()
    if arguments.test:
        if not os.environ.get("WTA_FUZZ_SECONDS"):
            print("skipped: WTA_FUZZ_SECONDS is not set")
            sys.exit(SKIPPED)
        arguments.seconds = int(os.environ["WTA_FUZZ_SECONDS"])
    if arguments.name is None and not arguments.build:
        print("\n".join(names()))
        return
    if arguments.name is not None and arguments.name not in names():
        parser.error(f"no target '{arguments.name}'. Try: {', '.join(names())}")
    if arguments.build:
        build(*([arguments.name] if arguments.name else names()))
    if arguments.name is None:
        return
    _, figures, failure = run(arguments.name, arguments.seconds)
    if failure is not None:
        print(failure)
    print(figures)
    sys.exit(0 if failure is None else 1)


if __name__ == "__main__":
    main()
