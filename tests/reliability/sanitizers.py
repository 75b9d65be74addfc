"""The fast tests under AddressSanitizer with UndefinedBehaviorSanitizer and under ThreadSanitizer, with nothing of ours suppressed;
and one small run of the tool from training to classes under valgrind."""

import os
import pathlib
import re
import subprocess
import tempfile

import numpy as np

from cases import Cases

BUILD = pathlib.Path(os.environ["WTA_BUILD"])
# Build folder beside the ordinary one, and the environment of its tests.
SANITIZED = {
    "debug": {"ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1", "UBSAN_OPTIONS": "print_stacktrace=1"},
    # Code of libraries that are built without it cannot be followed; archer tells it what clang's OpenMP orders. A test forks and
    # goes on with threads in the child.
    "tsan": {"TSAN_OPTIONS": "ignore_noninstrumented_modules=1:halt_on_error=1:die_after_fork=0"},
}
VALGRIND = ["valgrind", "-q", "--error-exitcode=99", "--leak-check=full", "--errors-for-leak-kinds=definite"]
VERBS = [
    ["train", "--data", "data.npz", "--arch", "8fc", "--epochs", "1", "--threads", "2", "--out", "fc"],
    ["train", "--data", "data.npz", "--arch", "4conv3-4deconv3", "--epochs", "1", "--threads", "2", "--out", "maps"],
    ["train", "--resume", "--out", "fc"],
    ["encode", "fc", "--data", "data.npz", "--out", "codes.npz"],
    ["classify", "maps", "--json"],
    ["predict", "maps", "--data", "data.npz", "--out", "classes.csv"],
    ["reconstruct", "fc", "--data", "data.npz", "--out", "pictures.png"],
    ["report", "maps", "--out", "report.html"],
    ["verify", "fc"],
    ["export", "fc", "--format", "onnx", "--out", "encoder.onnx"],
]


def run_tests(cases, preset, environment):
    """Every test of the label fast is a case: an entry of ctest, or each test that passed in a program of GoogleTest."""
    done = subprocess.run(["ctest", "--test-dir", BUILD.parent / preset, "-L", "fast", "-j2", "--timeout", "900", "-V"],
                          env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    summary = re.search(r"(\d+) tests failed out of (\d+)", done.stdout)
    programs = len(re.findall(r"\[=+\] \d+ tests? from \d+ test suites? ran", done.stdout))
    passed = done.stdout.count("[       OK ]")
    with cases.case(f"tests of {preset}"):
        assert summary and programs > 5 and passed > 1000, f"the tests of {preset} did not run:\n{done.stdout[-2000:]}{done.stderr}"
        cases.count += int(summary[2]) - programs + passed - 1
        cases.failures += max(0, int(summary[1]) - 1)
        assert done.returncode == 0, "\n".join(report_of(done.stdout))


def report_of(output):
    """What ctest said of the tests that failed, and the sanitizers' words around their findings."""
    lines = output.splitlines()
    found = [i for i, text in enumerate(lines) if re.search(r"\*\*\*|\[  FAILED  \]|ERROR: |WARNING: Thread|runtime error:", text)]
    return [text for i, text in enumerate(lines) if any(0 <= i - place < 30 for place in found)][:500]


def write_data(folder):
    rng = np.random.default_rng(1)
    images = rng.random((80, 6, 6)).astype(np.float32)
    labels = np.arange(80) % 3
    np.savez(folder / "data.npz", x_train=images[:60], y_train=labels[:60], x_test=images[60:], y_test=labels[60:])


def run_valgrind(cases):
    with tempfile.TemporaryDirectory(prefix="wta-valgrind-") as name:
        write_data(pathlib.Path(name))
        for verb in VERBS:
            with cases.case(f"valgrind wta {' '.join(verb)}"):
                done = subprocess.run([*VALGRIND, os.environ["WTA_TOOL"], *verb], cwd=name, capture_output=True, text=True,
                                      timeout=300, check=False)
                assert done.returncode == 0, f"exit code {done.returncode}\n{done.stderr[-5000:]}"


def main():
    cases = Cases(__doc__)
    for preset, environment in SANITIZED.items():
        run_tests(cases, preset, environment)
    run_valgrind(cases)
    cases.finish()


if __name__ == "__main__":
    main()
