"""How an R call asks for its estimates: the criterion, and the points of its integrals."""

from __future__ import annotations

from collections.abc import Mapping

from tildemc.syntax.rcall.functions import Fitter
from tildemc.syntax.statement import Estimation
from tildemc.syntax.tree import Argument, Call, Constant, Expr, Number, Text, Unary

__all__ = ["estimation_of"]

_DEFAULTS = {"lmer": "reml", "lme": "reml", "gls": "reml", "gamm4": "reml", "glmmTMB": "ml"}
"""The criterion of functions that have a choice, where a call does not say it."""

_CRITERIA: Mapping[Expr, str] = {
    Constant(True): "reml", Constant(False): "ml", Text("REML"): "reml", Text("ML"): "ml",
}  # fmt: skip


def estimation_of(fitter: Fitter, call: Call) -> Estimation:
    """What a call says of how to estimate; what is no plain number or word counts as not said."""
    given: Mapping[str, Argument] = fitter.match(call)
    points = _number(given["nAGQ"].value) if "nAGQ" in given else None
    criterion = _DEFAULTS.get(fitter.name, "")
    if criterion and "REML" in given:
        criterion = _CRITERIA.get(given["REML"].value, criterion)
    if criterion and "method" in given:
        criterion = _CRITERIA.get(given["method"].value, criterion)
    package = "lme4 with a shape" if fitter.name == "glmer.nb" else fitter.package
    return Estimation(package, criterion, points)


def _number(value: Expr) -> int | None:
    match value:
        case Number(number) if number == int(number):
            return int(number)
        case Unary("-", Number(number)) if number == int(number):
            return -int(number)
        case _:
            return None
