"""Training runs without the GIL, and Ctrl-C ends it."""

import signal
import subprocess
import sys
import threading
import time

import numpy as np

import wta

LONG = """
import numpy as np, wta
print("begin", flush=True)
try:
    wta.FCWTA(500, epochs=10**6).fit(np.random.default_rng(0).random((2000, 100), np.float32))
except KeyboardInterrupt:
    print("stopped", flush=True)
"""


def test_ctrl_c_ends_a_training_at_once():
    with subprocess.Popen([sys.executable, "-c", LONG], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "begin\n"
        time.sleep(1)
        begin = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "stopped\n"
        assert time.monotonic() - begin < 5


def test_other_threads_go_on_during_a_training():
    X = np.random.default_rng(0).random((2000, 200), np.float32)
    ended = threading.Event()
    estimator = wta.FCWTA(500, epochs=20, threads=1)

    def train():
        estimator.fit(X)
        ended.set()

    thread = threading.Thread(target=train)
    thread.start()
    turns = 0
    while not ended.is_set():
        turns += 1
        time.sleep(0.001)
    thread.join()
    assert turns > 20 and estimator.transform(X[:1]).shape == (1, 500)
