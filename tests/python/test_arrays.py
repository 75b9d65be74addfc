"""Arrays are read where they are, and what cannot be read is named."""

import numpy as np
import pytest

import wta
from wta._arrays import check_samples


class Tensor:
    """What another framework's tensor shows of itself."""

    def __init__(self, array, requires_grad=False):
        self.array = array
        self.requires_grad = requires_grad

    def detach(self):
        return Tensor(self.array)

    def __dlpack__(self, **options):
        assert not self.requires_grad, "a tensor with a gradient cannot be handed over"
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


@pytest.mark.parametrize("dtype", [np.float32, np.uint8])
@pytest.mark.parametrize("shape", [(20, 16), (20, 4, 4), (20, 2, 4, 2)])
def test_contiguous_samples_are_not_copied(dtype, shape):
    X = np.ones(shape, dtype)
    samples = check_samples(wta.FCWTA(), X, reset=True)
    assert np.shares_memory(samples, X) and samples.shape == shape and samples.dtype == dtype


def test_tensors_of_other_frameworks_are_not_copied(few_digits):
    for tensor in (Tensor(few_digits), Tensor(few_digits, requires_grad=True)):
        assert np.shares_memory(check_samples(wta.FCWTA(), tensor, reset=True), few_digits)
    estimator = wta.FCWTA(16, epochs=1).fit(Tensor(few_digits))
    np.testing.assert_array_equal(estimator.transform(Tensor(few_digits)), estimator.transform(few_digits))


def test_samples_are_not_written_to(few_digits):
    X = few_digits.copy()
    X.flags.writeable = False
    wta.FCWTA(16, epochs=2, preprocess="normalize", input_dropout=0.5).fit(X).transform(X)
    np.testing.assert_array_equal(X, few_digits)


def test_other_types_become_float32(few_digits):
    expected = wta.FCWTA(16, epochs=1).fit(few_digits).transform(few_digits)
    for other in (few_digits.astype(np.float64), np.asfortranarray(few_digits), few_digits.tolist()):
        codes = wta.FCWTA(16, epochs=1).fit(other).transform(other)
        assert codes.dtype == np.float32
        np.testing.assert_array_equal(codes, expected)


def test_values_that_are_not_finite_are_refused(few_digits):
    for bad in (np.nan, np.inf):
        X = few_digits.copy()
        X[3, 5] = bad
        with pytest.raises(ValueError, match="NaN|infinity"):
            wta.FCWTA(16, epochs=1).fit(X)
