"""`wta explore`: what its server answers, and the page that follows a training."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time

import numpy as np
from conftest import TOOL, bars, wta

SAMPLES = 200


@contextlib.contextmanager
def explore(folder, run, *options):
    """The port of a server that ends with the block, by Ctrl-C and with its exit code."""
    process = subprocess.Popen([TOOL, "explore", run, *map(str, options)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, cwd=folder)
    try:
        address = process.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", address), address + process.stderr.read()
        yield int(address.rstrip("/").rpartition(":")[2])
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
    finally:
        process.kill()
        process.communicate()


def ask(port, path, method="GET", host=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, headers={"Host": host or f"127.0.0.1:{port}", **headers})
    response = connection.getresponse()
    return response.status, response.headers, response.read().decode()


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError("waited in vain")


def test_serves_the_report_and_its_metrics(work):
    with explore(work, "bars") as port:
        status, headers, page = ask(port, "/")
        assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert '"run":"bars"' in page and '"live":' in page
        for rule in ("default-src 'none'", "frame-ancestors 'none'", "connect-src 'self'"):
            assert rule in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        status, headers, text = ask(port, "/metrics.json")
        answer = json.loads(text)
        assert (status, answer["state"], len(answer["metrics"])) == (200, "finished", 4)
        lines = [json.loads(line) for line in (work / "bars" / "metrics.jsonl").read_text().splitlines()]
        assert answer["metrics"] == lines


def test_answers_nothing_else(work):
    (work / "bars" / "secret.txt").write_text("secret")
    with explore(work, "bars") as port:
        for path in ("/secret.txt", "/model.safetensors", "/../data.npz", "/%2e%2e/data.npz", "//etc/passwd", "/..%2fdata.npz",
                     "/metricsXjson", "/metrics.json/../secret.txt", "/index.html", "/metrics.jsonl", "/./", "/favicon.ico"):
            status, _, text = ask(port, path)
            assert status == 404, path
            assert "secret" not in text and "PK" not in text
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            assert ask(port, "/", method)[0] in (400, 404)


def test_refuses_requests_under_another_name(work):
    with explore(work, "bars") as port:
        for host in ("evil.example", f"evil.example:{port}", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1"):
            for path in ("/", "/metrics.json"):
                status, _, text = ask(port, path, host=host)
                assert status == 403 and "bars" not in text, host
        assert ask(port, "/metrics.json", host=f"localhost:{port}")[0] == 200


def test_listens_on_the_loopback_address_alone(work):
    with explore(work, "bars") as port:
        with open("/proc/net/tcp", encoding="ascii") as table:
            listening = [line.split()[1] for line in table.readlines()[1:] if line.split()[3] == "0A"]
        assert [address for address in listening if address.endswith(f":{port:04X}")] == [f"0100007F:{port:04X}"]
        with open("/proc/net/tcp6", encoding="ascii") as table:
            assert not [line for line in table.readlines()[1:] if line.split()[1].endswith(f":{port:04X}")]


def test_the_port_can_be_chosen_and_a_taken_one_is_refused(work):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run([TOOL, "explore", "bars", "--port", str(port)], capture_output=True, text=True, cwd=work,
                              timeout=60, check=False)
        assert done.returncode == 4 and f"port {port}" in done.stderr
    with explore(work, "bars", "--port", port) as chosen:
        assert chosen == port
        assert subprocess.run([TOOL, "explore", "bars", "--port", str(port)], capture_output=True, cwd=work, timeout=60,
                              check=False).returncode == 4


def test_a_folder_without_a_run_is_refused(work):
    (work / "nothing").mkdir()
    done = subprocess.run([TOOL, "explore", "nothing"], capture_output=True, text=True, cwd=work, timeout=60, check=False)
    assert done.returncode == 4 and "no run" in done.stderr


@contextlib.contextmanager
def training(folder, run, *options):
    process = subprocess.Popen([TOOL, "train", "--data", "data.npz", "--arch", "40fc", "--out", run, *map(str, options)],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
    try:
        wait_for((folder / run / "metrics.jsonl").exists)
        yield process
    finally:
        process.kill()
        process.wait()


def text_of(browser, name):
    return browser.run("return document.getElementById(arguments[0]).textContent", name)


def test_the_page_follows_a_training(browser, work):
    with training(work, "live", "--epochs", 1000000, "--set", "checkpoint_seconds=1") as process, \
            explore(work, "live", "--samples", SAMPLES) as port:
        first = json.loads(ask(port, "/metrics.json")[2])
        assert first["state"] == "training"
        browser.show(f"http://127.0.0.1:{port}/")
        wait_for(lambda: text_of(browser, "live-text") == "Training goes on.")
        epoch = lambda: int(re.sub(r"\D", "", text_of(browser, "training-note").split(" epoch")[0]) or 0)
        before = epoch()
        wait_for(lambda: epoch() > before)
        wait_for(lambda: not browser.run("return document.getElementById('reload').hidden"))
        version = browser.run("return report.live.version")
        browser.driver.find_element("id", "reload").click()
        wait_for(lambda: browser.run("return report.live.version") != version)
        assert browser.errors() == []
        assert {address.rpartition("/")[0] for address in browser.requests()} == {f"http://127.0.0.1:{port}"}
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert ask(port, "/metrics.json")[0] == 200
    wait_for(lambda: "has ended" in text_of(browser, "live-text"))


def test_a_training_that_stands_still_is_told_from_one_that_is_finished(work):
    wta("train", "--data", "data.npz", "--arch", "20fc", "--epochs", 3, "--out", "still", folder=work)
    run = work / "still"
    with explore(work, "still", "--samples", SAMPLES) as port:
        state = lambda: json.loads(ask(port, "/metrics.json")[2])["state"]
        assert state() == "finished"
        lines = (run / "metrics.jsonl").read_text().splitlines(keepends=True)
        (run / "metrics.jsonl").write_text("".join(lines[:2]) + lines[2][:20])  # a line that is being written
        assert state() == "training"
        assert len(json.loads(ask(port, "/metrics.json")[2])["metrics"]) == 2
        for file in [*run.iterdir(), *(run / "checkpoints").iterdir()]:
            os.utime(file, (time.time() - 1000,) * 2)
        assert state() == "stopped"


def test_a_run_without_a_model_file_shows_its_checkpoint_and_one_without_any_its_curves(work):
    wta("train", "--data", "data.npz", "--arch", "20fc", "--epochs", 2, "--out", "early", folder=work)
    run = work / "early"
    (run / "model.safetensors").unlink()
    with explore(work, "early", "--samples", SAMPLES) as port:
        assert '"arch":"20fc"' in ask(port, "/")[2]
        for file in (run / "checkpoints").iterdir():
            file.unlink()
        assert json.loads(ask(port, "/metrics.json")[2])["version"] == ""
        page = ask(port, "/")[2]
        assert '"stages":[]' in page and '"metrics":[{' in page


def test_what_cannot_be_shown_is_said(work):
    np.savez(work / "gone.npz", x_train=bars(100, 1)[0], x_test=bars(20, 2)[0])
    wta("train", "--data", "gone.npz", "--arch", "8fc", "--epochs", 1, "--out", "gone", folder=work)
    (work / "gone.npz").unlink()
    with explore(work, "gone") as port:
        status, _, text = ask(port, "/")
        assert status == 503 and "gone.npz" in text
        assert ask(port, "/metrics.json")[0] == 200
