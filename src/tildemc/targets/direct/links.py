"""Inverse links: a parameter and its derivative by the linear predictor, over a run of rows."""

from __future__ import annotations

from tildemc.kernels import jit
from tildemc.targets.direct.special import exp, expm1, logistic, normal_tails
from tildemc.targets.direct.tables import Floats

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
    if link == _LOGIT:
        mu = logistic(eta)[1]
        return mu, mu * (1 - mu)
    if link == _PROBIT:
        log_mu, hazard, _, _ = normal_tails(eta)
        mu = exp(log_mu)
        return mu, mu * hazard
    if link == _CLOGLOG:
        rate = exp(eta)
        return -expm1(-rate), rate * exp(-rate)
    if link == _INVERSE:
        return 1 / eta, -1 / (eta * eta)
    return eta * eta, 2 * eta


@jit
def invert(link: int, theta: Floats, slope: Floats) -> None:
    """Turn the predictors in `theta` into the parameter; `slope` takes the derivatives."""
    if link == IDENTITY:
        slope[:] = 1.0
    elif link in (_LOG, _LOGM1):
        least = 1.0 if link == _LOGM1 else 0.0
        for i in range(theta.size):
            mu = exp(theta[i])
            theta[i], slope[i] = least + mu, mu
    else:
        for i in range(theta.size):
            theta[i], slope[i] = _inverse(link, theta[i])
