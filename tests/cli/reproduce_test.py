"""Tables and figures of the paper: what is there already, what lacks its data, and a run that is stopped."""

import json
import os
import signal
import struct
import subprocess

from tool import TOOL, ToolTest


class Reproduce(ToolTest):
    def black_mnist(self):
        """A folder of data with an MNIST of black pictures, which takes no room on the disk."""
        folder = self.folder / "data" / "mnist"
        folder.mkdir(parents=True)
        for part, count in (("train", 60000), ("t10k", 10000)):
            with (folder / f"{part}-images-idx3-ubyte").open("wb") as images:
                images.write(struct.pack(">4B3I", 0, 0, 8, 3, count, 28, 28))
                images.truncate(16 + count * 28 * 28)
            labels = struct.pack(">4BI", 0, 0, 8, 1, count) + bytes(range(10)) * (count // 10)
            (folder / f"{part}-labels-idx1-ubyte").write_bytes(labels)
        return folder.parent

    def test_what_is_there_is_kept_and_what_lacks_its_data_is_skipped_by_name(self):
        out = self.folder / "paper"
        out.mkdir()
        figure = {"exhibit": "table1", "label": "RBM", "seed": 1, "command": "wta train", "value": 1.625,
                  "train_seconds": 7, "classify_seconds": 2}
        (out / "results.json").write_text(json.dumps(
            {"quick": False, "figures": [figure], "pictures": {}, "train_seconds": {}, "skipped": []}))
        empty = {"WTA_DATA": str(self.folder / "nothing"), "XDG_CACHE_HOME": str(self.folder / "nothing")}
        done = self.wta("reproduce", "table1", "--out", out, environment=empty)
        lines = done.stdout.splitlines()
        self.assertRegex(lines[0], r"^table1 +RBM +seed 1 +1\.6[23] %$")
        self.assertIn("skipped  table1, raw pixels: mnist is not here; see: wta data info mnist", lines)
        self.assertEqual(lines[-1], f"see      {out}/README.md")
        self.assertIn("skipped table1, raw pixels: mnist is not here", done.stderr)
        self.assertIn("| RBM | 1.6", (out / "README.md").read_text())

    def test_a_signal_stops_it_and_the_same_command_goes_on(self):
        arguments = [TOOL, "reproduce", "table1", "--quick", "--out", self.folder / "paper"]
        environment = {**os.environ, "WTA_DATA": str(self.black_mnist())}
        for moment in ("training mnist-dae", "epoch 1: loss"):
            with subprocess.Popen(arguments, cwd=self.folder, env=environment, text=True, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE) as tool:
                said = ""
                while moment not in said:
                    line = tool.stderr.readline()
                    self.assertTrue(line, said)
                    said += line
                tool.send_signal(signal.SIGINT)
                result, rest = tool.communicate(timeout=120)
            self.assertEqual(tool.returncode, 130, said + rest)
            self.assertIn("training mnist-dae-seed1: wta train --recipe mnist-dae", said)
            self.assertTrue(rest.endswith("stopped; go on with the same command\n"), rest)
            self.assertEqual(result, "")
