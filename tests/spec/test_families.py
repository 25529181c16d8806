"""Families against brms's own, and one that exists for a test only."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from mpmath import mp, mpf
from scipy import integrate, optimize, special, stats

import tildemc as tm
from programs import run_source, same_graph
from shared import SHARED
from targets.direct.test_density import compare
from tildemc.errors import DataError, SemanticError
from tildemc.spec.chance import one
from tildemc.spec.expr import Expr, Var, evaluate
from tildemc.spec.families import FAMILIES, Family, FamilyParameter
from tildemc.spec.families.reals import ANGLES
from tildemc.spec.families.values import NUMBERS
from tildemc.spec.priors import RESIDUAL_SD
from tildemc.spec.support import POSITIVE, REAL
from tildemc.spec.vocabulary import NUMPY, apply

ORACLE = None if SHARED is None else SHARED / "oracles" / "families.json"
COMPARED = ("plain", "weights", "mean")
NAMES = {name: family for family in FAMILIES.values() for name in (family.name, *family.aliases)}


def oracle() -> list[Any]:
    """brms's values for the families that there are."""
    if ORACLE is None or not ORACLE.is_file():
        return []
    cases = json.loads(ORACLE.read_text())["cases"]
    # brms takes `bias` for a distance in its mean of a wiener response, and for a share of `bs` in the density.
    wrong = ("wiener", "mean")
    return [
        case
        for case in cases
        if case["family"] in NAMES and case["mode"] in COMPARED and (case["family"], case["mode"]) != wrong
    ]


@pytest.mark.skipif(not oracle(), reason="no shared oracles")
@pytest.mark.parametrize("case", oracle(), ids=lambda case: f"{case['family']}-{case['mode']}-{case.get('y', '')}")
def test_densities_and_means_are_brms(case: dict[str, Any]) -> None:
    family = NAMES[case["family"]]
    draws = {name: np.array(values) for name, values in case["parameters"].items()}
    n = len(draws["mu"])
    y = np.full(n, 0.5 if case.get("y") is None else case["y"])
    y = np.round(y) if family.values.whole else y
    frame = pd.DataFrame({"y": y, "n": case["trials"] or 1, "w": case.get("weight") or 1.0, "upper": True})
    # A model needs a response that varies, and what it is read with is not what it is asked about.
    frame = pd.concat([frame, frame.assign(y=(y + 1) % 2 if family.values.whole else (y + 1) / 2 - 0.1 * (y == 1))])
    own = {"trials": "trials(n)", "dec": "dec(upper)"}
    beside = [own[name] for name in family.modifiers if name in own] + ["weights(w)"] * (case["mode"] == "weights")
    left = " | ".join(["y", " + ".join(beside)]) if beside else "y"
    model = tm.model(f"{left} ~ 1", frame, family=case["family"])
    values = {name: np.tile(drawn, 2) for name, drawn in draws.items()}
    mean = case["mode"] == "mean"
    found = (model.predict_at if mean else model.log_likelihood)(values).iloc[:n]
    theirs = case["mean" if mean else "log_lik"]
    if family.name in ROUGH:
        np.testing.assert_allclose(found, theirs, rtol=5e-3)
        theirs = [
            ROUGH[family.name](case, *map(mpf, point)) for point in zip(*case["parameters"].values(), strict=True)
        ]
    np.testing.assert_allclose(found, np.array(theirs, dtype=float), rtol=1e-8, atol=1e-11)


def _com_poisson(case: dict[str, Any], mu: mpf, shape: mpf) -> mpf:
    chances = [(mu**k / mp.factorial(k)) ** shape for k in range(200)]
    if case["mode"] == "mean":
        return sum(k * chance for k, chance in enumerate(chances)) / sum(chances)
    return (case["weight"] or 1) * mp.log(chances[case["y"]] / sum(chances))


def _discrete_weibull(case: dict[str, Any], mu: mpf, shape: mpf) -> mpf:
    if case["mode"] == "mean":
        return mp.nsum(lambda k: mu ** (k**shape), [1, mp.inf])
    y = case["y"]
    return (case["weight"] or 1) * mp.log(mu ** (y**shape) - mu ** ((y + 1) ** shape))


ROUGH = {"com_poisson": _com_poisson, "discrete_weibull": _discrete_weibull}
"""Where brms has two or three digits only, by an expansion or a sum that is cut off: the values by definition."""


DRAWS = 200_000
PLAIN = [
    name
    for name, family in FAMILIES.items()
    if family.categories is None and not family.made_of and family.timed is None
]
KNOWN = {
    "mu": 0.4, "sigma": 0.5, "nu": 9.0, "shape": 3.0, "phi": 4.0, "trials": 8.0, "alpha": 2.0, "beta": 0.3, "xi": 0.1,
    "quantile": 0.3, "kappa": 9.0, "ndt": 0.1, "psi": 5.0, "power": 1.4, "bs": 1.2, "bias": 0.3,
    "dec": 1.0,
}  # fmt: skip


def at_known(expr: Expr, **more: Any) -> Any:
    """A family's arithmetic at some values of its parameters."""
    return evaluate(expr, lambda v: (KNOWN | more)[v.name], NUMPY)


@pytest.mark.parametrize("name", [name for name in PLAIN if FAMILIES[name].pymc])
def test_mean_and_variance_are_those_of_pymcs_draws(name: str) -> None:
    """`centre` has the mean `middle` and the variance `variance`."""
    import pymc as pm

    family = FAMILIES[name]
    arguments = {name: at_known(expr) for name, expr in family.native.items()}
    if "n" in arguments:
        arguments["n"] = 8
    y = pm.draw(getattr(pm, family.pymc).dist(**arguments, shape=DRAWS), random_seed=1).astype(float)
    centred = at_known(family.centre, y=y) * np.ones(DRAWS)
    assert y.mean() == pytest.approx(at_known(family.mean), rel=0.02)
    assert centred.mean() == pytest.approx(at_known(family.middle), rel=0.02)
    assert centred.var() == pytest.approx(at_known(family.variance), rel=0.1)


@pytest.mark.parametrize("name", PLAIN)
def test_draws_have_the_mean_the_variance_and_the_distribution(name: str) -> None:
    family, generator, n = FAMILIES[name], np.random.default_rng(2), 20_000
    y, beside = family.draw.of(KNOWN, generator, (n,)), {}
    if family.signed is not None:
        signed = family.signed.of(KNOWN, generator, (n,))
        y, beside = abs(signed), {"dec": signed > 0}
    centred = at_known(family.centre, y=y)
    assert centred.mean() == pytest.approx(at_known(family.middle), abs=5 * centred.std() / np.sqrt(n))
    assert centred.var() == pytest.approx(at_known(family.variance), rel=0.1)
    below = at_known(family.cdf, y=y, **beside)
    if family.values.whole or family.values.atoms:
        before = at_known(family.cdf, y=family.values.before(y))
        below = before + generator.uniform(size=n) * (below - before)
    assert stats.kstest(below, "uniform").pvalue > 1e-3


def _skewed(alpha: float, mean: float, sd: float) -> tuple[float, float]:
    """SciPy's location and scale of a skewed normal distribution with that mean and sd."""
    delta = alpha / np.sqrt(1 + alpha**2)
    scale = sd / np.sqrt(1 - 2 / np.pi * delta**2)
    return mean - scale * delta * np.sqrt(2 / np.pi), scale


class _Counted:
    """A distribution of counts by probabilities in proportion to those given, as SciPy's are called."""

    def __init__(self, chance: Callable[[np.ndarray], np.ndarray]) -> None:
        chances = chance(np.arange(150.0))
        self.chances = chances / chances.sum()

    def logpmf(self, y: np.ndarray) -> np.ndarray:
        return np.log(np.append(self.chances, 0.0)[y.astype(int)])

    def cdf(self, y: np.ndarray) -> np.ndarray:
        return np.append(np.cumsum(self.chances), 0.0)[y.astype(int)]

    def sf(self, y: np.ndarray) -> np.ndarray:
        return np.append(self.chances[::-1].cumsum()[::-1][1:], [0.0, 1.0])[y.astype(int)]


class _Summed:
    """A Poisson number of gamma amounts, as SciPy's distributions are called."""

    def __init__(self, mu: float, phi: float, power: float) -> None:
        counts = np.arange(1.0, 200)
        self.chances = stats.poisson.pmf(np.arange(200.0), mu ** (2 - power) / (phi * (2 - power)))
        self.sums = stats.gamma(counts * (2 - power) / (power - 1), scale=phi * (power - 1) * mu ** (power - 1))

    def ppf(self, _: list[float]) -> np.ndarray:
        return np.array([0.0, 1e-6, 0.2])

    def isf(self, _: list[float]) -> np.ndarray:
        return np.array([1.0, 50.0])

    def logpdf(self, y: np.ndarray) -> np.ndarray:
        positive = self.sums.pdf(y[:, None]) @ self.chances[1:]
        return np.log(np.where(y == 0, self.chances[0], positive))

    def cdf(self, y: np.ndarray) -> np.ndarray:
        return 0.0 if np.isscalar(y) else self.chances[0] + self.sums.cdf(y[:, None]) @ self.chances[1:]

    def sf(self, y: np.ndarray) -> np.ndarray:
        return self.sums.sf(y[:, None]) @ self.chances[1:]


class _Walk:
    """A walk of a drift from a share `start` of a width, until it is above: by its images in many ends."""

    def __init__(self, drift: float, width: float, late: float, start: float) -> None:
        self.drift, self.width, self.late, self.start = -drift, width, late, 1 - start
        self.chance = integrate.quad(self._density, late, 60, limit=400, epsabs=0, epsrel=1e-12)[0]

    def _density(self, y: np.ndarray) -> np.ndarray:
        time, z, k = np.asarray(y - self.late)[..., None], self.start, np.arange(-200, 201)
        place = (z + 2 * k) * self.width
        images = (place * np.exp(-(place**2) / (2 * np.maximum(time, 1e-9)))).sum(axis=-1)
        time = np.maximum(time[..., 0], 1e-9)
        drifting = np.exp(-self.drift * self.width * z - self.drift**2 * time / 2)
        return drifting * images / np.sqrt(2 * np.pi * time**3)

    def ppf(self, _: list[float]) -> np.ndarray:
        return np.array([0.16, 0.3, 0.5])

    def isf(self, _: list[float]) -> np.ndarray:
        return np.array([0.9, 2.0])

    def logpdf(self, y: np.ndarray) -> np.ndarray:
        return np.log(self._density(y))

    def cdf(self, y: np.ndarray) -> np.ndarray:
        return np.array([self._between(self.late, end) for end in np.atleast_1d(y)])

    def sf(self, y: np.ndarray) -> np.ndarray:
        return np.array([self._between(start, 60) for start in np.atleast_1d(y)])

    def _between(self, low: float, high: float) -> float:
        return integrate.quad(self._density, low, high, limit=400, epsabs=0, epsrel=1e-11)[0] / self.chance


def _huang(mu: float, phi: float) -> _Counted:
    """Conway and Maxwell's counts that have a mean: their rate by bisection."""

    def counted(log_rate: float) -> _Counted:
        return _Counted(lambda k: np.exp((k * log_rate - special.gammaln(k + 1)) / phi))

    return counted(optimize.brentq(lambda r: np.arange(150) @ counted(r).chances - mu, -20, 5, xtol=1e-14, rtol=1e-14))


SCIPY = {
    "gaussian": stats.norm(0.4, 0.5),
    "student": stats.t(9, 0.4, 0.5),
    "bernoulli": stats.bernoulli(0.4),
    "binomial": stats.binom(8, 0.4),
    "poisson": stats.poisson(0.4),
    "negbinomial": stats.nbinom(3, 3 / 3.4),
    "gamma": stats.gamma(3, scale=0.4 / 3),
    "beta": stats.beta(1.6, 2.4),
    "lognormal": stats.lognorm(0.5, scale=np.exp(0.4)),
    "weibull": stats.weibull_min(3, scale=0.4 / special.gamma(4 / 3)),
    "exponential": stats.expon(scale=0.4),
    "beta_binomial": stats.betabinom(8, 1.6, 2.4),
    "skew_normal": stats.skewnorm(2, *_skewed(2, 0.4, 0.5)),
    "laplace": stats.laplace(0.4, 0.5),
    "asym_laplace": stats.laplace_asymmetric(np.sqrt(0.3 / 0.7), 0.4, 0.5 / np.sqrt(0.21)),
    "logistic": stats.logistic(0.4, 0.5),
    "exgaussian": stats.exponnorm(0.3 / 0.5, 0.4 - 0.3, 0.5),
    "gen_extreme_value": stats.genextreme(-0.1, 0.4, 0.5),
    "von_mises": stats.vonmises(9, 0.4),
    "shifted_lognormal": stats.lognorm(0.5, 0.1, np.exp(0.4)),
    "inverse_gaussian": stats.invgauss(0.4 / 3, scale=3),
    "frechet": stats.invweibull(9, scale=0.4 / special.gamma(8 / 9)),
    "negbinomial2": stats.nbinom(2, 1 / (1 + 0.2)),
    "nbinom1": stats.nbinom(0.1, 1 / 5),
    "geometric": stats.nbinom(1, 1 / 1.4),
    "genpois": _Counted(lambda k: 0.2 * (0.2 + 0.5 * k) ** (k - 1) * np.exp(-0.2 - 0.5 * k) / special.factorial(k)),
    "com_poisson": _Counted(lambda k: (0.4**k / special.factorial(k)) ** 3),
    "compois": _huang(0.4, 4.0),
    "nbinom12": stats.nbinom(0.4 / 4.08, 1 / 5.08),
    "wiener": _Walk(0.4, 1.2, 0.1, 0.3),
    "tweedie": _Summed(0.4, 4.0, 1.4),
    "lognormal_mean": stats.lognorm(np.sqrt(np.log(41 / 16)), scale=0.4 / np.sqrt(41 / 16)),
    "discrete_weibull": _Counted(lambda k: 0.4 ** (k**3) - 0.4 ** ((k + 1) ** 3)),
}
"""The families at `KNOWN`."""


@pytest.mark.parametrize("name", PLAIN)
def test_densities_and_distribution_functions_are_scipys_also_far_out(name: str) -> None:
    family, theirs = FAMILIES[name], SCIPY[name]
    if family.values.whole:
        y = np.arange(-1.0, min(family.values.upper, 8.0) + 1)
    else:
        y = np.concatenate([theirs.ppf([1e-12, 1e-3, 0.3, 0.9]), theirs.isf([1e-6, 1e-12])])
    with np.errstate(divide="ignore"):
        density = theirs.logpmf(y) if family.values.whole else theirs.logpdf(y)
    inside = y >= 0 if family.values.whole else np.isfinite(density)
    np.testing.assert_allclose(at_known(family.log_density, y=y[inside]), density[inside], rtol=1e-9)
    # SciPy's angles go on beyond a circle, and so has less digits of its ends.
    low, high = (theirs.cdf(-np.pi), theirs.sf(np.pi)) if family.values == ANGLES else (0.0, 0.0)
    rough = 1e-15 * (family.values.whole or family.values == ANGLES)
    np.testing.assert_allclose(at_known(family.cdf, y=y), theirs.cdf(y) - low, rtol=1e-8, atol=max(rough, 1e-300))
    np.testing.assert_allclose(at_known(family.tail, y=y), theirs.sf(y) - high, rtol=1e-8, atol=rough)


def test_what_is_too_large_or_too_small_to_be_drawn_is_its_limit() -> None:
    generator = np.random.default_rng(1)
    large = FAMILIES["poisson"].draw.of({"mu": np.array([0.0, 1e30, np.inf])}, generator, (3,))
    assert large.tolist() == [0.0, 1e30, np.inf]
    edges = FAMILIES["beta"].draw.of({"mu": np.array([0.0, 1.0]), "phi": 3.0}, generator, (2,))
    assert edges.tolist() == [0.0, 1.0]


_z = (Var("y") - Var("mu")) / Var("sigma")
LOGISTIC = Family(
    name="logistic", title="Logistic", values=NUMBERS, pymc="Logistic", latex=r"\mathrm{Logistic}",
    parameters=(FamilyParameter("mu", REAL, ("identity",)), FamilyParameter("sigma", POSITIVE, ("log",), RESIDUAL_SD)),
    log_density=-_z - apply("log", Var("sigma")) - 2 * apply("softplus", -_z),
    mean=Var("mu"), variance=Var("sigma") ** 2 * (np.pi**2 / 3), cdf=apply("sigmoid", _z), tail=apply("sigmoid", -_z),
    draw=one("logistic", Var("mu"), Var("sigma")), native={"mu": Var("mu"), "s": Var("sigma")},
)  # fmt: skip


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    x, g = rng.normal(size=80), np.arange(80) % 8
    return pd.DataFrame({"x": x, "g": g, "y": 1 + x + rng.normal(size=8)[g] + rng.logistic(size=80)})


def test_a_record_is_all_that_a_family_takes(
    frame: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FAMILIES, "logistic", LOGISTIC)
    model = tm.model("y ~ x + (1 | g)", frame, family="logistic")
    compare(model, points=1)
    frame.to_csv(tmp_path / "data.csv", index=False)
    printed = run_source(model.source(), tmp_path)
    same_graph(model.pymc(), printed)
    fit = model.fit(draws=100, tune=150, chains=2, seed=1, progress=False)
    assert fit.path.startswith("transport")
    assert float(fit.data["posterior"]["b"].mean()) == pytest.approx(1, abs=0.5)
    assert np.isfinite(fit.loo().elpd)
    assert np.isfinite(fit.predict(kind="response", seed=1)).all(axis=None)
    assert stats.kstest(fit.residuals("quantile")["residual"], "norm").pvalue > 0.01
    assert "logistic with identity link" in str(model)


REFUSED = [
    ("gamma", "y ~ 1", [1.0, 0.0, 2.0], "a gamma response is a number greater than 0, but `y` is 0"),
    ("lognormal", "y ~ 1", [1.0, -1.0, 2.0], "a lognormal response is a number greater than 0"),
    ("weibull", "y ~ 1", [0.0, 1.0, 2.0], "a weibull response is a number greater than 0"),
    ("exponential", "y ~ 1", [-3.0, 1.0, 2.0], "an exponential response is a number greater than 0"),
    ("beta", "y ~ 1", [0.5, 1.0, 0.2], "a beta response is a number between 0 and 1, and neither, but `y` is 1"),
    ("beta", "y ~ 1", [0.0, 0.5, 0.2], "a beta response is a number between 0 and 1, and neither, but `y` is 0"),
    ("beta_binomial", "y | trials(5) ~ 1", [1.5, 1.0, 2.0], "a beta_binomial response is a whole number from 0 up"),
    ("beta_binomial", "y | trials(5) ~ 1", [6.0, 1.0, 2.0], "`y` is more than the trials"),
    ("poisson", "y ~ 1", [0.5, 1.0, 2.0], "a poisson response is a whole number from 0 up"),
    ("gamma", "y ~ 1", [2.0, 2.0, 2.0], "the response `y` is 2 in every row"),
    ("beta", "y ~ 1", [0.5, 0.5, 0.5], "the response `y` is 0.5 in every row"),
]


@pytest.mark.parametrize(("family", "formula", "y", "message"), REFUSED)
def test_a_response_that_a_family_has_not(family: str, formula: str, y: list[float], message: str) -> None:
    with pytest.raises((DataError, SemanticError), match=message):
        tm.model(formula, pd.DataFrame({"y": y}), family=family)


def test_trials_are_needed_where_single_ones_make_no_family() -> None:
    with pytest.raises(SemanticError, match=r"needs its trials: `y \| trials\(n\)`"):
        tm.model("y ~ 1", pd.DataFrame({"y": [0, 1, 1]}), family="beta_binomial")
