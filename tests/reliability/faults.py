"""Failing, short and interrupted system calls, full disks and no memory: never exit 0 on loss, old files intact."""

import os
import pathlib
import random
import re
import resource
import shutil
import stat
import subprocess

import numpy as np

from cases import Cases
from kinds import sha256
from runs import FEW_SAVES, TOOL, Reference, Tool, bars, require, require_nothing_left, train_arguments, workplace
from system_calls import calls_from, can_trace, disturbed

BUILD = pathlib.Path(os.environ["WTA_BUILD"])
LAST_LINE = re.compile(r"(\d+) cases, (\d+) failures")
# strace's fault, which of the calls from the chosen one on, and whether the work is to succeed all the same.
FAULTS = [("error=ENOSPC", "", False), ("error=ENOSPC", "+", False), ("error=EIO", "", False), ("error=EIO", "+", False),
          ("error=EINTR", "", True), ("error=EINTR", "+2", True)]
# Calls that a signal can interrupt.
INTERRUPTED = ("openat", "read", "write", "writev", "fsync", "close", "rename")
# Verb -> its arguments after RUN, and the file that it writes.
WRITERS = {
    "encode": (["--data", "data.npz", "--out", "codes.npy"], "codes.npy"),
    "encode to .npz": (["--data", "data.npz", "--out", "codes.npz"], "codes.npz"),
    "classify": ([], "run/classifier.safetensors"),
    "predict": (["--data", "data.npz", "--out", "labels.csv"], "labels.csv"),
    "reconstruct": (["--data", "data.npz", "--out", "pairs.png"], "pairs.png"),
    "filters": (["--out", "filters.png"], "filters.png"),
    "report": (["--out", "report.html"], "report.html"),
    "export": (["--format", "onnx", "--out", "model.onnx"], "model.onnx"),
}


def writer(name, run="run"):
    return [name.split()[0], run, *WRITERS[name][0]]


def chosen(cases, calls, *counts):
    """Calls with a fault each: so many of them by the seed in the short and the normal form, in the long one all."""
    rng = random.Random(cases.seed)
    pairs = [(call, fault) for call in calls for fault in FAULTS if not fault[2] or call.name in INTERRUPTED]
    return rng.sample(pairs, min(len(pairs), cases.choose(*counts, len(pairs))))


def loses(call):
    """A failure of this call leaves something unwritten; of messages nobody keeps count."""
    return call.name in ("fsync", "rename") or (call.name == "write" and not call.text.startswith("2,"))


def require_no_loss(done, survives, call, which, holds):
    """Exit 0 with everything as it is to be, or exit 4 with a file's name. holds(): nothing is lost."""
    if survives or (done.returncode == 0 and not loses(call)):
        require(done.returncode == 0, f"exit {done.returncode}, not 0\n{done.stderr}")
        holds()
        return
    require(done.returncode == 4, f"exit {done.returncode}, not 4\n{done.stderr}")
    if call.name == "write" and which:
        return  # no message either
    error = [line for line in done.stderr.splitlines() if line.startswith("wta: error: ")]
    require(len(error) == 1 and re.search(r"stdout|[\w/-]*(run|data|codes|labels|pairs|filters|report|model)\b", error[0])
            and "Try:" in error[0], f"no message with a file and a next step: {done.stderr}")


def require_clean(folder, call):
    """Who may not remove files leaves temporary ones; the next run there removes them."""
    if call.name != "unlink":
        require_nothing_left(folder)


def fail_calls_of_training(cases, tool, kind):
    reference = Reference(tool, kind)
    out = tool.folder / "run"
    command = [*train_arguments(kind, out), *FEW_SAVES]
    calls = calls_from(tool, "data.npz", *command)
    shutil.rmtree(out)
    for call, (fault, which, survives) in chosen(cases, calls, 5, 150):
        with cases.case(f"train ({kind}), {fault}{which} at {call.name} {call.number}: {call.text}"):
            done = tool.run(*command, prefix=disturbed(call, fault, which))
            require_no_loss(done, survives, call, which, lambda: reference.require_same(out) if call.name != "unlink" else None)
            require_clean(tool.folder, call)
            reference.require_whole(out)
            reference.finish(out)
        shutil.rmtree(out, ignore_errors=True)


def fail_calls_of_writers(cases, tool):
    """Each writes over a file that was there: afterwards it is the old one, or the new."""
    tool.expect(0, *train_arguments("fc", "run"))
    for name, (_, file) in WRITERS.items():
        out = tool.folder / file
        tool.expect(0, *writer(name))
        new = out.read_bytes()
        old = b"old"
        for call, (fault, which, survives) in chosen(cases, calls_from(tool, "run/", *writer(name)), 1, 25):
            with cases.case(f"{name}, {fault}{which} at {call.name} {call.number}: {call.text}"):
                out.write_bytes(old)
                done = tool.run(*writer(name), prefix=disturbed(call, fault, which))
                require_no_loss(done, survives, call, which, lambda: require(out.read_bytes() == new, "other bytes with exit 0"))
                require(out.read_bytes() in (old, new), "neither the old file nor the new one")
                require_clean(tool.folder, call)
        out.write_bytes(new)
    shutil.rmtree(tool.folder / "run")


def short_calls(cases, tool):
    """Reads and writes of a few bytes that signals interrupt give the same bits."""
    reference = Reference(tool, "fc")
    run = tool.folder / "run"
    tool.expect(0, *train_arguments("fc", run))
    for most in cases.choose([7], [1, 7, 4096], [1, 2, 3, 7, 64, 4095, 4096, 100000]):
        preload = {"LD_PRELOAD": str(BUILD / "failing_calls.so"), "WTA_MOST_BYTES": str(most)}
        with cases.case(f"train with {most} bytes a call"):
            out = tool.folder / "short"
            tool.expect(0, *train_arguments("fc", out), environment=preload)
            reference.require_same(out)
            sorted((out / "checkpoints").iterdir())[-1].unlink()
            tool.expect(0, "train", "--resume", "--out", out, environment=preload)
            reference.require_same(out)
        shutil.rmtree(tool.folder / "short", ignore_errors=True)
        for name, (_, file) in WRITERS.items():
            with cases.case(f"{name} with {most} bytes a call"):
                tool.expect(0, *writer(name))
                new = (tool.folder / file).read_bytes()
                tool.expect(0, *writer(name), environment=preload)
                require((tool.folder / file).read_bytes() == new, "other bytes")
    shutil.rmtree(run)


SMALL_DISK = """
mount -t tmpfs -o size=1m tmpfs "$1" && cd "$1" || exit 99
"$2" train --data "$3" --arch "$4" --epochs 3 --batch 40 --set checkpoint_seconds=0 --out run
echo $? > "$5"
if [ -e run/model.safetensors ]; then "$2" verify run || exit 98; fi
find . -name '*.tmp' | grep . && exit 97
mount -o remount,size=64m "$1" && "$2" train --resume --out run && "$2" verify run && cp run/model.safetensors "$6"
"""


def small_disk(cases, tool):
    """A disk of 1 MiB: full at the first save, and at a later one."""
    private = ["unshare", "-rm"]
    probe = subprocess.run([*private, "mount", "-t", "tmpfs", "tmpfs", tool.folder], capture_output=True, check=False)
    if probe.returncode != 0:
        cases.skip("a disk of 1 MiB", "no file system may be mounted here")
        return
    for arch in ("440fc", "1000fc"):
        with cases.case(f"a disk of 1 MiB, {arch}"):
            whole, disk = tool.folder / "whole", tool.folder / "disk"
            data, code, model = tool.folder / "data.npz", tool.folder / "code", tool.folder / "resumed.safetensors"
            disk.mkdir()
            tool.expect(0, "train", "--data", data, "--arch", arch, "--epochs", 3, "--batch", 40, "--out", whole)
            done = subprocess.run([*private, "sh", "-c", SMALL_DISK, "sh", disk, TOOL, data, arch, code, model],
                                  capture_output=True, text=True, timeout=60, check=False)
            require(done.returncode == 0, f"exit {done.returncode}\n{done.stdout}{done.stderr}")
            require(code.read_text() == "4\n", f"exit {code.read_text()}, not 4\n{done.stderr}")
            require("No space left" in done.stderr, done.stderr)
            require(sha256(model) == sha256(whole / "model.safetensors"), "the model differs from the undisturbed run's")
        shutil.rmtree(tool.folder / "whole", ignore_errors=True)
        shutil.rmtree(tool.folder / "disk", ignore_errors=True)


def full_device(cases, tool):
    """/dev/full as stdout, and as what --out leads to."""
    tool.expect(0, *train_arguments("fc", "run"))
    tool.expect(0, *writer("classify"))
    printing = [["--help"], ["--version"], ["train", "--help"], ["info", "run"], ["info", "run", "--json"], ["verify", "run"],
                ["options"], ["completion", "bash"], ["man"], ["data", "list"], ["data", "info", "digits"],
                ["classify", "run", "--json"], ["maps", "run", "--data", "data.npz", "--out", "maps.png"],
                [*train_arguments("fc", "run"), "--overwrite"],
                ["sweep", "seed=1", *train_arguments("fc", "sweep")[1:], "--no-classify"],
                *(writer(name) for name in WRITERS)]
    for arguments in printing:
        if arguments[0] == "maps":
            continue  # of convolutional networks
        with cases.case(f"stdout full: {' '.join(arguments)}"), open("/dev/full", "w") as full:
            done = tool.expect(4, *arguments, stdout=full)
            require("stdout" in done.stderr, done.stderr)
    for name, (arguments, file) in WRITERS.items():
        if name == "classify":
            continue  # writes into the run folder alone
        with cases.case(f"--out full: {name}"):
            link = tool.folder / f"full{pathlib.Path(file).suffix}"
            link.symlink_to("/dev/full")
            done = tool.expect(4, *[link if argument == file else argument for argument in writer(name)])
            require(link.name in done.stderr, done.stderr)
            require(link.is_symlink() and stat.S_ISCHR(os.stat("/dev/full").st_mode), "the device was replaced")
            link.unlink()
    with cases.case("--out /dev/stdout"):
        tool.expect(0, *writer("filters"))
        done = subprocess.run([TOOL, "filters", "run", "--out", "/dev/stdout"], cwd=tool.folder, capture_output=True,
                              timeout=60, check=False)
        require(done.stdout == (tool.folder / "filters.png").read_bytes() + b"/dev/stdout\n", "other bytes in a pipe")
    shutil.rmtree(tool.folder / "run")


def failing_allocations(cases, tool):
    """The program counts cases of its own."""
    folder = tool.folder / "allocations"
    folder.mkdir()
    shutil.copy(tool.folder / "data.npz", folder)
    every, first = cases.choose((211, 4), (17, 120), (1, 1))
    done = subprocess.run([BUILD / "failing_allocations", folder, str(every), str(first)], capture_output=True,
                          text=True, timeout=cases.choose(60, 300, 7200), check=False)
    counted = LAST_LINE.fullmatch(done.stdout.strip())
    with cases.case("allocations"):
        require(counted and int(counted[1]) > 0 and done.returncode == 0, f"exit {done.returncode}\n{done.stdout}{done.stderr}")
    if counted:
        cases.count += int(counted[1])
        cases.failures += int(counted[2])


def in_memory(tool, mebibytes, *arguments):
    limit = mebibytes << 20
    return tool.run(*arguments, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))


def limited_memory(cases, tool):
    """Address space beside what the program itself takes: from too little for the data to enough."""
    x, y = bars(20000, 3)
    np.savez(tool.folder / "large.npz", x_train=x, y_train=y)
    tool.expect(0, *train_arguments("fc", "run"))
    itself = next(mebibytes for mebibytes in range(10, 10000, 2) if in_memory(tool, mebibytes, "--version").returncode == 0)
    commands = {"train": ["train", "--data", "large.npz", "--arch", "400fc", "--epochs", "1", "--batch", "16000",
                          "--out", "large"],
                "encode": ["encode", "run", "--data", "large.npz", "--out", "codes.npy"],
                "classify": ["classify", "run", "--data", "large.npz"]}
    for name, arguments in commands.items():
        codes = []
        for beside in cases.choose((2, 400), (2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 400), (*range(1, 100), 400)):
            with cases.case(f"{name} in {itself} + {beside} MiB"):
                done = in_memory(tool, itself + beside, *arguments, "--threads", 2)
                codes.append(done.returncode)
                require(done.returncode in (0, 5), f"exit {done.returncode}\n{done.stderr}")
                require(done.returncode == 0 or ("memory" in done.stderr and "Try:" in done.stderr), done.stderr)
                require_nothing_left(tool.folder)
            shutil.rmtree(tool.folder / "large", ignore_errors=True)
        with cases.case(f"{name} with little memory and with enough"):
            require(codes[0] == 5 and codes[-1] == 0, f"exit codes {codes}")
    shutil.rmtree(tool.folder / "run")


def main():
    cases = Cases(__doc__)
    with workplace() as folder:
        tool = Tool(folder)
        if can_trace():
            for kind in cases.choose(["fc"], ["fc", "stack"], ["fc", "conv", "stack"]):
                fail_calls_of_training(cases, tool, kind)
            fail_calls_of_writers(cases, tool)
        else:
            cases.skip("failing system calls", "strace is missing or may not trace here")
        for part in (short_calls, small_disk, full_device, failing_allocations, limited_memory):
            part(cases, tool)
    cases.finish()


if __name__ == "__main__":
    main()
