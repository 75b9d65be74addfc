"""Models to other programs' formats and back, as users type it. What the files hold is tested in tests/python."""

import json
import unittest

import numpy as np

from tool import ToolTest, read_safetensors


class ExportTest(ToolTest):
    def setUp(self):
        super().setUp()
        self.train()
        self.model = self.run_folder / "model.safetensors"

    def test_safetensors_is_the_model_by_itself(self):
        done = self.wta("export", self.run_folder, "--format", "safetensors", "--out", "m.safetensors")
        self.assertEqual(done.stdout, "m.safetensors\n")
        self.assertEqual((self.folder / "m.safetensors").read_bytes(), self.model.read_bytes())

    def test_every_format_is_written(self):
        for name in ("onnx", "huggingface", "saelens", "sparsify"):
            done = self.wta("export", self.run_folder, "--format", name, "--out", f"to-{name}")
            for line in done.stdout.splitlines():
                self.assertTrue((self.folder / line).is_file(), line)

    def test_a_note_says_what_the_format_cannot(self):
        done = self.wta("export", self.run_folder, "--format", "sparsify", "--out", "sae")
        self.assertIn("note: the format knows no thresholds: of each sample the 2 largest of 32", done.stderr)

    def test_the_card_is_titled_after_the_run_and_names_no_path(self):
        self.wta("export", self.run_folder, "--format", "huggingface", "--out", "card", "--license", "mit")
        card = (self.folder / "card" / "README.md").read_text()
        self.assertIn("# run\n", card)
        self.assertIn('license: "mit"', card)
        self.assertNotIn("train.npz", card)
        self.assertNotIn(str(self.folder), card)

    def test_an_exported_folder_is_a_run(self):
        self.wta("export", self.run_folder, "--format", "huggingface", "--out", "card")
        for run, codes in ((self.run_folder, "a.npy"), ("card", "b.npy")):
            self.wta("encode", run, "--data", self.data, "--split", "test", "--out", codes)
        np.testing.assert_array_equal(np.load(self.folder / "a.npy"), np.load(self.folder / "b.npy"))

    def test_refusals_name_rule_and_next_step(self):
        unknown = self.wta("export", self.run_folder, "--format", "keras", "--out", "x", expect=2)
        self.assertIn("onnx", unknown.stderr)
        self.wta("export", "nowhere", "--format", "onnx", "--out", "x", expect=4)
        self.wta("export", self.run_folder, "--format", "onnx", "--out", "no/such/x.onnx", expect=4)
        self.wta("export", self.run_folder, "--format", "onnx", "--stages", "3", "--out", "x", expect=2)
        for name, flag, value in (("saelens", "--stages", "all"), ("onnx", "--license", "mit")):
            done = self.wta("export", self.run_folder, "--format", name, flag, value, "--out", "x", expect=2)
            self.assertIn(f"got {flag} {value} with {name}", done.stderr)
        (self.folder / "file").write_text("")
        self.wta("export", self.run_folder, "--format", "saelens", "--out", "file/sae", expect=4)


class ImportTest(ToolTest):
    def setUp(self):
        super().setUp()
        self.train("--set", "threshold_codes=true")
        self.wta("export", self.run_folder, "--format", "saelens", "--out", "sae")

    def test_an_imported_model_is_a_run_for_every_verb(self):
        done = self.wta("import", "sae", "--format", "saelens", "--out", "back")
        self.assertEqual(done.stdout, "32 units over 64 inputs: back/model.safetensors\n")
        self.wta("verify", "back")
        self.assertEqual(self.json("info", "back", "--json")["arch"], "32fc")
        for run, codes in ((self.run_folder, "a.npy"), ("back", "b.npy")):
            self.wta("encode", run, "--data", self.data, "--split", "test", "--out", codes)
        np.testing.assert_allclose(np.load(self.folder / "a.npy"), np.load(self.folder / "b.npy"), atol=1e-6)
        self.wta("classify", "back", "--data", self.data)
        self.wta("reconstruct", "back", "--data", self.data, "--out", "r.npy")
        self.wta("filters", "back", "--out", "f.png")

    def test_a_run_is_not_replaced_unasked(self):
        self.wta("import", "sae", "--format", "saelens", "--out", "back")
        self.assertIn("--overwrite", self.wta("import", "sae", "--format", "saelens", "--out", "back", expect=2).stderr)
        self.wta("import", "sae", "--format", "saelens", "--out", "back", "--overwrite")

    def test_what_is_damaged_is_refused_by_field(self):
        config = self.folder / "sae" / "cfg.json"
        content = json.loads(config.read_text())
        config.write_text(json.dumps(content | {"d_sae": 31}))
        done = self.wta("import", "sae", "--format", "saelens", "--out", "back", expect=3)
        self.assertIn("sae/sae_weights.safetensors: tensor 'W_enc' must have shape [64,31]", done.stderr)
        self.assertFalse((self.folder / "back").exists())
        config.write_text("{")
        self.wta("import", "sae", "--format", "saelens", "--out", "back", expect=3)
        self.wta("import", "nowhere", "--format", "saelens", "--out", "back", expect=4)

    def test_codes_above_thresholds_are_sparse(self):
        self.wta("encode", self.run_folder, "--data", self.data, "--split", "test", "--out", "codes.npy")
        codes = np.load(self.folder / "codes.npy")
        thresholds = read_safetensors(self.run_folder / "model.safetensors")[0]["stages.0.thresholds"]
        self.assertTrue(((codes == 0) | (codes > thresholds)).all())
        self.assertGreater(np.count_nonzero(codes), 0)


if __name__ == "__main__":
    unittest.main()
