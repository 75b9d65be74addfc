"""From arrays and a few labels to features, pictures and predictions."""

import csv
import hashlib
import json
import pathlib
import shutil
import struct

import numpy as np

from tool import ToolTest, bars, read_safetensors


class Journey(ToolTest):
    def test_train_classify_predict(self):
        done = self.train()
        self.assertIn("filters.png", done.stdout)
        for name in ("config.toml", "model.safetensors", "metrics.jsonl", "filters.png", "reconstructions.png"):
            self.assertTrue((self.run_folder / name).is_file(), name)
        result = self.json("classify", self.run_folder, "--json")
        for key in ("test_error_percent", "train_error_percent", "C", "code_scale", "n_train", "n_test", "n_features",
                    "seconds"):
            self.assertIn(key, result)
        self.assertLess(result["test_error_percent"], 5)
        self.assertEqual((result["n_train"], result["n_test"], result["n_features"]), (600, 200, 32))
        pictures, labels = bars(50, 3)
        np.save(self.folder / "new.npy", pictures)
        self.wta("predict", self.run_folder, "--data", "new.npy", "--out", "labels.csv")
        lines = (self.folder / "labels.csv").read_text().splitlines()
        self.assertEqual(lines[0], "index,label")
        predicted = np.array([int(line.split(",")[1]) for line in lines[1:]])
        self.assertEqual(len(predicted), 50)
        self.assertGreater((predicted == labels).mean(), 0.9)

    def test_a_few_labels_in_a_file_are_enough(self):
        np.savez(self.folder / "unlabelled.npz", x=self.x)
        (self.folder / "labels.csv").write_text(
            "index,label\n" + "".join(f"{i},class {self.y[i]}\n" for i in range(0, 600, 5)))
        self.wta("train", "--data", "unlabelled.npz", "--arch", "32fc", "--epochs", 5, "--out", self.run_folder)
        result = self.json("classify", self.run_folder, "--data", "unlabelled.npz", "--label-file", "labels.csv", "--json")
        self.assertLess(result["test_error_percent"], 20)
        self.wta("predict", self.run_folder, "--data", "unlabelled.npz", "--out", "all.csv")
        lines = (self.folder / "all.csv").read_text().splitlines()[1:]
        self.assertEqual(len(lines), 600)
        right = sum(line.split(",")[1] == f"class {label}" for line, label in zip(lines, self.y))
        self.assertGreater(right, 540)

    def test_names_of_classes_come_back_whole_from_the_csv_of_predictions(self):
        names = [f'class {n}, or "{n}"' for n in range(8)]
        with (self.folder / "labels.csv").open("w") as file:
            csv.writer(file, lineterminator="\n").writerows([["label"], *([names[y]] for y in self.y)])
        np.save(self.folder / "x.npy", self.x)
        self.train()
        self.wta("classify", self.run_folder, "--data", "x.npy", "--label-file", "labels.csv")
        self.wta("predict", self.run_folder, "--data", "x.npy", "--out", "out.csv")
        with (self.folder / "out.csv").open() as file:
            rows = list(csv.reader(file))[1:]
        self.assertEqual(len(rows), 600)
        self.assertGreater(sum(name == names[y] for (_, name), y in zip(rows, self.y)), 540)

    def test_balanced_subsets_report_mean_and_deviation(self):
        self.train()
        result = self.json("classify", self.run_folder, "--labels", 80, "--subsets", 3, "--json")
        self.assertEqual((result["n_train"], result["subsets"]), (80, 3))
        self.assertGreaterEqual(result["test_error_std"], 0)

    def test_codes_of_one_sample_equal_its_row_and_numpy_agrees(self):
        self.train()
        np.save(self.folder / "all.npy", self.x)
        np.save(self.folder / "one.npy", self.x[17:18])
        self.wta("encode", self.run_folder, "--data", "all.npy", "--out", "codes.npy")
        self.wta("encode", self.run_folder, "--data", "one.npy", "--out", "code.npy")
        self.wta("encode", self.run_folder, "--data", "all.npy", "--out", "codes.npz")
        codes = np.load(self.folder / "codes.npy")
        self.assertEqual(codes.dtype, np.float32)
        np.testing.assert_array_equal(np.load(self.folder / "code.npy")[0], codes[17])
        tensors, metadata = read_safetensors(self.run_folder / "model.safetensors")
        expected = np.maximum(0, self.x.reshape(600, -1) @ tensors["stages.0.encoder.0.weight"].T
                              + tensors["stages.0.encoder.0.bias"])
        np.testing.assert_allclose(codes, expected, atol=1e-5)
        self.assertEqual(metadata["architecture"], "32fc")
        sparse = np.load(self.folder / "codes.npz")
        self.assertEqual(sparse["format"].item(), b"csr")
        dense = np.zeros(tuple(sparse["shape"]), np.float32)
        for row, (begin, end) in enumerate(zip(sparse["indptr"], sparse["indptr"][1:])):
            dense[row, sparse["indices"][begin:end]] = sparse["data"][begin:end]
        np.testing.assert_array_equal(dense, codes)

    def test_every_kind_of_network_goes_the_same_way(self):
        sigmoid = {"activation": "sigmoid"}
        for options, expected in ((["--model", "rbm"], {"model": "rbm", **sigmoid}),
                                  (["--model", "wta-rbm"], {"model": "wta-rbm", **sigmoid}),
                                  (["--k-sparse", 4], {"model": "autoencoder", "activation": "identity"}),
                                  (["--kl-weight", 0.1], {"model": "autoencoder", **sigmoid})):
            self.train(*options, "--epochs", 15, "--lr", 0.01, "--overwrite")
            info = self.json("info", self.run_folder, "--json")
            self.assertEqual({key: info[key] for key in expected}, expected)
            result = self.json("classify", self.run_folder, "--json")
            self.assertLess(result["test_error_percent"], 30, options)
            self.wta("verify", self.run_folder)
            self.wta("filters", self.run_folder, "--out", "f.png")
            self.wta("reconstruct", self.run_folder, "--data", self.data, "--out", "r.npy")
            self.assertTrue(np.isfinite(np.load(self.folder / "r.npy")).all())
            self.wta("encode", self.run_folder, "--data", self.data, "--out", "c.npy")
            tensors, _ = read_safetensors(self.run_folder / "model.safetensors")
            linear = (self.x.reshape(600, -1) @ tensors["stages.0.encoder.0.weight"].T
                      + tensors["stages.0.encoder.0.bias"])
            codes = np.load(self.folder / "c.npy")
            if expected["activation"] == "sigmoid":
                np.testing.assert_allclose(codes, 1 / (1 + np.exp(-linear)), atol=1e-5)
            else:
                self.assertTrue(((codes != 0).sum(1) == 4).all())
                np.testing.assert_allclose(codes[codes != 0], linear[codes != 0], atol=1e-5)

    def test_the_free_energy_of_both_sets_is_watched(self):
        self.train("--model", "rbm")
        lines = [json.loads(line) for line in (self.run_folder / "metrics.jsonl").read_text().splitlines()]
        self.assertTrue(all(np.isfinite([line["free_energy"], line["held_out_free_energy"]]).all() for line in lines))

    def test_a_bare_model_file_is_classified_with_and_its_classifier_lies_beside_it(self):
        self.train()
        bare = self.folder / "bare" / "model.safetensors"
        bare.parent.mkdir()
        shutil.copy(self.run_folder / "model.safetensors", bare)
        self.assertIn("--data", self.wta("classify", bare, expect=2).stderr)
        self.wta("classify", bare, "--data", self.data)
        self.assertTrue((bare.parent / "classifier.safetensors").is_file())
        self.wta("predict", bare, "--data", self.data, "--out", "labels.csv")
        self.wta("predict", self.run_folder, "--data", self.data, "--out", "other.csv", expect=4)
        self.assertEqual(len((self.folder / "labels.csv").read_text().splitlines()), 201)

    def test_codes_on_the_disk_give_the_same_classifier(self):
        self.train()
        self.wta("classify", self.run_folder)
        before = (self.run_folder / "classifier.safetensors").read_bytes()
        # Some 50,000 bytes beside the reserve; the codes of 600 samples take 76,800.
        done = self.wta("classify", self.run_folder, environment={"WTA_MEMORY_GIB": "1.00005"})
        self.assertIn(f"temporary file in {self.run_folder}", done.stderr)
        self.assertEqual((self.run_folder / "classifier.safetensors").read_bytes(), before)

    def test_reconstruct_info_filters_verify(self):
        self.train("--epochs", 20)
        self.wta("reconstruct", self.run_folder, "--data", self.data, "--out", "r.npy")
        self.assertEqual(np.load(self.folder / "r.npy").shape, (200, 64))
        self.wta("reconstruct", self.run_folder / "model.safetensors", "--data", self.data, "--out", "r.png")
        self.wta("filters", self.run_folder, "--out", "f.png")
        self.assertEqual((self.folder / "f.png").read_bytes(), (self.run_folder / "filters.png").read_bytes())
        self.wta("filters", self.run_folder, "--out", "four.png", "--count", "4")
        # Width and height of the picture: two by two atoms of 8 x 8, magnified 30 times, and three gaps of 2.
        self.assertEqual(struct.unpack(">II", (self.folder / "four.png").read_bytes()[16:24]), (486, 486))
        info = self.json("info", self.run_folder, "--json")
        self.assertEqual((info["arch"], info["epochs"], info["seed"]), ("32fc", 20, 1))
        self.assertEqual(info["parameters"], 32 * 64 + 32 + 64)
        for key in ("dead_units", "explained_variance", "atom_delta_median", "filter_delta_median"):
            self.assertIn(key, info)
        self.assertIn("ok", self.wta("verify", self.run_folder).stdout)

    def test_pictures_of_maps_and_of_a_second_stage(self):
        (self.folder / "stack.toml").write_text(
            'epochs = 1\n[[stages]]\narch = "4conv3-4deconv3"\n[[stages]]\narch = "6conv3-6deconv3"\n')
        self.wta("train", "--recipe", "stack.toml", "--data", self.data, "--out", self.run_folder)
        size = lambda name: struct.unpack(">II", (self.folder / name).read_bytes()[16:24])
        self.wta("filters", self.run_folder, "--stage", 2, "--count", 1, "--out", "second.png")
        # One atom of (3 - 1) * 2 + 3 = 7 pixels (pooling 3/2), magnified 600 / 9 times, between two gaps of 2.
        self.assertEqual(size("second.png"), (7 * 66 + 4, 7 * 66 + 4))
        # The sample and four maps of 8 x 8 in four rows; of the second stage 7 x 7 pictures of its atoms.
        self.wta("maps", self.run_folder, "--data", self.data, "--index", 3, "--out", "maps.png")
        self.assertEqual(size("maps.png"), (5 * 8 * 12 + 12, 4 * 8 * 12 + 10))
        self.wta("maps", self.run_folder, "--data", self.data, "--stage", 2, "--count", 2, "--out", "maps2.png")
        self.assertEqual(size("maps2.png"), (3 * 8 * 20 + 8, 4 * 8 * 20 + 10))
        self.assertIn("index", self.wta("maps", self.run_folder, "--data", self.data, "--index", 200, "--out", "m.png",
                                        expect=2).stderr)
        self.assertIn("stage", self.wta("filters", self.run_folder, "--stage", 3, "--out", "f.png", expect=2).stderr)

    def test_report_is_one_page_of_the_data_of_the_run(self):
        self.train()
        done = self.wta("report", self.run_folder)
        self.assertIn("report of 32 features on 600 samples", done.stdout)
        page = (self.run_folder / "report.html").read_bytes()
        self.assertTrue(page.startswith(b"<!doctype html>"))
        self.assertNotIn(str(self.folder).encode(), page.split(b'id="data">')[0])
        self.wta("report", self.run_folder, "--threads", 1, "--out", "again.html")
        self.assertEqual((self.folder / "again.html").read_bytes(), page)
        self.assertIn("200 samples", self.wta("report", self.run_folder, "--split", "test").stdout)
        self.assertIn("4 features on 50 samples", self.wta("report", self.run_folder, "--samples", 50, "--count", 4).stdout)
        bare = shutil.copy(self.run_folder / "model.safetensors", self.folder)
        self.assertIn("--data", self.wta("report", bare, expect=2).stderr)
        self.wta("report", bare, "--data", self.data)
        self.wta("report", self.folder / "none", expect=4)
        np.save(self.folder / "small.npy", np.zeros((20, 4, 4), np.float32))
        self.wta("report", self.run_folder, "--data", "small.npy", expect=3)
        self.train("--overwrite")
        self.assertFalse((self.run_folder / "report.html").exists())

    def test_report_leaves_out_a_classifier_of_other_classes(self):
        self.train()
        self.wta("classify", self.run_folder)
        self.assertEqual(self.wta("report", self.run_folder).stderr, "")
        (self.folder / "labels.csv").write_text("label\n" + "".join(f"class {y}\n" for y in self.y))
        np.save(self.folder / "x.npy", self.x)
        done = self.wta("report", self.run_folder, "--data", "x.npy", "--label-file", "labels.csv")
        self.assertIn("no classification", done.stderr)
        self.assertNotIn(b'"classification":', (self.run_folder / "report.html").read_bytes())

    def test_the_model_does_not_depend_on_threads_paths_or_time(self):
        digests = set()
        for threads, name in ((1, "a"), (2, "b"), (3, "c")):
            out = self.folder / name
            self.wta("train", "--data", self.data, "--arch", "300fc", "--epochs", 2, "--threads", threads, "--out", out)
            digests.add(hashlib.sha256((out / "model.safetensors").read_bytes()).hexdigest())
        self.assertEqual(len(digests), 1)

    def test_recipe_flags_and_set_in_that_order(self):
        (self.folder / "recipe.toml").write_text('arch = "16fc"\nepochs = 1\nlr = 0.5\nlifetime = "20%"\n')
        self.wta("train", "--recipe", "recipe.toml", "--data", self.data, "--epochs", 2, "--lr", "0.01", "--set",
                 "lr=0.002", "--out", self.run_folder)
        options = json.loads(read_safetensors(self.run_folder / "model.safetensors")[1]["options"])
        self.assertEqual((options["arch"], options["epochs"], options["lr"], options["lifetime"]),
                         ("16fc", "2", "0.002", "20%"))

    def test_deep_and_untied_models(self):
        for more in (["--arch", "24fc-32fc"], ["--untied"], ["--optimizer", "sgd", "--lr", "0.01"], ["--lifetime", "off"]):
            self.train("--overwrite", *more)
            self.wta("verify", self.run_folder)

    def test_the_options_page_is_up_to_date(self):
        page = (pathlib.Path(__file__).parents[2] / "docs" / "options.md").read_text()
        self.assertIn(self.wta("options").stdout, page, "run ./dev docs")
