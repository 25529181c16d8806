"""One record per companion of the response: what stands beside it in the formula, `y | trials(n) ~ x`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from tildemc.arrays import Floats, Mask
from tildemc.spec.expr import Expr, Var
from tildemc.spec.vocabulary import apply

__all__ = ["COMPANIONS", "Companion"]


@dataclass(frozen=True)
class Companion:
    """A column of numbers beside the response.

    Attributes
    ----------
    name : str
        What formulas and densities call it, and the name that its data have if nothing else has it.
    refused : callable
        Which numbers it may not be.
    told : str
        What it is, as in "trials are whole numbers from 0 up, but here they are".
    families : bool
        Only families whose records name it take it; else all do.
    whole : bool
        Whole numbers, which are counted exactly.
    weighs : bool
        It multiplies a row's log density.
    density : mapping of Expr to Expr
        What stands in a family's log density for one of its parts.
    options : mapping of str to such a mapping
        What stands there instead where an option of that name is TRUE.
    usual : float or None
        What it is in rows that are made up, where nobody says; None for the mean of the data.
    latex : str
        How the density of a row is written with it: `{density}`, and `{value}` for its own value.
    """

    name: str
    refused: Callable[[Floats], Mask]
    told: str
    families: bool = True
    whole: bool = False
    weighs: bool = False
    density: Mapping[Expr, Expr] = field(default_factory=dict)
    options: Mapping[str, Mapping[Expr, Expr]] = field(default_factory=dict)
    usual: float | None = None
    latex: str = "{density}"


_sigma, _se = Var("sigma"), Var("se")

COMPANIONS = {
    companion.name: companion
    for companion in (
        Companion(
            "trials", lambda v: (v < 0) | (v != np.floor(v)), "trials are whole numbers from 0 up, but here they are",
            whole=True, usual=1.0,
        ),
        Companion(
            "weights", lambda v: v < 0, "a weight is 0 or more, but here it is", families=False, weighs=True,
            latex="[{density}]^{{{value}}}",
        ),
        Companion(
            "se", lambda v: v <= 0, "`se()` takes standard deviations greater than 0, but here it is",
            density={_sigma: _se}, options={"sigma": {_sigma: apply("sqrt", _sigma**2 + _se**2)}},
        ),
    )
}  # fmt: skip
