"""Effects of areas that resemble their neighbours: brms's densities, the same in every engine, and maps refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

import tildemc as tm
from programs import same_density
from targets.direct.test_density import compare
from targets.marginal.test_blocked import both
from tildemc.spec.areas import AREAS

LEVELS = [*"abcde"]
W = np.zeros((5, 5))
for i, j in ((0, 1), (1, 2), (2, 3), (3, 4), (0, 4), (1, 3)):
    W[i, j] = W[j, i] = 1.0
M = pd.DataFrame(W, LEVELS, LEVELS)
RNG = np.random.default_rng(4)
DATA = pd.DataFrame({"y": RNG.normal(size=20), "x": RNG.normal(size=20), "g": np.resize(LEVELS, 20)})
DATA["n"] = RNG.poisson(3.0, 20)
KINDS = [*AREAS]


def model(kind: str, text: str = "y ~ x", **more: object) -> tm.Model:
    return tm.model(f'{text} + car(M, gr = g, type = "{kind}")', DATA, data2={"M": M}, **more)  # type: ignore[arg-type]


def covariance(kind: str, sd: float, share: float) -> np.ndarray:
    """Of the effects, as the term makes them."""
    [term] = model(kind).spec.predictors[0].areas
    shares = np.full((term.width, len(term.shares)), share)
    columns = term.effects(np.full(term.width, sd), shares, np.eye(term.width))
    return columns.T @ columns


D = np.diag(W.sum(axis=1))


def test_escar_is_brmss() -> None:
    """sparse_car_lpdf: ½ (n log τ + Σ log(1 - car λ) - τ (φ'Dφ - car φ'Wφ)), λ of D^-½ W D^-½."""
    sd, car, phi = 0.7, 0.6, RNG.normal(size=(3, 5))
    root = np.diag(1.0 / np.sqrt(W.sum(axis=1)))
    halves = np.log1p(-car * np.linalg.eigvalsh(root @ W @ root)).sum()
    stan = [0.5 * (-10 * np.log(sd) + halves - (p @ D @ p - car * p @ W @ p) / sd**2) for p in phi]
    ours = [_log_normal(p, covariance("escar", sd, car)) for p in phi]
    # Stan leaves ½ log|D| - n/2 log 2π out.
    constant = 0.5 * np.log(np.diag(D)).sum() - 2.5 * np.log(2 * np.pi)
    np.testing.assert_allclose(ours, np.array(stan) + constant)


def test_esicar_is_brmss() -> None:
    """sparse_icar_lpdf of effects that add up to zero: ½ ((n - 1) log τ - τ φ'(D - W)φ)."""
    sd, phi = 0.7, RNG.normal(size=(3, 5))
    phi -= phi.mean(axis=1, keepdims=True)
    stan = np.array([0.5 * (-8 * np.log(sd) - p @ (D - W) @ p / sd**2) for p in phi])
    found = covariance("esicar", sd, 0.0)
    np.testing.assert_allclose(found.sum(axis=0), 0.0, atol=1e-12)
    ours = [_log_normal(p[:4], found[:4, :4]) for p in phi]
    np.testing.assert_allclose(np.diff(ours), np.diff(stan))


def icar_density(z: np.ndarray) -> float:
    """-½ Σ over borders of (z_i - z_j)² + N(Σ z | 0, 0.001 n): Stan's."""
    i, j = np.nonzero(np.triu(W))
    return float(-0.5 * ((z[i] - z[j]) ** 2).sum() + norm.logpdf(z.sum(), 0.0, 0.001 * len(z)))


def test_icar_is_brmss() -> None:
    sd, z = 0.7, 0.01 * RNG.normal(size=(3, 5))
    ours = [_log_normal(sd * one, covariance("icar", sd, 0.0)) for one in z]
    np.testing.assert_allclose(np.diff(ours), np.diff([icar_density(one) for one in z]))


def test_bym2_is_brmss() -> None:
    """rcar = sdcar (√(1 - rhocar) nszcar + √(rhocar / car_scale) zcar); car_scale is that of brms 2.18's standata."""
    sd, rho = 0.7, 0.3
    soft = covariance("icar", 1.0, 0.0)
    np.testing.assert_allclose(
        covariance("bym2", sd, rho), sd**2 * ((1 - rho) * np.eye(5) + rho / CAR_SCALE * soft), rtol=1e-6
    )


CAR_SCALE = 0.318117013066
"""`make_standata(y ~ x + car(M, gr = g, type = "bym2"), …)$car_scale`, which has a jitter of 1.5e-8 on its diagonal."""


def _log_normal(x: np.ndarray, covariance: np.ndarray) -> float:
    return float(-0.5 * (np.linalg.slogdet(2 * np.pi * covariance)[1] + x @ np.linalg.solve(covariance, x)))


@pytest.mark.parametrize("kind", KINDS)
def test_kernels_have_the_density_of_their_definition(kind: str) -> None:
    for mine, theirs in zip(*both(model(kind, "y ~ x + (1 | n)")), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-8, atol=1e-8 * max(1.0, float(np.abs(theirs).max(initial=0))))


@pytest.mark.parametrize("kind", ["escar", "icar"])
def test_the_kernel_and_the_source_have_the_graphs_density(kind: str, tmp_path: Path) -> None:
    found = model(kind, "n ~ x", family="poisson")
    compare(found, points=2)
    DATA.to_csv(tmp_path / "data.csv", index=False)
    same_density(found.pymc(), found.source("data.csv"), tmp_path)


def test_effects_are_drawn_predicted_and_kept(tmp_path: Path) -> None:
    fit = model("bym2", "n ~ x", family="poisson", priors=("sdcar ~ exponential(1)", "rhocar ~ beta(2, 2)")).fit(
        draws=100, tune=200, chains=2, seed=1, progress=False
    )
    drawn = fit.data["posterior"]
    assert drawn["rcar"].dims == ("chain", "draw", "g") and [*drawn["rcar"].coords["g"].values] == LEVELS
    new = pd.DataFrame({"x": [0.0, 0.0], "g": ["b", "e"]})
    eta = drawn["Intercept"].to_numpy() + drawn["rcar"].sel(g="e").to_numpy()
    np.testing.assert_allclose(fit.predict(new, kind="linear")["mean"].iloc[1], eta.mean(), rtol=1e-6)
    with pytest.raises(tm.TildeError, match="`g` has no level z"):
        fit.predict(new.assign(g="z"))
    fit.save(tmp_path / "fit.nc")
    again = tm.load(tmp_path / "fit.nc")
    np.testing.assert_allclose(again.predict(new)["mean"], fit.predict(new)["mean"])


def test_prior_draws_vary_as_the_structure_says() -> None:
    drawn = model("escar", priors=("sdcar ~ uniform(0.999, 1.001)", "car ~ uniform(0.499, 0.501)"))
    effects = drawn.prior_predictive(draws=4000, seed=1).prior.to_dataset()["rcar"].to_numpy().reshape(-1, 5)
    np.testing.assert_allclose(np.cov(effects.T), covariance("escar", 1.0, 0.5), atol=0.06)


def test_a_pasted_call_of_brms_is_read() -> None:
    call = """brm(n ~ x + car(M, gr = g, type = "icar"), data = d, data2 = list(M = M), family = poisson(),
        prior = prior(normal(0, 1), class = sdcar))"""
    found = tm.model(call, DATA, data2={"M": M})
    assert "sdcar ~ half_normal(0, 1)" in str(found) and "5 areas, 6 borders" in str(found)
    assert 'car(M, gr = g, type = "icar")' in str(tm.convert(call, "brms"))
    for language in ("lme4", "glmmTMB"):
        assert any("the effects of areas" in said for said in tm.convert(call, language).cannot_say)
    assert any("car(M, gr = g" in said for said in tm.convert(call, "stata").cannot_say)


TWO = pd.DataFrame(np.kron(np.eye(2), 1 - np.eye(2)), LEVELS[:4], LEVELS[:4])
"""Two pairs of neighbours."""
FOUR = DATA[DATA["g"] != "e"]
MISTAKES = [
    ("y ~ car(M)", DATA, M, "`car()` needs the column of areas"),
    ("y ~ car(M, gr = g + x)", DATA, M, "`gr` of `car()` is one column"),
    ("y ~ car(gr = g)", DATA, M, "M"),
    ("y ~ car(1, gr = g)", DATA, M, "`M` of `car()` is the name of a matrix"),
    ('y ~ car(M, gr = g, type = "escra")', DATA, M, "no type 'escra'; did you mean `escar`?"),
    ("y ~ car(M, gr = g, type = 1)", DATA, M, "`type` of `car()` is a text"),
    ("y ~ car(M, gr = g, k = 1)", DATA, M, "`k`"),
    ("y ~ car(N, gr = g)", DATA, M, "no matrix `N`"),
    ("y ~ car(M, gr = h)", DATA, M, "no column `h`"),
    ("y ~ x:car(M, gr = g)", DATA, M, "effects of areas can only be added"),
    ('y ~ car(M, gr = g) + car(M, gr = g, type = "icar")', DATA, M, "one term of areas"),
    ("y ~ car(M, gr = g)", DATA, M.iloc[1:], "has no row for a of `g`"),
    ("y ~ car(M, gr = g)", DATA, M + np.eye(5), "beside itself"),
    ("y ~ car(M, gr = g)", DATA, M + np.triu(np.ones((5, 5)), 1), "is not symmetric"),
    ("y ~ car(M, gr = g)", DATA[DATA["g"].isin(["a", "c", "d"])], M, "no neighbour among the data's areas for a"),
    ('y ~ car(M, gr = g, type = "icar")', FOUR, TWO, "falls into 2 parts"),
    ('y ~ car(M, gr = g, type = "bym2")', FOUR, TWO, "falls into 2 parts"),
]


@pytest.mark.parametrize(("text", "data", "matrix", "fragment"), MISTAKES)
def test_what_is_no_map_is_told(text: str, data: pd.DataFrame, matrix: pd.DataFrame, fragment: str) -> None:
    with pytest.raises(tm.TildeError) as caught:
        tm.model(text, data, data2={"M": matrix})
    assert fragment in str(caught.value)


def test_a_map_in_parts_and_other_numbers_than_one_are_taken_as_brms_takes_them() -> None:
    found = tm.model("y ~ x + car(M, gr = g)", FOUR, data2={"M": 3 * TWO})
    assert "taken for 1, as in brms" in str(found)
