"""The C++ files of a checkout, for the checks in this folder."""

import pathlib

FOLDERS = ("include", "src", "tests", "bench", "examples", "python")
SUFFIXES = (".h", ".cpp", ".cu")


def cpp_files(root: pathlib.Path, folders=FOLDERS) -> list[pathlib.Path]:
    """All C++ files below the given first-level folders, sorted."""
    return sorted(
        path for folder in folders for path in (root / folder).rglob("*") if path.suffix in SUFFIXES
    )
