"""Families of categories against brms's own chances, and against arithmetic of many digits."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

import mpmath as mp
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import tildemc as tm
from shared import SHARED
from tildemc.errors import TildeError
from tildemc.spec.expr import evaluate
from tildemc.spec.families import FAMILIES, KEYED, Family
from tildemc.spec.links import LINKS
from tildemc.spec.vocabulary import NUMPY

ORACLE = None if SHARED is None else SHARED / "oracles" / "families.json"
KNOWN = {
    "mu": 0.3,
    "disc": 1.4,
    "hu": 0.2,
    "thresholds": np.array([-0.8, 0.2, 1.5]),
    "mub": 0.7,
    "muc": -0.4,
    "mud": 0.1,
}
LABELS = ("a", "b", "c", "d")


def oracle() -> list[Any]:
    if ORACLE is None or not ORACLE.is_file():
        return []
    return [case for case in json.loads(ORACLE.read_text())["cases"] if "probability" in case]


def families() -> list[Family]:
    """Every family of categories under each of its links, of four categories."""
    made = [(family, link) for family in FAMILIES.values() if family.several is None for link in family.links]
    return [family.made(LABELS, LINKS[link]) for family, link in made if family.made is not None]


def named(family: Family) -> str:
    return family.key


@pytest.mark.skipif(not oracle(), reason="no shared oracles")
@pytest.mark.parametrize("case", oracle(), ids=lambda case: f"{case['family']}-{case.get('link')}")
def test_chances_are_brms(case: dict[str, Any]) -> None:
    chances = np.array(case["probability"])
    rows = pd.DataFrame({"y": np.arange(chances.shape[1]) + 1, "x": np.arange(chances.shape[1]) ** 2})
    ordered = "thresholds" in case
    text, link = ("y ~ x; disc ~ x", f"({case['link']})") if ordered else ("y ~ 1", "")
    model = tm.model(text, rows, family=f"{case['family']}{link}")
    for i, expected in enumerate(chances):
        values = {"mu": case["eta"][i], "disc": case["disc"][i], "Intercept": case["thresholds"][i]} if ordered else {
            f"mu{k}": eta for k, eta in enumerate(case["eta"][i][1:], start=2)
        }  # fmt: skip
        # Where brms takes a chance from 1, it has no more digits than this: of 2.2e-13 it has five.
        np.testing.assert_allclose(model.predict_at(values).iloc[0], expected, rtol=1e-8, atol=1e-17)
        np.testing.assert_allclose(np.exp(model.log_likelihood(values)), expected, rtol=1e-8, atol=1e-17)


@pytest.mark.parametrize("family", families(), ids=named)
def test_density_moments_and_draws_are_those_of_the_chances(family: Family) -> None:
    assert family.categories is not None

    def at(expr: Any, **more: Any) -> Any:
        return evaluate(expr, lambda v: (KNOWN | more)[v.name], NUMPY)

    first = int(family.values.lower)
    y = np.arange(4.0) + first
    chances = np.array([at(chance) for chance in family.categories.chances])
    assert chances.sum() == pytest.approx(1, rel=1e-12)
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(np.exp(at(family.log_density, y=y)), chances, rtol=1e-12)
    np.testing.assert_allclose(at(family.cdf, y=y), np.cumsum(chances), rtol=1e-12)
    np.testing.assert_allclose(at(family.tail, y=y), 1 - np.cumsum(chances), atol=1e-12)
    assert at(family.mean) == pytest.approx(chances @ y)
    assert at(family.variance) == pytest.approx(chances @ (y - chances @ y) ** 2)
    drawn = family.draw.of(KNOWN, np.random.default_rng(1), (5000,))
    counts = np.bincount(drawn.astype(int) - first, minlength=4)
    assert stats.chisquare(counts, 5000 * chances).pvalue > 1e-3
    assert KEYED[family.key] == family


def _exactly(link: str) -> Any:
    return {
        "logit": lambda x: 1 / (1 + mp.exp(-x)),
        "probit": mp.ncdf,
        "cloglog": lambda x: 1 - mp.exp(-mp.exp(x)),
        "cauchit": lambda x: mp.atan(x) / mp.pi + mp.mpf(0.5),
        "loglog": lambda x: mp.exp(-mp.exp(-x)),
    }[link]


@pytest.mark.parametrize("mu", [-30.0, -4.0, 0.0, 4.0, 30.0])
@pytest.mark.parametrize("link", ["logit", "probit", "cloglog", "loglog"])
def test_chances_far_out_keep_their_digits(link: str, mu: float) -> None:
    """Also where both thresholds are on one side, and the two cumulative chances are the same number."""
    made = FAMILIES["cumulative"].made
    assert made is not None
    family, thresholds = made(LABELS, LINKS[link]), np.array([-1.0, -0.999, 2.5])
    known = {"mu": mu, "disc": 1.0, "thresholds": thresholds, "y": np.arange(1.0, 5.0)}
    with np.errstate(all="ignore"):
        found = evaluate(family.log_density, lambda v: known[v.name], NUMPY)
    with mp.workdps(400):
        F = _exactly(link)
        up_to = [mp.mpf(0), *(F(mp.mpf(float(t)) - mp.mpf(mu)) for t in thresholds), mp.mpf(1)]
        expected = [b - a for a, b in pairwise(up_to)]
        logs = [float(mp.log(p)) if p > 0 else -np.inf for p in expected]
    possible = np.array(logs) > -700
    np.testing.assert_allclose(found[possible], np.array(logs)[possible], rtol=1e-9, atol=1e-300)


def test_a_category_of_ones_own_is_what_others_are_compared_with() -> None:
    frame = pd.DataFrame({"y": list("abcabccabb"), "x": np.arange(10.0)})
    stated = tm.model('brm(y ~ x, d, family = categorical(refcat = "b"))', frame)
    assert stated.spec.family.categories is not None
    assert stated.spec.family.categories.labels == ("b", "a", "c")
    releveled = tm.model("y ~ x", frame.assign(y=pd.Categorical(frame["y"], ["b", "a", "c"])), "categorical")
    values = {"mua": 0.3, "muc": -0.2}
    np.testing.assert_array_equal(stated.log_likelihood(values), releveled.log_likelihood(values))
    said = tm.convert('brm(y ~ x, data = d, family = categorical(refcat = "b"))', "brms")
    assert 'categorical(refcat = "b")' in str(said)


@pytest.mark.parametrize(
    ("family", "message"),
    [
        ("categorical(refcat = d)", "`refcat` is a category of `y`, which has a, b, not d"),
        ("categorical(refcat = NA)", "gives every category a predictor"),
        ("categorical(refcat = c(1))", "`refcat` is a category's label"),
        ("poisson(refcat = a)", "`refcat` goes with categories in no order, not with poisson"),
    ],
)
def test_a_category_that_is_none_is_told(family: str, message: str) -> None:
    with pytest.raises(TildeError, match=re.escape(message)):
        tm.model("y ~ x", pd.DataFrame({"y": list("ab" * 4), "x": range(8)}), family)
