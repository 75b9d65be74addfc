"""Runs that are stopped or killed, and go on."""

import hashlib
import json
import random
import signal
import subprocess
import time

from tool import TOOL, ToolTest


class Resume(ToolTest):
    def arguments(self, out, epochs=60):
        return ["train", "--data", self.data, "--arch", "128fc", "--epochs", epochs, "--out", out, "--set",
                "checkpoint_seconds=0"]

    def digest(self, out):
        return hashlib.sha256((out / "model.safetensors").read_bytes()).hexdigest()

    def epochs(self, out):
        """Stage, epoch, step and loss of every line of metrics.jsonl."""
        lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
        return [(line["stage"], line["epoch"], line["step"], line["loss"]) for line in lines]

    def start(self, *arguments):
        return subprocess.Popen([TOOL, *map(str, arguments)], cwd=self.folder, stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE)

    def interrupt(self, process, number, wait):
        time.sleep(wait)
        process.send_signal(number)
        process.communicate(timeout=60)
        return process.returncode

    def test_kill_at_random_moments_then_resume_gives_the_same_model(self):
        whole = self.folder / "whole"
        self.wta(*self.arguments(whole))
        rng = random.Random(4)
        for attempt in range(4):
            out = self.folder / f"killed{attempt}"
            process = self.start(*self.arguments(out))
            while not (out / "model.safetensors").exists():
                time.sleep(0.01)
            self.interrupt(process, signal.SIGKILL, rng.uniform(0, 0.5))
            self.wta("train", "--resume", "--out", out)
            self.assertEqual(self.digest(out), self.digest(whole), f"attempt {attempt}")

    def test_kill_in_the_second_stage_then_resume_gives_the_same_model_and_metrics(self):
        (self.folder / "stack.toml").write_text(
            f'data = "{self.data}"\ncheckpoint_seconds = 0\nepochs = 2\n[[stages]]\narch = "8conv3-8deconv3"\n'
            '[[stages]]\narch = "32fc"\nepochs = 8\n')
        whole = self.folder / "whole"
        self.wta("train", "--recipe", "stack.toml", "--out", whole)
        rng = random.Random(5)
        for attempt in range(2):
            out = self.folder / f"killed{attempt}"
            process = self.start("train", "--recipe", "stack.toml", "--out", out)
            while not list((out / "checkpoints").glob("stage-02-*.safetensors")):
                time.sleep(0.01)
            self.interrupt(process, signal.SIGKILL, rng.uniform(0, 0.2))
            self.wta("train", "--resume", "--out", out)
            self.assertEqual(self.digest(out), self.digest(whole), f"attempt {attempt}")
            self.assertEqual(self.epochs(out), self.epochs(whole), f"attempt {attempt}")

    def test_a_run_that_replaced_another_can_be_resumed(self):
        out = self.folder / "run"
        self.wta(*self.arguments(out, epochs=1))
        self.wta(*self.arguments(out, epochs=2), "--overwrite")
        expected = self.digest(out)
        self.wta("train", "--resume", "--out", out)
        self.assertEqual(self.digest(out), expected)

    def test_signals_save_a_checkpoint_and_exit_with_their_code(self):
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            out = self.folder / f"run{code}"
            process = self.start(*self.arguments(out, epochs=100000))
            while not (out / "model.safetensors").exists():
                time.sleep(0.01)
            self.assertEqual(self.interrupt(process, number, 0.3), code)
            self.assertTrue(list((out / "checkpoints").glob("stage-*.safetensors")))
            self.wta("verify", out)

    def test_a_damaged_newest_checkpoint_falls_back_with_a_warning(self):
        out = self.folder / "run"
        self.wta(*self.arguments(out, epochs=2))
        expected = self.digest(out)
        newest = sorted((out / "checkpoints").glob("stage-*"))[-1]
        newest.write_bytes(newest.read_bytes()[:-7])
        done = self.wta("train", "--resume", "--out", out)
        self.assertIn("warning", done.stderr)
        self.assertIn(newest.name, done.stderr)
        self.assertEqual(self.digest(out), expected)
