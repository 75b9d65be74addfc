"""Lists the results whose code has changed since they were measured.

Every results/*.json is an object, or a list of objects, with `commit` (where it was measured) and `paths` (the
files and folders that decide its figures). Where same-bits.json says that a later commit gives the same bits, changes
count from there.

usage: stale.py [ROOT]
"""

import json
import pathlib
import subprocess
import sys


def git(root: pathlib.Path, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True, check=False)


def changes(root: pathlib.Path, commit: str, paths: list[str]) -> list[str]:
    """The commits after that one that changed the paths, newest first."""
    return git(root, "log", "--format=%h %s", f"{commit}..HEAD", "--", *paths).stdout.splitlines()


def same_bits(root: pathlib.Path) -> list[dict]:
    path = root / "results" / "same-bits.json"
    return json.loads(path.read_text()) if path.exists() else []


def commit_of(root: pathlib.Path, entry: dict) -> str:
    """The latest commit that is known to give the entry's bits: that of its measurement, or of a record after it."""
    commit = entry["commit"]
    records = [record for record in same_bits(root) if entry.get("name", "").startswith(record["experiment"])]
    while later := [record["new"] for record in records if record["old"] == commit]:
        commit = later[0]
    return commit


def state_of(root: pathlib.Path, entry: dict) -> str | None:
    """Why one result is out of date; None when it is not."""
    commit, paths = entry.get("commit"), entry.get("paths")
    if not commit or not paths:
        return "states no commit or no paths"
    if git(root, "cat-file", "-e", f"{commit}^{{commit}}").returncode != 0:
        return f"measured at {commit[:10]}, which this repository does not have"
    since = changes(root, commit_of(root, entry), paths)
    if since:
        return f"measured at {commit[:10]}; {len(since)} commits changed its code, the last: {since[0]}"
    return None


def stale(root: pathlib.Path) -> list[str]:
    """One line per file of results with an entry that is out of date."""
    lines = []
    for path in sorted((root / "results").glob("*.json")):
        if path.name == "same-bits.json":
            continue
        content = json.loads(path.read_text())
        entries = content if isinstance(content, list) else [content]
        reasons = dict.fromkeys(reason for entry in entries if (reason := state_of(root, entry)))
        lines += [f"{path.relative_to(root)}: {reason}" for reason in reasons]
    return lines


def main() -> int:
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    lines = stale(root)
    print("\n".join(lines) if lines else "results: all were measured on the code as it is")
    return 0


if __name__ == "__main__":
    sys.exit(main())
