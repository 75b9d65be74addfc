"""What the estimators share: options as the library names them, training, codes, pictures."""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike
from typing import Any, Self

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from . import _core
from ._arrays import Array, Floats, as_floats, check_samples, from_dlpack
from ._progress import Metrics, Watch

_BLOCK = 4096
# Type of every option of the library, by name.
_OPTION_TYPES = {option["name"]: option["type"] for option in _core.option_table()}


def option_text(value: Any) -> str:
    """A parameter as the command line would take it: None is off, (5, 3) is 5/3."""
    if value is None:
        return "off"
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "/".join(str(part) for part in value)
    if isinstance(value, (float, np.floating)):
        return repr(float(value))
    return str(value)


class Base(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """An estimator whose parameters are options of the library, and the model that it learns."""

    random_state: Any
    threads: int
    scale_codes: bool
    sparse_output: bool
    verbose: int
    callback: Any
    n_features_in_: int
    history_: list[Metrics]
    code_scale_: float
    _model: _core.Model | None
    _trainer: _core.PartialFit | list[bytes] | None

    # --- what the estimators may say otherwise

    def _options(self) -> dict[str, str]:
        """Options of the stage: parameters that the option table knows, and what they imply."""
        parameters = self.get_params(deep=False)
        return {
            name: str(bool(value)).lower() if _OPTION_TYPES[name] == "switch" else option_text(value)
            for name, value in parameters.items()
            if name in _OPTION_TYPES
        }

    def _options_for(self, samples: Array) -> dict[str, str]:
        """The options where they depend on the samples, [N, ...] as they are read."""
        return self._options()

    def _stages_for(self, samples: Array) -> list[dict[str, str]]:
        """What differs from stage to stage; nothing for a single one."""
        return []

    def _as_read(self, samples: Array) -> Array:
        """Checked samples in the shape that the first stage reads."""
        return samples.reshape(samples.shape[0], -1)

    def _code_choice(self) -> str:
        """Whose codes transform gives."""
        return "top"

    # --- learning

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learns from samples X [N, D], or images [N, H, W] or [N, H, W, C]; y is not used.

        The same features, bit for bit, as `wta train` learns from the same samples with the same options.
        """
        samples = self._as_read(check_samples(self, X, reset=True))
        with Watch(self.verbose, self.callback) as watch:
            self._model = _core.fit(
                samples, *self._arguments(samples), watch.on_step, watch.on_epoch, watch.on_warning
            )
        self._trainer = None
        self.history_ = watch.history
        self._measure_codes(samples)
        return self

    def partial_fit(self, X: Any, y: Any = None) -> Self:
        """Learns on from more samples: one step per mini-batch, in the order of X, at a learning rate of lr.

        epochs and schedule are not used. After fit it learns on from what was learned there. When it is interrupted or
        fails, what the steps before learned stays.
        """
        samples = self._as_read(check_samples(self, X, reset=not hasattr(self, "_model")))
        trainer = self._current_trainer(samples)
        with Watch(0, self.callback) as watch:
            trainer.learn(samples, watch.on_step, watch.on_epoch, watch.on_warning)
        self._trainer = trainer
        self._model = None
        self.history_ = getattr(self, "history_", []) + watch.history
        self._measure_codes(samples)
        return self

    def _arguments(self, samples: Array) -> tuple[dict[str, str], list[dict[str, str]], int]:
        options = self._options_for(samples) | {"seed": str(self._seed())}
        return options, self._stages_for(samples), self.threads

    def _measure_codes(self, samples: Array) -> None:
        if self.scale_codes:
            squares = sum(float((codes.astype(np.float64) ** 2).sum()) for codes in self._codes_of(samples))
            self.code_scale_ = (squares / samples.shape[0]) ** 0.5 or 1.0

    def _seed(self) -> int:
        if isinstance(self.random_state, (int, np.integer)):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    def _current_trainer(self, samples: Array) -> _core.PartialFit:
        trainer = getattr(self, "_trainer", None)
        if isinstance(trainer, _core.PartialFit):
            return trainer
        arguments = self._arguments(samples)
        if trainer is not None:
            return _core.PartialFit.from_bytes(*arguments, trainer)
        if hasattr(self, "_model"):
            return _core.PartialFit.continue_from(*arguments, self.model_)
        return _core.PartialFit(*arguments)

    @property
    def model_(self) -> _core.Model:
        """The model that was learned."""
        check_is_fitted(self)
        if self._model is None:
            assert isinstance(self._trainer, _core.PartialFit)
            self._model = self._trainer.model()
        return self._model

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_model")

    # --- what it is for

    def transform(self, X: Any) -> Any:
        """Codes of X: float32 [N, features], a scipy CSR matrix with sparse_output. Competition is off."""
        check_is_fitted(self)
        samples = check_samples(self, X, reset=False)
        scale = self._scale()
        blocks = (codes if scale == 1 else codes / scale for codes in self._codes_of(samples))
        if self.sparse_output:
            return sparse.vstack([sparse.csr_matrix(block) for block in blocks], format="csr")
        return np.concatenate(list(blocks))

    def _codes_of(self, samples: Array) -> Iterator[Floats]:
        for block in _blocks_of(samples):
            yield self.model_.encode(as_floats(block), self._code_choice(), self.threads)

    def _scale(self) -> np.float32:
        """What transform divides codes by."""
        if self.scale_codes and not hasattr(self, "code_scale_"):
            raise ValueError(
                "scale_codes: codes are scaled by what fit or partial_fit measures; got a model that neither has seen. "
                "Try: scale_codes=True before fit, or sklearn.preprocessing.MaxAbsScaler after this estimator."
            )
        return np.float32(self.code_scale_ if self.scale_codes else 1)

    def inverse_transform(self, X: Any) -> Floats:
        """Codes of the top stage [N, features] back to samples [N, D], after preprocessing.

        Codes below their unit's threshold do not count (as with `wta reconstruct`); a pooled activation stands in
        the middle of its window.
        """
        check_is_fitted(self)
        if sparse.issparse(X):
            X = X.toarray()
        codes = np.ascontiguousarray(from_dlpack(X), dtype=np.float32)
        return self.model_.decode(codes * self._scale(), self.threads)

    def score(self, X: Any, y: Any = None) -> float:
        """Explained variance of the reconstruction of X by the first stage: 1 is perfect, 0 as good as the mean."""
        check_is_fitted(self)
        rows = as_floats(check_samples(self, X, reset=False))
        seen = self.model_.prepare(rows, self.threads).astype(np.float64)
        error = float(((self.model_.reconstruct(rows, self.threads) - seen) ** 2).sum())
        spread = float(((seen - seen.mean(axis=0)) ** 2).sum())
        return 1 - error / spread if spread > 0 else float(error == 0)

    @property
    def _n_features_out(self) -> int:
        return self.model_.code_size(self._code_choice())

    # --- looking at it

    def filters(self, stage: int = 1) -> Floats:
        """What the units of a stage stand for, most used first: [units, height, width, channels]."""
        check_is_fitted(self)
        atoms = self.model_.atoms(stage - 1)
        return atoms[self.model_.units_by_usage(stage - 1)]

    def plot_filters(self, count: int = 64, stage: int = 1, ax: Any = None) -> Any:
        """Draws the most used atoms as a grid, each scaled by itself (needs matplotlib). Returns the axes."""
        from ._plot import plot_filters

        return plot_filters(self.filters(stage)[:count], ax)

    def save(self, path: str | PathLike[str]) -> None:
        """Writes the model as a file that wta.load and the command line read."""
        self.model_.save(path)

    def export(self, path: str | PathLike[str], format: str = "onnx", stages: str = "top", license: str = "") -> str:
        """Writes the model in another program's format: onnx and safetensors are files; huggingface, saelens and
        sparsify folders. stages (of onnx): "top", "all" or a number from 1; license (of huggingface): what the card
        names. Returns what the format could not say, or "".

        Raises ValueError for what the format cannot hold, OSError.
        """
        check_is_fitted(self)
        return self.model_.export(path, format, stages, license)

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__()
        trainer = state.get("_trainer")
        if isinstance(trainer, _core.PartialFit):
            state |= {"_trainer": trainer.to_bytes(), "_model": self.model_}
        return state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags


def _blocks_of(samples: Array) -> Iterator[Array]:
    for begin in range(0, samples.shape[0], _BLOCK):
        yield samples[begin : begin + _BLOCK]
