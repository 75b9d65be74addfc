"""Shared data of the Python tests. WTA_TOOL names the command line tool, WTA_DATA a folder of real data sets."""

import os

import numpy as np
import pytest

import wta


@pytest.fixture(scope="session")
def digits():
    return wta.datasets.load("digits")


@pytest.fixture(scope="session")
def few_digits(digits):
    """300 digits, rows of 784 float32 values in 0..1."""
    return (digits.x_train[:300].reshape(300, -1) / np.float32(255)).astype(np.float32)


@pytest.fixture
def array_file(tmp_path, few_digits):
    """The same as images, in a file for the command line."""
    path = tmp_path / "digits.npz"
    np.savez(path, x_train=few_digits.reshape(-1, 28, 28), x_test=few_digits[:10].reshape(-1, 28, 28))
    return path


@pytest.fixture(scope="session")
def tool():
    path = os.environ.get("WTA_TOOL", "")
    if not path:
        pytest.skip("WTA_TOOL does not name the command line tool")
    return path
