"""Fuzzes every reader for 20 seconds, two at a time (--short: replays the corpus; --long: ten minutes each).

A case is an execution of a target, a failure a target that crashed, leaked, or took more than a second or 256 MiB.
"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys

from cases import Cases

TESTS = pathlib.Path(__file__).parents[1]
sys.path.insert(0, str(TESTS / "fuzz"))

import run_targets  # noqa: E402


def fuzz(cases, seconds):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for count, figures, failure in pool.map(lambda name: run_targets.run(name, seconds), run_targets.names()):
            print(figures, flush=True)
            cases.count += count
            if failure is not None:
                cases.failures += 1
                print(failure, file=sys.stderr, flush=True)


def main():
    cases = Cases(__doc__)
    seconds = cases.choose(0, 20, 600)
    if seconds > 0:
        fuzz(cases, seconds)
        cases.finish()
    replay = [pathlib.Path(os.environ["WTA_BUILD"]) / "fuzz_corpus", TESTS / "fuzz" / "corpus"]
    sys.exit(subprocess.run(replay, timeout=120, check=False).returncode)


if __name__ == "__main__":
    main()
