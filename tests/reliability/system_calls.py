"""Which system calls a command makes, and commands in which one of them goes wrong (strace)."""

import collections
import re
import shutil
import subprocess

CALLS = ("openat", "read", "write", "writev", "fsync", "close", "rename", "unlink", "unlinkat", "mkdir", "rmdir", "flock",
         "ftruncate", "truncate", "fallocate")
LINE = re.compile(r"(\w+)\((.*)")

Call = collections.namedtuple("Call", "name number text")


def can_trace():
    """strace is there, and may look into processes here."""
    if shutil.which("strace") is None:
        return False
    probe = ["strace", "-o", "/dev/null", "-e", "trace=none", "true"]
    return subprocess.run(probe, capture_output=True, check=False, timeout=60).returncode == 0


def calls_from(tool, marker, *arguments):
    """The calls of an undisturbed command from the first on whose text holds `marker`: name, which of that name it is
    (from 1), and text. Those before belong to the loader. They are all the main thread's."""
    log = tool.folder / "calls.txt"
    tool.expect(0, *arguments, prefix=["strace", "-o", str(log), "-s", "200", "-e", f"trace={','.join(CALLS)}"])
    numbers, calls, seen = collections.Counter(), [], False
    for line in log.read_text(errors="replace").splitlines():
        found = LINE.match(line)
        if not found:
            continue
        numbers[found[1]] += 1
        seen = seen or marker in found[2]
        if seen:
            calls.append(Call(found[1], numbers[found[1]], found[2]))
    log.unlink()
    return calls


def disturbed(call, fault, which=""):
    """A prefix under which that call has the fault (error=ENOSPC, signal=KILL); which: "+" also every later one of its
    name, "+2" every second one."""
    inject = f"inject={call.name}:{fault}:when={call.number}{which}"
    return ["strace", "-o", "/dev/null", "-e", f"trace={call.name}", "-e", inject]
