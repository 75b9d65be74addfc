"""Data sets by name or path, as the command line reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core


@dataclass(frozen=True)
class Dataset:
    """Samples [N, ...], uint8 or float32, and class numbers [N] (-1: unknown), where there are any."""

    name: str
    x_train: npt.NDArray[Any]
    y_train: npt.NDArray[np.int32] | None
    x_test: npt.NDArray[Any] | None
    y_test: npt.NDArray[np.int32] | None
    class_names: list[str]


def load(data: str, *, random_state: int = 1, **options: Any) -> Dataset:
    """A data set by name ("digits" is built in; names()) or path, with what `wta train` takes beside --data.

    Options: label_file, image_size, patches, patch_size. Without a split of its own a fifth is held out, drawn by
    random_state. Raises OSError where it is missing, ValueError for damaged files or unknown names.
    """
    texts = {name: str(value) for name, value in options.items()}
    return Dataset(**_core.load_dataset({"data": data} | texts, random_state, _core.available_threads()))


def names() -> list[str]:
    """Every name that load knows."""
    return [info["name"] for info in _core.known_datasets()]
