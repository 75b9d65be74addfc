"""Chromium for the tests of the pages; without it they are skipped, all of them and by name."""

import json
import os
import pathlib
import shutil
import subprocess

import numpy as np
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

TOOL = os.environ["WTA_TOOL"]
SKIPPED = 77
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}


def pytest_configure():
    for program in ("chromium", "chromedriver"):
        if shutil.which(program) is None:
            pytest.exit(f"skipped: {program} is not installed. Try: ./dev setup test", returncode=SKIPPED)


def wta(*arguments, folder):
    done = subprocess.run([TOOL, *map(str, arguments)], capture_output=True, text=True, cwd=folder, timeout=120, check=False)
    assert done.returncode == 0, f"wta {' '.join(map(str, arguments))}\n{done.stdout}{done.stderr}"
    return done


def bars(count, seed):
    """8x8 pictures of one bright row (classes 0..3) or column (4..7) in noise, and their classes."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 8, count)
    pictures = rng.random((count, 8, 8)).astype(np.float32) * 0.4
    for picture, label in zip(pictures, labels):
        picture[(2 * label,) if label < 4 else (slice(None), 2 * (label - 4))] += 0.6
    return pictures, labels.astype(np.int64)


class Browser:
    """One tab, with what it logged and what it asked the network for since it was opened."""

    def __init__(self):
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update", "--hide-scrollbars"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))

    def show(self, address, size="desktop", scheme="light"):
        width, height = SIZES[size]
        command = self.driver.execute_cdp_cmd
        command("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1,
                                                       "mobile": size == "phone"})
        command("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        self.driver.get("about:blank")
        self.driver.get_log("browser")
        self.driver.get_log("performance")
        self.driver.get(address)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def errors(self):
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    def requests(self):
        """Every address that was asked for, pictures inside the page apart."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        addresses = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
        return [address for address in addresses if not address.startswith("data:")]


@pytest.fixture(scope="session")
def browser():
    browser = Browser()
    yield browser
    browser.driver.quit()


@pytest.fixture(scope="session")
def work(tmp_path_factory):
    """A folder with data.npz and a run `bars` on it that has been classified."""
    folder = tmp_path_factory.mktemp("web")
    (x, y), (x_test, y_test) = bars(600, 1), bars(200, 2)
    np.savez(folder / "data.npz", x_train=x, y_train=y, x_test=x_test, y_test=y_test)
    wta("train", "--data", "data.npz", "--arch", "40fc", "--epochs", 4, "--out", "bars", folder=folder)
    wta("classify", "bars", folder=folder)
    return pathlib.Path(folder)


def report(folder, run, *options):
    """Makes the report of a run and returns the file."""
    wta("report", run, *options, folder=folder)
    return folder / run / "report.html"
