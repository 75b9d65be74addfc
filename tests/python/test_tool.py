"""The command line and the package learn the same, and read each other's models."""

import json
import subprocess

import numpy as np
import pytest

import wta
from wta import _core

CASES = {
    "fc": (["--arch", "32fc"], lambda: wta.FCWTA(32, epochs=2, batch=50)),
    "conv": (["--arch", "4conv3-4deconv5"], lambda: wta.ConvWTA("4conv3-4deconv5", epochs=2, batch=50)),
    "rbm": (["--arch", "32fc", "--model", "wta-rbm"], lambda: wta.WTARBM(32, epochs=2, batch=50)),
}


def train(tool, *arguments):
    subprocess.run([tool, "train", *map(str, arguments)], check=True, capture_output=True)


@pytest.mark.parametrize("case", CASES)
def test_both_learn_the_same_bits(case, tool, array_file, tmp_path, few_digits):
    options, make = CASES[case]
    run = tmp_path / "run"
    train(tool, "--data", array_file, *options, "--epochs", 2, "--batch", 50, "--out", run)
    images = few_digits.reshape(-1, 28, 28)
    ours = make().fit(images)
    theirs = wta.load(run)
    assert type(theirs) is type(ours)
    np.testing.assert_array_equal(theirs.transform(images), ours.transform(images))
    assert theirs.get_params()["batch"] == 50


def test_a_stack_of_the_tool_is_a_stack_here(tool, array_file, tmp_path, few_digits):
    recipe = tmp_path / "stack.toml"
    recipe.write_text('epochs = 2\n[[stages]]\narch = "32fc"\n[[stages]]\narch = "16fc"\nlifetime = "20%"\n')
    run = tmp_path / "run"
    train(tool, "--recipe", recipe, "--data", array_file, "--out", run)
    ours = wta.WTAStack([wta.FCWTA(32, epochs=2), wta.FCWTA(16, epochs=2, lifetime="20%")], codes="all")
    rows = few_digits
    theirs = wta.load(run)
    theirs.set_params(codes="all")
    np.testing.assert_array_equal(theirs.transform(rows), ours.fit(rows).transform(rows))


def test_the_tool_reads_a_saved_model(tool, tmp_path, few_digits):
    estimator = wta.FCWTA(32, epochs=1).fit(few_digits)
    path = tmp_path / "model.safetensors"
    estimator.save(path)
    done = subprocess.run([tool, "info", path, "--json"], check=True, capture_output=True, text=True)
    assert json.loads(done.stdout)["arch"] == "32fc"
    np.testing.assert_array_equal(wta.load(path).transform(few_digits), estimator.transform(few_digits))


def test_missing_and_damaged_files_are_named(tmp_path):
    with pytest.raises(OSError, match="no model here"):
        wta.load(tmp_path / "none")
    (tmp_path / "model.safetensors").write_bytes(b"nonsense")
    with pytest.raises(wta.DataError, match="model.safetensors"):
        wta.load(tmp_path)
    assert issubclass(wta.DataError, ValueError) and _core.available_threads() >= 1
