"""What the estimators promise beside scikit-learn's rules."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

import wta
from wta import _core


def fc(**options):
    return wta.FCWTA(32, epochs=2, **options)


def conv(**options):
    return wta.ConvWTA("4conv3-4deconv5", image_shape=(28, 28), epochs=1, **options)


def rbm(**options):
    return wta.WTARBM(32, epochs=2, **options)


def stack(**options):
    return wta.WTAStack([fc(), wta.FCWTA(16, epochs=1)], **options)


KINDS = pytest.mark.parametrize("make", [fc, conv, rbm, stack])


@KINDS
def test_codes_are_float32_and_of_the_promised_size(make, few_digits):
    estimator = make().fit(few_digits)
    codes = estimator.transform(few_digits)
    assert codes.dtype == np.float32
    assert codes.shape == (300, len(estimator.get_feature_names_out()))
    assert (codes >= 0).all() and codes.any()


@KINDS
def test_the_same_bits_for_any_number_of_threads(make, few_digits):
    one, two = (make(threads=threads).fit(few_digits).model_.to_bytes() for threads in (1, 2))
    assert one == two


@KINDS
def test_a_pickled_estimator_gives_the_same_codes(make, few_digits):
    estimator = make().fit(few_digits)
    again = pickle.loads(pickle.dumps(estimator))
    np.testing.assert_array_equal(again.transform(few_digits), estimator.transform(few_digits))


@KINDS
def test_sparse_output_holds_the_dense_codes(make, few_digits):
    dense = make().fit(few_digits).transform(few_digits)
    codes = make(sparse_output=True).fit(few_digits).transform(few_digits)
    assert codes.format == "csr"
    np.testing.assert_array_equal(codes.toarray(), dense)


@KINDS
def test_scaled_codes_have_a_mean_square_norm_of_one(make, few_digits):
    plain = make().fit(few_digits)
    scaled = make(scale_codes=True).fit(few_digits)
    codes = scaled.transform(few_digits)
    assert codes.dtype == np.float32
    assert (codes.astype(np.float64) ** 2).sum() / len(codes) == pytest.approx(1, rel=1e-5)
    np.testing.assert_allclose(codes * scaled.code_scale_, plain.transform(few_digits), rtol=1e-5)
    back = plain.inverse_transform(plain.transform(few_digits))
    np.testing.assert_allclose(scaled.inverse_transform(codes), back, atol=1e-5)
    again = pickle.loads(pickle.dumps(scaled))
    np.testing.assert_array_equal(again.transform(few_digits), codes)


def test_codes_are_scaled_by_the_last_part(few_digits):
    estimator = wta.FCWTA(32, scale_codes=True).partial_fit(few_digits[:100]).partial_fit(few_digits[100:])
    codes = estimator.transform(few_digits[100:]).astype(np.float64)
    assert (codes**2).sum() / 200 == pytest.approx(1, rel=1e-5)


def test_codes_are_not_scaled_by_what_nobody_measured(few_digits, tmp_path):
    fc().fit(few_digits).save(tmp_path / "model.safetensors")
    loaded = wta.load(tmp_path / "model.safetensors").set_params(scale_codes=True)
    with pytest.raises(ValueError, match="scale_codes: .* Try: scale_codes=True before fit"):
        loaded.transform(few_digits)


@KINDS
def test_codes_lead_back_to_samples(make, few_digits):
    estimator = make().fit(few_digits)
    back = estimator.inverse_transform(estimator.transform(few_digits))
    assert back.shape == few_digits.shape and np.isfinite(back).all()


def test_inverse_of_one_fc_stage_is_its_reconstruction(few_digits):
    estimator = fc().fit(few_digits)
    back = estimator.inverse_transform(estimator.transform(few_digits))
    np.testing.assert_allclose(back, estimator.model_.reconstruct(few_digits, 1), atol=1e-5)


def test_score_is_the_explained_variance_of_the_reconstruction(few_digits):
    estimator = wta.FCWTA(64, epochs=20).fit(few_digits)
    back = estimator.model_.reconstruct(few_digits, 1).astype(np.float64)
    spread = ((few_digits - few_digits.mean(axis=0, dtype=np.float64)) ** 2).sum()
    assert estimator.score(few_digits) == pytest.approx(1 - ((back - few_digits) ** 2).sum() / spread)
    assert 0.2 < estimator.score(few_digits) < 1


def test_images_are_their_rows(few_digits):
    images = few_digits.reshape(-1, 28, 28)
    from_rows = conv().fit(few_digits)
    from_images = wta.ConvWTA("4conv3-4deconv5", epochs=1).fit(images)
    assert from_images.model_.to_bytes() == from_rows.model_.to_bytes()
    assert from_images.n_features_in_ == 784
    np.testing.assert_array_equal(from_images.transform(images), from_rows.transform(few_digits))


def test_uint8_counts_as_255ths(digits, few_digits):
    estimator = fc().fit(digits.x_train[:300])
    np.testing.assert_allclose(estimator.transform(digits.x_train[:300]), fc().fit(few_digits).transform(few_digits), rtol=1e-5, atol=1e-6)


def test_a_wrong_image_shape_is_refused_by_name(few_digits):
    with pytest.raises(ValueError, match=r"image_shape.*\(10, 10\).*784"):
        wta.ConvWTA(image_shape=(10, 10)).fit(few_digits)


def test_a_wrong_option_is_refused_by_name(few_digits):
    with pytest.raises(ValueError, match="lifetime.*5%"):
        wta.FCWTA(lifetime=5).fit(few_digits)


def test_callback_sees_every_epoch_and_may_stop(few_digits):
    seen = []
    estimator = fc(callback=seen.append).fit(few_digits)
    assert [metrics["epoch"] for metrics in seen] == [1, 2] and seen == estimator.history_

    def stop(_):
        raise StopIteration

    with pytest.raises(StopIteration):
        fc(callback=stop).fit(few_digits)


def test_parameters_are_the_options_of_the_library():
    table = {option["name"]: option["default"] for option in _core.option_table() if option["decides_result"]}
    covered = {"seed"}
    for cls in (wta.FCWTA, wta.ConvWTA, wta.WTARBM):
        parameters = cls().get_params()
        covered |= set(parameters) & set(table)
        own = {"arch", "model"} | ({"preprocess"} if cls is wta.WTARBM else set())
        for name in set(parameters) & set(table) - own:
            value = parameters[name]
            text = str(value).lower() if isinstance(value, bool) else str(value).removesuffix(".0")
            assert text == table[name], f"{cls.__name__}: the default of {name}"
    assert covered == set(table)


def test_parameters_are_described_in_the_docstring():
    assert "lifetime : default 'auto'" in wta.FCWTA.__doc__
    assert "competition" in wta.ConvWTA.__doc__.split("lifetime :")[1].split("\n")[1].lower() or "keeps" in wta.ConvWTA.__doc__


def test_it_works_in_a_pipeline_and_a_grid_search(digits, few_digits):
    labels = digits.y_train[:300]
    pipeline = make_pipeline(wta.FCWTA(64, epochs=5), LinearSVC())
    search = GridSearchCV(pipeline, {"fcwta__lifetime": ["5%", "20%"]}, cv=3).fit(few_digits, labels)
    assert search.best_score_ > 0.6
    assert clone(pipeline).get_params()["fcwta__epochs"] == 5


def test_maps_above_the_first_stage_ask_for_an_arch(digits):
    stack = wta.WTAStack([wta.ConvWTA("4conv3-4deconv3", epochs=1), wta.ConvWTA(epochs=1)])
    with pytest.raises(ValueError, match="stages: above the first, maps need an arch.*in stage 2. Try: ConvWTA"):
        stack.fit(digits.x_train[:100])


def test_maps_and_machines_stand_above_their_like(digits):
    maps = wta.WTAStack([wta.ConvWTA("4conv3-4deconv3", epochs=1), wta.ConvWTA("6conv3-6deconv3", epochs=1)])
    assert maps.fit(digits.x_train[:100]).transform(digits.x_train[:5]).std() > 0
    machines = wta.WTAStack([wta.WTARBM(16, epochs=1), wta.WTARBM(8, epochs=1)])
    assert machines.fit(digits.x_train[:100]).transform(digits.x_train[:5]).shape == (5, 8)
