"""What arrays and columns of data hold: the types that every layer names them by."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Floats", "Integers", "Label", "Mask", "Pairs", "Values"]

Floats = NDArray[np.float64]
"""Numbers of a model: responses, columns of predictors, draws, densities."""

Integers = NDArray[np.int64]
"""Positions, counts and codes of levels."""

Mask = NDArray[np.bool_]
"""Which rows, or which of some places."""

Pairs = NDArray[np.complex128]
"""Two numbers a place, of which one sort or search takes care."""

Values = NDArray[np.generic]
"""What a column of data holds, as it stands there: numbers, truth values or text."""

Label = str | bool | int | float
"""A level, a group or another value that a column is split by, in the type that it keeps."""
