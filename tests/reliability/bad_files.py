"""Bad files of every format through the tool: each ends with its exit code, names the file and what is wrong with it, in a
second of processor time and 256 MiB, and leaves nothing behind. Then every prefix and bit flip of small files (the tests
named Damage).
"""

import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time

import numpy as np

import bad_data
import bad_models
from cases import Cases

TOOL = pathlib.Path(os.environ["WTA_TOOL"])
BUILD = pathlib.Path(os.environ["WTA_BUILD"])
MOST_SECONDS = 1.0
MOST_KIB = 256 * 1024
PROGRAMS_OF_DAMAGE = ["io_tests", "data_tests", "model_tests", "train_tests", "eval_tests"]


def run_measured(arguments, folder):
    """Exit code, what was written to stdout and stderr, and the resources that it took."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with subprocess.Popen([TOOL, *map(str, arguments)], stdout=out, stderr=err, cwd=folder,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (20, 20))) as process:
            deadline = time.monotonic() + 60
            ended, status, usage = 0, 0, None
            while ended == 0:
                ended, status, usage = os.wait4(process.pid, os.WNOHANG)
                if ended == 0 and time.monotonic() > deadline:
                    process.kill()
                time.sleep(0.005)
            process.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
    return process.returncode, *texts, usage


def listed(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


class BadFiles:
    """A folder with good samples and a good run, in which bad files are tried."""

    def __init__(self, cases, folder):
        self.cases = cases
        self.folder = folder
        self.samples = folder / "samples.npy"
        np.save(self.samples, np.random.default_rng(1).random((20, 2)).astype(np.float32))
        self.run = folder / "run"
        np.savetxt(folder / "labels.csv", np.arange(20) % 2, fmt="%d")
        train = ["train", "--data", self.samples, "--arch", "2fc", "--epochs", 1, "--out", self.run]
        for arguments in (train, ["classify", self.run, "--label-file", folder / "labels.csv"]):
            code, _, err, _ = run_measured(arguments, folder)
            if code != 0:
                raise RuntimeError(err)

    def refused(self, name, words, arguments, code=3):
        """One case: the tool refuses what it is given in the words, and changes nothing."""
        with self.cases.case(name):
            shutil.rmtree(self.folder / "new", ignore_errors=True)
            before = listed(self.folder)
            got, out, err, usage = run_measured(arguments, self.folder)
            assert got == code, f"exit code {got}, expected {code}\n{err}"
            missing = [word for word in words if word not in err]
            assert not missing, f"the message must name {missing}; got: {err}"
            assert "wta: error:" in err and out == "", f"stdout: {out}\nstderr: {err}"
            assert listed(self.folder) == before, f"files were left: {set(listed(self.folder)) - set(before)}"
            seconds = usage.ru_utime + usage.ru_stime
            assert seconds <= MOST_SECONDS, f"{seconds} seconds"
            assert usage.ru_maxrss <= MOST_KIB, f"{usage.ru_maxrss} KiB"

    def some(self, ideas):
        """All of them, or every sixth for the short form."""
        return ideas[::self.cases.choose(6, 1, 1)]

    def try_data(self):
        for kind, (name, ideas) in bad_data.data_ideas().items():
            path = self.folder / name
            for idea, content, *words in self.some(ideas):
                path.write_bytes(content() if callable(content) else content)
                verb = (["classify", self.run, "--label-file", path] if kind == "labels" else
                        ["train", "--data", path, "--arch", "4fc", "--epochs", 1, "--out", self.folder / "new"])
                self.refused(f"{kind}: {idea}", [name, *words], verb)
            path.unlink()

    def try_models(self):
        path = self.folder / "bad.safetensors"
        for idea, content, *words in self.some(bad_models.model_ideas()):
            path.write_bytes(content)
            self.refused(f"model: {idea}", [path.name, *words], ["info", path])
        path.unlink()

    def try_checkpoints(self):
        """A run whose only checkpoint is bad does not go on; what is wrong is said of the file."""
        shutil.copytree(self.run, self.folder / "other")
        checkpoints = sorted((self.folder / "other" / "checkpoints").iterdir())
        good = checkpoints[-1].read_bytes()
        for path in checkpoints[:-1]:
            path.unlink()
        for idea, content, *words in self.some(checkpoint_ideas(good)):
            checkpoints[-1].write_bytes(content)
            self.refused(f"checkpoint: {idea}", [checkpoints[-1].name, "no checkpoint is whole", *words],
                         ["train", "--resume", "--out", self.folder / "other"])
        shutil.rmtree(self.folder / "other")

    def try_classifiers(self):
        path = self.run / "classifier.safetensors"
        good = path.read_bytes()
        for idea, content, *words in self.some(bad_models.classifier_ideas()):
            path.write_bytes(content)
            self.refused(f"classifier: {idea}", [path.name, *words],
                         ["predict", self.run, "--data", self.samples, "--out", self.folder / "predicted.csv"])
        path.write_bytes(good)

    def try_recipes(self):
        path = self.folder / "bad.toml"
        for idea, content, code, *words in self.some(bad_models.recipe_ideas()):
            path.write_bytes(content)
            self.refused(f"recipe: {idea}", [path.name, *words] if code == 3 else words,
                         ["train", "--recipe", path, "--data", self.samples, "--out", self.folder / "new"], code)
        path.unlink()

    def try_dictionaries(self):
        path = self.folder / "dictionary"
        for idea, contents, *words in self.some(bad_models.dictionary_ideas()):
            path.mkdir()
            for name, content in contents.items():
                (path / name).write_bytes(content)
            self.refused(f"dictionary: {idea}", [path.name, *words],
                         ["import", path, "--format", "saelens", "--out", self.folder / "new"])
            shutil.rmtree(path)


def checkpoint_ideas(good):
    """Bad files in the place of a whole checkpoint."""
    length = int.from_bytes(good[:8], "little")
    header, data = json.loads(good[8:8 + length]), good[8 + length:]
    for key in ("data_sha256", "header_sha256", "checksums"):
        header["__metadata__"].pop(key)
    parts = (header, data)

    def negative(name):
        begin = header[name]["data_offsets"][0]
        return bad_models.changed(parts, lambda _: data[:begin] + b"\xff" * 8 + data[begin + 8:])

    def renamed(name):
        return bad_models.changed(parts, lambda content: content.update({"train.other": content.pop(name)}))

    return [
        *bad_models.container_ideas(parts, "stages.0.encoder.0.weight"),
        ("a bit of the data", good[:-5] + bytes([good[-5] ^ 4]) + good[-4:], "SHA-256"),
        ("an option in the header", good.replace(b'seed\\":\\"1', b'seed\\":\\"3', 1), "SHA-256", "header"),
        ("a model without training", bad_models.changed(files_of_model(parts), lambda _: None), "optimizer."),
        ("a negative step", negative("train.position"), "train.position", ">= 0"),
        ("negative wins", negative("train.wins"), "train.wins", ">= 0"),
        ("no sums", renamed("train.sums"), "train.sums"),
        ("no momentum", renamed("optimizer.0.decoder.bias"), "optimizer.0.decoder.bias"),
        ("a format of tomorrow", bad_models.changed(parts, bad_models.metadata(format_version="2")), "format", "'2'"),
    ]


def files_of_model(parts):
    """Header and data of the model alone."""
    header, kept, data = {"__metadata__": parts[0]["__metadata__"]}, {}, b""
    for name, entry in parts[0].items():
        if name.startswith("stages."):
            kept[name] = entry
    for name, entry in sorted(kept.items(), key=lambda item: item[1]["data_offsets"]):
        begin, end = entry["data_offsets"]
        header[name] = entry | {"data_offsets": [len(data), len(data) + end - begin]}
        data += parts[1][begin:end]
    return header, data


def try_damage(cases):
    """Every prefix and bit flip: the tests named Damage count their cases."""
    for program in PROGRAMS_OF_DAMAGE:
        with tempfile.TemporaryDirectory(prefix="wta-damage-") as folder:
            report = pathlib.Path(folder) / "report.json"
            done = subprocess.run([BUILD / program, "--gtest_filter=Damage.*", f"--gtest_output=json:{report}"], check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)
            tests = [test for suite in json.loads(report.read_text())["testsuites"] for test in suite["testsuite"]]
        cases.count += sum(int(test["cases"]) for test in tests)
        if done.returncode != 0 or not tests:
            cases.failures += 1
            print(f"FAILED {program}\n{done.stdout}", file=sys.stderr)


def main():
    cases = Cases(__doc__)
    with tempfile.TemporaryDirectory(prefix="wta-bad-files-") as folder:
        bad = BadFiles(cases, pathlib.Path(folder))
        for attempt in (bad.try_data, bad.try_models, bad.try_checkpoints, bad.try_classifiers, bad.try_recipes,
            bad.try_dictionaries):
            attempt()
    print(f"{cases.count} bad files through the tool")
    if not cases.arguments.short:
        try_damage(cases)
    cases.finish()


if __name__ == "__main__":
    main()
