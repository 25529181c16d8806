"""Every combination of what stands beside a response: right by SciPy's distributions, or refused with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import tildemc as tm
from tildemc.errors import SemanticError, TildeError, UnsupportedError
from tildemc.spec.families import FAMILIES

ROWS = pd.DataFrame({
    "y": [1.0, 2.0, 3.0, 2.0], "end": [2.0, 3.0, 4.0, 4.0], "c": [-1, 0, 1, 2], "w": [0.5, 2.0, 1.0, 3.0],
    "e": [0.4, 0.7, 1.1, 0.9], "n": 9, "grade": [1, 2, 3, 1],
})  # fmt: skip
TEXTS = {
    "weights": "weights(w)", "se": "se(e)", "sigma": "se(e, sigma = TRUE)", "trials": "trials(n)", "rate": "rate(e)",
    "cens": "cens(c, end)", "trunc": "trunc(lb = 1, ub = 6)",
}  # fmt: skip
Given = frozenset[str]
KNOWN: dict[str, tuple[dict[str, float], Given, Callable[[Given], Any]]] = {
    "gaussian": (
        {"mu": 1.5, "sigma": 0.8}, frozenset({"se", "sigma"}),
        lambda has: stats.norm(1.5, ROWS.e if "se" in has else np.hypot(ROWS.e, 0.8) if "sigma" in has else 0.8),
    ),
    "poisson": ({"mu": 1.5}, frozenset({"rate"}), lambda has: stats.poisson(1.5 * (ROWS.e if "rate" in has else 1))),
    "negbinomial": (
        {"mu": 1.5, "shape": 2.0}, frozenset({"rate"}),
        lambda has: stats.nbinom(2 * (ROWS.e if "rate" in has else 1), 2 / 3.5),
    ),
    "binomial": ({"mu": 0.3}, frozenset({"trials"}), lambda has: stats.binom(9, 0.3)),
    "gamma": ({"mu": 1.5, "shape": 2.0}, frozenset(), lambda has: stats.gamma(2, scale=0.75)),
}  # fmt: skip
"""Of each family the parameters, what it takes beside weights and limits, and the rows' distributions."""


def combined() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Families and what stands beside their response, up to three things."""
    for family, (_, takes, _) in KNOWN.items():
        for size in range(4):
            for beside in combinations(TEXTS, size):
                taken = set(beside) - {"weights", "cens", "trunc"} <= takes and not {"se", "sigma"} <= set(beside)
                if taken and (family != "binomial" or "trials" in beside):
                    yield family, beside


def log_density(law: Any, beside: tuple[str, ...]) -> Any:
    """Weights over censoring over truncation."""
    y, end, whole = ROWS["y"], ROWS["end"], hasattr(law, "pmf")
    low, high = (1.0 - whole, 6.0) if "trunc" in beside else (-np.inf, np.inf)
    found = law.logpmf(y) if whole else law.logpdf(y)
    if "cens" in beside:
        kinds = [law.cdf(y) - law.cdf(low), np.exp(found), law.cdf(high) - law.cdf(y), law.cdf(end) - law.cdf(y)]
        found = np.log(np.choose(ROWS["c"] + 1, kinds))
    found = found - np.log(law.cdf(high) - law.cdf(low))
    return found * (ROWS["w"] if "weights" in beside else 1.0)


def formula(beside: tuple[str, ...], response: str = "y") -> str:
    return f"{response} | {' + '.join(TEXTS[name] for name in beside)} ~ 1" if beside else f"{response} ~ 1"


@pytest.mark.parametrize(("family", "beside"), [*combined()], ids=str)
def test_weights_are_over_censoring_over_truncation(family: str, beside: tuple[str, ...]) -> None:
    parameters, _, law = KNOWN[family]
    known = {name: value for name, value in parameters.items() if name != "sigma" or "se" not in beside}
    # A censored row of a truncated response is within the limits that it has.
    found = tm.model(formula(beside), ROWS, family).log_likelihood(known)
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(found, log_density(law(frozenset(beside)), beside), rtol=1e-9)


REFUSED = [
    (family, name)
    for family in FAMILIES
    for name, text in TEXTS.items()
    if text.split("(")[0] not in {*FAMILIES[family].modifiers, "weights", "cens", "trunc"}
    and not (FAMILIES[family].values.successes and "trials" not in name)
]


def test_what_a_family_does_not_take_is_refused_with_its_place() -> None:
    for family, name in REFUSED:
        response = "grade" if FAMILIES[family].values.categories else "y"
        with pytest.raises((SemanticError, UnsupportedError)) as error:
            tm.model(formula((name,), response), ROWS, family)
        assert "^" in str(error.value), (family, name)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("y | cens(c, end) + cens(c) ~ 1", "`cens()` stands twice"),
        ("y | se(e, sigma = 1) ~ 1", "`sigma` is TRUE or FALSE"),
        ("y | se(e) + se(e, sigma = TRUE) ~ 1", "`se()` stands twice"),
        ("y | cens('right', open = TRUE) ~ 1", "those of intervals"),
        ("y | trunc() ~ 1", "takes one column or expression"),
        ("y | index(n) ~ 1", "`index()` is not built yet"),
        ("y | weight(w) ~ 1", "did you mean `weights`"),
    ],
)
def test_what_has_no_meaning_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(TildeError) as error:
        tm.model(text, ROWS)
    assert message in str(error.value)
    assert "^" in str(error.value)
