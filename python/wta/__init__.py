"""Winner-take-all autoencoders: sparse features without labels (Makhzani & Frey, NIPS 2015).

FCWTA, ConvWTA, WTARBM and WTAStack are scikit-learn estimators; load() reads what the command line has trained.
"""

from . import datasets
from ._core import DataError, DivergedError, Error, InvalidArgument, IoError, OutOfMemory, __version__
from ._estimators import FCWTA, WTARBM, ConvWTA, WTAStack
from ._load import import_model, load

__all__ = [
    "FCWTA",
    "WTARBM",
    "ConvWTA",
    "DataError",
    "DivergedError",
    "Error",
    "InvalidArgument",
    "IoError",
    "OutOfMemory",
    "WTAStack",
    "__version__",
    "datasets",
    "import_model",
    "load",
]
