"""Several responses a row, against SciPy's densities and single models, and the same in every engine."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import tildemc as tm
from programs import same_density
from targets.direct.test_density import compare

R = np.array([[1.0, 0.5, -0.3], [0.5, 1.0, 0.2], [-0.3, 0.2, 1.0]])
MEANS, SDS = np.array([0.3, -1.0, 0.8]), np.array([1.2, 0.7, 2.0])
NAMES = ("y1", "y2", "y3")


def data(n: int = 24, *, complete: bool = False) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"x": rng.normal(size=n), "z": rng.normal(size=n), "g": np.resize(list("abcdef"), n)})
    frame[[*NAMES]] = rng.multivariate_normal(MEANS, R * np.outer(SDS, SDS), n)
    frame["k"], frame["n"] = rng.poisson(3, n), 9
    frame["won"] = rng.binomial(9, 0.4, n)
    if not complete:
        frame.loc[[1, 5], "y1"] = np.nan
        frame.loc[[2, 5, 9], "y2"] = np.nan
        frame.loc[[9, 11], "y3"] = np.nan
        frame.loc[3, "k"] = np.nan
    return frame


def values(names: tuple[str, ...], **more: Any) -> dict[str, Any]:
    found = {name: MEANS[k] for k, name in enumerate(names)}
    return found | {f"sigma_{name}": SDS[k] for k, name in enumerate(names)} | more


LAWS = {
    "gaussian": lambda y, mean, cov: stats.multivariate_normal(mean, cov).logpdf(y),
    "student": lambda y, mean, cov: stats.multivariate_t(mean, cov, df=5.0).logpdf(y),
}


@pytest.mark.parametrize("family", LAWS)
def test_correlated_responses_are_those_of_scipy_and_rows_that_lack_some_are_their_margins(family: str) -> None:
    frame = data()
    model = tm.model("mvbind(y1, y2, y3) ~ 1", frame, family)
    own = values(NAMES, rescor=R, **({"nu": 5.0} if family == "student" else {}))
    found = model.log_likelihood(own)
    covariance = R * np.outer(SDS, SDS)
    for row, value in zip(frame[[*NAMES]].to_numpy(), found, strict=True):
        there = np.flatnonzero(np.isfinite(row))
        expected = LAWS[family](row[there], MEANS[there], covariance[np.ix_(there, there)])
        assert value == pytest.approx(expected, rel=1e-12)


SINGLE = [
    ("y1 ~ x", "gaussian", "y2 ~ z", "student", {"nu_y2": 4.0}),
    ("y1 ~ x", "gaussian", "k ~ z", "poisson", {}),
    ("y1 | weights(n) ~ x", "gaussian", "won | trials(n) ~ z", "binomial", {}),
    ("y1 | se(n) ~ x", "gaussian", "k | trunc(lb = 0) ~ z", "negbinomial", {"shape_k": 3.0}),
    ("k ~ x", "poisson", "y1 | cens(0) ~ z", "gaussian", {}),
]


@pytest.mark.parametrize(("one", "first", "other", "second", "more"), SINGLE)
def test_independent_responses_have_the_sum_of_their_own_log_densities(
    one: str, first: str, other: str, second: str, more: dict[str, float]
) -> None:
    frame = data().drop(index=5)
    text = f"bf({one}, family = {first}) + bf({other}, family = {second}) + set_rescor(FALSE)"
    whole = tm.model(text, frame)
    known = {p.name: 0.4 for p in whole.spec.family.parameters} | more
    expected = np.zeros(len(frame))
    for formula, family in ((one, first), (other, second)):
        name = formula.split()[0]
        own = {k.removesuffix(f"_{name}"): v for k, v in known.items() if k.endswith(f"_{name}")} | {"mu": 0.4}
        single = tm.model(formula, frame, family)
        own = {k: v for k, v in own.items() if single.spec.family.parameter(k) is not None}
        own = {k: v for k, v in own.items() if k == "mu" or not ("se(" in formula and k == "sigma")}
        expected[frame[name].notna()] += single.log_likelihood(own)
    known = {k: v for k, v in known.items() if not ("se(" in one and k == "sigma_y1")}
    np.testing.assert_allclose(whole.log_likelihood(known), expected, rtol=1e-12)


MODELS = [
    "bf(y1 ~ x + (1 | p | g)) + bf(y2 ~ z + (1 | p | g)) + set_rescor(TRUE)",
    "mvbind(y1, y2, y3) ~ x",
    "bf(y ~ x + (1 | p | g), sigma ~ z) + bf(value ~ (1 + z | p | g), family = poisson)",
    "bf(x ~ z + (1 | p | g)) + bf(won | trials(n) ~ (1 | p | g), family = binomial) + bf(g ~ z, family = bernoulli)",
]


@pytest.mark.parametrize("text", MODELS)
def test_graph_source_and_direct_engine_have_one_density(text: str, tmp_path: Path) -> None:
    """Whatever responses are called, those among them that densities and printed functions call something else."""
    frame = data().rename(columns={"k": "value"})
    frame = frame.assign(y=frame["y1"]) if "y ~" in text else frame
    frame = frame.assign(g=np.resize(["no", "yes"], 24)) if "bernoulli" in text else frame
    frame.to_csv(tmp_path / "data.csv", index=False)
    model = tm.model(text, tmp_path / "data.csv")
    compare(model, points=2)
    same_density(model.pymc(), model.source(), tmp_path)


def test_lkj_is_beta_of_partial_correlations() -> None:
    """Against the density of LKJ by itself, at two matrices: their ratio is that of the determinants' powers."""
    rescor = tm.model("mvbind(y1, y2, y3) ~ 1", data(), priors="rescor ~ lkj(3)").spec.rescor
    assert rescor is not None
    found = []
    for partial in (np.array([0.5, -0.2, 0.3]), np.array([-0.1, 0.6, 0.2])):
        matrix = rescor.matrix(partial)

        def entries(p: Any) -> Any:
            return rescor.matrix(p)[np.triu_indices(3, 1)]

        steps = [(entries(partial + h) - entries(partial - h)) / 2e-6 for h in 1e-6 * np.eye(3)]
        jacobian = np.log(abs(np.linalg.det(steps)))
        own = sum(p.log_density(0.5 * (1 + v)) for p, v in zip(rescor.halves, partial, strict=True))
        found.append(own - jacobian - 2 * np.linalg.slogdet(matrix)[1])
    assert found[0] == pytest.approx(found[1], abs=1e-6)
    for i, j in combinations(range(3), 2):
        assert abs(rescor.matrix(partial)[i, j]) < 1
