"""Training in a terminal: one line that is written over and over, in place of a line per epoch."""

import os
import pty
import re
import subprocess

from tool import TOOL, ToolTest


class Terminal(ToolTest):
    def on_terminal(self, *arguments):
        """What a terminal is sent by the tool, whose results go elsewhere."""
        ours, its = pty.openpty()
        with subprocess.Popen([TOOL, *map(str, arguments)], cwd=self.folder, stdout=subprocess.DEVNULL, stderr=its) as tool:
            os.close(its)
            sent = b""
            try:
                while piece := os.read(ours, 4096):
                    sent += piece
            except OSError:  # how Linux says that the other end was closed
                pass
            os.close(ours)
        self.assertEqual(tool.returncode, 0, sent)
        return sent.decode()

    def test_a_bar_is_drawn_over_itself_and_ends_full(self):
        sent = self.on_terminal("train", "--data", self.data, "--arch", "32fc", "--epochs", 3, "--out", self.run_folder)
        bars = re.findall(r"\repoch (\d)/3 \[(=*)( *)\] loss \d+\.\d{3}  \d+ samples/s  (\d+:\d\d) left\x1b\[K", sent)
        self.assertTrue(bars, sent)
        self.assertTrue(all(len(filled) + len(rest) == 24 for _, filled, rest, _ in bars), sent)
        self.assertEqual(bars[-1], ("3", "=" * 24, "", "0:00"))
        self.assertNotIn("epoch 0: loss", sent)
        self.assertRegex(sent, r"left\x1b\[K\r\n", "what follows has a line of its own")
