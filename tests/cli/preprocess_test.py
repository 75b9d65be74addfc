"""Preprocessing that is fitted in training and travels in the model."""

import numpy as np

from tool import ToolTest, read_safetensors


class Preprocess(ToolTest):
    def colour(self):
        """8x8 RGB pictures: the bars of one colour each, brighter or darker as a whole."""
        rng = np.random.default_rng(3)
        tint = rng.random((len(self.x), 1, 1, 3)).astype(np.float32)
        return self.x[..., None] * (0.5 + 0.5 * tint)

    def test_codes_follow_the_definition(self):
        x = self.colour()
        np.save(self.folder / "colour.npy", x)
        self.wta("train", "--data", "colour.npy", "--arch", "20fc", "--preprocess", "normalize+zca", "--zca-epsilon", 0.2,
                 "--epochs", 2, "--set", "hold_out_fraction=0", "--out", self.run_folder)
        self.wta("encode", self.run_folder, "--data", "colour.npy", "--out", "codes.npy")
        flat = x.reshape(len(x), -1).astype(np.float64)
        flat = (flat - flat.mean(1, keepdims=True)) / np.sqrt(flat.var(1, keepdims=True) + 10 / 255**2)
        values, vectors = np.linalg.eigh(np.cov(flat.T, bias=True))
        zca = vectors / np.sqrt(np.maximum(values, 0) + 0.2) @ vectors.T
        tensors, metadata = read_safetensors(self.run_folder / "model.safetensors")
        np.testing.assert_allclose(tensors["stages.0.preprocess.whitening"], zca, atol=2e-3)
        white = (flat - flat.mean(0)) @ zca
        weight, bias = tensors["stages.0.encoder.0.weight"], tensors["stages.0.encoder.0.bias"]
        np.testing.assert_allclose(np.load(self.folder / "codes.npy"), np.maximum(white @ weight.T + bias, 0), atol=5e-3)
        self.assertIn('"preprocess":"normalize+zca"', metadata["options"])

    def test_the_tool_s_other_verbs_and_resume(self):
        options = ("--arch", "6conv3-6deconv3", "--preprocess", "normalize+local-contrast5+zca", "--epochs", 2)
        self.train(*options)
        model = (self.run_folder / "model.safetensors").read_bytes()
        self.assertLess(self.json("classify", self.run_folder, "--json")["test_error_percent"], 30)
        self.wta("reconstruct", self.run_folder, "--data", self.data, "--out", "r.png")
        self.wta("maps", self.run_folder, "--data", self.data, "--out", "m.png")
        self.wta("verify", self.run_folder)
        self.wta("train", "--resume", "--out", self.run_folder)
        self.assertEqual((self.run_folder / "model.safetensors").read_bytes(), model)
        self.assertIn("preprocess", self.wta("train", "--resume", "--preprocess", "none", "--out", self.run_folder,
                                             expect=2).stderr)

    def test_a_stack_prepares_what_the_first_stage_reads(self):
        (self.folder / "stack.toml").write_text(
            'data = "train.npz"\npreprocess = "normalize"\nepochs = 1\n'
            '[[stages]]\narch = "12fc"\n[[stages]]\narch = "9fc"\n')
        self.wta("train", "--recipe", "stack.toml", "--out", self.run_folder)
        info = self.json("info", self.run_folder, "--json")
        self.assertEqual([stage["code_shape"] for stage in info["stages"]], [[12], [9]])
        (self.folder / "wrong.toml").write_text(
            'data = "train.npz"\n[[stages]]\narch = "12fc"\n[[stages]]\narch = "9fc"\npreprocess = "normalize"\n')
        self.assertIn("stage 2: preprocess", self.wta("train", "--recipe", "wrong.toml", "--out", "w", expect=2).stderr)

    def test_what_does_not_suit_is_refused(self):
        np.save(self.folder / "rows.npy", self.x.reshape(len(self.x), -1))
        for text in ("whiten", "local-mean4", "zca+normalize"):
            self.assertIn("preprocess", self.train("--preprocess", text, expect=2).stderr)
        self.assertIn("--image-size", self.wta("train", "--data", "rows.npy", "--arch", "9fc", "--preprocess", "local-mean3",
                                               "--out", "r", expect=2).stderr)
