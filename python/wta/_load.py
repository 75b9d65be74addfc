"""Models of the command line as estimators."""

from __future__ import annotations

import inspect
from math import prod
from os import PathLike
from typing import Any

from . import _core
from ._base import Base
from ._estimators import FCWTA, WTARBM, ConvWTA, WTAStack


def parameters_of(cls: type[Base], options: dict[str, str]) -> dict[str, Any]:
    """The options of a stage as parameters of the estimator, of the type that their defaults have."""
    parameters: dict[str, Any] = {}
    for name, parameter in inspect.signature(cls).parameters.items():
        if name not in options:
            continue
        default = parameter.default
        text = options[name]
        if isinstance(default, bool):
            parameters[name] = text == "true"
        elif isinstance(default, (int, float)):
            parameters[name] = type(default)(text)
        else:
            parameters[name] = text
    return parameters


def stage_estimator(options: dict[str, str]) -> Base:
    """An estimator, not fitted, with the options of a stage."""
    if options["model"] == "pca":
        raise ValueError("load: principal components have no estimator here. Try: sklearn.decomposition.PCA.")
    cls: type[Base] = WTARBM if options["model"] != "autoencoder" else ConvWTA if "conv" in options["arch"] else FCWTA
    return cls(**parameters_of(cls, options))


def load(path: str | PathLike[str]) -> Base:
    """The model of a run folder, or a model file, as the estimator that would have learned it, fitted.

    Raises OSError where there is none, ValueError for a damaged file.
    """
    return estimator_of(_core.Model.load(path))


def import_model(path: str | PathLike[str], format: str) -> Base:
    """The sparse autoencoder in a folder of SAELens ("saelens") or sparsify ("sparsify") as a fitted estimator.

    Raises OSError where there is none, ValueError for what is damaged or cannot be said here.
    """
    return estimator_of(_core.Model.import_from(path, format))


def estimator_of(model: _core.Model) -> Base:
    """The estimator that would have learned the model, fitted."""
    stages = [stage_estimator(model.options(stage)) for stage in range(model.stages)]
    estimator: Base = stages[0] if len(stages) == 1 else WTAStack(stages)
    shape = tuple(model.sample_shape)
    if isinstance(stages[0], ConvWTA):
        stages[0].image_shape = shape
    estimator.random_state = int(model.options(0).get("seed", 1))
    estimator.n_features_in_ = prod(shape)
    estimator.history_ = []
    estimator._trainer = None
    estimator._model = model
    return estimator
