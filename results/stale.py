"""Lists the results whose code has changed since they were measured.

Every results/*.json is an object, or a list of objects, with `commit` (where it was measured) and `paths` (the
files and folders that decide its figures).

usage: stale.py [ROOT]
"""

import json
import pathlib
import subprocess
import sys


def git(root: pathlib.Path, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True, check=False)


def state_of(root: pathlib.Path, entry: dict) -> str | None:
    """Why one result is out of date; None when it is not."""
    commit, paths = entry.get("commit"), entry.get("paths")
    if not commit or not paths:
        return "states no commit or no paths"
    if git(root, "cat-file", "-e", f"{commit}^{{commit}}").returncode != 0:
        return f"measured at {commit[:10]}, which this repository does not have"
    changes = git(root, "log", "--format=%h %s", f"{commit}..HEAD", "--", *paths).stdout.splitlines()
    if changes:
        return f"measured at {commit[:10]}; {len(changes)} commits changed its code, the last: {changes[0]}"
    return None


def stale(root: pathlib.Path) -> list[str]:
    """One line per file of results with an entry that is out of date."""
    lines = []
    for path in sorted((root / "results").glob("*.json")):
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
