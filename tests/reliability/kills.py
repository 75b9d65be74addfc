"""kill -9 at random moments of trainings, and at every system call of one: old or new state, and the same model."""

import random
import shutil
import signal
import time

from cases import Cases
from runs import KINDS, Reference, Tool, require, train_arguments, workplace
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


def kill_at_each_call(cases, tool, reference, name, prepare, command):
    """prepare(out) makes what the command (a function of out) finds there."""
    out = tool.folder / "counted"
    prepare(out)
    calls = calls_from(tool, "data.npz", *command(out))
    shutil.rmtree(out)
    stride = cases.choose(25, 1, 1)
    for call in calls[::stride]:
        out = tool.folder / "killed"
        with cases.case(f"kill at {call.name} {call.number} of {name}: {call.text}"):
            prepare(out)
            done = tool.run(*command(out), prefix=disturbed(call, "signal=KILL"))
            require(done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL), f"exit {done.returncode}\n{done.stderr}")
            reference.require_whole(out)
            reference.finish(out, command(out))
        shutil.rmtree(out, ignore_errors=True)


def kill_at_system_calls(cases, tool, references):
    few = ["--set", "checkpoint_seconds=600"]  # a save before the first step and one after the last
    for kind in cases.choose(["fc"], ["fc", "stack"], list(KINDS)):
        kill_at_each_call(cases, tool, references[kind], f"train ({kind})", lambda out: None,
                          lambda out: [*train_arguments(kind, out), *few])

        def stopped_before_the_end(out):
            tool.expect(0, *train_arguments(kind, out))
            newest = sorted((out / "checkpoints").glob("*.safetensors"))[-1]
            newest.unlink()

        kill_at_each_call(cases, tool, references[kind], f"train --resume ({kind})", stopped_before_the_end,
                          lambda out: ["train", "--resume", "--out", out])


def main():
    cases = Cases(__doc__)
    with workplace() as folder:
        tool = Tool(folder)
        references = {kind: Reference(tool, kind) for kind in KINDS}
        kill_at_random_moments(cases, tool, references)
        if can_trace():
            kill_at_system_calls(cases, tool, references)
        else:
            cases.skip("kill at every system call", "strace is missing or may not trace here")
    cases.finish()


if __name__ == "__main__":
    main()
