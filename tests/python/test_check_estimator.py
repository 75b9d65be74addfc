"""scikit-learn's own checks, with the estimators as they come and no failure expected."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

import wta

ESTIMATORS = [
    wta.FCWTA(),
    wta.ConvWTA(),
    wta.WTARBM(),
    wta.WTAStack(),
    wta.FCWTA(sparse_output=True),
    wta.FCWTA(scale_codes=True),
    wta.WTAStack([wta.FCWTA(20), wta.FCWTA(10)], codes="all"),
]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # units that are silent on a handful of samples
@parametrize_with_checks(ESTIMATORS)
def test_scikit_learn_accepts(estimator, check):
    check(estimator)
