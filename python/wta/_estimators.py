"""The estimators: winner-take-all autoencoders, fully connected and convolutional, the WTA-RBM, and stacks of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._arrays import Array
from ._base import Base, option_text
from ._document import documented
from ._progress import Callback

Rate = float | str | None
Switch = bool | str


@documented
class FCWTA(Base):
    """Fully connected winner-take-all autoencoder: each unit keeps its largest activations across the mini-batch.

    Learns from X [N, D], or images, whose values count as D features. Source: Makhzani & Frey 2015.

    Attributes: model_ (what was learned), history_ (metrics of each epoch), n_features_in_,
    code_scale_ (with scale_codes).
    """

    def __init__(
        self,
        arch: str | int = "1000fc",
        *,
        lifetime: Rate = "auto",
        threshold_codes: bool = False,
        tied: Switch = "auto",
        epochs: int = 0,
        batch: int = 0,
        lr: float = 0.0,
        optimizer: str = "adam",
        momentum: float = 0.9,
        schedule: str = "cosine",
        warmup_fraction: float = 0.0,
        final_lr_fraction: float = 0.0,
        init_scale: float = 0.0,
        input_dropout: float = 0.0,
        hidden_dropout: float = 0.0,
        activation: str = "auto",
        k_sparse: int = 0,
        k_sparse_alpha: float = 1.0,
        k_sparse_start: int = 0,
        kl_weight: float = 0.0,
        kl_target: float = 0.05,
        preprocess: str = "none",
        zca_epsilon: float = 0.1,
        random_state: Any = 1,
        threads: int = 0,
        scale_codes: bool = False,
        sparse_output: bool = False,
        verbose: int = 0,
        callback: Callback | None = None,
    ) -> None:
        self.arch = arch
        self.lifetime = lifetime
        self.threshold_codes = threshold_codes
        self.tied = tied
        self.epochs = epochs
        self.batch = batch
        self.lr = lr
        self.optimizer = optimizer
        self.momentum = momentum
        self.schedule = schedule
        self.warmup_fraction = warmup_fraction
        self.final_lr_fraction = final_lr_fraction
        self.init_scale = init_scale
        self.input_dropout = input_dropout
        self.hidden_dropout = hidden_dropout
        self.activation = activation
        self.k_sparse = k_sparse
        self.k_sparse_alpha = k_sparse_alpha
        self.k_sparse_start = k_sparse_start
        self.kl_weight = kl_weight
        self.kl_target = kl_target
        self.preprocess = preprocess
        self.zca_epsilon = zca_epsilon
        self.random_state = random_state
        self.threads = threads
        self.scale_codes = scale_codes
        self.sparse_output = sparse_output
        self.verbose = verbose
        self.callback = callback

    def _options(self) -> dict[str, str]:
        arch = f"{self.arch}fc" if isinstance(self.arch, int) else self.arch
        return super()._options() | {"arch": arch}


@documented
class ConvWTA(Base):
    """Convolutional winner-take-all autoencoder: of each feature map the largest activation of an image survives, and
    of those the largest across the mini-batch.

    Learns from images, X [N, H, W] or [N, H, W, C], or from their rows [N, H*W*C] with image_shape. Codes are the
    max-pooled maps. arch="auto" is 128conv5-128conv5-128deconv11, with smaller filters where images are. Source: Makhzani & Frey 2015.

    Attributes: model_ (what was learned), history_ (metrics of each epoch), n_features_in_,
    code_scale_ (with scale_codes).
    """

    def __init__(
        self,
        arch: str = "auto",
        *,
        image_shape: tuple[int, ...] | None = None,
        lifetime: Rate = "auto",
        spatial: Switch = "auto",
        threshold_codes: bool = False,
        pool: str | tuple[int, int] | None = "auto",
        epochs: int = 0,
        batch: int = 0,
        lr: float = 0.0,
        optimizer: str = "adam",
        momentum: float = 0.9,
        schedule: str = "cosine",
        warmup_fraction: float = 0.0,
        final_lr_fraction: float = 0.0,
        init_scale: float = 0.0,
        input_dropout: float = 0.0,
        hidden_dropout: float = 0.0,
        preprocess: str = "none",
        zca_epsilon: float = 0.1,
        random_state: Any = 1,
        threads: int = 0,
        scale_codes: bool = False,
        sparse_output: bool = False,
        verbose: int = 0,
        callback: Callback | None = None,
    ) -> None:
        self.arch = arch
        self.image_shape = image_shape
        self.lifetime = lifetime
        self.spatial = spatial
        self.threshold_codes = threshold_codes
        self.pool = pool
        self.epochs = epochs
        self.batch = batch
        self.lr = lr
        self.optimizer = optimizer
        self.momentum = momentum
        self.schedule = schedule
        self.warmup_fraction = warmup_fraction
        self.final_lr_fraction = final_lr_fraction
        self.init_scale = init_scale
        self.input_dropout = input_dropout
        self.hidden_dropout = hidden_dropout
        self.preprocess = preprocess
        self.zca_epsilon = zca_epsilon
        self.random_state = random_state
        self.threads = threads
        self.scale_codes = scale_codes
        self.sparse_output = sparse_output
        self.verbose = verbose
        self.callback = callback

    def _as_read(self, samples: Array) -> Array:
        return as_images(samples, self.image_shape)

    def _options_for(self, samples: Array) -> dict[str, str]:
        if self.arch != "auto":
            return self._options()
        largest = max(samples.shape[1:3])
        side, decoder_side = (min(filters, largest - (largest + 1) % 2) for filters in (5, 11))
        return self._options() | {"arch": f"128conv{side}-128conv{side}-128deconv{decoder_side}"}


@documented
class WTARBM(Base):
    """Restricted Boltzmann machine whose hidden units compete across the mini-batch; model="rbm": one without.

    Learns from X [N, D], or images, whose values it reads as probabilities: preprocess="auto" scales each value's range
    to 0..1 where X leaves it. Source: Makhzani & Frey 2015; competition in both phases
    is ours.

    Attributes: model_ (what was learned), history_ (metrics of each epoch), n_features_in_,
    code_scale_ (with scale_codes).
    """

    def __init__(
        self,
        arch: str | int = "1000fc",
        *,
        model: str = "wta-rbm",
        lifetime: Rate = "auto",
        cd_steps: int = 1,
        cd_persistent: bool = False,
        cd_competition: str = "both",
        weight_decay: float = 0.0,
        epochs: int = 0,
        batch: int = 0,
        lr: float = 0.0,
        optimizer: str = "adam",
        momentum: float = 0.9,
        schedule: str = "cosine",
        warmup_fraction: float = 0.0,
        final_lr_fraction: float = 0.0,
        init_scale: float = 0.0,
        preprocess: str = "auto",
        zca_epsilon: float = 0.1,
        random_state: Any = 1,
        threads: int = 0,
        scale_codes: bool = False,
        sparse_output: bool = False,
        verbose: int = 0,
        callback: Callback | None = None,
    ) -> None:
        self.arch = arch
        self.model = model
        self.lifetime = lifetime
        self.cd_steps = cd_steps
        self.cd_persistent = cd_persistent
        self.cd_competition = cd_competition
        self.weight_decay = weight_decay
        self.epochs = epochs
        self.batch = batch
        self.lr = lr
        self.optimizer = optimizer
        self.momentum = momentum
        self.schedule = schedule
        self.warmup_fraction = warmup_fraction
        self.final_lr_fraction = final_lr_fraction
        self.init_scale = init_scale
        self.preprocess = preprocess
        self.zca_epsilon = zca_epsilon
        self.random_state = random_state
        self.threads = threads
        self.scale_codes = scale_codes
        self.sparse_output = sparse_output
        self.verbose = verbose
        self.callback = callback

    def _options(self) -> dict[str, str]:
        arch = f"{self.arch}fc" if isinstance(self.arch, int) else self.arch
        preprocess = "none" if self.preprocess == "auto" else self.preprocess
        return super()._options() | {"arch": arch, "preprocess": preprocess}

    def _options_for(self, samples: Array) -> dict[str, str]:
        if self.preprocess != "auto":
            return super()._options_for(samples)
        probable = samples.dtype == np.uint8 or (samples.min() >= 0 and samples.max() <= 1)
        return self._options() | {"preprocess": "none" if probable else "range"}


@documented
class WTAStack(Base):
    """Stages trained one after the other, each on the codes of those below.

    Attributes: model_ (what was learned), history_ (metrics of each epoch), n_features_in_,
    code_scale_ (with scale_codes).
    """

    def __init__(
        self,
        stages: list[Base] | None = None,
        *,
        codes: str | int = "top",
        random_state: Any = 1,
        threads: int = 0,
        scale_codes: bool = False,
        sparse_output: bool = False,
        verbose: int = 0,
        callback: Callback | None = None,
    ) -> None:
        self.stages = stages
        self.codes = codes
        self.random_state = random_state
        self.threads = threads
        self.scale_codes = scale_codes
        self.sparse_output = sparse_output
        self.verbose = verbose
        self.callback = callback

    def _estimators(self) -> list[Base]:
        if self.stages is None:
            return [FCWTA(lifetime="5%"), FCWTA(lifetime="2%")]
        if not self.stages:
            raise ValueError("stages: a stack needs at least one estimator; got none. Try: stages=None.")
        return self.stages

    def _options(self) -> dict[str, str]:
        return {}

    def _stages_for(self, samples: Array) -> list[dict[str, str]]:
        first, *others = self._estimators()
        for number, stage in enumerate(others, start=2):
            if getattr(stage, "arch", None) == "auto":
                raise ValueError(
                    f"stages: above the first, maps need an arch of their own; got arch='auto' in stage {number}. "
                    "Try: ConvWTA('256conv3-256deconv3')."
                )
        return [first._options_for(samples), *(stage._options() for stage in others)]

    def _as_read(self, samples: Array) -> Array:
        return self._estimators()[0]._as_read(samples)

    def _code_choice(self) -> str:
        return option_text(self.codes)


def as_images(samples: Array, image_shape: tuple[int, ...] | None) -> Array:
    """Rows [N, D] as images of that shape, None: of one line; images as they are."""
    if samples.ndim > 2:
        return samples
    shape = (1, samples.shape[1]) if image_shape is None else tuple(image_shape)
    size = 1
    for extent in shape:
        size *= extent
    if len(shape) not in (2, 3) or size != samples.shape[1]:
        raise ValueError(
            f"image_shape: (height, width) or (height, width, channels) of a row; got {shape} for rows of "
            f"{samples.shape[1]} values. Try: another image_shape."
        )
    return samples.reshape(samples.shape[0], *shape)
