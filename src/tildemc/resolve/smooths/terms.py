"""A call of `s()`, `t2()`, `te()` or `gp()` × Schema -> what it adds to a predictor."""

from __future__ import annotations

from tildemc.resolve.smooths.calls import read_call
from tildemc.resolve.smooths.lower import Reading, SmoothParts, lower_smooth
from tildemc.resolve.smooths.processes import lower_process
from tildemc.resolve.values import Columns
from tildemc.spec.priors import Prior
from tildemc.syntax import tree
from tildemc.threads import one_blas_thread

__all__ = ["lower_functions"]


def lower_functions(call: tree.Call, columns: Columns, parameter: str, sd: Prior) -> SmoothParts:
    """What a smooth or a process means for columns like these; what it learns, it learns of all rows.

    Parameters
    ----------
    call : tree.Call
    columns : Columns
    parameter : str
        Whose predictor it belongs to.
    sd : Prior
        Of each sd.

    Raises
    ------
    SemanticError, UnsupportedError, DataError
        With the place in the text.
    """
    found = read_call(call)
    reading = Reading(found, columns)
    with one_blas_thread():
        if call.function not in ("gp", "hsgp"):
            return lower_smooth(found, reading, parameter, sd)
        terms, notes = lower_process(found, reading, parameter, sd)
    return SmoothParts(None, terms, notes)
