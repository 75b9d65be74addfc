"""Where a figure comes from: what every results/*.json states beside its figures."""

import os
import pathlib
import platform
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent


def machine() -> str:
    cpu = [
        line.split(":", 1)[1].strip()
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    return f"{cpu[0] if cpu else platform.machine()}, {os.cpu_count()} cores"


def provenance(command: str, paths: list[str]) -> dict:
    """`paths`: the files and folders that decide the figures (./dev results)."""
    describe = ["git", "-C", str(ROOT), "describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"]
    commit = subprocess.run(describe, capture_output=True, text=True, check=False).stdout.strip()
    return {
        "command": command,
        "commit": commit.removesuffix("-dirty"),
        "uncommitted_changes": commit.endswith("-dirty"),
        "paths": paths,
        "machine": machine(),
    }
