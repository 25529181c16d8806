"""A model that reproduces the response: what a posterior and an optimum say of it alike."""

from __future__ import annotations

from tildemc.errors import FitError
from tildemc.results.fit import Fit
from tildemc.spec.parameters import names

__all__ = ["REMEDY", "check_reproduced", "reproduced"]

REMEDY = "leave out what determines the response, or give `sigma` a prior that excludes zero"

NOTHING = 1e-8
"""A residual sd below so much of the response's sd, and below this itself (it may be that of a log), is rounding."""


def reproduced(what: str, remedy: str) -> FitError:
    """The error for a residual sd that tends to zero: it has no `what`, and `remedy` would work."""
    return FitError(
        f"the model reproduces the response exactly, so that its residual sd tends to zero and has no {what}: {remedy}"
    )


def check_reproduced(fit: Fit) -> None:
    """Refuse draws in which a residual sd is nothing but rounding.

    Raises
    ------
    FitError
    """
    residual = fit.spec.residual_sd
    if residual is None:
        return
    drawn = fit.groups["posterior"].draws[names(fit.spec).of(residual).name]
    if (drawn.max(axis=(0, 1)) < NOTHING * min(1.0, float(fit.design.summary.y.spread[0]))).any():
        raise reproduced("posterior", REMEDY)
