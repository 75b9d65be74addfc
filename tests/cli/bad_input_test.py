"""Every mistake ends in its exit code and a message with the rule, the value and the next step."""

import gzip
import json
import resource
import signal
import subprocess

import numpy as np

from tool import TOOL, ToolTest


class BadInput(ToolTest):
    def refused(self, code, *words, arguments):
        done = self.wta(*arguments, expect=code)
        self.assertIn("wta: error:", done.stderr)
        self.assertEqual(done.stdout, "")
        for word in words:
            self.assertIn(word, done.stderr)

    def train_refused(self, code, *words, more):
        self.refused(code, *words, arguments=["train", "--data", self.data, "--arch", "8fc", "--epochs", 1, "--out",
                                              self.run_folder, *more])

    def data_refused(self, code, *words, name, content):
        path = self.folder / name
        path.write_bytes(content)
        self.refused(code, name, *words, arguments=["train", "--data", path, "--arch", "8fc", "--out", self.run_folder])
        self.assertFalse(self.run_folder.exists(), "a refused run leaves no folder")

    def test_options(self):
        self.train_refused(2, "'epochs'", more=["--set", "epoch=3"])
        self.train_refused(2, "--epochs", more=["--epoch=3"])
        self.train_refused(2, "'5%'", more=["--lifetime", "5"])
        for rate in ("0", "-5%", "101%", "1.5", "nan", "x"):
            self.train_refused(2, f"'{rate}'", "5%", more=[f"--lifetime={rate}"])
        for arch in ("0fc", "fc2000", "", "2000fc-784deconv11", "64conv5"):
            self.train_refused(2, "arch", "Try:", more=[f"--arch={arch}"])
        self.train_refused(2, "601", "600", more=["--batch", "601"])
        self.train_refused(2, ">= 0", more=["--epochs", "-1"])
        self.train_refused(2, "sgd|adam", more=["--optimizer", "adagrad"])
        self.train_refused(2, "tied", more=["--arch", "8fc-8fc", "--tied"])
        self.refused(2, "classify", arguments=["clasify"])
        self.refused(2, "bash, zsh or fish; got 'tcsh'", "wta completion bash", arguments=["completion", "tcsh"])
        self.refused(2, "--data", arguments=["train", "--arch", "8fc", "--out", self.run_folder])

    def test_options_of_other_models(self):
        self.train_refused(2, "autoencoder|rbm|wta-rbm", more=["--model", "dbm"])
        self.train_refused(2, "one fully connected layer", "8fc-9fc", "--arch 9fc", more=["--model", "rbm", "--arch", "8fc-9fc"])
        self.train_refused(2, "one weight matrix", "--tied", more=["--model", "rbm", "--untied"])
        self.train_refused(2, "spatial", more=["--model", "wta-rbm", "--spatial"])
        self.train_refused(2, "without dropout", more=["--model", "rbm", "--hidden-dropout", "0.5"])
        self.train_refused(2, "--model wta-rbm", more=["--model", "rbm", "--lifetime", "30%"])
        self.train_refused(2, "Gibbs chain", "--model rbm", more=["--cd-steps", "3"])
        self.train_refused(2, "at most all 8 units", more=["--k-sparse", "9"])
        self.train_refused(2, "are identity", more=["--k-sparse", "2", "--activation", "sigmoid"])
        self.train_refused(2, "kl_weight", "sigmoid", more=["--kl-weight", "1", "--activation", "relu"])
        np.save(self.folder / "wide.npy", 3 * self.x)
        self.refused(3, "from 0 to 1", "autoencoder", arguments=[
            "train", "--model", "rbm", "--data", "wide.npy", "--arch", "8fc", "--epochs", 1, "--out", self.run_folder])

    def test_what_cannot_be_reproduced(self):
        self.refused(2, "'tabel1'", "Try: 'table1'", arguments=["reproduce", "tabel1", "--out", "r"])
        self.refused(2, "--out", arguments=["reproduce", "table1"])
        self.assertFalse((self.folder / "r").exists())

    def test_missing_things(self):
        empty = {"WTA_DATA": str(self.folder / "nothing"), "XDG_CACHE_HOME": str(self.folder / "nothing")}
        done = self.wta("train", "--data", "mnist", "--out", self.run_folder, expect=4, environment=empty)
        self.assertIn("wta data fetch mnist", done.stderr)
        self.assertIn("--data digits", done.stderr)
        self.refused(4, "missing.npz", arguments=["train", "--data", "./missing.npz", "--out", self.run_folder])
        self.refused(4, "wta train", arguments=["info", self.run_folder])
        self.refused(2, "mnist", arguments=["train", "--data", "mnits", "--out", self.run_folder])
        self.train()
        self.refused(4, "wta classify", arguments=["predict", self.run_folder, "--data", self.data, "--out", "l.csv"])
        self.refused(4, arguments=["encode", self.run_folder, "--data", self.data, "--out", "no/such/folder/c.npy"])

    def test_damaged_arrays(self):
        np.save(self.folder / "good.npy", self.x)
        npy = (self.folder / "good.npy").read_bytes()
        npz = self.data.read_bytes()
        self.data_refused(3, name="cut.npy", content=npy[:-5])
        self.data_refused(3, name="long.npy", content=npy + b"x")
        self.data_refused(3, name="magic.npy", content=b"X" + npy[1:])
        self.data_refused(3, name="cut.npz", content=npz[:len(npz) // 2])
        self.data_refused(3, name="magic.npz", content=b"XX" + npz[2:])
        idx = bytes([0, 0, 8, 3, 0, 0, 0, 10, 0, 0, 0, 4, 0, 0, 0, 4]) + bytes(160)
        self.data_refused(3, "byte", name="cut-idx3-ubyte", content=idx[:-1])
        self.data_refused(3, "byte", name="long-idx3-ubyte", content=idx + b"x")
        self.data_refused(3, name="magic-idx3-ubyte", content=b"\1" + idx[1:])
        self.data_refused(3, name="cut-idx3-ubyte.gz", content=gzip.compress(idx)[:-9])
        self.data_refused(3, name="bomb-idx3-ubyte.gz", content=gzip.compress(idx + bytes(10_000_000)))

    def test_folders_of_images(self):
        images = self.folder / "images"
        images.mkdir()
        for name, width in (("a.pgm", 9), ("b.pgm", 12)):
            (images / name).write_bytes(b"P5 %d 8 255\n" % width + bytes(range(8 * width)))
        train = ["train", "--data", images, "--arch", "4fc", "--epochs", 1, "--out", self.run_folder]
        self.refused(3, "a.pgm", "b.pgm", "--patches", arguments=train)
        self.refused(2, "patch_size", "8 x 9", arguments=[*train, "--patches", 50, "--patch-size", 9])
        self.wta(*train, "--patches", 50, "--patch-size", 5)
        self.assertEqual(self.json("info", self.run_folder, "--json")["sample_shape"], [5, 5])
        (images / "notes.txt").write_text("x")
        self.refused(3, "notes.txt", arguments=["train", "--data", images, "--arch", "4fc", "--out", self.folder / "other"])

    def test_values_that_are_not_finite(self):
        for bad in (np.nan, np.inf):
            x = self.x.copy()
            x[5, 2, 3] = bad
            np.save(self.folder / "bad.npy", x)
            self.refused(3, "5", arguments=["train", "--data", "bad.npy", "--arch", "8fc", "--out", self.run_folder])

    def test_data_of_another_size(self):
        self.train()
        np.save(self.folder / "other.npy", self.x[:, :7])
        for verb, out in (("encode", "c.npy"), ("reconstruct", "r.png")):
            self.refused(3, "56", "64", arguments=[verb, self.run_folder, "--data", "other.npy", "--out", out])

    def test_an_existing_run_is_kept(self):
        self.train()
        before = (self.run_folder / "model.safetensors").read_bytes()
        self.train_refused(2, "--resume", "--overwrite", more=["--seed", "7"])
        self.train_refused(2, "seed", more=["--seed", "7", "--resume"])
        self.assertEqual((self.run_folder / "model.safetensors").read_bytes(), before)
        self.refused(2, "--resume", arguments=["train", "--data", self.data, "--arch", "8fc", "--resume", "--out",
                                               self.folder / "new"])

    def test_divergence_names_the_step_and_keeps_the_last_checkpoint(self):
        self.train_refused(6, "step", "--lr", more=["--lr", "1e9", "--epochs", "200"])
        self.wta("verify", self.run_folder)

    def test_a_full_disk_while_saving_keeps_the_old_checkpoint(self):
        self.train("--epochs", 2)
        before = (self.run_folder / "model.safetensors").read_bytes()

        def full_disk():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))

        # Where coverage is counted, the counts meet the full disk as well: they go elsewhere.
        done = self.wta("train", "--resume", "--out", self.run_folder, expect=4, preexec_fn=full_disk,
                        environment={"GCOV_PREFIX": str(self.folder)})
        self.assertIn("wta: error:", done.stderr)
        self.assertEqual((self.run_folder / "model.safetensors").read_bytes(), before)
        self.assertEqual([p for p in self.run_folder.rglob("*.tmp")], [])
        self.wta("verify", self.run_folder)

    def test_a_result_that_nobody_can_read_is_an_error(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([TOOL, "options"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 4)
        self.assertIn("wta: error: stdout: the result could not be written: No space left on device.", done.stderr)

    def test_labels_that_teach_no_classifier(self):
        np.save(self.folder / "x.npy", self.x)
        self.wta("train", "--data", "x.npy", "--arch", "8fc", "--epochs", 1, "--out", self.run_folder)
        classify = ["classify", self.run_folder, "--data", "x.npy"]
        self.refused(3, "the data must have labels; got none", "--label-file", arguments=classify)
        for lines, words in (("label\n" + "a\n" * len(self.x), ("labels.csv: labels must be of two classes", "got 1")),
                             ("index,label\n3,a\n7,b\n", ("too few labels to hold any out; got 2", "two or more"))):
            (self.folder / "labels.csv").write_text(lines)
            self.refused(3, *words, arguments=[*classify, "--label-file", "labels.csv"])
        self.assertFalse((self.run_folder / "classifier.safetensors").exists())

    def test_a_damaged_model_is_refused(self):
        self.train()
        model = self.run_folder / "model.safetensors"
        content = bytearray(model.read_bytes())
        content[-3] ^= 1
        model.write_bytes(content)
        self.refused(3, "SHA-256", arguments=["verify", self.run_folder])
        model.write_bytes(content[:100])
        self.refused(3, "model.safetensors", arguments=["info", self.run_folder])

    def test_a_classifier_without_names_predicts_numbers(self):
        self.train()
        self.wta("classify", self.run_folder)
        file = self.run_folder / "classifier.safetensors"
        content = file.read_bytes()
        length = int.from_bytes(content[:8], "little")
        header = json.loads(content[8:8 + length])
        for key in ("checksums", "data_sha256", "header_sha256"):
            header["__metadata__"].pop(key)
        header["__metadata__"]["class_names"] = "[]"
        text = json.dumps(header).encode()
        file.write_bytes(len(text).to_bytes(8, "little") + text + content[8 + length:])
        self.wta("predict", self.run_folder, "--data", self.data, "--out", "labels.csv")
        predicted = (self.folder / "labels.csv").read_text().splitlines()[1:]
        self.assertEqual(len(predicted), 200)
        self.assertTrue(all(line.split(",")[1] in "01234567" for line in predicted))
