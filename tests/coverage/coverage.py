"""Which lines and branches of src the tests run: 90 % of the lines of each folder; of what reads strangers' files and of the
checkpoints every line and branch, or the reason in exceptions.toml why no test takes it.

usage: coverage.py BUILD [--record]     --record: also into results/coverage.json and the tables of docs/reliability.md

Reads gcov's own JSON: gcovr (for the pages) takes branches of exceptions for branches of ours where one of the programs that share a
file never ran the function.
"""

import argparse
import collections
import dataclasses
import json
import multiprocessing
import os
import pathlib
import re
import subprocess
import sys
import tomllib

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
DOCUMENT = ROOT / "docs" / "reliability.md"
LEAST_LINES = 0.9

# What reads files that may come from strangers, and the checkpoints.
READERS = re.compile(
    r"src/(core/options"
    r"|io/(any_tensor|byte_reader|cifar|compressed|event_records|format_version|idx|image|jpeg|json_strict|mat|npy|npy_format|npz|png|pnm"
    r"|read_file|safetensors|text_table)"
    r"|model/(model_file|architecture)|train/(checkpoint|metrics_file|run_store)|eval/classifier_file|app/(recipes|run_folder)"
    r"|data/(image_folder|labels|layouts|read_samples|read_source)|exchange/(json_fields|saelens|sparsify))\.(cpp|h)$")


# Where the source decides something; so does a line that goes on after && or ||. Branches of other lines are the compiler's, and lines
# that only close a block: what is destroyed when an exception passes. They do not count.
CLOSERS = "});"
DECISION = re.compile(r"\b(if|for|while|switch|case|default|catch)\b|\?|&&|\|\|")


@dataclasses.dataclass
class Line:
    """How often a line ran and each of its branches was taken, in all programs and all instances of a template."""

    count: int = 0
    branches: dict = dataclasses.field(default_factory=dict)  # {(how many the line has in one function, which): times taken}

    def add(self, count, branches):
        self.count += count
        for which, branch in enumerate(branches):
            key = len(branches), which
            if not branch["throw"]:
                self.branches[key] = self.branches.get(key, 0) + branch["count"]


@dataclasses.dataclass
class Counts:
    lines: int = 0
    covered_lines: int = 0
    branches: int = 0
    covered_branches: int = 0

    def add(self, line, text, decides):
        if not text.strip(CLOSERS):
            return
        self.lines += 1
        self.covered_lines += line.count > 0
        if decides:
            self.branches += len(line.branches)
            self.covered_branches += sum(count > 0 for count in line.branches.values())

    def text(self):
        def percent(covered, all_of_them):
            return f"{100 * covered / all_of_them:.1f} % of {all_of_them:,}" if all_of_them else "-"

        return percent(self.covered_lines, self.lines), percent(self.covered_branches, self.branches)


def lines_of_object(counters):
    """[(file, line, how often it ran, branches)] of ours in what one object file counted."""
    done = subprocess.run(["gcov", "--json-format", "--branch-probabilities", "--stdout", counters], cwd=ROOT, capture_output=True,
                          text=True, check=True)
    found = []
    for document in map(json.loads, done.stdout.splitlines()):
        for file in document["files"]:
            name = os.path.relpath(ROOT / file["file"], ROOT)
            if name.startswith(("src/", "include/")):
                found += [(name, line["line_number"], line["count"], line["branches"]) for line in file["lines"]]
    return found


def collect(build):
    """{file: {line number: Line}}"""
    files = collections.defaultdict(lambda: collections.defaultdict(Line))
    with multiprocessing.Pool() as pool:
        for found in pool.imap_unordered(lines_of_object, sorted(build.resolve().rglob("*.gcda"))):
            for name, number, count, branches in found:
                files[name][number].add(count, branches)
    return files


def missed(line, text, decides):
    """What of a line no test takes: "" when everything is taken."""
    if line.count == 0:
        return "the line" if text.strip(CLOSERS) else ""
    if not decides:
        return ""
    untaken = sum(count == 0 for count in line.branches.values())
    return f"{untaken} of {len(line.branches)} branches" if untaken else ""


def read_exceptions():
    """{(file, text of the line): reason}; a text stands for every line of the file that reads so."""
    exceptions = {}
    for entry in tomllib.loads((HERE / "exceptions.toml").read_text())["exception"]:
        for text in entry["lines"]:
            exceptions[entry["file"], text] = entry["reason"]
    return exceptions


def judge(files, exceptions):
    """Counts by folder and by reader; missed lines of readers without a reason; reasons whose line is taken or gone."""
    folders, readers = collections.defaultdict(Counts), {}
    unexplained, unused = [], set(exceptions)
    for name, lines in sorted(files.items()):
        source = (ROOT / name).read_text().splitlines()
        counts = Counts()
        for number, line in sorted(lines.items()):
            text = source[number - 1].strip()
            decides = DECISION.search(text) or source[number - 2].endswith(("&&", "||"))
            for group in (counts, folders["/".join(name.split("/")[:2])], folders["all"]):
                group.add(line, text, decides)
            what, key = missed(line, text, decides) if READERS.match(name) else "", (name, text)
            if what and key in exceptions:
                unused.discard(key)
            elif what:
                unexplained.append(f"{name}:{number}: {what}: {text}")
        if READERS.match(name):
            readers[name] = counts
    return folders, readers, unexplained, unused


def table(counts, what):
    rows = [f"| {what} | lines | branches |", "| --- | --- | --- |"]
    rows += [f"| `{name}` | {lines} | {branches} |" for name, (lines, branches) in ((n, c.text()) for n, c in counts)]
    return rows


def by_reason(exceptions):
    reasons = collections.defaultdict(collections.Counter)
    for (file, _), reason in exceptions.items():
        reasons[reason][file] += 1
    rows = ["| why no test takes it | lines |", "| --- | --- |"]
    for reason, files in reasons.items():
        rows.append(f"| {reason} | {', '.join(f'`{file}` {count}' for file, count in files.items())} |")
    return rows


def record(folders, readers, exceptions):
    sys.path.insert(0, str(ROOT / "results"))
    from provenance import provenance

    figures = {"folders": {name: dataclasses.asdict(counts) for name, counts in folders},
               "readers": {name: dataclasses.asdict(counts) for name, counts in readers}, "lines_with_a_reason": len(exceptions)}
    entry = {"name": "coverage", "figures": figures} | provenance("./dev coverage --record", ["src", "tests"])
    (ROOT / "results" / "coverage.json").write_text(json.dumps([entry], indent=1) + "\n")
    rows = [*table(folders, "folder"), "", *table(readers, "reader or checkpoint"), "", *by_reason(exceptions)]
    before, rest = DOCUMENT.read_text().split("<!-- coverage -->\n")
    after = rest.split("<!-- end of coverage -->\n")[1]
    DOCUMENT.write_text(before + "<!-- coverage -->\n" + "\n".join(rows) + "\n<!-- end of coverage -->\n" + after)


def check_exceptions(exceptions):
    """Ends the program: every line with a reason must stand in its file."""
    gone = [f"{file}: {text}" for file, text in exceptions
            if text not in map(str.strip, (ROOT / file).read_text().splitlines())]
    print("\n".join(["exceptions.toml: lines that are not there any more:", *gone]) if gone
          else f"{len(exceptions)} lines with a reason stand in the code")
    sys.exit(1 if gone else 0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path, nargs="?")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--check", action="store_true", help="only whether exceptions.toml fits the code")
    arguments = parser.parse_args()
    exceptions = read_exceptions()
    if arguments.check:
        check_exceptions(exceptions)
    if arguments.build is None:
        parser.error("the folder of the build is missing. Try: ./dev coverage")
    folders, readers, unexplained, unused = judge(collect(arguments.build), exceptions)
    folders = sorted(folders.items(), key=lambda item: (item[0] == "all", item[0]))
    readers = sorted(readers.items())
    print("\n".join([*table(folders, "folder"), "", *table(readers, "reader or checkpoint")]))
    faults = [f"no test takes it: {line}" for line in unexplained]
    faults += [f"exceptions.toml: taken, or not there any more: {file}: {text}" for file, text in sorted(unused)]
    faults += [f"{name}: less than {LEAST_LINES:.0%} of the lines" for name, counts in folders
               if counts.covered_lines < LEAST_LINES * counts.lines]
    print("\n".join(faults) if faults else "coverage: all as promised")
    if arguments.record and not faults:
        record(folders, readers, exceptions)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
