"""Fails when clang-format-16 would change a C++ file; exit status 77 (skipped) when it is not installed.

usage: format.py ROOT
"""

import pathlib
import shutil
import subprocess
import sys

from tree import cpp_files

CLANG_FORMAT = "clang-format-16"
SKIPPED = 77


def main() -> int:
    if shutil.which(CLANG_FORMAT) is None:
        print(f"format: skipped, {CLANG_FORMAT} is not installed. Try: ./dev setup check")
        return SKIPPED
    files = cpp_files(pathlib.Path(sys.argv[1]).resolve())
    result = subprocess.run([CLANG_FORMAT, "--dry-run", "-Werror", *files], check=False)
    print(f"format: {len(files)} files" + ("" if result.returncode == 0 else ". Try: ./dev fmt"))
    return 1 if result.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
