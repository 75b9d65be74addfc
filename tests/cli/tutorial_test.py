"""The commands of docs/tutorial.md run as written, on a folder of small images."""

import pathlib
import re
import shlex
import struct
import zlib

import numpy as np

from tool import ToolTest

TUTORIAL = pathlib.Path(__file__).parents[2] / "docs" / "tutorial.md"


def write_png(path, values):
    """Values 0..1 as a grey image of twice the height and width, so that the tutorial's filters fit."""
    picture = np.kron(np.uint8(values * 255), np.ones((2, 2), np.uint8))
    height, width = picture.shape
    rows = b"".join(b"\0" + row.tobytes() for row in picture)
    chunks = (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
    content = b"\x89PNG\r\n\x1a\n"
    for kind, data in chunks:
        content += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


class Tutorial(ToolTest):
    def setUp(self):
        super().setUp()
        pictures = self.folder / "pictures"
        for part, images, labels in (("train", self.x, self.y), ("test", self.x_test, self.y_test)):
            for number, (image, label) in enumerate(zip(images, labels)):
                write_png(pictures / part / str(label) / f"{number:05}.png", image)
        for number in range(20):
            write_png(self.folder / "unsorted" / f"{number:02}.png", self.x_test[number])

    def test_its_commands_run_and_the_classes_are_right(self):
        blocks = re.findall(r"^```\n(.*?)^```", TUTORIAL.read_text(), re.DOTALL | re.MULTILINE)
        commands = [line for block in blocks for line in block.splitlines() if line.startswith("wta ")]
        self.assertGreater(len(commands), 8)
        printed = "".join(self.wta(*shlex.split(command)[1:]).stdout for command in commands)
        for kind in ("codes of 300 labelled", "raw values of 300 labelled", "codes of 600 labelled"):
            self.assertIn(kind, printed)
        classes = [line.split(",")[1] for line in (self.folder / "classes.csv").read_text().splitlines()[1:]]
        self.assertGreater(np.mean(np.array(classes, int) == self.y_test[:20]), 0.9)
        self.assertEqual(len(np.load(self.folder / "codes.npy")), 20)
        for picture in ("runs/pictures/filters.png", "most-used.png", "where.png", "copies.png"):
            self.assertGreater((self.folder / picture).stat().st_size, 100)
