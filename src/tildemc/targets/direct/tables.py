"""The tables that a packed model consists of: what the kernel reads.

Positions are counted in the vector `x` of unconstrained coordinates, offsets in one of the flat arrays.
"""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tildemc.kernels.views import Indices, Integers, Struct, Vector, records

__all__ = [
    "ABOVE",
    "AFTER",
    "BELOW",
    "BLOCK",
    "CORRELATION",
    "COVARIANCE",
    "DIAGONAL",
    "GROUP",
    "HEADER",
    "INTERVAL",
    "LEVELS",
    "MAP",
    "NONE",
    "PATTERN",
    "PREDICTED",
    "REAL",
    "RUN",
    "SCALAR",
    "SHIFT",
    "SLOT",
    "STRETCH",
    "TABLES",
    "Floats",
    "Tables",
]

Floats = NDArray[np.float64]
Records = NDArray[Any]

NONE = -1
"""Where there is no position or offset."""

RUN = 256
"""Rows are worked through in runs whose intermediate results stay in the fastest cache."""

PREDICTED, LEVELS = 0, 1
"""Where a parameter of the rows' density comes from: a linear predictor, or one number (or one for each level)."""

REAL, ABOVE, INTERVAL, BELOW, AFTER = 0, 1, 2, 3, 4
"""How a scalar is made unconstrained: as it is; its log distance from a lower end; its place between two ends, on the
logit scale; its log distance from an upper end; its log distance from the scalar at the coordinate before it."""

DIAGONAL, COVARIANCE, CORRELATION, PATTERN = 0, 1, 2, 3
"""A block's coordinates: sds alone; PyMC's packed covariance factor; sds and PyMC's factor of the correlations; sds and
one correlation that all follow from."""


def _record(integers: str, floats: str = "") -> np.dtype[Any]:
    return np.dtype([(name, np.int64) for name in integers.split()] + [(name, np.float64) for name in floats.split()])


HEADER = _record("rows density slots effects factors")
"""Rows of data; the row function's address; its parameters; lengths of the arrays of effects and factors."""

SLOT = _record("kind intercept b columns X offset first_group last_group value index")
"""A parameter of the rows' density."""

GROUP = _record("levels width column index effects")
"""A grouping; `column`: where the offsets of its effects' columns stand in `columns`."""

BLOCK = _record("group first width kind z sd step chol pattern factor prior", "eta")
"""Effects with one covariance matrix; `step`: from one effect's sd to the next's, 0 where all have one; `chol`: the
coordinates of its correlations, whose `pattern` is known where there is one; `prior`: where its sds' densities stand in
`spreads`."""

SCALAR = _record("at transform root density", "a b c lower upper")
"""A coordinate with a density of its own, as `scalars.density` has it; `root`: the density is of the square."""

MAP = _record("at size matrix")
"""Coordinates that are a matrix, row by row, times the sampler's."""

SHIFT = _record("at size by columns matrix")
"""Coordinates to which a matrix, column by column, times other coordinates is added."""

STRETCH = _record("at stride levels sd centring", "reference total")
"""Effects that are their coordinates times (reference / sd)^λ, λ a number for each level, `total` their sum."""


class Tables(NamedTuple):
    """A packed model.

    `given` holds the columns that the rows' density is given, one after the other; `floats` holds X, Z and offsets
    column by column, what `maps`, `shifts` and `stretches` use, and the steps of densities; `indices` holds levels, one
    past the last for a row without a level.
    """

    header: Annotated[Records, records(HEADER)]
    slots: Annotated[Records, records(SLOT)]
    groups: Annotated[Records, records(GROUP)]
    blocks: Annotated[Records, records(BLOCK)]
    scalars: Annotated[Records, records(SCALAR)]
    spreads: Annotated[Records, records(SCALAR)]
    maps: Annotated[Records, records(MAP)]
    shifts: Annotated[Records, records(SHIFT)]
    stretches: Annotated[Records, records(STRETCH)]
    columns: Integers
    indices: Indices
    floats: Vector
    given: Vector
    weights: Vector


TABLES: Any = Struct(Tables)
