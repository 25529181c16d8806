"""Row functions: every family against the density by hand or the record's own, and against differences of it."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
import scipy.special as sp
import scipy.stats as stats
from numpy.typing import NDArray

from targets.direct.by_hand import DENSITIES, INVERSES
from tildemc.resolve.families import read_family
from tildemc.spec.design import Design
from tildemc.spec.expr import Expr, Var, evaluate, substitute
from tildemc.spec.families import FAMILIES, Family
from tildemc.spec.families.limits import limited
from tildemc.spec.links import LINKS
from tildemc.spec.vocabulary import NUMPY
from tildemc.targets.direct.rows import Rows, given_columns, row_function, rows_from
from tildemc.targets.direct.tables import RUN

Floats = NDArray[np.float64]
N = 40


def linked(family: Family, links: tuple[str, ...]) -> Expr:
    """The family's density, its parameters under these links."""
    values: dict[Expr, Expr] = {}
    for parameter, link in zip(family.parameters, links, strict=True):
        values |= LINKS[link].of(Var(parameter.name), Var(parameter.name))
    return substitute(family.log_density, values)


def responses(family: Family) -> tuple[Floats, Floats]:
    """Responses of that kind, and trials."""
    rng = np.random.default_rng(2)
    values, trials = family.values, np.full(N, 9.0)
    if values.whole:
        return rng.integers(0, 10 if values.upper == np.inf else values.upper + 1, N).astype(float), trials
    low, high = max(values.lower, -3.0), min(values.upper, 3.0)
    return low + (high - low) * rng.uniform(0.05, 0.95, N), trials


def predictors(family: Family, links: tuple[str, ...]) -> Floats:
    """(parameters, N) where each parameter is inside of its support."""
    rng = np.random.default_rng(3)
    found = []
    for parameter, link in zip(family.parameters, links, strict=True):
        low, high = max(parameter.support.lower, -2.0), min(parameter.support.upper, 4.0)
        low, high = INSIDE.get(parameter.name, (low, high))
        inside = low + (high - low) * rng.uniform(0.1, 0.9, N)
        least, most = LINKS[link].domain.lower, LINKS[link].domain.upper
        inside = np.maximum(inside, least + 0.1) if np.isfinite(least) else inside
        inside = np.minimum(inside, most - 0.1) if np.isfinite(most) else inside
        with np.errstate(all="raise"):
            found.append(evaluate(LINKS[link].forward, lambda _, x=inside: x, NUMPY))
    return np.array(found)


INSIDE = {"xi": (-0.1, 0.15), "ndt": (0.001, 0.01), "phi": (1.1, 4.0), "power": (1.1, 1.9), "bs": (0.8, 2.0)}
"""Where parameters are taken whose density ends inside of the responses."""


def around(theta: Floats, step: float) -> Floats:
    """(parameters, N) once for each parameter with a step along it: (parameters, parameters, N)."""
    return theta[:, None] + step * np.eye(len(theta))[..., None]


def run(rows: Rows, design: Design, theta: Floats, weights: Floats) -> tuple[float, Floats]:
    """The weighted sum and its derivatives."""
    given, space = given_columns(rows.given, design.n, design.row), np.zeros((len(theta), RUN))
    space[:, : design.n] = theta
    number = ctypes.c_void_p
    function = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_int64, ctypes.c_int64, number, number, number)
    value = function(row_function(rows))(
        design.n, design.n, given.ctypes.data, weights.ctypes.data, space.ctypes.data
    )  # fmt: skip
    return value, space[:, : design.n]


NUMBERED = [f for f in FAMILIES.values() if f.categories is None and not f.made_of]
CASES = [
    (family.name, (link, *(p.links[0] for p in family.parameters[1:])))
    for family in map(FAMILIES.get, DENSITIES)
    if family is not None
    for link in family.parameters[0].links
] + [
    (family.name, (family.parameters[0].links[0], *["identity"] * (len(family.parameters) - 1)))
    for family in NUMBERED
    if len(family.parameters) > 1 or family.name not in DENSITIES
]


@pytest.mark.parametrize(("name", "links"), CASES, ids=str)
def test_value_and_derivatives_are_those_by_hand(name: str, links: tuple[str, ...]) -> None:
    family = FAMILIES[name]
    y, trials = responses(family)
    theta, weights = predictors(family, links), np.linspace(0.5, 2, N)

    density = linked(family, links)
    data = {"y": y, "trials": trials, "dec": np.arange(N) % 2.0}

    def by_record(theta: Floats) -> Floats:
        known = data | dict(zip([p.name for p in family.parameters], theta, strict=True))
        return np.asarray(evaluate(density, lambda v: known[v.name], NUMPY))

    def by_hand(theta: Floats) -> Floats:
        if name not in DENSITIES:
            return by_record(theta)
        known = (INVERSES[link](eta) for link, eta in zip(links, theta, strict=True))
        return np.asarray(DENSITIES[name](y, trials, *known))

    np.testing.assert_allclose(by_record(theta), by_hand(theta), rtol=1e-9)

    design = Design(y, {}, np.arange(N), {name: data[name] for name in ("trials", "dec")})
    rows = rows_from(density, tuple(p.name for p in family.parameters))
    value, slopes = run(rows, design, theta, weights)
    # Up to what depends on the data alone.
    other = theta + 0.01
    change = (weights * (by_hand(other) - by_hand(theta))).sum()
    assert run(rows, design, other, weights)[0] - value == pytest.approx(change, rel=1e-9)
    up, down = by_hand(around(theta, 1e-5)), by_hand(around(theta, -1e-5))
    np.testing.assert_allclose(slopes, weights * (up - down) / 2e-5, rtol=1e-5, atol=1e-6)


WITHIN = {
    "laplace": 1.5, "asym_laplace": 1.5, "exgaussian": 1.5, "inverse_gaussian": 0.7,
    "student": 1.5, "gamma": 0.7, "beta": 0.4, "poisson": 2.0, "negbinomial": 2.0, "nbinom1": 2.0, "binomial": 2.0,
    "truncated_poisson": 2.0, "hurdle_gamma": 0.7, "zero_inflated_negbinomial": 2.0, "zero_one_inflated_beta": 0.4,
}  # fmt: skip
"""A response of families whose distribution functions are incomplete gamma and beta functions, or made of them."""


@pytest.mark.parametrize("name", WITHIN)
def test_rows_of_all_kinds_within_limits(name: str) -> None:
    """Left, seen, right and interval, truncated at both ends."""
    family = limited(FAMILIES[name], ("lb", "ub", "cens", "y2"))
    y, names = WITHIN[name], tuple(p.name for p in family.parameters)
    data = {
        "y": y,
        "y2": y + (1 if family.values.whole else 0.2),
        "lb": 0.0 if y >= 1 else 0.1,
        "ub": 5.0,
        "trials": 8.0,
    }
    data["ub"] = 0.9 if family.values.upper == 1 else data["ub"]
    beside = {"cens": np.array([-1.0, 0, 1, 2]), **{k: np.full(4, v) for k, v in data.items() if k != "y"}}
    design = Design(np.full(4, y), {}, np.arange(4), beside)
    theta = np.tile([[PLACE.get(name, 0.4)] for name in names], (1, 4))

    def by_record(theta: Floats) -> Floats:
        known = design.row | dict(zip(names, theta, strict=True))
        with np.errstate(all="ignore"):
            return np.asarray(evaluate(family.log_density, lambda v: known[v.name], NUMPY))

    rows, weights = rows_from(family.log_density, names), np.linspace(0.5, 2, 4)
    value, slopes = run(rows, design, theta, weights)
    change = run(rows, design, theta * 1.01, weights)[0] - value
    shifted = [theta[:, None], theta[:, None] * 1.01, around(theta, 1e-5), around(theta, -1e-5)]
    here, there, *others = by_record(np.concatenate(shifted, axis=1))
    assert change == pytest.approx((weights * (there - here)).sum(), rel=1e-9)
    up, down = np.split(np.array(others), 2)
    np.testing.assert_allclose(slopes, weights * (up - down) / 2e-5, rtol=1e-5, atol=1e-7)


PLACE = {"nu": 9.0, "quantile": 0.3, "beta": 0.6, "shape": 3.0, "phi": 4.0, "hu": 0.3, "zi": 0.2}


FAR = {
    "gaussian": ((0, 3), (1e8, -1e8), stats.norm(0, 3).logpdf),
    "student": ((0, 2, 3), (50.0, -1.0), stats.t(3, 0, 2).logpdf),
    "binomial(identity)": ((1e-9,), (3, 0), stats.binom(5, 1e-9).logpmf),
    "binomial(logit)": ((-30,), (3, 5), stats.binom(5, sp.expit(-30)).logpmf),
    "binomial(probit)": ((-9,), (3, 0), stats.binom(5, sp.ndtr(-9)).logpmf),
    "binomial(cloglog)": ((-9,), (3, 0), stats.binom(5, -np.expm1(-np.exp(-9))).logpmf),
    "poisson(identity)": ((1e-3,), (3, 0), stats.poisson(1e-3).logpmf),
    "poisson(log)": ((5,), (3, 900), stats.poisson(np.exp(5)).logpmf),
    "negbinomial(identity)": ((2, 1e3), (3, 90), stats.nbinom(1e3, 1e3 / (1e3 + 2)).logpmf),
}
DATA_ALONE = {
    "binomial": lambda y: np.log(sp.binom(5, y)),
    "poisson": lambda y: -sp.gammaln(y + 1),
    "negbinomial": lambda y: -sp.gammaln(y + 1),
}
"""The terms that the row functions leave out."""


@pytest.mark.parametrize("name", FAR)
def test_rows_far_out(name: str) -> None:
    parameters, responses, density = FAR[name]
    family, known = read_family(name)
    links = (known["mu"].name, *["identity"] * (len(parameters) - 1))
    rows = rows_from(linked(family, links), tuple(p.name for p in family.parameters))
    theta = np.array(parameters, dtype=float)[:, None]
    found, expected = [], []
    for y in responses:
        design = Design(np.array([y], dtype=float), {}, np.arange(1), {"trials": np.array([5.0])})
        found.append(run(rows, design, theta, np.ones(1))[0])
        expected.append(density(y) - DATA_ALONE.get(family.name, lambda y: 0.0)(y))
    assert found[0] - found[1] == pytest.approx(expected[0] - expected[1], rel=1e-9, abs=1e-9)
