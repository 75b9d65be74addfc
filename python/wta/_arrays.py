"""What users hand in, as the arrays that the library reads without a copy."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import validate_data

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float32]


def from_dlpack(X: Any) -> Any:
    """A tensor of another framework in the processor's memory as a NumPy array of the same memory."""
    if isinstance(X, np.ndarray) or not hasattr(X, "__dlpack__"):
        return X
    if getattr(X, "requires_grad", False):
        X = X.detach()
    return np.from_dlpack(X)


def check_samples(estimator: Any, X: Any, *, reset: bool) -> Array:
    """X as a contiguous array of float32, or uint8 where it is so; finite, with the features seen in fit.

    The first axis counts samples. Images, [N,H,W] or [N,H,W,C], count as rows of H*W*C features.
    """
    X = from_dlpack(X)
    image_axes: tuple[int, ...] = ()
    if isinstance(X, np.ndarray) and X.ndim in (3, 4):
        image_axes = X.shape[1:]
        X = X.reshape(X.shape[0], -1)
    rows: Array = validate_data(estimator, X, reset=reset, dtype=[np.float32, np.uint8], order="C")
    return rows.reshape(rows.shape[0], *image_axes) if image_axes else rows


def as_floats(X: Array) -> Floats:
    """Rows of float32 values as the library computes with them: uint8 is divided by 255."""
    rows = X.reshape(X.shape[0], -1)
    if rows.dtype == np.uint8:
        return rows.astype(np.float32) / np.float32(255)
    return np.ascontiguousarray(rows, dtype=np.float32)
