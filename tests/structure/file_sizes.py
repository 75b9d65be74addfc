"""Fails on a C++ file that is too long and does not say why.

Headers up to 150 lines, sources up to 400. A longer one states its reason in one of its first ten lines:
`// Long because ...`.

usage: file_sizes.py ROOT
"""

import pathlib
import sys

from tree import cpp_files

LIMITS = {".h": 150, ".cpp": 400, ".cu": 400}
REASON = "Long because "


def violations(root: pathlib.Path) -> list[str]:
    """One line per file that is too long without a reason."""
    found = []
    for path in cpp_files(root):
        lines = path.read_text().splitlines()
        limit = LIMITS[path.suffix]
        if len(lines) > limit and not any(REASON in line for line in lines[:10]):
            found.append(
                f"{path.relative_to(root)}: {len(lines)} lines, at most {limit}. "
                f"Try: split it, or state '// {REASON}...' on top"
            )
    return found


def main() -> int:
    found = violations(pathlib.Path(sys.argv[1]).resolve())
    for line in found:
        print(line)
    print(f"file sizes: {len(found)} too long")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
