"""Draws × Design -> the log likelihood of each row under each draw, which comparisons need.

To add a family, add its log density to `DENSITIES`. A density takes (y, trials, first, second, …): the response, its
trials, and the family's parameters in the order of its record, each (draws, n) or (draws, 1). Under the link that it
is entered for, the first parameter is the linear predictor itself; under "" it is the parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, expit, exprel, gammaln, log_expit, log_ndtr, ndtr, xlog1py, xlogy

from tildemc.model.design import Design, Numbers, PredictorDesign
from tildemc.model.expr import evaluate
from tildemc.model.links import Link
from tildemc.model.parameters import PredictorNames, names
from tildemc.model.spec import ModelSpec
from tildemc.results.datatree import Group, dataset

if TYPE_CHECKING:
    from arviz import ELPDDataLOO

__all__ = ["DENSITIES", "log_likelihood", "log_likelihood_group", "loo"]

Floats = NDArray[np.float64]
Density = Callable[..., Floats]

CHUNK = 2**18
"""How many numbers, draws × rows, are worked on at a time: 2 MB an array stay in a processor's cache."""


def log_likelihood_group(spec: ModelSpec, design: Numbers, posterior: Group) -> Group:
    """The group `log_likelihood`: one variable, named after the response, (chain, draw, obs)."""
    design = design.whole("the log likelihood of each row")
    known = names(spec)
    draws = {name: values for name, (_, values) in posterior.variables.items()}
    values = (("chain", "draw", known.obs), log_likelihood(spec, design, draws))
    labels = {**{dim: posterior.labels[dim] for dim in ("chain", "draw")}, known.obs: np.asarray(design.obs)}
    return Group({known.response: values}, labels)


def loo(spec: ModelSpec, design: Numbers, posterior: Group) -> ELPDDataLOO:
    """ArviZ's leave-one-out cross-validation over the rows that count: those with a weight and with trials.

    The log likelihood of any other row is a constant, which ArviZ refuses, and to leave it out changes nothing.
    """
    import arviz as az
    from xarray import DataTree

    design = design.whole("leave-one-out cross-validation")
    known = names(spec)
    counted = np.ones(design.n, dtype=bool)
    for numbers in (design.weights, design.trials):
        counted &= True if numbers is None else numbers > 0
    rows = dataset(log_likelihood_group(spec, design, posterior))
    rows = rows if counted.all() else rows.isel({known.obs: np.flatnonzero(counted)})
    groups = {"/posterior": dataset(posterior), "/log_likelihood": rows}
    return az.loo(DataTree.from_dict(groups), pointwise=True, var_name=known.response)


def log_likelihood(spec: ModelSpec, design: Design, posterior: Mapping[str, NDArray[Any]]) -> Floats:
    """The log likelihood of each row under each draw.

    Parameters
    ----------
    spec : ModelSpec
    design : Design
        With the response.
    posterior : mapping
        For each parameter of the model, an array (chains, draws, …); the intercept is that at zero.

    Returns
    -------
    (chains, draws, n) array
        All terms of the density, as in Vehtari, Gelman & Gabry (2017), Practical Bayesian model evaluation using
        leave-one-out cross-validation and WAIC, Statistics and Computing 27. A row's weight multiplies it, as in the
        model.
    """
    chains, length = next(iter(posterior.values())).shape[:2]
    total = chains * length
    draws = {name: values.reshape(total, *values.shape[2:]) for name, values in posterior.items()}
    found = np.empty((total, design.n))
    size = max(1, CHUNK // max(1, design.n))
    for start in range(0, total, size):
        chunk = slice(start, start + size)
        found[chunk] = _rows(spec, design, {name: values[chunk] for name, values in draws.items()})
    return found.reshape(chains, length, design.n)


def _rows(spec: ModelSpec, design: Design, draws: Mapping[str, Floats]) -> Floats:
    """The log likelihood, (draws, n), of draws without chains."""
    assert design.y is not None
    known = names(spec)
    densities = DENSITIES[spec.family.name]
    link = spec.predictors[0].link
    values: dict[str, Floats] = {}
    for predictor, named, numbers in zip(spec.predictors, known.predictors, design.predictors, strict=True):
        eta = _linear_predictor(named, numbers, draws)
        by_eta = predictor.parameter == "mu" and link.name in densities
        values[predictor.parameter] = eta if by_eta else _inverse(predictor.link, eta)
    for auxiliary, named_, indexed in zip(spec.auxiliaries, known.auxiliaries, design.auxiliaries, strict=True):
        drawn = draws[named_.name]
        values[auxiliary.parameter] = drawn[:, None] if indexed.index is None else drawn[:, indexed.index]
    if design.se is not None:
        values["sigma"] = np.hypot(values["sigma"], design.se) if spec.response.se_adds else design.se
    trials = np.ones(design.n) if design.trials is None else design.trials
    parameters = (values[parameter.name] for parameter in spec.family.parameters)
    found = densities.get(link.name, densities.get(""))
    assert found is not None
    with np.errstate(divide="ignore", over="ignore"):
        rows = found(design.y, trials, *parameters)
    return rows if design.weights is None else _times(design.weights, rows)


def _linear_predictor(named: PredictorNames, design: PredictorDesign, draws: Mapping[str, Floats]) -> Floats:
    """Of each row under each draw, (draws, n)."""
    length = len(next(iter(draws.values())))
    eta = draws[named.b] @ design.X.T if design.X.shape[1] else np.zeros((length, len(design.X)))
    if named.intercept in draws:
        eta += draws[named.intercept][:, None]
    if design.offset is not None:
        eta += design.offset
    for group, group_named in zip(design.groups, named.groups, strict=True):
        effects = draws[group_named.r]
        # A row of no level has no effect, whatever its Z.
        Z = group.Z * (group.index >= 0)[:, None]
        index = np.maximum(group.index, 0)
        for j in range(Z.shape[1]):
            eta += np.take(effects[:, :, j], index, axis=1) * Z[:, j]
    return eta


def _inverse(link: Link, eta: Floats) -> Floats:
    functions = {"exp": np.exp, "expm1": np.expm1, "neg": np.negative, "sigmoid": expit, "invprobit": ndtr}
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(evaluate(link.inverse, lambda _: eta, functions), dtype=np.float64)


def _times(count: Floats, log: Floats) -> Floats:
    """`count * log`, and nothing where there is nothing to count, however improbable."""
    found = np.zeros(np.broadcast_shapes(count.shape, log.shape))
    np.multiply(count, log, out=found, where=count > 0)
    return found


def _gaussian(y: Floats, _trials: Floats, mu: Floats, sigma: Floats) -> Floats:
    """Normal(mu, sigma)."""
    r = (y - mu) / sigma
    return np.asarray(-0.5 * r**2 - np.log(sigma) - 0.5 * np.log(2 * np.pi))


def _student(y: Floats, _trials: Floats, mu: Floats, sigma: Floats, nu: Floats) -> Floats:
    """Student-t with `nu` degrees of freedom."""
    r = (y - mu) / sigma
    constant = -betaln(0.5 * nu, 0.5) - 0.5 * np.log(nu)
    return np.asarray(constant - np.log(sigma) - 0.5 * (nu + 1) * np.log1p(r**2 / nu))


def _choose(y: Floats, trials: Floats) -> Floats:
    """The log of `trials` over `y`."""
    return np.asarray(-np.log1p(trials) - betaln(trials - y + 1, y + 1))


def _binomial(y: Floats, trials: Floats, p: Floats) -> Floats:
    """Binomial(trials, p)."""
    return np.asarray(_choose(y, trials) + xlogy(y, p) + xlog1py(trials - y, -p))


def _binomial_logit(y: Floats, trials: Floats, eta: Floats) -> Floats:
    """Binomial(trials, logistic(eta))."""
    return np.asarray(_choose(y, trials) + y * log_expit(eta) + (trials - y) * log_expit(-eta))


def _binomial_probit(y: Floats, trials: Floats, eta: Floats) -> Floats:
    """Binomial(trials, Φ(eta))."""
    return np.asarray(_choose(y, trials) + y * log_ndtr(eta) + (trials - y) * log_ndtr(-eta))


def _binomial_cloglog(y: Floats, trials: Floats, eta: Floats) -> Floats:
    """Binomial(trials, 1 - exp(-rate)), with rate = exp(eta)."""
    rate = np.exp(np.minimum(eta, 700.0))
    # log(1 - exp(-rate)), where a tiny rate would lose its digits.
    hit = np.where(eta < 0, eta + np.log(exprel(-rate)), np.log1p(-np.exp(-rate)))
    return _choose(y, trials) + y * hit - (trials - y) * rate


def _binomial_log(y: Floats, trials: Floats, eta: Floats) -> Floats:
    """Binomial(trials, exp(eta))."""
    # Mächler (2012), Accurately computing log(1 - exp(-|a|)).
    miss = np.where(eta > -np.log(2), np.log(-np.expm1(eta)), np.log1p(-np.exp(eta)))
    return _choose(y, trials) + y * eta + _times(trials - y, miss)


def _poisson(y: Floats, _trials: Floats, mu: Floats) -> Floats:
    """Poisson(mu)."""
    return np.asarray(xlogy(y, mu) - mu - gammaln(y + 1))


def _poisson_log(y: Floats, _trials: Floats, eta: Floats) -> Floats:
    """Poisson(exp(eta))."""
    return np.asarray(y * eta - np.exp(eta) - gammaln(y + 1))


def _negbinomial(y: Floats, trials: Floats, mu: Floats, shape: Floats) -> Floats:
    """Negative binomial with mean `mu` and variance mu + mu² / shape."""
    return _negbinomial_log(y, trials, np.log(mu), shape)


def _negbinomial_log(y: Floats, _trials: Floats, eta: Floats, shape: Floats) -> Floats:
    """Negative binomial with mean exp(eta)."""
    odds = eta - np.log(shape)
    # Γ(y + shape) / (Γ(shape) y!) by the beta function: differences of log Γ cancel where shape is large.
    constant = -betaln(shape, y + 1) - np.log(y + shape)
    return np.asarray(constant + _times(y, odds) - (y + shape) * np.logaddexp(0.0, odds))


_BINOMIAL = {
    "": _binomial, "logit": _binomial_logit, "probit": _binomial_probit, "cloglog": _binomial_cloglog,
    "log": _binomial_log,
}  # fmt: skip

DENSITIES: dict[str, dict[str, Density]] = {
    "gaussian": {"": _gaussian},
    "student": {"": _student},
    "bernoulli": _BINOMIAL,
    "binomial": _BINOMIAL,
    "poisson": {"": _poisson, "log": _poisson_log},
    "negbinomial": {"": _negbinomial, "log": _negbinomial_log},
}
"""For each family its log densities, by the link of the first parameter that they are for; "" for any other."""
