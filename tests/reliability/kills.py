"""kill -9 at random moments of trainings, and at every system call of one: old or new state, and the same model."""

import random
import shutil
import signal
import time

from cases import Cases
from runs import FEW_SAVES, KINDS, Reference, Tool, require, train_arguments, workplace
from system_calls import calls_from, can_trace, disturbed


def duration(tool, kind):
    begin = time.monotonic()
    tool.expect(0, *train_arguments(kind, tool.folder / "timed"))
    shutil.rmtree(tool.folder / "timed")
    return time.monotonic() - begin


def kill_at_random_moments(cases, tool, references):
    rng = random.Random(cases.seed)
    durations = {kind: duration(tool, kind) for kind in KINDS}
    for i in range(cases.choose(6, 100, 1000)):
        kind = list(KINDS)[i % len(KINDS)]
        wait = rng.uniform(0, 1.1 * durations[kind])
        out = tool.folder / f"killed-{i}"
        with cases.case(f"kill {i}: {kind} after {wait:.4f} s"):
            process = tool.start(*train_arguments(kind, out))
            time.sleep(wait)
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=60)
            references[kind].require_whole(out)
            references[kind].finish(out)
        shutil.rmtree(out, ignore_errors=True)


def kill_at_each_call(cases, tool, reference, stride, prepare, command):
    """prepare(out) makes what the command (a function of out) finds there."""
    out = tool.folder / "killed"
    prepare(out)
    calls = calls_from(tool, "data.npz", *command(out))
    shutil.rmtree(out)
    for call in calls[::stride]:
        with cases.case(f"kill at {call.name} {call.number} of {' '.join(map(str, command(out)))}: {call.text}"):
            prepare(out)
            done = tool.run(*command(out), prefix=disturbed(call, "signal=KILL"))
            require(done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL), f"exit {done.returncode}\n{done.stderr}")
            reference.require_whole(out)
            reference.finish(out, command(out))
        shutil.rmtree(out, ignore_errors=True)


def check_order_of_saves(cases, tool):
    """What a power failure would find: a file's bytes are on the disk before it gets its name, and the name after that."""
    out = tool.folder / "ordered"
    calls = [call for call in calls_from(tool, "data.npz", *train_arguments("fc", out)) if call.name not in ("close", "read", "flock")]
    renames = [(i, call) for i, call in enumerate(calls) if call.name == "rename"]
    require(renames, "the training saved nothing")
    for i, call in renames:
        with cases.case(f"order around rename {call.text}"):
            require(calls[i - 1].name == "fsync", f"before it: {calls[i - 1]}")
            folder, synced = calls[i + 1], calls[i + 2]
            require(folder.name == "openat" and "O_DIRECTORY" in folder.text and synced.name == "fsync", f"after it: {folder}, {synced}")
    shutil.rmtree(out)


def kill_at_system_calls(cases, tool, references):
    strides = {"fc": cases.choose(30, 1, 1), "stack": cases.choose(0, 5, 1), "conv": cases.choose(0, 0, 1)}
    for kind, stride in strides.items():
        if stride == 0:
            continue
        kill_at_each_call(cases, tool, references[kind], stride, lambda out: None,
                          lambda out: [*train_arguments(kind, out), *FEW_SAVES])
        # As if it had died before its last checkpoint.
        begun = tool.folder / "begun"
        tool.expect(0, *train_arguments(kind, begun))
        sorted((begun / "checkpoints").glob("*.safetensors"))[-1].unlink()
        kill_at_each_call(cases, tool, references[kind], stride, lambda out: shutil.copytree(begun, out),
                          lambda out: ["train", "--resume", "--out", out])
        shutil.rmtree(begun)


def main():
    cases = Cases(__doc__)
    with workplace() as folder:
        tool = Tool(folder)
        references = {kind: Reference(tool, kind) for kind in KINDS}
        kill_at_random_moments(cases, tool, references)
        if can_trace():
            check_order_of_saves(cases, tool)
            kill_at_system_calls(cases, tool, references)
        else:
            cases.skip("kill at every system call", "strace is missing or may not trace here")
    cases.finish()


if __name__ == "__main__":
    main()
