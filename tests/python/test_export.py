"""What `export` writes, opened by other people's software, on 256 samples."""

import json
import os
import pathlib

import numpy as np
import onnx
import onnxruntime
import pytest
import safetensors.numpy

import wta

SAMPLES = 256
TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def images(digits):
    """256 real digits where WTA_DATA has them, else drawn ones: [N, 28, 28] float32 in 0..1."""
    if (pathlib.Path(os.environ.get("WTA_DATA", "")) / "mnist").is_dir():
        digits = wta.datasets.load("mnist")
    return digits.x_train[:SAMPLES].astype(np.float32) / np.float32(255)


def colours(images):
    """The same as coloured pictures with corners of their own, [N, 20, 24, 3]."""
    return np.ascontiguousarray(np.stack([images[:, :20, :24], images[:, 4:24, 2:26], images[:, 8:, 4:]], axis=-1))


MODELS = {
    "fc": lambda: wta.FCWTA(64, epochs=2),
    "deep fc": lambda: wta.FCWTA("48fc-32fc", epochs=1),
    "linear k-sparse": lambda: wta.FCWTA(64, lifetime="off", k_sparse=9, epochs=1),
    "sigmoid": lambda: wta.FCWTA(32, lifetime="off", activation="sigmoid", epochs=1),
    "thresholds": lambda: wta.FCWTA(64, threshold_codes=True, epochs=2),
    "rbm": lambda: wta.WTARBM(48, epochs=1),
    "maps": lambda: wta.ConvWTA("6conv5-8conv3-8deconv7", epochs=1),
    "maps with thresholds": lambda: wta.ConvWTA("6conv5-6deconv7", threshold_codes=True, epochs=1),
    "maps, pooled 3/2": lambda: wta.ConvWTA("6conv3-6deconv5", pool="3/2", epochs=1),
    "maps, not pooled": lambda: wta.ConvWTA("6conv3-6deconv5", pool="off", epochs=1),
    "range": lambda: wta.FCWTA(32, preprocess="range", epochs=1),
    "normalize": lambda: wta.FCWTA(32, preprocess="normalize", epochs=1),
    "local mean": lambda: wta.ConvWTA("6conv5-6deconv7", preprocess="normalize+local-mean7", epochs=1),
    "local contrast": lambda: wta.ConvWTA("6conv5-6deconv7", preprocess="local-contrast9", epochs=1),
    "zca": lambda: wta.FCWTA(32, preprocess="normalize+zca", epochs=1),
    "stack": lambda: wta.WTAStack([wta.FCWTA(48, epochs=1), wta.FCWTA(16, lifetime="20%", epochs=1)]),
    "stack of maps": lambda: wta.WTAStack(
        [wta.ConvWTA("6conv5-6deconv7", epochs=1), wta.ConvWTA("8conv3-8deconv3", epochs=1)]
    ),
}


def run(path, x):
    """The codes that onnxruntime computes; the file first passes ONNX's own checker."""
    onnx.checker.check_model(str(path), full_check=True)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (codes,) = session.run(None, {"x": x})
    return codes


def assert_same(path, estimator, x, expected):
    """x in the shape of the model's samples: rows for fully connected networks."""
    codes = run(path, x.reshape(len(x), *estimator.model_.sample_shape))
    assert codes.shape == expected.shape
    assert codes.std() > 0
    # A linear unit near the k-th place, or an activation near its threshold, may fall on either side.
    flipped = (codes == 0) != (expected == 0)
    assert flipped.mean() < 1e-4
    np.testing.assert_allclose(np.where(flipped, 0, codes), np.where(flipped, 0, expected), rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("name", MODELS)
def test_onnxruntime_computes_the_codes(name, images, tmp_path):
    estimator = MODELS[name]().fit(images)
    path = tmp_path / "encoder.onnx"
    assert estimator.export(path) == ""
    assert_same(path, estimator, images, estimator.transform(images))


def test_onnx_reads_colour_images(images, tmp_path):
    x = colours(images)
    estimator = wta.ConvWTA("6conv5-6deconv7", preprocess="normalize+local-mean5", epochs=1).fit(x)
    estimator.export(tmp_path / "encoder.onnx")
    assert_same(tmp_path / "encoder.onnx", estimator, x, estimator.transform(x))


@pytest.mark.parametrize("stages", ["all", "1"])
def test_onnx_gives_the_chosen_stages(stages, images, tmp_path):
    codes = "all" if stages == "all" else "top"
    stack = wta.WTAStack([wta.FCWTA(48, epochs=1), wta.FCWTA(16, epochs=1)], codes=codes).fit(images)
    stack.export(tmp_path / "encoder.onnx", stages=stages)
    expected = stack.transform(images) if stages == "all" else stack.model_.encode(images.reshape(SAMPLES, -1), "1", 1)
    assert_same(tmp_path / "encoder.onnx", stack, images, expected)


def test_onnx_is_of_the_promised_version_and_holds_its_weights(images, tmp_path):
    wta.FCWTA(32, epochs=1).fit(images).export(tmp_path / "encoder.onnx")
    model = onnx.load(tmp_path / "encoder.onnx", load_external_data=False)
    assert model.ir_version == 8
    assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", 17)]
    assert all(not tensor.external_data for tensor in model.graph.initializer)
    assert {entry.key: entry.value for entry in model.metadata_props}["wta.architecture"] == "32fc"


def test_the_safetensors_library_opens_an_export(images, tmp_path):
    estimator = wta.FCWTA(32, epochs=1).fit(images)
    estimator.export(tmp_path / "m.safetensors", format="safetensors")
    tensors = safetensors.numpy.load_file(tmp_path / "m.safetensors")
    rows = images.reshape(SAMPLES, -1)
    codes = np.maximum(0, rows @ tensors["stages.0.encoder.0.weight"].T + tensors["stages.0.encoder.0.bias"])
    np.testing.assert_allclose(codes, estimator.transform(images), atol=TOLERANCE)
    np.testing.assert_array_equal(wta.load(tmp_path / "m.safetensors").transform(images), estimator.transform(images))


def test_a_huggingface_folder_is_a_run(images, tmp_path):
    estimator = wta.FCWTA(32, epochs=1).fit(images)
    estimator.export(tmp_path / "card", format="huggingface", license="mit")
    np.testing.assert_array_equal(wta.load(tmp_path / "card").transform(images), estimator.transform(images))
    assert json.loads((tmp_path / "card" / "config.json").read_text())["code_size"] == 32
    assert 'license: "mit"' in (tmp_path / "card" / "README.md").read_text()


class SaeLens:
    """A folder by the rules of SAELens' loader and of its SAE classes (sae-lens 6.54), in NumPy."""

    def __init__(self, folder):
        self.config = json.loads((folder / "cfg.json").read_text())
        weights = safetensors.numpy.load_file(folder / "sae_weights.safetensors")
        assert int(self.config["metadata"]["sae_lens_version"].split(".")[0]) >= 6
        assert self.config["normalize_activations"] == "none" and self.config["reshape_activations"] == "none"
        inputs, units = self.config["d_in"], self.config["d_sae"]
        shapes = {"W_enc": (inputs, units), "W_dec": (units, inputs), "b_enc": (units,), "b_dec": (inputs,)}
        if self.config["architecture"] == "jumprelu":
            shapes["threshold"] = (units,)
        # The loader assigns with strict=True: no tensor too few and none too many.
        assert {name: tensor.shape for name, tensor in weights.items()} == shapes
        self.weights = weights

    def encode(self, x):
        w = self.weights
        before = (x - w["b_dec"] * self.config["apply_b_dec_to_input"]) @ w["W_enc"] + w["b_enc"]
        codes = np.maximum(0, before)
        if self.config["architecture"] == "jumprelu":
            return codes * (before > w["threshold"])
        if self.config["architecture"] == "topk":
            assert not self.config["rescale_acts_by_decoder_norm"]
            return keep_largest(codes, self.config["k"])
        assert self.config["architecture"] == "standard"
        return codes

    def decode(self, codes):
        return codes @ self.weights["W_dec"] + self.weights["b_dec"]


def keep_largest(codes, k):
    order = np.argsort(-codes, axis=1, kind="stable")[:, :k]
    kept = np.zeros_like(codes)
    np.put_along_axis(kept, order, np.take_along_axis(codes, order, axis=1), axis=1)
    return kept


def reconstruction(estimator, rows):
    return estimator.model_.reconstruct(rows, 1)


def test_saelens_reads_lifetime_sparsity_as_thresholds(images, tmp_path):
    rows = images.reshape(SAMPLES, -1)
    estimator = wta.FCWTA(64, epochs=3, tied="no").fit(rows)
    note = estimator.export(tmp_path / "sae", format="saelens")
    assert "threshold" in note
    sae = SaeLens(tmp_path / "sae")
    assert sae.config["architecture"] == "jumprelu"
    codes = sae.encode(rows)
    assert 0 < (codes > 0).mean() < (estimator.transform(rows) > 0).mean()
    np.testing.assert_allclose(sae.decode(codes), reconstruction(estimator, rows), atol=1e-4)


@pytest.mark.parametrize("options", [{"threshold_codes": True}, {"lifetime": "off"}, {"lifetime": "off", "k_sparse": 7, "activation": "relu"}])
def test_saelens_computes_our_codes(options, images, tmp_path):
    rows = images.reshape(SAMPLES, -1)
    estimator = wta.FCWTA(64, epochs=2, **options).fit(rows)
    assert estimator.export(tmp_path / "sae", format="saelens") == ""
    np.testing.assert_allclose(SaeLens(tmp_path / "sae").encode(rows), estimator.transform(rows), atol=TOLERANCE)
    back = wta.import_model(tmp_path / "sae", "saelens")
    np.testing.assert_allclose(back.transform(rows), estimator.transform(rows), atol=TOLERANCE)
    np.testing.assert_allclose(reconstruction(back, rows), reconstruction(estimator, rows), atol=1e-4)


def sparsify(folder, x):
    """Codes by the rules of sparsify's loader and encoder (eai-sparsify 1.3)."""
    config = json.loads((folder / "cfg.json").read_text())
    w = safetensors.numpy.load_file(folder / "sae.safetensors")
    units = config["num_latents"] or config["d_in"] * config["expansion_factor"]
    assert {name: tensor.shape for name, tensor in w.items()} == {
        "encoder.weight": (units, config["d_in"]),
        "encoder.bias": (units,),
        "W_dec": (units, config["d_in"]),
        "b_dec": (config["d_in"],),
    }
    assert config["activation"] == "topk" and not config["transcode"] and not config["skip_connection"]
    codes = keep_largest(np.maximum(0, (x - w["b_dec"]) @ w["encoder.weight"].T + w["encoder.bias"]), config["k"])
    return config, codes, codes @ w["W_dec"] + w["b_dec"]


def test_sparsify_computes_our_codes(images, tmp_path):
    rows = images.reshape(SAMPLES, -1)
    estimator = wta.FCWTA(64, lifetime="off", k_sparse=7, activation="relu", epochs=2).fit(rows)
    assert estimator.export(tmp_path / "sae", format="sparsify") == ""
    config, codes, reconstructed = sparsify(tmp_path / "sae", rows)
    assert config["k"] == 7
    np.testing.assert_allclose(codes, estimator.transform(rows), atol=TOLERANCE)
    np.testing.assert_allclose(reconstructed, reconstruction(estimator, rows), atol=1e-4)
    back = wta.import_model(tmp_path / "sae", "sparsify")
    np.testing.assert_allclose(back.transform(rows), estimator.transform(rows), atol=TOLERANCE)


def test_sparsify_keeps_as_many_as_competition_leaves(images, tmp_path):
    estimator = wta.FCWTA(64, epochs=1).fit(images)
    note = estimator.export(tmp_path / "sae", format="sparsify")
    assert "the 3 largest of 64" in note
    assert sparsify(tmp_path / "sae", images.reshape(SAMPLES, -1))[0]["k"] == 3


def test_half_precision_weights_of_others_are_read(images, tmp_path):
    rows = images.reshape(SAMPLES, -1)
    wta.FCWTA(32, epochs=1, threshold_codes=True).fit(rows).export(tmp_path / "sae", format="saelens")
    path = tmp_path / "sae" / "sae_weights.safetensors"
    weights = safetensors.numpy.load_file(path)
    exact = {name: tensor.astype(np.float16) for name, tensor in weights.items()}
    safetensors.numpy.save_file(exact, path)
    back = wta.import_model(tmp_path / "sae", "saelens")
    w = {name: tensor.astype(np.float32) for name, tensor in exact.items()}
    before = rows @ w["W_enc"] + w["b_enc"]
    expected = np.where(before > np.maximum(0, w["threshold"]), before, 0)
    np.testing.assert_allclose(back.transform(rows), expected, atol=TOLERANCE)


def test_what_a_format_cannot_hold_is_refused(images, tmp_path):
    maps = wta.ConvWTA("6conv5-6deconv7", epochs=1).fit(images)
    with pytest.raises(ValueError, match="saelens: the format holds one fully connected layer"):
        maps.export(tmp_path / "sae", format="saelens")
    with pytest.raises(ValueError, match="format: must be one of huggingface, onnx, saelens, safetensors, sparsify"):
        maps.export(tmp_path / "x", format="onxx")
    with pytest.raises(OSError):
        maps.export(tmp_path / "no" / "such" / "encoder.onnx")
