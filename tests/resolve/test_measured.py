"""What is measured with error: brms's names and priors, what goes together, and what is refused where."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import tildemc as tm
from marked import mistake
from tildemc.errors import DataError, SemanticError, TildeError, UnsupportedError


def rows() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"x": rng.normal(3, 2, 30), "w": rng.normal(size=30), "z": rng.normal(size=30)})
    frame = frame.assign(s=rng.uniform(0.2, 0.6, 30), zero=0.0, g=np.resize(["a", "b", "c"], 30), k=np.arange(30) % 3)
    return frame.assign(m=frame["g"].map({"a": 0.1, "b": 2.0, "c": -1.0}), y=rng.normal(size=30))


def addresses(formula: str) -> set[str]:
    found = tm.model(formula, rows()).priors()["target"]
    return {name for name in found if name.startswith(("b(me", "meanme", "sdme", "corme"))}


# The classes and coefficients that brms 2.18's `get_prior` lists.
NAMED = {
    "y ~ me(x, s) * z": {"b(mexs)", "b(mexs:z)", "meanme(mex)", "sdme(mex)"},
    "y ~ me(x, s) + me(w, 0.5)": {
        "b(mexs)", "b(mew0.5)", "meanme(mex)", "meanme(mew)", "sdme(mex)", "sdme(mew)", "corme",
    },
    "bf(y ~ me(x, s) + me(w, s)) + set_mecor(FALSE)": {
        "b(mexs)", "b(mews)", "meanme(mex)", "meanme(mew)", "sdme(mex)", "sdme(mew)",
    },
    "y ~ me(m, 0.2, gr = g) + me(x, s)": {
        'b("mem0.2grEQg")', "b(mexs)", "meanme(mem)", "meanme(mex)", "sdme(mem)", "sdme(mex)",
    },
    "y ~ me(x, s):me(w, s)": {"b(mexs:mews)", "meanme(mex)", "meanme(mew)", "sdme(mex)", "sdme(mew)", "corme"},
    "y ~ me(x, s); sigma ~ me(x, s):g": {"b(mexs)", "meanme(mex)", "sdme(mex)"},
}  # fmt: skip


@pytest.mark.parametrize(("formula", "expected"), NAMED.items(), ids=NAMED)
def test_priors_have_brms_classes_and_coefficients(formula: str, expected: set[str]) -> None:
    unquoted = {name.replace('"', "") for name in addresses(formula)}
    assert unquoted == {name.replace('"', "") for name in expected}


def test_pasted_priors_reach_what_they_name() -> None:
    call = (
        "brm(y ~ me(x, s) + me(w, s), data = d, prior = prior(normal(1, 2), class = meanme, coef = mex) + "
        "prior(exponential(1), class = sdme) + prior(lkj(3), class = corme) + prior(normal(0, 9), coef = mexs), "
        "save_pars = save_pars(latent = TRUE))"
    )
    priors = tm.model(call, rows()).priors().set_index("target")["prior"]
    assert priors["meanme(mex)"] == "normal(1, 2)"
    assert priors[["sdme(mex)", "sdme(mew)"]].tolist() == ["exponential(1)"] * 2
    assert (priors["corme"], priors["b(mexs)"]) == ("lkj(3)", "normal(0, 9)")


def test_densities_are_those_of_the_true_values() -> None:
    frame = rows()
    true, level = np.linspace(-1, 1, 30), np.array([0.5, -0.2, 0.1])
    values = dict.fromkeys(("meanme_mex", "meanme_mem", "sdme_mex", "sdme_mem"), 1.0) | {
        "Intercept": 0.3, "b": [0.7], "sigma": 0.9, "mexs": 0.4, "mexs:z": -0.2, "mem0.2grEQg": 1.5, "Xme_mex": true,
        "Xme_mem": level,
    }  # fmt: skip
    mean = 0.3 + 0.7 * frame["z"] + 0.4 * true - 0.2 * true * frame["z"] + 1.5 * level[frame["k"]]
    found = tm.model("y ~ me(x, s) * z + me(m, 0.2, gr = g)", frame).log_likelihood(values)
    np.testing.assert_allclose(found, stats.norm.logpdf(frame["y"], mean, 0.9))


MISTAKES: list[tuple[str, str, type[TildeError]]] = [
    ("y ~ ⟪me(x)⟫", "sdx", SemanticError),
    ("y ~ me(x, ⟪zero⟫)", "greater than 0, but here it is 0 in row 0", DataError),
    ("y ~ me(x, s) + ⟪me(x, 0.2)⟫", "`x` is measured with one error", SemanticError),
    ("y ~ me(⟪g⟫, s)", "g", SemanticError),
    ("y ~ me(⟪x⟫, s, gr = g)", "each level of `g` has one true value", DataError),
    ("y ~ me(m, s, gr = ⟪z + 1⟫)", "`gr` of `me()` is a column", SemanticError),
    ("y ~ me(x, s):⟪mo(k)⟫", "a product of `me()` and `mo()`", UnsupportedError),
    ("y ~ 1 + (0 + ⟪me(x, s)⟫ | g)", "effects by a group", UnsupportedError),
    ("y ~ log(⟪me(x, s)⟫)", "stands among the population effects", UnsupportedError),
    ("bf(y ~ me(x, s)) + ⟪set_mecor(1)⟫", "takes TRUE or FALSE", TildeError),
]


@pytest.mark.parametrize(("marked", "fragment", "kind"), MISTAKES)
def test_what_cannot_be_measured_is_shown_where_it_stands(marked: str, fragment: str, kind: type[TildeError]) -> None:
    mistake(lambda text: tm.model(text, rows()), marked, fragment, kind)
