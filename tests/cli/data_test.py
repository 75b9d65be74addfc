"""The named data sets: what the tool says of them, where it looks, what it refuses. Without network; the sets are made up."""

import os
import pty
import signal
import socket
import subprocess
import unittest

import numpy as np

from tool import TOOL, ToolTest


def idx(array):
    """An idx file of bytes."""
    extents = b"".join(extent.to_bytes(4, "big") for extent in array.shape)
    return bytes([0, 0, 8, array.ndim]) + extents + array.astype(np.uint8).tobytes()


class DataTest(ToolTest):
    def setUp(self):
        super().setUp()
        self.sets = self.folder / "sets"
        self.cache = self.folder / "cache"
        self.environment = {"WTA_DATA": str(self.sets), "XDG_CACHE_HOME": str(self.cache)}

    def write(self, name, content):
        path = self.sets / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def write_olivetti(self, people):
        pictures = np.arange(400 * 64 * 64).reshape(400, 64, 64) % 251
        self.write("olivetti/olivetti-images-idx3-ubyte", idx(pictures))
        self.write("olivetti/olivetti-labels-idx1-ubyte", idx(np.arange(400) % people))

    def write_frey(self, count):
        self.write("frey/frey-images-idx3-ubyte", idx(np.arange(count * 28 * 20).reshape(count, 28, 20) % 251))

    def write_mnist(self):
        for part, count in (("train", 3), ("t10k", 2)):
            self.write(f"mnist/{part}-images-idx3-ubyte", idx(np.zeros((count, 28, 28))))
            self.write(f"mnist/{part}-labels-idx1-ubyte", idx(np.arange(count)))

    def wta_data(self, *arguments, expect=0):
        return self.wta("data", *arguments, expect=expect, environment=self.environment)

    def refused(self, code, *words, arguments):
        done = self.wta(*arguments, expect=code, environment=self.environment)
        self.assertIn("wta: error:", done.stderr)
        self.assertEqual(done.stdout, "")
        for word in words:
            self.assertIn(word, done.stderr)

    def train_refused(self, code, *words, name):
        self.refused(code, *words, arguments=["train", "--data", name, "--arch", "8fc", "--out", self.run_folder])
        self.assertFalse(self.run_folder.exists(), "a refused run leaves no folder")

    def states(self):
        """{name: built in, here or not here}"""
        lines = self.wta_data("list").stdout.splitlines()
        return {line[:14].strip(): line[15:25].strip() for line in lines}

    def test_the_list_says_what_is_here(self):
        states = self.states()
        self.assertEqual(states.pop("digits"), "built in")
        self.assertEqual(set(states), {"mnist", "fashion-mnist", "cifar10", "svhn", "usps", "olivetti", "frey", "bsds300"})
        self.assertEqual(set(states.values()), {"not here"})
        self.write_frey(3)
        self.assertEqual([name for name, state in self.states().items() if state == "here"], ["frey"])
        self.assertIn("60000 + 10000", self.wta_data("list").stdout)

    def test_info_of_each_way_to_get_a_set(self):
        digits = self.wta_data("info", "digits").stdout
        self.assertIn("samples   60000 train, 10000 test, each [28,28]\nclasses   10\nstate     built in\nlicence   MIT\n", digits)
        self.assertNotIn("get  ", digits)
        mnist = self.wta_data("info", "mnist").stdout
        self.assertIn("state     not here\ndownload  11.6 MB\nget       wta data fetch mnist\n", mnist)
        self.write_frey(3)
        frey = self.wta_data("info", "frey").stdout
        self.assertIn("state     here\nget       save the frames of frey_rawface.mat", frey)
        self.assertIn("home      https://", frey)
        self.assertNotIn("download", frey)

    def test_fetch_where_nothing_is_to_be_fetched(self):
        self.assertEqual(self.wta_data("fetch", "digits").stdout, "digits is built in; there is nothing to fetch\n")
        self.write_frey(3)
        self.assertEqual(self.wta_data("fetch", "frey").stdout, f"{self.sets / 'frey'}\n")

    def test_refusals_name_rule_and_next_step(self):
        for verb in ("info", "fetch"):
            self.refused(2, "got 'mnits'", "Try: 'mnist'", arguments=["data", verb, "mnits"])
            self.assertIn("name is required", self.wta_data(verb, expect=2).stderr)
        self.assertIn("subcommand is required", self.wta_data(expect=2).stderr)
        self.refused(4, "olivettifaces.mat", "$WTA_DATA/olivetti", arguments=["data", "fetch", "olivetti"])
        self.environment |= {"XDG_CACHE_HOME": "", "HOME": ""}
        self.refused(4, "neither XDG_CACHE_HOME nor HOME", arguments=["data", "fetch", "mnist"])

    def test_a_set_that_is_not_here_names_the_folders(self):
        self.train_refused(4, str(self.sets / "olivetti"), str(self.cache / "wta" / "olivetti"), "--data digits", name="olivetti")
        self.write("olivetti/olivetti-images-idx3-ubyte", b"x")
        self.train_refused(4, "olivetti (olivetti-labels-idx1-ubyte missing)", name="olivetti")
        self.environment = {"WTA_DATA": "", "XDG_CACHE_HOME": "", "HOME": ""}
        self.train_refused(4, "looked in no folder, as neither WTA_DATA nor HOME is set", name="olivetti")

    def test_a_set_of_other_sizes_or_classes_is_refused(self):
        self.write_mnist()
        self.train_refused(3, "mnist must have 60000 + 10000 samples [28,28]; got 3 + 2 samples [28,28]",
                           "wta data fetch mnist", name="mnist")
        self.write_frey(3)
        self.train_refused(3, "frey must have 1965 + 0 samples [28,20]; got 3 + 0", "frey_rawface.mat", name="frey")
        self.write_olivetti(39)
        self.train_refused(3, "olivetti must have 40 classes; got 39", "olivettifaces.mat", name="olivetti")

    def test_a_whole_set_is_trained_on_by_name(self):
        self.write_olivetti(40)
        self.wta("train", "--data", "olivetti", "--arch", "8fc", "--epochs", 1, "--out", self.run_folder,
                 environment=self.environment)
        self.assertEqual(self.json("info", self.run_folder, "--json")["sample_shape"], [64, 64])

    def test_a_stopped_fetch_says_how_to_go_on(self):
        # A proxy that takes the request and never answers, in place of a network.
        with socket.create_server(("127.0.0.1", 0)) as proxy:
            address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
            own, terminal = pty.openpty()
            environment = {**os.environ, **self.environment, "https_proxy": address, "HTTPS_PROXY": address, "no_proxy": "",
                           "NO_PROXY": ""}
            with subprocess.Popen([TOOL, "data", "fetch", "mnist"], env=environment, stdout=subprocess.PIPE,
                                  stderr=terminal) as fetch:
                proxy.settimeout(60)
                connection, _ = proxy.accept()
                with connection:
                    shown = os.read(own, 1000)
                    fetch.send_signal(signal.SIGINT)
                    out, _ = fetch.communicate(timeout=60)
            os.close(terminal)
            shown = (shown + os.read(own, 10_000)).decode()
            os.close(own)
        self.assertEqual((fetch.returncode, out), (130, b""))
        self.assertIn("\rtrain-images-idx3-ubyte.gz 0.0 of 9.9 MB", shown)
        self.assertIn("stopped; the same command goes on from here", shown)


if __name__ == "__main__":
    unittest.main()
