"""Convolutional networks and stacks from arrays to predictions, and what is refused of them."""

import json

import numpy as np

from tool import ToolTest, read_safetensors

RECIPE = """
data = "train.npz"
lr = 0.01
[[stages]]
arch = "12conv3-12deconv5"
epochs = 4
pool = "3/2"
[[stages]]
arch = "8conv3-8deconv3"
epochs = 3
pool = "2/2"
"""


class Stack(ToolTest):
    def setUp(self):
        super().setUp()
        (self.folder / "stack.toml").write_text(RECIPE)

    def train_stack(self, *more, **options):
        return self.wta("train", "--recipe", "stack.toml", "--out", self.run_folder, *more, **options)

    def test_train_classify_encode_predict_and_the_rest(self):
        done = self.train_stack()
        self.assertIn("stage 1 of 2: reads samples [8,8]", done.stderr)
        self.assertIn("stage 2 of 2: reads samples [4,4,12]", done.stderr)
        np.save(self.folder / "new.npy", self.x_test)
        features = {"top": 2 * 2 * 8, "all": 4 * 4 * 12 + 2 * 2 * 8, "1": 4 * 4 * 12, "2": 2 * 2 * 8}
        codes = {}
        for stages, size in features.items():
            result = self.json("classify", self.run_folder, "--stages", stages, "--json")
            self.assertEqual(result["n_features"], size)
            self.assertLess(result["test_error_percent"], 40 if size < 100 else 5, stages)
            self.wta("encode", self.run_folder, "--data", "new.npy", "--stages", stages, "--out", "codes.npy")
            codes[stages] = np.load(self.folder / "codes.npy")
            self.assertEqual(codes[stages].shape, (200, size))
            self.wta("predict", self.run_folder, "--data", "new.npy", "--out", "labels.csv")
            predicted = np.loadtxt(self.folder / "labels.csv", delimiter=",", skiprows=1, dtype=int)[:, 1]
            self.assertAlmostEqual(100 * np.mean(predicted != self.y_test), result["test_error_percent"], places=6)
        np.testing.assert_array_equal(codes["all"], np.hstack([codes["1"], codes["2"]]))
        np.testing.assert_array_equal(codes["top"], codes["2"])

        info = self.json("info", self.run_folder, "--json")
        self.assertEqual([s["arch"] for s in info["stages"]], ["12conv3-12deconv5", "8conv3-8deconv3"])
        self.assertEqual([s["sample_shape"] for s in info["stages"]], [[8, 8], [4, 4, 12]])
        self.assertEqual([s["code_shape"] for s in info["stages"]], [[4, 4, 12], [2, 2, 8]])
        self.assertEqual([s["epochs"] for s in info["stages"]], [4, 3])
        self.assertEqual(info["arch"], "8conv3-8deconv3")
        self.assertEqual(info["parameters"], 12 * 9 + 12 + 12 * 25 + 1 + 2 * 8 * 9 * 12 + 8 + 12)

        self.wta("filters", self.run_folder, "--out", "f.png")
        self.assertEqual((self.folder / "f.png").read_bytes(), (self.run_folder / "filters.png").read_bytes())
        self.wta("reconstruct", self.run_folder, "--data", self.data, "--out", "r.npy")
        reconstructed = np.load(self.folder / "r.npy")
        self.assertEqual(reconstructed.shape, (200, 64))
        x = self.x_test.reshape(200, 64)
        self.assertLess(np.square(reconstructed - x).sum(), np.square(x - x.mean(0)).sum())
        self.assertIn("and a classifier", self.wta("verify", self.run_folder).stdout)
        lines = [json.loads(line) for line in (self.run_folder / "metrics.jsonl").read_text().splitlines()]
        self.assertEqual([(line["stage"], line["epoch"]) for line in lines],
                         [(1, 1), (1, 2), (1, 3), (1, 4), (2, 1), (2, 2), (2, 3)])

    def test_numpy_agrees_with_the_codes_of_maps(self):
        self.wta("train", "--data", self.data, "--arch", "6conv3-6deconv5", "--epochs", 1, "--out", self.run_folder)
        np.save(self.folder / "some.npy", self.x[:5])
        self.wta("encode", self.run_folder, "--data", "some.npy", "--out", "codes.npy")
        tensors, metadata = read_safetensors(self.run_folder / "model.safetensors")
        self.assertEqual(json.loads(metadata["options"])["pool"], "3/2")
        padded = np.pad(self.x[:5], ((0, 0), (1, 1), (1, 1)))
        weight = tensors["stages.0.encoder.0.weight"]
        maps = np.zeros((5, 8, 8, 6)) + tensors["stages.0.encoder.0.bias"]
        for i in range(3):
            for j in range(3):
                maps += padded[:, i:i + 8, j:j + 8, None] * weight[:, i, j, 0]
        maps = np.maximum(0, maps)
        pooled = [[maps[:, y:y + 3, x:x + 3].max((1, 2)) for x in range(0, 8, 2)] for y in range(0, 8, 2)]
        expected = np.array(pooled).transpose(2, 0, 1, 3).reshape(5, -1)
        np.testing.assert_allclose(np.load(self.folder / "codes.npy"), expected, atol=1e-5)

    def test_codes_of_one_size_are_told_apart(self):
        (self.folder / "stack.toml").write_text(RECIPE.replace("12", "8").replace("2/2", "off"))
        self.train_stack()
        np.save(self.folder / "new.npy", self.x_test)
        for stages in ("1", "top"):
            result = self.json("classify", self.run_folder, "--stages", stages, "--json")
            self.assertEqual(result["n_features"], 4 * 4 * 8)
            self.wta("predict", self.run_folder, "--data", "new.npy", "--out", "labels.csv")
            predicted = np.loadtxt(self.folder / "labels.csv", delimiter=",", skiprows=1, dtype=int)[:, 1]
            self.assertAlmostEqual(100 * np.mean(predicted != self.y_test), result["test_error_percent"], places=6)

    def test_flags_win_over_every_stage_of_a_recipe(self):
        self.train_stack("--epochs", 1, "--set", "lr=0.002", "--no-spatial")
        stages = self.json("info", self.run_folder, "--json")["stages"]
        for stage in stages:
            self.assertEqual((stage["epochs"], stage["options"]["lr"], stage["spatial"]), (1, "0.002", False))
            self.assertLessEqual(stage["active_fraction"], 1)
        self.assertEqual(stages[1]["options"]["pool"], "2/2")

    def test_rows_are_images_with_a_size(self):
        for name, shape in (("grey", (600, 64)), ("colour", (300, 128))):
            np.save(self.folder / f"{name}.npy", self.x.reshape(shape))
        for name, size, shape in (("grey", "8x8", [8, 8]), ("colour", "8x8", [8, 8, 2]), ("grey", "4x16", [4, 16])):
            self.wta("train", "--data", f"{name}.npy", "--image-size", size, "--arch", "4conv3-4deconv3", "--epochs", 1,
                     "--out", self.run_folder, "--overwrite")
            self.assertEqual(self.json("info", self.run_folder, "--json")["sample_shape"], shape)
            self.wta("encode", self.run_folder, "--data", f"{name}.npy", "--out", "codes.npy")
            self.wta("train", "--resume", "--out", self.run_folder)


class BadInput(ToolTest):
    def refused(self, code, *words, arguments, recipe=None):
        if recipe is not None:
            (self.folder / "bad.toml").write_text(recipe)
            arguments = ["--recipe", "bad.toml", *arguments]
        before = sorted(self.folder.iterdir())
        done = self.wta("train", "--data", self.data, "--epochs", 1, "--out", self.run_folder, *arguments, expect=code)
        self.assertIn("wta: error:", done.stderr)
        self.assertEqual(done.stdout, "")
        for word in (*words, "Try: "):
            self.assertIn(word, done.stderr)
        self.assertEqual(sorted(self.folder.iterdir()), before, "a refused run leaves nothing")

    def test_architectures(self):
        for arch, *words in (
                ("128conv4-128deconv11", "odd number", "'128conv4'", "Try: 128conv5."),
                ("128conv5-64deconv11", "128 maps of the last conv", "'64deconv11'", "Try: 128deconv11."),
                ("8conv5-8conv5-9fc", "do not mix", "'9fc'", "second stage"),
                ("9fc-8conv5-8deconv5", "do not mix", "'8conv5'"),
                ("8conv5", "one deconvolution", "Try: 8conv5-8deconv11."),
                ("8conv5-8deconv11", "as large as the image", "11x11", "[8,8]", "smaller filters"),
                ("8conv9-8deconv5", "as large as the image", "9x9", "[8,8]"),
        ):
            self.refused(2, "arch: ", *words, arguments=["--arch", arch])

    def test_options_of_maps(self):
        maps = ["--arch", "8conv3-8deconv3"]
        for pool, *words in (("9/3", "as large as the map", "8x8", "'9/3'"), ("2/3", "at most the window", "'2/3'"),
                             ("3", "WINDOW/STRIDE", "'3'"), ("0/0", "at least 1", "'0/0'")):
            self.refused(2, "pool: ", *words, arguments=[*maps, "--pool", pool])
        self.refused(2, "tied: ", "'8conv3-8deconv3'", "--untied", arguments=[*maps, "--tied"])
        self.refused(2, "spatial: ", "'8fc'", "--no-spatial", arguments=["--arch", "8fc", "--spatial"])
        self.refused(2, "pool: ", "only feature maps", arguments=["--arch", "8fc", "--pool", "3/2"])

    def test_rows_without_an_image_size(self):
        np.savez(self.data, x=self.x.reshape(600, 64))
        maps = ["--arch", "8conv3-8deconv3"]
        self.refused(2, "needs images [H,W] or [H,W,C]", "[64]", "--image-size", arguments=maps)
        self.refused(3, "image_size", "7x7", "64 values", arguments=[*maps, "--image-size", "7x7"])
        for size in ("8", "8x", "8x8x1", "0x8", "-8x-8", "x8", "8,8", "4294967296x4294967296"):
            self.refused(2, "HEIGHTxWIDTH", f"'{size}'", "28x28", arguments=[*maps, f"--image-size={size}"])

    def test_stages_that_do_not_fit_are_named(self):
        first = '[[stages]]\narch = "8conv3-8deconv3"\npool = "3/2"\n[[stages]]\n'
        for second, *words in (
                ('arch = "8conv5-8deconv5"', "arch: ", "5x5", "[4,4,8]"),
                ('arch = "8conv3-8deconv3"\npool = "5/3"', "pool: ", "4x4", "'5/3'"),
                ('arch = "8conv3-9deconv3"', "arch: ", "8 maps"),
                ('arch = "9fc"\nbatch = 601', "batch: ", "601", "600"),
                ('arch = "9fc"\nlifetime = 5', "lifetime: ", "'5%'"),
                ('arch = "9fc"\nlayers = 2', "unknown option 'layers'"),
        ):
            self.refused(2, "stage 2: ", *words, arguments=[], recipe=first + second)
        self.refused(2, "stage 2: arch: ", "images", "[9]", arguments=[],
                     recipe='[[stages]]\narch = "9fc"\n[[stages]]\narch = "8conv3-8deconv3"')

    def test_recipes(self):
        self.refused(2, "'mnist-conv16'", "'mnist-conv-16'", arguments=["--recipe", "mnist-conv16"])

    def test_weights_that_need_more_than_there_is(self):
        stages = ('[[stages]]\narch = "900000000conv1-900000000deconv1"\npool = "off"\n'
                  '[[stages]]\narch = "9fc"\n')
        self.refused(5, "stage 1: arch: ", "take 60.3 GiB", "fewer units or maps", arguments=[], recipe=stages)

    def test_a_stage_that_the_model_lacks(self):
        (self.folder / "stack.toml").write_text(RECIPE)
        self.wta("train", "--recipe", "stack.toml", "--epochs", 1, "--out", self.run_folder)
        before = sorted(self.folder.rglob("*"))
        for verb in (["classify"], ["encode", "--data", self.data, "--out", "c.npy"]):
            for stages, word in (("3", "2 stages; got 3"), ("0", "'0'"), ("both", "'both'")):
                done = self.wta(verb[0], self.run_folder, *verb[1:], "--stages", stages, expect=2)
                self.assertIn(word, done.stderr)
                self.assertIn("Try: top", done.stderr)
        self.assertEqual(sorted(self.folder.rglob("*")), before)
