"""The density of (ψ, ε): that of the direct engine, and of PyMC's graph, at T_ψ(ε), times the transport's Jacobian."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from targets.direct.graph import graph_density
from tildemc.targets.direct.entry import evaluate
from tildemc.targets.direct.factors import spiral
from tildemc.targets.direct.pack import pack
from tildemc.targets.direct.problem import Problem as Direct
from tildemc.targets.direct.rows import share_piece
from tildemc.targets.glmm.problem import Problem, glmm
from tildemc.targets.glmm.rows import pairs
from tildemc.targets.glmm.tables import Quadratic
from tildemc.targets.glmm.takes import TAKES
from tildemc.targets.marginal.likelihood import Variances


@cache
def data() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    n = 60
    frame = pd.DataFrame({"x": rng.normal(size=n), "z": rng.normal(size=n), "w": rng.integers(1, 4, n)})
    frame["g"], frame["h"] = rng.integers(0, 7, n), rng.integers(0, 5, n)
    # Some rows belong to no group.
    frame["some"] = np.where(frame["x"] > 1, np.nan, frame["h"])
    frame["nested"] = frame["g"] * 3 + rng.integers(0, 3, n)
    frame["h2"] = (frame["h"] + 1 + rng.integers(0, 4, n)) % 5
    frame["nested2"] = rng.permutation(frame["nested"])
    frame["count"], frame["hit"] = rng.poisson(2, n), rng.integers(0, 2, n)
    frame["size"] = 3 + frame["count"]
    frame["rating"] = rng.integers(1, 5, n)
    # Items of one kind have three categories, of the other four.
    frame["kind"] = rng.integers(0, 2, n)
    frame["mixed"] = np.minimum(frame["rating"], 3 + frame["kind"])
    frame["dose"] = rng.integers(0, 4, n)
    return frame.assign(positive=rng.gamma(2, 1, n), real=rng.normal(size=n))


MODELS = [
    ("count ~ x + (1 | g)", "poisson"),
    ("count | weights(w) ~ x + offset(z) + (1 + x || g) + (1 | h)", "negbinomial"),
    ("count ~ x + (1 | g) + (1 | nested)", "zero_inflated_poisson"),
    ("count | trials(size) ~ (1 | g)", "binomial(cloglog)"),
    ("hit ~ x + (1 | mm(h, h2))", "bernoulli"),
    # So many effects in one component that LAPACK factors it.
    ("count ~ (1 + x + z + w || mm(nested, nested2))", "poisson"),
    ("positive ~ x + (1 | g) + (1 + z || h)\nshape ~ z", "gamma"),
    ("real ~ x + (1 | g) + s(z, k = 5)", "student"),
    ("real ~ 0 + x + (1 | g)\nsigma ~ by(h)", "gaussian"),
    ("count ~ x + (1 + x || g)\nzi ~ z + (1 | g) + (1 | h)", "zero_inflated_poisson"),
    ("real | weights(w) ~ x + (1 | g)\nsigma ~ offset(z) + (1 | nested) + s(z, k = 5)", "student"),
    ("bf(real ~ x + (1 | g)) + bf(positive ~ z + (1 | h)) + bf(z ~ 1) + set_rescor(TRUE)", ""),
    ("rating ~ x + (1 | g) + (1 | h)", "cumulative"),
    ("rating ~ x + z + (1 + x || g)\ndisc ~ 0 + z", "cumulative(probit)"),
    ("rating ~ x + (1 | g)\ndisc ~ 0 + z + (1 | g)", "cumulative(probit)"),
    ("mixed | thres(gr = kind) ~ x + (1 | g)", "cumulative"),
    ("rating ~ x + cs(z) + (1 | g)", "sratio"),
    ("rating ~ cs(x) + (1 | g)", "acat"),
    ("rating ~ x + (1 | g)", "cratio('cloglog', threshold='equidistant')"),
    ("count ~ mo(dose) + mo(dose):z + (1 | g)", "poisson"),
    ("count ~ x + (1 + x || gr(g, cov = A)) + (1 | nested)", "poisson"),
]
LIKE = np.array([[0.5 ** abs(i - j) + 0.5 for i in range(7)] for j in range(7)])
"""How much alike levels of `g` are."""


@dataclass(frozen=True, eq=False)
class Twin:
    """A model as both engines have it; the direct one's coordinates are its own, without decorrelation."""

    model: tm.Model
    here: Problem
    there: Direct

    def coefficients(self, phi: np.ndarray) -> np.ndarray:
        """The direct engine's coordinates of one point, those of effects zero."""
        found, layout = np.zeros(self.there.layout.size), self.there.layout
        for predictor in self.model.spec.predictors:
            at, place = self.here.places[predictor.parameter], layout.populations[predictor.population.path]
            if place.intercept is not None:
                found[place.intercept] = phi[at]
                at += 1
            found[place.b] = phi[at : at + place.b.stop - place.b.start]
            for effect in predictor.monotonic:
                own, read = layout.monotonic[effect.path], effect.in_rows
                found[own.b] = phi[self.here.places[read.b]]
                found[own.shares] = [phi[self.here.places[share_piece(read.simo, k)]] for k in range(effect.steps - 1)]
        for auxiliary in self.model.spec.auxiliaries:
            at = self.here.places[auxiliary.parameter]
            found[layout.auxiliaries[auxiliary.path]] = phi[at : at + auxiliary.size]
        rescor = self.model.spec.rescor
        if rescor is not None:
            halves = [self.here.places[share_piece(rescor.path[0], k)] for k in range(len(rescor.parameters))]
            found[layout.rescor] = phi[halves]
        thresholds, specific = self.model.spec.thresholds, self.model.spec.specific
        if thresholds is not None:
            read = {"own": thresholds.quantities[0]}
            read |= {"distances": thresholds.step} if thresholds.spacing == "equidistant" else {}
            read |= {} if specific is None else {"effects": specific.quantity(0)}
            for field, name in read.items():
                place, at = getattr(layout.thresholds, field), self.here.places[name]
                found[place] = phi[at : at + place.stop - place.start]
        return found

    def coordinates(self, phi: np.ndarray, v: np.ndarray) -> np.ndarray:
        """All, with standard normal effects."""
        found, layout, first = self.coefficients(phi), self.there.layout, 0
        for at, where in zip(self.here.placed, self.here.where, strict=True):
            own = layout.groups[at.term.path]
            found[own.z] = v[where].ravel()
            for block in own.blocks:
                assert block.sd is not None
                found[block.sd] = phi[first : first + block.sd.stop - block.sd.start]
                first += block.sd.stop - block.sd.start
        return found


STATED = {
    "an sd": ("sd ~ constant(0.7)",),
    "an intercept, a coefficient and a variance": (
        "Intercept ~ constant(0.5)",
        "x ~ constant(-1)",
        "var(g) ~ constant(2)",
    ),
}
BOUNDED = {
    "from zero": ("b ~ normal(0, 1, lower=0)",),
    "to a number, and within two": ("x ~ normal(0, 2, upper=1.5)", "z ~ uniform(-1, 2)", "Intercept ~ exponential(1)"),
}


@cache
def twin(formula: str, family: str, priors: tuple[str, ...] = ()) -> Twin:
    given = {"A": pd.DataFrame(LIKE, index=range(7), columns=range(7))}
    model = tm.model(formula, data(), *([family] if family else []), priors=priors, data2=given)
    assert TAKES.gaps(model.spec) == ()
    return Twin(model, glmm(model.spec, model.design), pack(model.spec, model.design, decorrelated=False))


def log_jacobian(problem: Problem, point: Variances, eps: np.ndarray, steps: int) -> float:
    """log |dT / dε| by central differences of what is linear in ε but for curvatures."""
    step, unit = 1e-4, np.eye(len(eps))
    each = Variances(*(np.repeat(part, 2 * len(eps), axis=0) for part in vars(point).values()))
    anchor = anchored(problem)
    _, v = problem.settled(anchor, each, np.concatenate([eps + step * unit, eps - step * unit]), steps)
    return float(np.linalg.slogdet((v[: len(eps)] - v[len(eps) :]) / (2 * step))[1])


def anchored(problem: Problem) -> Quadratic:
    anchor = problem.anchored(problem.nothing, problem.points(problem.coordinates.start[None]))
    assert anchor is not None
    return anchor


def differences(case: Twin, density: Callable[[np.ndarray], float], steps: int, points: int = 3) -> np.ndarray:
    """What the two log densities differ by at random points: the same everywhere."""
    problem, rng = case.here, np.random.default_rng(5)
    phi = problem.coordinates.start + 0.3 * rng.standard_normal((points, problem.size))
    eps = rng.standard_normal((points, problem.effects))
    at = problem.points(phi)
    values, v = problem.settled(anchored(problem), at, eps, steps)
    found = np.empty(points)
    for k in range(points):
        one = Variances(*(part[k : k + 1] for part in vars(at).values()))
        whole = problem.whole.copy()
        whole[problem.free] = phi[k]
        theirs = density(case.coordinates(whole, v[k])[case.there.free])
        found[k] = values[k] + at.prior[k] - log_jacobian(problem, one, eps[k], steps) - theirs
    return found


WAYS = [pytest.param(steps, kept, id=f"{steps} steps, kept {kept}") for steps in (0, 1) for kept in (0, 1)]


@pytest.mark.parametrize(("steps", "kept"), WAYS)
@pytest.mark.parametrize(("formula", "family"), MODELS)
def test_it_is_the_direct_engines_at_what_epsilon_is_carried_to(
    formula: str, family: str, steps: int, kept: int
) -> None:
    case = twin(formula, family)
    case = replace(case, here=replace(case.here, tables=case.here.tables._replace(kept=kept)))
    found = differences(case, lambda x: evaluate(case.there.tables, x)[0], steps)
    assert np.ptp(found) < 1e-8


@pytest.mark.parametrize("priors", BOUNDED.values(), ids=BOUNDED.keys())
def test_it_is_so_where_coefficients_are_bounded(priors: tuple[str, ...]) -> None:
    case = twin("count ~ x + z + (1 | g)", "poisson", priors)
    assert np.ptp(differences(case, lambda x: evaluate(case.there.tables, x)[0], 0)) < 1e-8


@pytest.mark.parametrize("priors", STATED.values(), ids=STATED.keys())
def test_it_is_so_where_numbers_are_known(priors: tuple[str, ...]) -> None:
    case = twin("count ~ x + z + (1 | g)", "poisson", priors)
    assert case.here.size == case.there.size - case.here.effects == 4 - len(priors)
    assert np.ptp(differences(case, lambda x: evaluate(case.there.tables, x)[0], 0)) < 1e-8


def test_it_is_the_graphs() -> None:
    case = twin(*MODELS[1])
    density = graph_density(case.model, case.there)
    assert np.ptp(differences(case, lambda x: density(x)[0], 1)) < 1e-8


CORRELATED = [
    ("count ~ x + (1 + x + z | g)", "poisson"),
    ("count ~ x + (1 + x + z | g) + (0 + x | nested)", "poisson"),
    ("real ~ x + (1 + x | i | g)\nsigma ~ z + (1 | i | g)", "gaussian"),
    ("bf(real ~ x + (1 | i | g)) + bf(count ~ (1 + x | i | g), family = poisson()) + set_rescor(FALSE)", ""),
]


@pytest.mark.parametrize("kept", [0, 1])
@pytest.mark.parametrize(("formula", "family"), CORRELATED)
def test_correlated_effects_have_the_direct_engines_density_given_their_covariance(
    formula: str, family: str, kept: int
) -> None:
    """The two have other coordinates for correlations, whose Jacobian is the same at one covariance."""
    case = twin(formula, family)
    problem, rng = replace(case.here, tables=case.here.tables._replace(kept=kept)), np.random.default_rng(5)
    phi = np.repeat(problem.coordinates.start[None] + 0.3 * rng.standard_normal(problem.size), 3, axis=0)
    for predictor in case.model.spec.predictors:
        at = problem.places[predictor.parameter]
        phi[:, at : at + len(predictor.population.priors)] += 0.3 * rng.standard_normal((3, 1))
    point, eps = problem.points(phi), rng.standard_normal((3, problem.effects))
    values, v = problem.settled(anchored(problem), point, eps, 0)
    theirs = []
    for k in range(3):
        x = case.coefficients(phi[k])
        for placed, at in zip(problem.placed, problem.where, strict=True):
            place, f, q = case.there.layout.groups[placed.term.path], placed.stack, placed.term.width
            [block] = place.blocks
            factor, own = point.factors[k, f, :q, :q], np.diag(point.factors[k, f])[:q]
            if block.chol is None:
                x[block.sd] = np.log(own)
            elif block.sd is None:
                x[block.chol] = (factor + np.diag(np.log(own) - own))[np.tril_indices(q)]
            else:
                x[block.sd] = 0.5 * np.log((factor**2).sum(axis=1))
                for i, j in pairs(q):
                    if i != j:
                        x[block.chol.start + spiral(q, i, j)] = factor[i, j] / own[i]
            x[place.z] = v[k][at].ravel()
        theirs.append(evaluate(case.there.tables, x)[0])
    assert np.ptp(values + point.prior - theirs) < 1e-8
