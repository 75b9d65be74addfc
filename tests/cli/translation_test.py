"""README.zh-CN.md says what README.md says: the same commands, figures and links in the same places."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).parents[2]
ENGLISH = (ROOT / "README.md").read_text(encoding="utf-8")
CHINESE = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")


def code_blocks(text):
    return re.findall(r"^```.*?^```", text, re.MULTILINE | re.DOTALL)


def sections(text):
    """The text under each heading, without code blocks."""
    return re.split(r"^## .*$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), flags=re.MULTILINE)


def table_rows(text):
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in re.findall(r"^\|.*\|$", text, re.MULTILINE)]


def numbers(text):
    return re.findall(r"\d+(?:[.,]\d+)*", text)


def code(text):
    return re.findall(r"`[^`]+`", text)


def links(text):
    """Beside the links from one to the other."""
    return sorted(set(re.findall(r"\]\(([^)]+)\)", text)) - {"README.md", "README.zh-CN.md"})


class Translation(unittest.TestCase):
    def test_each_links_to_the_other_at_the_top(self):
        self.assertIn("](README.zh-CN.md)", ENGLISH.split("\n\n")[1])
        self.assertIn("](README.md)", CHINESE.split("\n\n")[1])

    def test_the_same_code_blocks(self):
        self.assertGreater(len(code_blocks(ENGLISH)), 3)
        self.assertEqual(code_blocks(CHINESE), code_blocks(ENGLISH))

    def test_the_same_rows_with_the_same_numbers_and_commands(self):
        english, chinese = table_rows(ENGLISH), table_rows(CHINESE)
        self.assertGreater(len(english), 30)
        self.assertEqual(len(chinese), len(english))
        for ours, theirs in zip(chinese, english):
            for what in (len, lambda row: [numbers(cell) for cell in row], lambda row: [code(cell) for cell in row]):
                self.assertEqual(what(ours), what(theirs), ours)

    def test_the_same_sections_with_the_same_commands_and_links(self):
        english, chinese = sections(ENGLISH), sections(CHINESE)
        self.assertEqual(len(chinese), len(english))
        for ours, theirs in zip(chinese, english):
            self.assertEqual(sorted(code(ours)), sorted(code(theirs)))
            self.assertEqual(links(ours), links(theirs))
            self.assertEqual(sorted(numbers(ours)), sorted(numbers(theirs)))
