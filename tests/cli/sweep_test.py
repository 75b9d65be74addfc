"""`wta sweep`: one option over several values."""

import json
import struct

import numpy as np

from tool import ToolTest


def png_size(path):
    return struct.unpack(">II", path.read_bytes()[16:24])


class Sweep(ToolTest):
    def sweep(self, axis, *more, **options):
        return self.wta("sweep", axis, "--data", self.data, "--arch", "24fc", "--epochs", 3, "--out",
                        self.folder / "sweep", *more, **options)

    def report(self):
        return json.loads((self.folder / "sweep" / "sweep.json").read_text())

    def test_each_value_is_trained_classified_and_reported(self):
        done = self.sweep("lifetime=30%,5%")
        self.assertIn("30%: test error", done.stdout)
        report = self.report()
        self.assertEqual(report["key"], "lifetime")
        self.assertEqual([row["value"] for row in report["rows"]], ["30%", "5%"])
        self.assertAlmostEqual(report["rows"][0]["active_fraction"], 0.3, delta=0.01)
        self.assertAlmostEqual(report["rows"][1]["active_fraction"], 0.05, delta=0.01)
        for row in report["rows"]:
            alone = self.json("classify", row["run"], "--json")
            self.assertEqual(row["test_error_percent"], alone["test_error_percent"])
            self.assertEqual(row["n_train"], 600)
        table = (self.folder / "sweep" / "sweep.md").read_text().splitlines()
        self.assertEqual(len(table), 4)
        self.assertTrue(table[2].startswith(f"| 30% | {report['rows'][0]['test_error_percent']:.2f} | "))
        width, height = png_size(self.folder / "sweep" / "sweep.png")
        self.assertGreater(width, 16 * 8)
        self.assertGreater(height, 2 * 8)

    def test_an_option_that_is_no_number_and_few_labels(self):
        self.sweep("optimizer=sgd,adam", "--labels", 80, "--subsets", 2)
        self.assertEqual([row["n_train"] for row in self.report()["rows"]], [80, 80])

    def test_without_labels_nothing_is_classified(self):
        np.save(self.folder / "plain.npy", self.x)
        self.wta("sweep", "seed=1,2", "--data", "plain.npy", "--arch", "8fc", "--epochs", 1, "--out", self.folder / "sweep")
        for row in self.report()["rows"]:
            self.assertNotIn("test_error_percent", row)

    def test_resume_keeps_what_is_complete(self):
        self.sweep("lifetime=30%,5%", "--no-classify")
        before = self.report()
        first = self.folder / "sweep" / "lifetime=30%" / "model.safetensors"
        written = first.read_bytes()
        self.sweep("lifetime=30%,5%", expect=2)
        self.sweep("lifetime=30%,5%,10%", "--no-classify", "--resume")
        after = self.report()
        self.assertEqual(len(after["rows"]), 3)
        self.assertEqual([row["loss"] for row in after["rows"][:2]], [row["loss"] for row in before["rows"]])
        self.assertEqual(first.read_bytes(), written)

    def test_what_cannot_be_swept_is_refused_before_any_run(self):
        for axis in ("lifetime", "lifetime=", "=5%", "lifetime=5%,", "lifetime=5%,5%", "lifetme=5%", "lifetime=5%,7"):
            self.assertIn("Try:", self.sweep(axis, expect=2).stderr, axis)
        self.assertFalse((self.folder / "sweep" / "lifetime=5%").exists())
