"""Row "soak": trainings that save after every step; their memory and descriptors stay what they were after the start."""

import os
import pathlib
import subprocess
import sys
import time

from cases import Cases
from kinds import Kind, Workplace

# What the allocator and the buffers of the last kinds of batches may still add.
MORE_MEMORY = 0.03
MORE_BYTES = 4 << 20
SOAKED = {
    "fc": {"arch": "200fc"},
    "conv": {"arch": "8conv3-8conv3-8deconv5"},
    "rbm": {"arch": "200fc", "model": "rbm", "cd_persistent": True},
}


def resident_bytes(pid):
    pages = int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def descriptors(pid):
    """Without those of the file that is just being saved."""
    names = []
    for link in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            names.append(os.readlink(link))
        except FileNotFoundError:
            continue
    return len([name for name in names if ".tmp" not in name and "checkpoints" not in name])


def steps(run):
    return max((int(file.stem.split("-")[-1]) for file in (run / "checkpoints").glob("*.safetensors")), default=0)


def watch(process, run, seconds):
    """The largest memory and the numbers of descriptors before and after a fifth of the time, and the steps taken."""
    begin = time.monotonic()
    memory, files = [0, 0], [set(), set()]
    while (passed := time.monotonic() - begin) < seconds:
        if process.poll() is not None:
            raise AssertionError(f"ended after {passed:.0f} s with {process.returncode}")
        half = 0 if passed < seconds / 5 else 1
        memory[half] = max(memory[half], resident_bytes(process.pid))
        files[half].add(descriptors(process.pid))
        time.sleep(0.02)
    return memory, files, steps(run)


def soak(place, kind, seconds):
    run = place.folder / kind.name
    recipe = place.recipe(kind, data=str(place.bars(400)), epochs=10**8, checkpoint_seconds=0, events="on", threads=2)
    command = [*place.tool, "train", "--recipe", str(recipe), "--out", str(run)]
    process = subprocess.Popen(command, cwd=place.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(1)
        memory, files, saved = watch(process, run, seconds)
    finally:
        process.kill()
        process.wait()
    print(f"{kind.name}: {saved} steps saved, {memory[0] / 2**20:.1f} then {memory[1] / 2**20:.1f} MiB, "
          f"descriptors {sorted(files[0])} then {sorted(files[1])}", file=sys.stderr)  # fmt: skip
    if memory[1] > memory[0] * (1 + MORE_MEMORY) + MORE_BYTES:
        raise AssertionError(f"memory grew from {memory[0]} to {memory[1]} bytes")
    if min(files[1]) > min(files[0]):  # at rest: while it saves there is one more
        raise AssertionError(f"descriptors grew from {files[0]} to {files[1]}")
    if saved < 10:
        raise AssertionError(f"only {saved} steps were saved")


def main():
    cases = Cases(__doc__)
    seconds = cases.choose(4, 60, 3600) / len(SOAKED)
    with Workplace() as place:
        for name, options in SOAKED.items():
            with cases.case(f"soak of {name}"):
                soak(place, Kind(name, options), seconds)
    cases.finish()


if __name__ == "__main__":
    main()
