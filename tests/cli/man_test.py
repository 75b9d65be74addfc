"""The manual page: without warnings, and with everything that the help lists."""

import os
import subprocess

from completion_test import flags_of, verbs_of
from tool import ToolTest


class Man(ToolTest):
    def setUp(self):
        super().setUp()
        self.page = self.folder / "wta.1"
        self.page.write_text(self.wta("man").stdout)

    def read(self):
        """As `man` shows it on a terminal, without bold and underlined letters."""
        environment = {**os.environ, "MANWIDTH": "200", "MAN_KEEP_STDERR": "1", "LC_ALL": "C.UTF-8"}
        done = subprocess.run(["man", "--warnings", "--no-hyphenation", "-l", self.page], capture_output=True, text=True,
                              env=environment, check=True)
        self.assertEqual(done.stderr, "")
        return done.stdout

    def test_formatters_find_nothing_to_warn_of(self):
        self.read()
        done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", self.page], capture_output=True, text=True, check=False)
        # The page has no date: the same version gives the same page.
        self.assertEqual([line for line in done.stdout.splitlines() if "missing date" not in line], [])

    def test_every_verb_flag_and_default_of_the_help_is_in_it(self):
        text = self.read()
        sections = text.split("\nVERBS\n")[1]
        train = sections.split("\n   encode ")[0]
        for verb in verbs_of(self):
            section = sections.split(f"\n   {verb} ")[-1] if f"\n   {verb} " in sections else sections.split(f"   {verb}\n")[1]
            for flag in flags_of(self, verb) - {"--help"}:
                self.assertRegex(train + section if verb == "sweep" else section, rf"\n +{flag}\b", verb)
        self.assertIn("--optimizer sgd|adam\n", text)
        self.assertIn("0.0001..0.9999} [0.05]", text)
        self.assertIn("130, 143", text)
