"""The commands of the README run as written."""

import pathlib
import re
import shlex

import numpy as np

from tool import ToolTest

README = pathlib.Path(__file__).parents[2] / "README.md"


class Readme(ToolTest):
    def test_commands_on_ones_own_arrays(self):
        np.savez(self.folder / "mine.npz", x_train=self.x, y_train=self.y, x_test=self.x_test, y_test=self.y_test)
        np.save(self.folder / "new.npy", self.x_test)
        blocks = re.findall(r"```\n(.*?)```", README.read_text(), re.DOTALL)
        commands = [line for block in blocks for line in block.splitlines() if line.startswith("wta ")]
        self.assertGreaterEqual(len(commands), 3)
        for command in commands:
            self.wta(*shlex.split(command)[1:])
        self.assertEqual(len((self.folder / "labels.csv").read_text().splitlines()), 201)

    def test_files_that_it_links_to_exist(self):
        for target in re.findall(r"\]\(([^)#:]+)\)", README.read_text()):
            self.assertTrue((README.parent / target).exists(), target)
