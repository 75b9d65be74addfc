"""Progress of a training: a bar where tqdm is installed, else a line per epoch."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from typing import Any

Metrics = dict[str, Any]
Callback = Callable[[Metrics], object]


def describe(metrics: Metrics) -> str:
    return (
        f"stage {metrics['stage']} epoch {metrics['epoch']}  loss {metrics['loss']:.4g}  "
        f"explained variance {metrics['explained_variance']:.3f}  dead units {metrics['dead_units']}"
    )


class Watch:
    """What a training calls: keeps the metrics of each epoch, shows progress, calls the user's function."""

    def __init__(self, verbose: int, callback: Callback | None) -> None:
        self.history: list[Metrics] = []
        self._callback = callback
        self._verbose = verbose
        self._bar: Any = None

    def __enter__(self) -> Watch:
        if self._verbose:
            try:
                from tqdm.auto import tqdm
            except ImportError:
                return self
            self._bar = tqdm(unit="step")
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def on_step(self, progress: Metrics) -> None:
        if self._bar is not None:
            self._bar.total = progress["steps"]
            self._bar.set_postfix(loss=f"{progress['loss']:.4g}", refresh=False)
            self._bar.update(progress["step"] - self._bar.n)

    def on_epoch(self, metrics: Metrics) -> None:
        self.history.append(metrics)
        if self._verbose and self._bar is None:
            print(describe(metrics), file=sys.stderr)
        if self._callback is not None:
            self._callback(metrics)

    @staticmethod
    def on_warning(message: str) -> None:
        warnings.warn(message, RuntimeWarning, stacklevel=2)
