"""A short run on real MNIST, where WTA_DATA names it."""

import os
import unittest

from tool import ToolTest


@unittest.skipUnless(os.path.isdir(os.path.join(os.environ.get("WTA_DATA", ""), "mnist")),
                     "WTA_DATA does not hold mnist")
class Mnist(ToolTest):
    def test_two_epochs_beat_raw_pixels_by_far(self):
        self.wta("train", "--data", "mnist", "--arch", "300fc", "--epochs", 2, "--out", self.run_folder)
        codes = self.json("classify", self.run_folder, "--labels", 2000, "--subsets", 1, "--json")
        raw = self.json("classify", self.run_folder, "--labels", 2000, "--subsets", 1, "--features", "raw", "--json")
        self.assertEqual(codes["n_test"], 10000)
        self.assertLess(codes["test_error_percent"], raw["test_error_percent"] - 2)
