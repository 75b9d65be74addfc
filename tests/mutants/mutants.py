"""Plants the faults of mutants.toml one at a time and looks whether the tests notice.

usage: mutants.py [--check] [NAME...]
  --check: only that each fault still fits its file. Else: builds a copy of the repository in build/mutants/tree with each fault in turn
  and runs `ctest -L fast`; what survives meets all tests but slow ones. Results are kept in build/mutants/results.json: a run that is
  stopped goes on where it was, and a fault is planted again only when the sources or tests have changed.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import time
import tomllib

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]
WORK = ROOT / "build" / "mutants"
TREE = WORK / "tree"
BUILD = TREE / "build" / "test"
RESULTS = WORK / "results.json"
CONFIGURE = ["cmake", "--preset", "test", "-DWTA_BUILD_PYTHON=OFF"]
TESTS = ["ctest", "--test-dir", BUILD, "--stop-on-failure", "-j2", "--timeout", "120"]


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


def run(command, **options):
    done = subprocess.run(command, cwd=TREE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)
    return done.returncode == 0, done.stdout


def git(*arguments, cwd=ROOT):
    return subprocess.run(["git", *arguments], cwd=cwd, check=True, capture_output=True, text=True).stdout.strip()


def prepare():
    """The tree at the commit of the repository, built and passing."""
    if not TREE.exists():
        git("worktree", "prune")
        git("worktree", "add", "--detach", "--force", TREE, "HEAD")
    git("checkout", "-q", "--force", "--detach", git("rev-parse", "HEAD"), cwd=TREE)
    for what, command in (("configured", CONFIGURE), ("built", ["cmake", "--build", BUILD])):
        done, output = run(command)
        if not done:
            sys.exit(f"mutants: the tree could not be {what}:\n{output[-3000:]}")


def failed_test(output):
    lines = [line for line in output.splitlines() if "***" in line]
    return lines[0].split(":", 1)[1].split(" ", 2)[1] if lines else "?"


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
        for level, labels in (("fast", ["-L", "fast"]), ("all", ["-LE", "slow|gpu|fast"])):
            passed, output = run([*TESTS, *labels])
            if not passed:
                return {"caught_by": level, "test": failed_test(output), "seconds": round(time.monotonic() - begin)}
        return {"caught_by": None, "seconds": round(time.monotonic() - begin)}
    finally:
        path.write_text(good)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    parser.add_argument("names", nargs="*", metavar="NAME")
    arguments = parser.parse_args()
    mutants = load()
    if found := problems(mutants):
        sys.exit("\n".join(["mutants: some faults do not fit the code:", *found]))
    if arguments.check:
        print(f"{len(mutants)} faults fit the code")
        return
    WORK.mkdir(parents=True, exist_ok=True)
    version = git("rev-parse", "HEAD:src") + git("rev-parse", "HEAD:tests")
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    prepare()
    for mutant in mutants:
        name = mutant["name"]
        if arguments.names and name not in arguments.names or results.get(name, {}).get("version") == version:
            continue
        results[name] = meet(mutant) | {"version": version}
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")
        print(f"{name:45} {results[name]['caught_by'] or 'SURVIVED'} {results[name].get('test', '')}", flush=True)
    known = [results[mutant["name"]] for mutant in mutants if mutant["name"] in results]
    caught = {level: sum(result["caught_by"] == level for result in known) for level in ("compiler", "fast", "all", None)}
    print(f"{len(known)} of {len(mutants)} faults: {caught['fast']} caught by the fast tests, {caught['all']} by the others, "
          f"{caught['compiler']} by the compiler, {caught[None]} survived")


if __name__ == "__main__":
    main()
