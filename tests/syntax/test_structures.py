"""Group terms that name their covariance structure."""

from __future__ import annotations

import numpy as np
import pytest

import tildemc as tm
from tildemc.errors import FormulaSyntaxError, SemanticError, TildeError, UnsupportedError

RNG = np.random.default_rng(6)
DATA = {
    "y": RNG.normal(size=40),
    "x": RNG.normal(size=40),
    "g": np.resize(list("abcd"), 40),
    "h": np.resize([1, 2], 40),
    "z": RNG.normal(size=40),
    "place": np.resize(["(0,0)", "(1,0.5)", "(2, 3)", "(-1,1e1)"], 40),
    "v": np.resize([0.5, 1, 2], 40),
    "w": np.resize([0.0, 4.0], 40),
    "uneven": np.resize(["(0,0)", "(1)"], 40),
    "same": np.resize(["(0)", "(0.0)", "(1)"], 40),
}

READ = [
    ("us(1 + x | g)", ["us"]),
    ("diag(x | g)", ["diag"]),
    ("(homdiag(1 + x | g))", ["homdiag"]),
    ("cs((1 + x | g))", ["cs"]),
    ("homcs(x | g/h)", ["homcs", "homcs"]),
    ("diag(x | g, hom = TRUE)", ["homdiag"]),
    ("cs(x | g, hom = FALSE)", ["cs"]),
    ("cs(x | g, hom = TRUE) + (x || h)", ["homcs", "diag"]),
    ("ar1(0 + factor(h) | g) + hetar1(0 + place | g) + ar1(1 | h)", ["ar1", "hetar1", "diag"]),
    ("ar1(0 + place | g, hom = FALSE) + toep(0 + factor(h) | g, hom = TRUE)", ["hetar1", "homtoep"]),
    ("toep(0 + place | g)", ["toep"]),
    ("ou(numFactor(h) + 0 | g)", ["ou"]),
    ("exp(numFactor(h, v) + 0 | g) + gau(0 + numFactor(h, v, w) | h)", ["exp", "gau"]),
    ("exp(place + 0 | g) + gau(0 + place | h) + ou(0 + factor(h) | g)", ["exp", "ou", "gau"]),
]


@pytest.mark.parametrize(("terms", "structures"), READ)
def test_terms_say_their_structure(terms: str, structures: list[str]) -> None:
    spec = tm.model(f"y ~ x + {terms}", DATA).spec
    found = [block.covariance.name for grouping in spec.predictors[0].groups for block in grouping.blocks]
    assert found == structures


MISTAKES = [
    ("y ~ x + mat(⟪0 + x | g⟫)", SemanticError, "`mat(0 + factor(x) | …)`"),
    ("y ~ x + rr(0 + x | g, ⟪d = 0⟫)", FormulaSyntaxError, "how many factors there are"),
    ("y ~ x + rr(0 + x | g, ⟪k = 2⟫)", FormulaSyntaxError, "how many factors there are"),
    ("y ~ x + ar1(⟪0 + h | g⟫)", SemanticError, "`ar1(0 + factor(h) | …)`"),
    ("y ~ x + exp(⟪0 + x + z | g⟫)", SemanticError, "of the levels of one factor"),
    ("y ~ x + ou(⟪0 + g | h⟫)", SemanticError, "a, b, c … of `g` is no place"),
    ("y ~ x + gau(⟪0 + uneven | g⟫)", SemanticError, "unlike numbers of coordinates"),
    ("y ~ x + exp(⟪0 + same | g⟫)", SemanticError, "in the same place"),
    ("y ~ x + cs(⟪x || g⟫)", FormulaSyntaxError, "write one `|`"),
    ("y ~ x + cs(x | g, ⟪hom = 3⟫)", UnsupportedError, "and nothing else"),
    ("y ~ x + us(x | g, ⟪hom = TRUE⟫)", UnsupportedError, "and nothing else"),
    ("y ~ x * ⟪cs(x | g)⟫", SemanticError, "can only be added"),
    ("y ~ (⟪cs(x | h)⟫ + x | g)", SemanticError, "inside a group term"),
]


@pytest.mark.parametrize(("marked", "kind", "fragment"), MISTAKES)
def test_mistakes(marked: str, kind: type[TildeError], fragment: str) -> None:
    with pytest.raises(kind) as caught:
        tm.model(marked.replace("⟪", "").replace("⟫", ""), DATA)
    assert fragment in str(caught.value)
    assert str(caught.value.span) == marked.partition("⟪")[2].partition("⟫")[0]
