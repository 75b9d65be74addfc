"""Runs the Python blocks of a document one after the other, as a reader would.

usage: readme.py DOCUMENT.md
"""

import pathlib
import re
import sys


def main() -> None:
    text = pathlib.Path(sys.argv[1]).read_text()
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    if not blocks:
        sys.exit(f"{sys.argv[1]}: no Python block")
    names: dict[str, object] = {}
    for block in blocks:
        print(block)
        exec(compile(block, sys.argv[1], "exec"), names)


if __name__ == "__main__":
    main()
