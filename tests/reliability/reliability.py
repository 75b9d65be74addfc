"""Runs the rows of docs/reliability.md, one line each: cases, failures, seconds. Built programs are in build/.

usage: reliability.py [--short | --long] [--record] [ROW...]     --record: also into results/reliability.json and the document
"""

import argparse
import dataclasses
import json
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
DOCUMENT = ROOT / "docs" / "reliability.md"
LARGEST_LINE = re.compile(r"(.+): at most (\S+)")
LAST_LINE = re.compile(r"(\d+) cases, (\d+) failures")


@dataclasses.dataclass(frozen=True)
class Row:
    """A row: the program tests/reliability/NAME.py, what its cases are, and the builds besides `ci` that it needs."""

    what: str
    presets: tuple[str, ...] = ()


ROWS = {
    "fuzz": Row("readers on mutated inputs, under sanitizers (--short: on the corpus)", ("fuzz",)),
    "bad_files": Row("bad files through the tool, every prefix and bit flip of small ones"),
    "resume": Row("stopped at random steps, every kind of model: the bits of an unstopped run"),
    "kills": Row("kill -9 at random moments, and at every system call of a save"),
    "faults": Row("system calls and allocations that fail, short writes, full disks"),
    "signals": Row("SIGINT and SIGTERM at random moments"),
    "same_bits": Row("1 to 8 threads, seeds, instruction sets: the same models, codes, classifiers"),
    "sanitizers": Row("fast tests under ASan + UBSan and TSan, the tool under valgrind", ("debug", "tsan")),
    "extreme_numbers": Row("NaN, infinities, denormals, absurd rates and sizes: refused by name or finite"),
    "writers": Row("second writers are refused, readers during saves see a whole model"),
    "resources": Row("memory expected beside memory taken, absurd sizes, sizes that do not fit"),
    "soak": Row("trainings that save all the time: flat memory, constant descriptors"),
}


def build(presets):
    """Builds what the rows need; that does not count as their time."""
    for preset in presets:
        for command in (["cmake", "--preset", preset], ["cmake", "--build", "--preset", preset]):
            done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            if done.returncode != 0:
                sys.exit(f"reliability: the build '{preset}' failed:\n{done.stdout[-5000:]}")


def run_row(name, size):
    """Runs tests/reliability/NAME.py and reads its last line; a row that did not say it counts as one failure."""
    begin = time.monotonic()
    done = subprocess.run([sys.executable, HERE / f"{name}.py", *size], stdout=subprocess.PIPE, text=True, check=False)
    lines = done.stdout.splitlines()
    counted = LAST_LINE.fullmatch(lines[-1]) if lines else None
    cases, failures = (int(counted[1]), int(counted[2])) if counted else (0, 1)
    if done.returncode != 0:
        failures = max(failures, 1)
    largest = {found[1]: float(found[2]) for line in lines if (found := LARGEST_LINE.fullmatch(line))}
    return {"cases": cases, "failures": failures, "seconds": round(time.monotonic() - begin, 1)} | largest


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
    write_table({entry["name"]: entry for entry in entries})


def write_table(entries):
    """The recorded rows, in the document."""
    lines = ["| row | cases | failures | seconds | commit |", "| --- | --- | --- | --- | --- |"]
    recorded = [name for name in ROWS if name in entries]
    for name in recorded:
        figures = entries[name]["figures"]
        lines.append(f"| `{name}` | {figures['cases']:,} | {figures['failures']} | {figures['seconds']:.0f} "
                     f"| {entries[name]['commit'][:7]} |")
    minutes = sum(entries[name]["figures"]["seconds"] for name in recorded) / 60
    lines += ["", f"Together {minutes:.1f} minutes, without builds."]
    before, rest = DOCUMENT.read_text().split("<!-- last results -->\n")
    after = rest.split("<!-- end of last results -->\n")[1]
    DOCUMENT.write_text(before + "<!-- last results -->\n" + "\n".join(lines) + "\n<!-- end of last results -->\n" + after)


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
    chosen = arguments.rows or list(ROWS)
    build(sorted({preset for name in chosen for preset in ROWS[name].presets}))
    figures = {}
    for name in chosen:
        figures[name] = run_row(name, size)
        row = figures[name]
        print(f"{name:16} {ROWS[name].what:72} {row['cases']:7} cases {row['failures']:4} failures {row['seconds']:7} s", flush=True)
        for measured in row.keys() - {"cases", "failures", "seconds"}:
            print(f"{'':16} {measured}: at most {row[measured]}", flush=True)
    if arguments.record:
        record(figures, size)
    sys.exit(1 if any(row["failures"] for row in figures.values()) else 0)


if __name__ == "__main__":
    main()
