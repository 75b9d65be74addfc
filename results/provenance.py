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


def git(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True, check=False)


def provenance(command: str, paths: list[str]) -> dict:
    """`paths`: the files and folders that decide the figures (./dev results); changes elsewhere do not count."""
    commit = git("rev-parse", "HEAD").stdout.strip()
    return {
        "command": command,
        "commit": commit,
        "uncommitted_changes": git("diff", "--quiet", "HEAD", "--", *paths).returncode != 0,
        "paths": paths,
        "machine": machine(),
    }
