"""The checks of this folder, and results/stale.py, on made-up trees: each must see a violation."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path += [str(HERE), str(HERE.parent.parent / "results")]

import file_sizes  # noqa: E402
import include_direction  # noqa: E402
import stale  # noqa: E402

MODULES = {
    "src/core/CMakeLists.txt": "wta_module(core SOURCES a.cpp LIBRARIES fmt::fmt)",
    "src/kernels/CMakeLists.txt": "wta_module(kernels\n  SOURCES a.cpp\n  DEPENDS core  # all\n  LIBRARIES dnnl)",
    "src/io/CMakeLists.txt": "wta_module(io SOURCES a.cpp DEPENDS core)",
    "src/model/CMakeLists.txt": "wta_module(model SOURCES a.cpp DEPENDS kernels io)",
    "src/cli/CMakeLists.txt": "add_executable(wta_tool main.cpp)",
}


class TreeTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.write(MODULES)

    def write(self, files):
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


class IncludeDirection(TreeTest):
    def check(self, name, text):
        self.write({name: text})
        return include_direction.violations(self.root)

    def test_allowed_includes_then_nothing(self):
        text = '#include <cstdint>\n#include <hwy/highway.h>\n#include "core/rng.h"\n#include "wta/tensor.h"\n'
        self.assertEqual(self.check("src/model/a.cpp", text + '#include "kernels/winners.h"\n'), [])

    def test_sibling_then_named_with_line(self):
        (line,) = self.check("src/kernels/a.cpp", '#include <vector>\n\n#include "io/npy.h"\n')
        self.assertTrue(line.startswith("src/kernels/a.cpp:3: kernels may not include io/npy.h"), line)

    def test_lower_module_includes_higher_then_fails(self):
        self.assertEqual(len(self.check("src/core/a.h", '#include "model/autoencoder.h"\n')), 1)

    def test_public_header_of_higher_module_in_either_form_then_fails(self):
        text = '#include "wta/model.h"\n#include <wta/model.h>\n'
        self.assertEqual(len(self.check("src/core/a.cpp", text)), 2)

    def test_module_includes_the_tool_then_fails(self):
        self.assertEqual(len(self.check("src/model/a.cpp", '#include "cli/progress.h"\n')), 1)

    def test_tool_includes_any_module_then_nothing(self):
        self.assertEqual(self.check("src/cli/main.cpp", '#include "model/a.h"\n#include "cli/b.h"\n'), [])

    def test_public_header_includes_source_folder_or_third_party_then_fails(self):
        text = '#include <vector>\n#include "wta/error.h"\n#include "core/rng.h"\n#include <fmt/format.h>\n'
        self.assertEqual(len(self.check("include/wta/tensor.h", text)), 2)

    def test_public_header_without_owner_then_fails(self):
        (line,) = self.check("src/model/a.cpp", '#include "wta/surprise.h"\n')
        self.assertIn("PUBLIC_OWNER", line)

    def test_unknown_folder_then_fails(self):
        self.assertEqual(len(self.check("src/model/a.cpp", '#include "modle/a.h"\n')), 1)

    def test_cycle_of_modules_then_fails(self):
        (line,) = self.check("src/core/CMakeLists.txt", "wta_module(core SOURCES a.cpp DEPENDS io)")
        self.assertIn("core -> io -> core", line)


class FileSizes(TreeTest):
    def test_limits_then_only_longer_files_are_named(self):
        self.write({"src/a.h": "\n" * 150, "src/b.cpp": "\n" * 400, "tests/c.h": "\n" * 151})
        (line,) = file_sizes.violations(self.root)
        self.assertTrue(line.startswith("tests/c.h: 151 lines, at most 150"), line)

    def test_stated_reason_then_accepted(self):
        self.write({"src/b.cpp": "// Long because every case of the table is here.\n" + "\n" * 500})
        self.assertEqual(file_sizes.violations(self.root), [])


class StaleResults(TreeTest):
    def git(self, *arguments):
        identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
        command = ["git", "-C", str(self.root), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def measure(self, **entry):
        self.write({"results/a.json": json.dumps([entry])})
        return stale.stale(self.root)

    def setUp(self):
        super().setUp()
        self.git("init", "-q")
        self.git("add", ".")
        self.git("commit", "-q", "-m", "first")
        self.commit = self.git("rev-parse", "HEAD")

    def test_code_changed_since_then_listed(self):
        self.write({"src/core/a.cpp": "int a;\n"})
        self.git("add", ".")
        self.git("commit", "-q", "-m", "change core")
        self.assertEqual(self.measure(commit=self.commit, paths=["src/io"]), [])
        (line,) = self.measure(commit=self.commit, paths=["src/io", "src/core"])
        self.assertIn("change core", line)

    def change(self, text):
        self.write({"src/core/a.cpp": text})
        self.git("add", ".")
        self.git("commit", "-q", "-m", f"change {text}")
        return self.git("rev-parse", "HEAD")

    def test_same_bits_on_record_then_changes_count_from_there(self):
        second = self.change("int a;")
        entry = {"name": "mnist-seed1-300", "commit": self.commit, "paths": ["src/core"]}
        self.assertEqual(len(self.measure(**entry)), 1)
        record = {"experiment": "mnist-seed1", "old": self.commit, "new": second}
        self.write({"results/same-bits.json": json.dumps([record])})
        self.assertEqual(self.measure(**entry), [])
        self.assertEqual(len(self.measure(**entry | {"name": "cifar-seed1"})), 1)
        third = self.change("int b;")
        self.assertEqual(len(self.measure(**entry)), 1)
        self.write({"results/same-bits.json": json.dumps([record, record | {"old": second, "new": third}])})
        self.assertEqual(self.measure(**entry), [])

    def test_unknown_commit_or_no_paths_then_listed(self):
        self.assertEqual(len(self.measure(commit="0" * 40, paths=["src"])), 1)
        self.assertEqual(len(self.measure(commit=self.commit)), 1)


if __name__ == "__main__":
    unittest.main()
