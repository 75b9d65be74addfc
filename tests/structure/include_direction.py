"""Fails when a file includes what its module may not see.

The allowed direction is what src/*/CMakeLists.txt state: a module sees itself, the modules of its DEPENDS, and
what those see. A folder without wta_module (the tool, src/cli) sees every module and is seen by none. Public
headers (include/wta) belong to the module that implements them, and include nothing but each other and the
standard library.

usage: include_direction.py ROOT
"""

import pathlib
import re
import sys

from tree import cpp_files

# Public header -> the module of src that implements it.
PUBLIC_OWNER = {
    "app": "app",
    "architecture": "model",
    "classifier": "eval",
    "context": "core",
    "dataset": "data",
    "error": "core",
    "model": "model",
    "model_options": "model",
    "network": "model",
    "optimizer": "optim",
    "options": "core",
    "preprocessing": "model",
    "report": "report",
    "storage": "core",
    "tensor": "core",
    "trainer": "train",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
MODULE = re.compile(r"\bwta_module\s*\(\s*(\w+)([^)]*)\)")
KEYWORDS = ("SOURCES", "DEPENDS", "LIBRARIES")


def read_depends(root: pathlib.Path) -> dict[str, list[str] | None]:
    """Each folder of src with the modules it names in DEPENDS; None when it declares no module."""
    depends: dict[str, list[str] | None] = {}
    for list_file in sorted(root.glob("src/*/CMakeLists.txt")):
        text = re.sub(r"#.*", "", list_file.read_text())
        match = MODULE.search(text)
        depends[list_file.parent.name] = arguments_of("DEPENDS", match.group(2)) if match else None
    return depends


def arguments_of(keyword: str, arguments: str) -> list[str]:
    """The words that follow `keyword` up to the next keyword."""
    found, inside = [], False
    for word in arguments.split():
        if word in KEYWORDS:
            inside = word == keyword
        elif inside:
            found.append(word)
    return found


def visible_modules(depends: dict[str, list[str] | None]) -> dict[str, set[str]]:
    """For each folder the modules that it may include, itself among them. Throws ValueError on a cycle."""
    modules = {name for name, named in depends.items() if named is not None}
    visible: dict[str, set[str]] = {}

    def visit(name: str, path: tuple[str, ...]) -> set[str]:
        if name in path:
            raise ValueError("modules depend on each other: " + " -> ".join((*path, name)))
        if name not in visible:
            below = depends.get(name) or []
            visible[name] = {name}.union(*(visit(other, (*path, name)) for other in below))
        return visible[name]

    for name, named in depends.items():
        visible[name] = modules | {name} if named is None else visit(name, ())
    return visible


def owner_of_include(name: str) -> str | None:
    """The module that owns `name` as written in an include; None for anything outside the project."""
    folder, _, rest = name.partition("/")
    if folder == "wta":
        return PUBLIC_OWNER.get(pathlib.PurePosixPath(rest).stem, f"nobody (add {name} to PUBLIC_OWNER)")
    return folder if rest else None


def violations(root: pathlib.Path) -> list[str]:
    """One line per forbidden include."""
    depends = read_depends(root)
    try:
        visible = visible_modules(depends)
    except ValueError as error:
        return [f"src: {error}"]
    found = []
    for path in cpp_files(root, ("include", "src")):
        public = path.is_relative_to(root / "include")
        owner = owner_of_include(f"wta/{path.name}") if public else path.relative_to(root / "src").parts[0]
        text = path.read_text()
        for match in INCLUDE.finditer(text):
            problem = problem_of(owner, public, match.group(1), match.group(2), depends, visible)
            if problem:
                line = text.count("\n", 0, match.start(2)) + 1
                found.append(f"{path.relative_to(root)}:{line}: {problem}")
    return found


def problem_of(owner, public, bracket, name, depends, visible) -> str | None:
    """What is wrong with one include in a file of module `owner`; None when it is allowed."""
    target = owner_of_include(name)
    ours = name.startswith("wta/") or target in depends
    if public and not name.startswith("wta/") and (bracket == '"' or "/" in name or "." in name):
        return f"a public header may include only wta/ and the standard library; got {name}"
    if not ours:
        return f"no folder of src is called '{target}'; got {name}" if bracket == '"' and target else None
    if target not in visible.get(owner, {owner}):
        return f"{owner} may not include {name} of {target}; it sees {', '.join(sorted(visible.get(owner, ())))}"
    return None


def main() -> int:
    root = pathlib.Path(sys.argv[1]).resolve()
    found = violations(root)
    for line in found:
        print(line)
    print(f"include direction: {len(found)} forbidden in {len(cpp_files(root, ('include', 'src')))} files")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
