"""Completion as the shells ask for it: the scripts run in real shells."""

import os
import pathlib
import re
import shutil
import subprocess
import unittest

from tool import TOOL, ToolTest

# Bash calls a completion function with these variables set; it cuts words at '='.
BASH = """
source <(wta completion bash)
COMP_WORDS=({words})
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_wta wta
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


class Completion(ToolTest):
    def setUp(self):
        super().setUp()
        bin_folder = self.folder / "bin"
        bin_folder.mkdir()
        (bin_folder / "wta").symlink_to(TOOL)
        self.environment = {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}", "HOME": str(self.folder)}
        (self.folder / "photos").mkdir()
        (self.folder / "pictures.npy").touch()

    def shell(self, *command):
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, env=self.environment,
                              timeout=60, check=True)
        self.assertEqual(done.stderr, "")
        return done.stdout.splitlines()

    def bash(self, words):
        return self.shell("bash", "--norc", "-c", BASH.format(words=words))


class Bash(Completion):
    def test_the_beginning_of_a_verb_then_the_verbs_that_begin_so(self):
        self.assertEqual(self.bash("wta re"), ["reconstruct", "report", "reproduce"])
        self.assertEqual(self.bash("wta data ''"), ["list", "info", "fetch"])

    def test_every_verb_and_flag_of_the_help_is_offered(self):
        verbs = verbs_of(self)
        self.assertEqual(self.bash("wta ''"), verbs)
        for verb in verbs:
            self.assertEqual(set(self.bash(f"wta {verb} --")), flags_of(self, verb), verb)

    def test_a_flag_with_fixed_values_then_those(self):
        self.assertEqual(self.bash("wta encode run --split ''"), ["train", "test"])
        self.assertEqual(self.bash("wta train --optimizer s"), ["sgd"])
        self.assertEqual(self.bash("wta train --optimizer = ''"), ["sgd", "adam"])
        self.assertEqual(self.bash("wta completion ''"), ["bash", "zsh", "fish"])

    def test_names_then_recipes_data_sets_and_exhibits(self):
        recipes = pathlib.Path(__file__).parents[2] / "recipes"
        self.assertEqual(self.bash("wta train --recipe cifar"), sorted(p.stem for p in recipes.glob("cifar*.toml")))
        self.assertEqual(self.bash("wta data info f"), ["fashion-mnist", "frey"])
        self.assertEqual(self.bash("wta reproduce table1 table2"), ["table2a", "table2b"])

    def test_data_then_names_and_files(self):
        self.assertEqual(sorted(self.bash("wta train --data p")), ["photos", "pictures.npy"])
        self.assertEqual(self.bash("wta train --data = d"), ["digits"])

    def test_an_output_folder_then_folders_alone(self):
        self.assertEqual(self.bash("wta train --out p"), ["photos"])

    def test_an_assignment_then_options_and_their_values(self):
        self.assertEqual(self.bash("wta train --set kl"), ["kl_weight=", "kl_target="])
        self.assertEqual(self.bash("wta train --set schedule = st"), ["step"])
        self.assertEqual(self.bash("wta sweep schedule = step,c"), ["step,constant", "step,cosine"])

    def test_a_number_or_an_unknown_flag_then_nothing(self):
        self.assertEqual(self.bash("wta train --epochs ''"), [""])
        self.assertEqual(self.bash("wta train --no-such = ''"), [""])

    def test_a_switch_then_the_next_word_is_no_value_of_it(self):
        self.assertIn("--json", self.bash("wta classify --json run ''"))


@unittest.skipUnless(shutil.which("fish"), "fish is not installed")
class Fish(Completion):
    def fish(self, line):
        script = "source (wta completion fish | psub); complete -C $argv[1]"
        return self.shell("fish", "--no-config", "-c", script, line)

    def test_values_with_descriptions_and_files(self):
        self.assertEqual(self.fish("wta encode run --split te"), ["test"])
        self.assertTrue(self.fish("wta rec")[0].startswith("reconstruct\tDecode codes"))
        self.assertIn("pictures.npy", [line.split("\t")[0] for line in self.fish("wta train --data p")])
        self.assertEqual([line.split("\t")[0] for line in self.fish("wta train --out=p")], ["--out=photos/"])


@unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
class Zsh(Completion):
    def zsh(self, *words):
        """The script under stand-ins for what only exists while zsh completes."""
        script = """
compdef() { }
compset() { print compset $@ }
_files() { print files $@ }
_describe() { print -l -- ${(P)2} }
source <(wta completion zsh)
words=("$@")
CURRENT=$#words
_wta
"""
        return self.shell("zsh", "-f", "-c", script, "zsh", *words)

    def test_values_with_descriptions_and_files(self):
        self.assertEqual(self.zsh("wta", "encode", "run", "--split", "te"), ["test:"])
        self.assertTrue(self.zsh("wta", "rec")[0].startswith("reconstruct:Decode codes"))
        self.assertEqual(self.zsh("wta", "train", "--data", "p"), ["files"])
        self.assertEqual(self.zsh("wta", "train", "--out", ""), ["files -/"])
        self.assertEqual(self.zsh("wta", "train", "--set", "lr")[0].split(":")[0], "lr=")
        self.assertEqual(self.zsh("wta", "train", "--optimizer=s"), ["compset -P *=", "sgd:"])


def verbs_of(test):
    return re.findall(r"^  ([a-z]+) ", test.wta("--help").stdout.split("Subcommands:")[1], re.MULTILINE)


def flags_of(test, verb):
    return set(re.findall(r"^  (?:-\w,)?(--[a-z0-9-]+)", test.wta(verb, "--help").stdout, re.MULTILINE))
