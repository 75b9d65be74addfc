"""Parameters of the estimators, described by the option table."""

from __future__ import annotations

import inspect
from typing import Any, TypeVar

from . import _core

_Class = TypeVar("_Class", bound=type[Any])
_OPTIONS = {option["name"]: option for option in _core.option_table()}
# What is not an option of a stage, or is called otherwise here.
_OTHERS = {
    "image_shape": "(height, width) or (height, width, channels) of the rows of a two-dimensional X; None: a row is an "
    "image of one line. X of three or four axes has its own.",
    "random_state": "Key of every random draw, `seed` of the command line; None or a RandomState draws one.",
    "threads": "Worker threads; 0 means all processors. The numbers are the same for every value.",
    "scale_codes": "transform divides codes by code_scale_, their root mean square norm over the samples of fit (of the last "
    "partial_fit), as `wta classify` does: the C of a linear classifier then means the same for every model.",
    "sparse_output": "Codes as a scipy CSR matrix.",
    "verbose": "1 shows progress: a bar with tqdm installed, else a line per epoch.",
    "callback": "Function that is called with the metrics of each epoch, a dict. What it raises ends fit.",
    "stages": "Estimators, lowest first, whose parameters the stages have. None: 1000 units at 5%, then 1000 at 2%.",
    "codes": "Whose codes transform gives: 'top', 'all' side by side, or the number of a stage from 1.",
}


def describe(name: str) -> str:
    if name in _OTHERS:
        return _OTHERS[name]
    option = _OPTIONS[name]
    unit = f" In {option['unit']}." if option["unit"] else ""
    values = f" One of {option['range']}." if "|" in option["range"] else ""
    return f"{option['help']}{unit}{values}"


def documented(cls: _Class) -> _Class:
    """Adds the section Parameters to the class's docstring."""
    lines = ["", "", "Parameters", "----------"]
    for name, parameter in list(inspect.signature(cls).parameters.items()):
        lines += [f"{name} : default {parameter.default!r}", f"    {describe(name)}"]
    cls.__doc__ = inspect.cleandoc(cls.__doc__ or "") + "\n".join(lines) + "\n"
    return cls
