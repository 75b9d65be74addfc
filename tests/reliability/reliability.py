"""Runs the rows of docs/reliability.md, one line each: cases, failures, seconds. Built programs are in build/.

usage: reliability.py [--short | --long] [--record] [ROW...]     --record: also into results/reliability.json
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
LAST_LINE = re.compile(r"(\d+) cases, (\d+) failures")

# Name of the program, and what its cases are.
ROWS = {
    "kills": "kill -9 at random moments, and at every system call of a save",
    "faults": "system calls and allocations that fail, short writes, full disks",
    "signals": "SIGINT and SIGTERM at random moments",
}


def run_row(name, size):
    """Runs tests/reliability/NAME.py and reads its last line; a row that did not say it counts as one failure."""
    begin = time.monotonic()
    done = subprocess.run([sys.executable, HERE / f"{name}.py", *size], stdout=subprocess.PIPE, text=True, check=False)
    lines = done.stdout.splitlines()
    counted = LAST_LINE.fullmatch(lines[-1]) if lines else None
    cases, failures = (int(counted[1]), int(counted[2])) if counted else (0, 1)
    if done.returncode != 0:
        failures = max(failures, 1)
    return {"cases": cases, "failures": failures, "seconds": round(time.monotonic() - begin, 1)}


def record(figures, size):
    sys.path.insert(0, str(ROOT / "results"))
    from provenance import provenance

    file = ROOT / "results" / "reliability.json"
    entries = json.loads(file.read_text()) if file.exists() else []
    command = " ".join(["./dev reliability", *size])
    paths = ["src", "include", "tests/reliability", "tests/fuzz"]
    for name, row in figures.items():
        entries = [entry for entry in entries if entry["name"] != name]
        entries.append({"name": name, "figures": row} | provenance(command, paths))
    file.write_text(json.dumps(entries, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"default: all of {', '.join(ROWS)}")
    arguments = parser.parse_args()
    for name in arguments.rows:
        if name not in ROWS:
            parser.error(f"no row '{name}'. Try: {', '.join(ROWS)}")
    size = ["--short"] if arguments.short else ["--long"] if arguments.long else []
    figures = {}
    for name in arguments.rows or ROWS:
        figures[name] = run_row(name, size)
        row = figures[name]
        print(f"{name:12} {ROWS[name]:72} {row['cases']:7} cases {row['failures']:4} failures {row['seconds']:7} s", flush=True)
    if arguments.record:
        record(figures, size)
    sys.exit(1 if any(row["failures"] for row in figures.values()) else 0)


if __name__ == "__main__":
    main()
