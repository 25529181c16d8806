"""How a Stata command asks for its estimates: the criterion, and the points of its integrals."""

from __future__ import annotations

from collections.abc import Mapping

from tildemc.syntax.stata.tables import Estimator
from tildemc.syntax.stata.written import Option
from tildemc.syntax.statement import Estimation

__all__ = ["estimation_of"]

_POINTS = {"panel": 12}
"""Of the integral over an effect, by kind of command, where Stata has others than usual."""


def estimation_of(estimator: Estimator, family: str, dropped: Mapping[str, Option]) -> Estimation:
    """What a command says of how to estimate.

    Parameters
    ----------
    estimator : Estimator
    family : str
    dropped : mapping of str to Option
        The options that say nothing of the model, by their full names.
    """
    if family == "gaussian":
        return Estimation("stata", "reml" if "reml" in dropped else "ml")
    method = dropped.get("intmethod")
    words = [word.text for word in method.given or ()] if method is not None else []
    if "laplace" in dropped or any("laplace".startswith(word) and len(word) >= 3 for word in words):
        return Estimation("stata", "ml", 1)
    asked = dropped.get("intpoints")
    number = next((word.text for word in asked.given or ()), "") if asked is not None else ""
    return Estimation("stata", "ml", int(number) if number.isdecimal() else _POINTS.get(estimator.kind))
