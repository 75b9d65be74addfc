"""Event files of a run, read by TensorBoard's own reader."""

import json
import pathlib
import signal
import subprocess
import time

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import wta

SCALARS = ["loss", "explained_variance", "active_fraction", "dead_units", "learning_rate", "samples_per_second"]


def train(tool, *arguments):
    subprocess.run([tool, "train", *map(str, arguments)], check=True, capture_output=True)


def events_of(run):
    events = EventAccumulator(str(run), {"scalars": 0, "histograms": 0, "images": 0})  # 0: all of them
    events.Reload()
    return events


def metrics_of(run, stage=1):
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [line for line in lines if line["stage"] == stage]


def names(run):
    return sorted(path.name for path in pathlib.Path(run).glob("*tfevents*"))


def assert_scalars_are_the_metrics(events, run, stage=1):
    lines = metrics_of(run, stage)
    assert lines
    for name in SCALARS:
        values = events.Scalars(f"stage-{stage}/{name}")
        assert [value.step for value in values] == [line["step"] for line in lines]
        np.testing.assert_array_equal([value.value for value in values],
                                      np.float32([line[name] for line in lines]))


def test_scalars_are_those_of_the_metrics(tool, array_file, tmp_path):
    run = tmp_path / "run"
    before = time.time()
    train(tool, "--data", array_file, "--arch", "32fc", "--epochs", 3, "--out", run)
    events = events_of(run)
    assert names(run) == ["events.out.tfevents.stage-01"]
    assert events.file_version == 2.0
    assert sorted(events.Tags()["scalars"]) == sorted(f"stage-1/{name}" for name in SCALARS)
    assert_scalars_are_the_metrics(events, run)
    assert before <= events.Scalars("stage-1/loss")[0].wall_time <= time.time()


def test_an_rbm_shows_its_free_energies(tool, array_file, tmp_path):
    run = tmp_path / "run"
    train(tool, "--data", array_file, "--arch", "32fc", "--model", "rbm", "--epochs", 2, "--out", run)
    events = events_of(run)
    for name in ("free_energy", "held_out_free_energy"):
        np.testing.assert_array_equal([value.value for value in events.Scalars(f"stage-1/{name}")],
                                      np.float32([line[name] for line in metrics_of(run)]))


def filters_of(tool, run, *arguments):
    picture = run / "drawn.png"
    subprocess.run([tool, "filters", run, "--count", "100", *arguments, "--out", picture], check=True,
                   capture_output=True)
    return picture.read_bytes()


def test_the_picture_is_that_of_the_filters(tool, array_file, tmp_path):
    for arch in ("200fc", "4conv3-4deconv5"):
        run = tmp_path / arch
        train(tool, "--data", array_file, "--arch", arch, "--epochs", 1, "--out", run)
        [image] = events_of(run).Images("stage-1/filters")
        assert image.encoded_image_string == filters_of(tool, run)
        header = image.encoded_image_string[16:24]  # width and height stand first in a PNG file
        assert (image.width, image.height) == tuple(np.frombuffer(header, ">u4"))
        assert image.step == metrics_of(run)[0]["step"]


def assert_histogram_is_of(histogram, values):
    values = np.asarray(values, np.float64)
    assert (histogram.min, histogram.max, histogram.num) == (values.min(), values.max(), values.size)
    assert histogram.sum == pytest.approx(values.sum(), rel=1e-9, abs=1e-9)
    assert histogram.sum_squares == pytest.approx((values ** 2).sum(), rel=1e-9)
    assert len(histogram.bucket) == len(histogram.bucket_limit)
    edges = [values.min(), *histogram.bucket_limit]
    np.testing.assert_allclose(histogram.bucket, np.histogram(values, edges)[0], atol=1)  # on an edge: either


def test_histograms_are_of_the_weights_and_the_usage(tool, array_file, tmp_path):
    run = tmp_path / "run"
    train(tool, "--data", array_file, "--arch", "32fc", "--epochs", 1, "--untied", "--out", run)
    events = events_of(run)
    tags = ["usage", "thresholds", "encoder.0.weight", "encoder.0.bias", "decoder.weight"]
    assert sorted(events.Tags()["histograms"]) == sorted(f"stage-1/{tag}" for tag in tags)
    [atoms] = events.Histograms("stage-1/decoder.weight")
    assert_histogram_is_of(atoms.histogram_value, wta.load(run).filters().ravel())
    [usage] = events.Histograms("stage-1/usage")
    assert usage.histogram_value.num == 32
    assert usage.histogram_value.sum == pytest.approx(metrics_of(run)[0]["active_fraction"] * 32 * 300)


def test_the_stages_of_a_stack_have_groups_of_their_own(tool, array_file, tmp_path):
    recipe = tmp_path / "stack.toml"
    recipe.write_text('epochs = 3\n[[stages]]\narch = "4conv3-4deconv5"\n[[stages]]\narch = "16fc"\nepochs = 1\n')
    run = tmp_path / "run"
    train(tool, "--recipe", recipe, "--data", array_file, "--out", run)
    events = events_of(run)
    assert names(run) == ["events.out.tfevents.stage-01", "events.out.tfevents.stage-02"]
    for stage, epochs in ((1, 3), (2, 1)):
        assert len(metrics_of(run, stage)) == epochs
        assert_scalars_are_the_metrics(events, run, stage)
        assert events.Histograms(f"stage-{stage}/usage")[0].histogram_value.num == (4, 16)[stage - 1]
    assert events.Images("stage-1/filters")
    [image] = events.Images("stage-2/filters")
    assert image.encoded_image_string == filters_of(tool, run, "--stage", "2")


def kill_after_epochs(tool, run, epochs, *arguments):
    process = subprocess.Popen([tool, "train", *map(str, arguments), "--out", str(run)], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        lines = (run / "metrics.jsonl").read_text() if (run / "metrics.jsonl").exists() else ""
        if lines.count("\n") >= epochs:
            break
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)


# The first checkpoint, before any step, is the only one when the run is killed: all events lie beyond it.
# With one after every step the events up to the last stay.
@pytest.mark.parametrize("checkpoint_seconds", [1000, 0])
def test_a_killed_and_resumed_run_has_each_step_once(tool, array_file, tmp_path, checkpoint_seconds):
    run = tmp_path / "run"
    kill_after_epochs(tool, run, 5, "--data", array_file, "--arch", "64fc", "--epochs", 300, "--set",
                      f"checkpoint_seconds={checkpoint_seconds}")
    assert 5 <= len(events_of(run).Scalars("stage-1/loss")) < 300
    [name] = names(run)
    with open(run / name, "ab") as file:
        file.write(b"\x20\0\0\0\0\0\0\0half")  # what a kill in the middle of a write leaves
    train(tool, "--resume", "--out", run)
    assert len(metrics_of(run)) == 300
    assert_scalars_are_the_metrics(events_of(run), run)


def test_a_replaced_run_leaves_no_events(tool, array_file, tmp_path):
    recipe = tmp_path / "stack.toml"
    recipe.write_text('epochs = 2\n[[stages]]\narch = "32fc"\n[[stages]]\narch = "16fc"\n')
    run = tmp_path / "run"
    train(tool, "--recipe", recipe, "--data", array_file, "--out", run)
    (run / "events.out.tfevents.mine").write_bytes(b"")
    train(tool, "--data", array_file, "--arch", "32fc", "--epochs", 1, "--overwrite", "--out", run)
    assert names(run) == ["events.out.tfevents.mine", "events.out.tfevents.stage-01"]
    assert_scalars_are_the_metrics(events_of(run), run)
    train(tool, "--data", array_file, "--arch", "32fc", "--epochs", 1, "--overwrite", "--events", "off", "--out", run)
    assert names(run) == ["events.out.tfevents.mine"]


def test_events_change_no_bit_of_the_model(tool, array_file, tmp_path):
    models = []
    for events in ("on", "off"):
        run = tmp_path / events
        train(tool, "--data", array_file, "--arch", "4conv3-4deconv5", "--epochs", 2, "--events", events, "--out", run)
        models.append((run / "model.safetensors").read_bytes())
    assert models[0] == models[1]
