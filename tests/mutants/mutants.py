"""Plants the faults of mutants.toml one at a time and looks whether the tests notice.

usage: mutants.py [--check | --record] [NAME...]
  --check: only that each fault still fits its file. Else: builds a copy of the repository in build/mutants/tree with each fault in turn
  and runs `ctest -L fast`; what survives meets all tests but slow ones. Results are kept in build/mutants/results.json: a run that is
  stopped goes on where it was. A fault that was caught is planted again only when its text or its file has changed, one that survived
  whenever sources or tests have.
  --record: also into results/mutants.json and the table of docs/reliability.md.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORK = ROOT / "build" / "mutants"
TREE = WORK / "tree"
BUILD = TREE / "build" / "test"
RESULTS = WORK / "results.json"
DOCUMENT = ROOT / "docs" / "reliability.md"
TABLE = re.compile(r"(?<=\| fault \| file \| caught by \|\n\| --- \| --- \| --- \|\n)(\|.*\n)*")
CONFIGURE = ["cmake", "--preset", "test", "-DWTA_BUILD_PYTHON=OFF", "-DWTA_TESTS_BY_PROGRAM=ON"]
# Not the tests of the text itself: a fault that is planted does not fit the code any more, nor perhaps the format.
TESTS = ["ctest", "--test-dir", BUILD, "--exclude-regex", "^(mutants|coverage|Structure)", "--stop-on-failure", "--output-on-failure", "-j2",
         "--timeout", "300"]
LEVELS = {"fast": ["-L", "fast"], "all": ["-LE", "slow|gpu|fast"]}


def load():
    return tomllib.loads((HERE / "mutants.toml").read_text())["mutant"]


def problems(mutants):
    """What keeps faults from being planted, one line each."""
    names = [mutant["name"] for mutant in mutants]
    found = [f"{name}: the name stands twice" for name in set(names) if names.count(name) > 1]
    for mutant in mutants:
        times = (ROOT / mutant["file"]).read_text().count(mutant["before"])
        if times != 1:
            found.append(f"{mutant['name']}: its text must stand once in {mutant['file']}; got {times} times")
        if mutant["before"] == mutant["after"]:
            found.append(f"{mutant['name']}: changes nothing")
    return found


def run(command):
    done = subprocess.run(command, cwd=TREE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                          env={**os.environ, "GTEST_FAIL_FAST": "1"})
    return done.returncode == 0, done.stdout


def git(*arguments, cwd=ROOT):
    return subprocess.run(["git", *arguments], cwd=cwd, check=True, capture_output=True, text=True).stdout.strip()


def prepare():
    """The tree at the commit of the repository, built; its tests pass, else every fault would seem to be caught."""
    if not TREE.exists():
        git("worktree", "prune")
        git("worktree", "add", "--detach", "--force", TREE, "HEAD")
    git("checkout", "-q", "--force", "--detach", git("rev-parse", "HEAD"), cwd=TREE)
    for what, command in (("configured", CONFIGURE), ("built", ["cmake", "--build", BUILD])):
        done, output = run(command)
        if not done:
            sys.exit(f"mutants: the tree could not be {what}:\n{output[-3000:]}")
    for labels in LEVELS.values():
        require_passing(labels)


def require_passing(labels):
    done, output = run([*TESTS, *labels])
    if not done:
        sys.exit(f"mutants: the tests {' '.join(labels)} must pass without a fault:\n{output[-3000:]}")


def failed_test(output):
    """The first test that failed in a program of GoogleTest, or else the entry of ctest."""
    test = re.search(r"^\[  FAILED  \] ([\w/.]+)", output, re.MULTILINE)
    entry = re.search(r"Test +#\d+: (\S+) .*\*\*\*(?!Skipped)", output)
    return test[1] if test else entry[1] if entry else "?"


def meet(mutant):
    """Plants one fault; says what became of it."""
    begin = time.monotonic()
    path = TREE / mutant["file"]
    good = path.read_text()
    path.write_text(good.replace(mutant["before"], mutant["after"]))
    try:
        built, output = run(["cmake", "--build", BUILD])
        if not built:
            return {"caught_by": "compiler", "seconds": round(time.monotonic() - begin)}
        for level, labels in LEVELS.items():
            passed, output = run([*TESTS, *labels])
            if not passed:
                return {"caught_by": level, "test": failed_test(output), "seconds": round(time.monotonic() - begin)}
        return {"caught_by": None, "seconds": round(time.monotonic() - begin)}
    finally:
        path.write_text(good)


def is_known(mutant, result, version):
    """Whether planting it again could say nothing new."""
    if result is None or result["fault"] != identity(mutant):
        return False
    return bool(result["caught_by"]) or result["version"] == version


def identity(mutant):
    """The fault and the file that it is planted in, as one string."""
    return f"{git('hash-object', mutant['file'])} {mutant['before']} -> {mutant['after']}"


def plant(mutants, names):
    """Plants what is not known yet; returns the results of all that were planted, now or before."""
    WORK.mkdir(parents=True, exist_ok=True)
    version = git("rev-parse", "HEAD:src") + git("rev-parse", "HEAD:tests")
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    open_ones = [mutant for mutant in mutants
                 if mutant["name"] in (names or [mutant["name"]]) and not is_known(mutant, results.get(mutant["name"]), version)]
    if open_ones:
        prepare()
    for mutant in open_ones:
        name = mutant["name"]
        results[name] = meet(mutant) | {"fault": identity(mutant), "version": version}
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")
        print(f"{name:45} {results[name]['caught_by'] or 'SURVIVED'} {results[name].get('test', '')}", flush=True)
    return {mutant["name"]: results[mutant["name"]] for mutant in mutants if mutant["name"] in results}


def count(results):
    caught = [result["caught_by"] for result in results.values()]
    return {"faults": len(caught), "fast": caught.count("fast"), "others": caught.count("all"), "compiler": caught.count("compiler"),
            "survived": [name for name, result in results.items() if not result["caught_by"]]}


def record(mutants, results):
    sys.path.insert(0, str(ROOT / "results"))
    from provenance import provenance

    figures = count(results)
    entry = {"name": "mutants", "figures": figures} | provenance("./dev mutants --record", ["src", "tests"])
    (ROOT / "results" / "mutants.json").write_text(json.dumps([entry], indent=1) + "\n")
    rows = [f"| {mutant['name']} | `{mutant['file']}` | {caught_by(results[mutant['name']])} |\n" for mutant in mutants]
    DOCUMENT.write_text(TABLE.sub(lambda _: "".join(rows), DOCUMENT.read_text(), count=1))


def caught_by(result):
    return {"compiler": "the compiler", None: "**nothing**"}.get(result["caught_by"]) or f"`{result['test']}`"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("names", nargs="*", metavar="NAME")
    arguments = parser.parse_args()
    mutants = load()
    if found := problems(mutants):
        sys.exit("\n".join(["mutants: some faults do not fit the code:", *found]))
    if arguments.check:
        print(f"{len(mutants)} faults fit the code")
        return
    results = plant(mutants, arguments.names)
    figures = count(results)
    print(f"{figures['faults']} of {len(mutants)} faults: {figures['fast']} caught by the fast tests, {figures['others']} by the others, "
          f"{figures['compiler']} by the compiler, {len(figures['survived'])} survived")
    if arguments.record:
        if len(results) < len(mutants):
            sys.exit("mutants: not all faults have been planted. Try: ./dev mutants --record without names")
        record(mutants, results)


if __name__ == "__main__":
    main()
