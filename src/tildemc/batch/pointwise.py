"""A fit -> the log likelihood of each row under each draw, which comparisons need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tildemc.model.design import Design, PredictorDesign
from tildemc.model.expr import evaluate
from tildemc.model.links import LINKS
from tildemc.model.parameters import PredictorNames, names
from tildemc.model.spec import ModelSpec, Predictor

if TYPE_CHECKING:
    from xarray import DataTree

__all__ = ["log_likelihood", "with_log_likelihood"]

Array = NDArray[np.float64]


def with_log_likelihood(spec: ModelSpec, design: Design, tree: DataTree) -> DataTree:
    """The tree with the group `log_likelihood`."""
    from xarray import Dataset, DataTree

    known = names(spec)
    values = log_likelihood(spec, design, {str(n): v.to_numpy() for n, v in tree["posterior"].data_vars.items()})
    coords = {known.obs: design.rows}
    found = Dataset({known.response: (("chain", "draw", known.obs), values)}, coords=coords)
    return DataTree.from_dict({**{f"/{n}": c.to_dataset() for n, c in tree.children.items()}, "/log_likelihood": found})


def log_likelihood(spec: ModelSpec, design: Design, posterior: Mapping[str, Array]) -> Array:
    """The log likelihood, (chains, draws, n), of draws by name."""
    known = names(spec)
    values: dict[str, Array] = {}
    for predictor, named, numbers in zip(spec.predictors, known.predictors, design.predictors, strict=True):
        values[predictor.parameter] = _parameter(predictor, named, numbers, posterior)
    for auxiliary, auxiliary_named, auxiliary_numbers in zip(
        spec.auxiliaries, known.auxiliaries, design.auxiliaries, strict=True
    ):
        drawn = posterior[auxiliary_named.name]
        index = auxiliary_numbers.index
        values[auxiliary.parameter] = drawn[..., None] if index is None else drawn[..., index]
    if design.se is not None:
        extra = values["sigma"] ** 2 if spec.response.se_adds and "sigma" in values else 0.0
        values["sigma"] = np.sqrt(extra + design.se**2)
    assert design.y is not None
    trials = np.ones(design.n) if design.trials is None else design.trials
    found = _DENSITIES[spec.family.name](design.y, trials, values)
    found = np.broadcast_to(found, (*values["mu"].shape[:2], design.n))
    return found if design.weights is None else found * design.weights


def _parameter(
    predictor: Predictor, named: PredictorNames, numbers: PredictorDesign, posterior: Mapping[str, Array]
) -> Array:
    """`predictor`'s parameter in each row under each draw, on its own scale."""
    shape = (*next(iter(posterior.values())).shape[:2], 1)
    eta: Array = np.zeros(shape)
    if predictor.intercept is not None:
        eta = eta + posterior[named.intercept][..., None]
    if predictor.terms:
        eta = eta + posterior[named.b] @ numbers.X.T
    if numbers.offset is not None:
        eta = eta + numbers.offset
    for group, group_named in zip(numbers.groups, named.groups, strict=True):
        inside = group.index >= 0
        effects = posterior[group_named.r][:, :, np.where(inside, group.index, 0), :]
        eta = eta + np.einsum("cdnq,nq->cdn", effects, group.Z) * inside
    found: Array = evaluate(LINKS[predictor.link.name].inverse, lambda _: eta, _functions())
    return found


def _functions() -> dict[str, Callable[..., Any]]:
    from scipy.special import expit, ndtr

    return {"exp": np.exp, "expm1": np.expm1, "sigmoid": expit, "invprobit": ndtr}


def _gaussian(y: Array, _trials: Array, values: Mapping[str, Array]) -> Array:
    from scipy.stats import norm

    return np.asarray(norm.logpdf(y, values["mu"], values["sigma"]))


def _student(y: Array, _trials: Array, values: Mapping[str, Array]) -> Array:
    from scipy.stats import t

    return np.asarray(t.logpdf(y, values["nu"], values["mu"], values["sigma"]))


def _binomial(y: Array, trials: Array, values: Mapping[str, Array]) -> Array:
    from scipy.stats import binom

    return np.asarray(binom.logpmf(y, trials, values["mu"]))


def _poisson(y: Array, _trials: Array, values: Mapping[str, Array]) -> Array:
    from scipy.stats import poisson

    return np.asarray(poisson.logpmf(y, values["mu"]))


def _negbinomial(y: Array, _trials: Array, values: Mapping[str, Array]) -> Array:
    from scipy.stats import nbinom

    shape = values["shape"]
    return np.asarray(nbinom.logpmf(y, shape, shape / (shape + values["mu"])))


_DENSITIES: dict[str, Callable[[Array, Array, Mapping[str, Array]], Array]] = {
    "gaussian": _gaussian,
    "student": _student,
    "bernoulli": _binomial,
    "binomial": _binomial,
    "poisson": _poisson,
    "negbinomial": _negbinomial,
}
