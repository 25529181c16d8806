"""FamilyParameter: a parameter of a response's distribution, and what holds for it before a formula models it."""

from __future__ import annotations

from dataclasses import dataclass

from tildemc.spec.priors import Prior
from tildemc.spec.support import Spacing, Support

__all__ = ["FamilyParameter"]


@dataclass(frozen=True, slots=True)
class FamilyParameter:
    """A parameter of the response's distribution.

    Attributes
    ----------
    name : str
    support : Support
        The values it may take.
    links : tuple of str
        The links it may have when a formula models it, the default first.
    prior : Prior or None
        Its default prior when no formula models it; None for `mu`, which always has a formula.
    intercept : Prior or None
        The default prior of its intercept when a formula does model it; None for `mu`, whose rule is
        `priors.INTERCEPT`.
    typical : float
        A value to look at a posterior with before anything is known.
    residual : bool
        Whether it is the residual sd.
    size : int or None
        How many numbers it is, where it is thresholds: densities name the first `thresholds[0]`. None for one number.
    fixed : float or None
        What it is unless a formula models it; None where it is estimated then.
    spacing : Spacing
        How thresholds lie.
    nonlinear : bool
        Whether it is a parameter of a non-linear formula, whose intercept is one of its coefficients.
    share : bool
        Whether it is one of the shares of a mixture, which are positive and together 1.
    correlation : bool
        Whether it is one of the partial correlations between residuals of several responses.
    """

    name: str
    support: Support
    links: tuple[str, ...]
    prior: Prior | None = None
    intercept: Prior | None = None
    typical: float = 1.0
    residual: bool = False
    size: int | None = None
    fixed: float | None = None
    spacing: Spacing = "flexible"
    nonlinear: bool = False
    share: bool = False
    correlation: bool = False
