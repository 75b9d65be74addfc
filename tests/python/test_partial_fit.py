"""Learning from samples as they come."""

import pickle

import numpy as np
import pytest

import wta

MAKERS = [
    lambda: wta.FCWTA(32),
    lambda: wta.ConvWTA("4conv3-4deconv5", image_shape=(28, 28)),
    lambda: wta.WTARBM(32, cd_persistent=True),
    lambda: wta.WTAStack([wta.FCWTA(32), wta.FCWTA(16)]),
]


@pytest.mark.parametrize("make", MAKERS)
def test_a_pickled_estimator_learns_on_bit_for_bit(make, few_digits):
    straight = make()
    broken = make()
    for part in range(3):
        straight.partial_fit(few_digits[part * 100 : part * 100 + 100])
    broken.partial_fit(few_digits[:100])
    broken = pickle.loads(pickle.dumps(broken))
    broken.partial_fit(few_digits[100:200]).partial_fit(few_digits[200:])
    assert broken.model_.to_bytes() == straight.model_.to_bytes()


def test_loss_falls_with_more_parts(few_digits):
    estimator = wta.FCWTA(64)
    for _ in range(20):
        estimator.partial_fit(few_digits)
    losses = [metrics["loss"] for metrics in estimator.history_]
    assert len(losses) == 20 and losses[-1] < 0.7 * losses[0]


def test_it_learns_on_after_fit(few_digits):
    estimator = wta.FCWTA(64, epochs=10).fit(few_digits)
    before = estimator.model_.summary(0)["loss"]
    for _ in range(10):
        estimator.partial_fit(few_digits)
    assert estimator.model_.summary(0)["loss"] < before


def test_parts_may_be_smaller_than_a_batch(few_digits):
    estimator = wta.FCWTA(16, batch=100).partial_fit(few_digits[:7])
    assert estimator.transform(few_digits[:1]).shape == (1, 16)


def test_another_number_of_features_is_refused(few_digits):
    estimator = wta.FCWTA(16).partial_fit(few_digits)
    with pytest.raises(ValueError, match="784"):
        estimator.partial_fit(np.zeros((3, 10), np.float32))
