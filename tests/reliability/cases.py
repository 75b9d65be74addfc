"""What the rows of ./dev reliability share: they count cases, print each failure, and end with one line."""

import argparse
import contextlib
import sys
import time
import traceback


class Cases:
    """Counts the cases of one row. A row is a program whose last line on stdout is `N cases, F failures`; lines before it
    may say how large something got, `NAME: at most VALUE`."""

    def __init__(self, description):
        parser = argparse.ArgumentParser(description=description)
        size = parser.add_mutually_exclusive_group()
        size.add_argument("--short", action="store_true", help="a few cases, for every run of the tests")
        size.add_argument("--long", action="store_true", help="as many as a machine has time for")
        parser.add_argument("--seed", type=int, default=None, help="of the random moments; default: the time")
        self.arguments = parser.parse_args()
        self.seed = self.arguments.seed if self.arguments.seed is not None else time.time_ns() % 2**32
        self.count = 0
        self.failures = 0
        self.largest = {}

    def choose(self, short, normal, long):
        """A number of cases, by the size that was asked for."""
        return short if self.arguments.short else long if self.arguments.long else normal

    @contextlib.contextmanager
    def case(self, name):
        """One case: whatever it raises is its failure."""
        self.count += 1
        try:
            yield
        except Exception:
            self.failures += 1
            print(f"FAILED {name} (seed {self.seed})\n{traceback.format_exc()}", file=sys.stderr, flush=True)

    def measured(self, name, value):
        """Of a figure with a bound: the largest over all cases is shown and recorded."""
        self.largest[name] = max(value, self.largest.get(name, value))

    @staticmethod
    def skip(name, reason):
        """Cases that cannot run here are named, not counted."""
        print(f"skipped: {name}: {reason}", file=sys.stderr, flush=True)

    def finish(self):
        """Ends the program with the row's line."""
        for name, value in self.largest.items():
            print(f"{name}: at most {value:.3g}")
        print(f"{self.count} cases, {self.failures} failures")
        sys.exit(1 if self.failures or self.count == 0 else 0)
