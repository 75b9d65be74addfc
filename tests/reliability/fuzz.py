"""Fuzzes every reader for 30 seconds, two at a time (--short: replays the corpus; --long: ten minutes each).

A case is an execution of a target, a failure a target that crashed, leaked, or took more than a second or 256 MiB.
"""

import concurrent.futures
import importlib.util
import os
import pathlib
import subprocess
import sys

from cases import Cases

TESTS = pathlib.Path(__file__).parents[1]


def load_runner():
    """tests/fuzz/fuzz.py, which has the name of this file."""
    spec = importlib.util.spec_from_file_location("fuzz_targets", TESTS / "fuzz" / "fuzz.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def fuzz(cases, seconds):
    runner = load_runner()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for count, figures, failure in pool.map(lambda name: runner.run(name, seconds), runner.names()):
            print(figures, flush=True)
            cases.count += count
            if failure is not None:
                cases.failures += 1
                print(failure, file=sys.stderr, flush=True)


def main():
    cases = Cases(__doc__)
    seconds = cases.choose(0, 30, 600)
    if seconds > 0:
        fuzz(cases, seconds)
        cases.finish()
    replay = [pathlib.Path(os.environ["WTA_BUILD"]) / "fuzz_corpus", TESTS / "fuzz" / "corpus"]
    sys.exit(subprocess.run(replay, timeout=120, check=False).returncode)


if __name__ == "__main__":
    main()
