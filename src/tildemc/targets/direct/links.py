"""Inverse links: a parameter and its derivative by the linear predictor, over a run of rows."""

from __future__ import annotations

from math import erfc, exp, expm1, sqrt

from tildemc.targets.direct.jit import jit
from tildemc.targets.direct.special import dnorm

__all__ = ["IDENTITY", "LINKS", "invert"]

IDENTITY = 0
_LOG, _LOGIT, _PROBIT, _CLOGLOG, _INVERSE, _SQRT, _LOGM1 = range(1, 8)

LINKS = {
    "identity": IDENTITY,
    "log": _LOG,
    "logit": _LOGIT,
    "probit": _PROBIT,
    "cloglog": _CLOGLOG,
    "inverse": _INVERSE,
    "sqrt": _SQRT,
    "logm1": _LOGM1,
}
"""Each link's number."""


@jit
def _inverse(link: int, eta: float) -> tuple[float, float]:
    if link == _LOG:
        mu = exp(eta)
        return mu, mu
    if link == _LOGIT:
        mu = 1 / (1 + exp(-eta))
        return mu, mu * (1 - mu)
    if link == _PROBIT:
        return 0.5 * erfc(-eta / sqrt(2.0)), dnorm(eta)
    if link == _CLOGLOG:
        mu = exp(eta)
        return -expm1(-mu), mu * exp(-mu)
    if link == _INVERSE:
        return 1 / eta, -1 / (eta * eta)
    if link == _SQRT:
        return eta * eta, 2 * eta
    if link == _LOGM1:
        mu = exp(eta)
        return 1 + mu, mu
    return eta, 1.0


@jit
def invert(link, rows, theta, slope):  # type: ignore[no-untyped-def]
    """Turn the predictors in `theta` into the parameter; `slope` takes the derivatives."""
    if link == IDENTITY:
        slope[:rows] = 1.0
    else:
        for i in range(rows):
            theta[i], slope[i] = _inverse(link, theta[i])
