"""Coverage by folder, and of each file that reads what strangers wrote, from gcovr's summary.

usage: folders.py SUMMARY.json
"""

import collections
import json
import pathlib
import re
import sys

# What reads files, and the checkpoints.
READERS = re.compile(
    r"src/(io/(safetensors|npy\w*|npz|idx|cifar|mat|image|png|jpeg|pnm|compressed|json_strict|read_file|text_table|byte_reader|any_tensor)"
    r"|model/(model_file|architecture)|train/checkpoint|eval/classifier_file|app/run_folder"
    r"|data/(labels|image_folder|layouts|read_source|read_samples)|exchange/(saelens|sparsify|json_fields))\.(cpp|h)$")


def percent(covered, total):
    return f"{100 * covered / total:6.1f} %" if total else "       -"


def line(name, counts):
    lines, all_lines, branches, all_branches = counts
    return (f"{name:34} lines {percent(lines, all_lines)} of {all_lines:5}   "
            f"branches {percent(branches, all_branches)} of {all_branches:5}")


def main():
    files = json.loads(pathlib.Path(sys.argv[1]).read_text())["files"]
    folders = collections.defaultdict(lambda: [0, 0, 0, 0])
    readers = []
    for file in files:
        counts = [file["line_covered"], file["line_total"], file["branch_covered"], file["branch_total"]]
        for key in ("/".join(file["filename"].split("/")[:2]), "all"):
            folders[key] = [a + b for a, b in zip(folders[key], counts)]
        if READERS.search(file["filename"]):
            readers.append((file["filename"], counts))
    for name, counts in sorted(folders.items(), key=lambda item: (item[0] == "all", item[0])):
        print(line(name, counts))
    print("\nreaders and checkpoints")
    for name, counts in sorted(readers):
        print(line(name, counts))


if __name__ == "__main__":
    main()
