"""The front ends together: one model in four languages, read to one formula."""

from __future__ import annotations

import pytest

import tildemc as tm
from tildemc.errors import FormulaSyntaxError, SemanticError, TildeError
from tildemc.syntax.command import convert, read
from tildemc.syntax.formula import parse_formula

PARTIALLY_CLUSTERED = parse_formula("y ~ treat + (0 + treat | j); sigma ~ by(treat)")

SAME = [
    "y ~ treat + (0 + treat | j); sigma ~ by(treat)",
    "bf(y ~ treat + (0 + treat | j), sigma ~ by(treat))",
    "xtmixed y treat || j: treat, nocons residuals(independent, by(treat))",
    "mixed y treat || j: treat, noconstant residuals(ind, by(treat)) reml dfmethod(satterthwaite)",
    "lme(y ~ treat, random = ~ 0 + treat | j, weights = varIdent(form = ~ 1 | treat), data = d)",
    "brm(bf(y ~ treat + (0 + treat | j), sigma ~ by(treat)), data = d)",
]


@pytest.mark.parametrize("text", SAME)
def test_one_model_in_every_language(text: str) -> None:
    assert read(text).formula == PARTIALLY_CLUSTERED


def test_a_level_within_a_level_is_another_model() -> None:
    other = read("xtmixed y treat || j: treat, nocons || treat:")
    assert other.formula == parse_formula("y ~ treat + (0 + treat | j) + (1 | j:treat)")


def test_the_language_can_be_given() -> None:
    assert read("y ~ x", syntax="formula").syntax == "formula"
    with pytest.raises(FormulaSyntaxError):
        read("y ~ x", syntax="stata")
    with pytest.raises(TildeError):
        read("mixed y x", syntax="formula")
    with pytest.raises(SemanticError, match="did you mean `stata`"):
        read("y ~ x", syntax="Stata2")
    with pytest.raises(SemanticError, match="did you mean `brms`"):
        convert("y ~ x", "brm")
    with pytest.raises(SemanticError, match="go with a Stata command"):
        read("y ~ x", priors="stata")


@pytest.mark.parametrize(
    "text", ["", "   ", "\n", "#", "*", "y", "y x", "3", "mixed", "lmer(", "bayes:", "xtset id", "((((", "é~"]
)
def test_scraps_are_refused(text: str) -> None:
    with pytest.raises(TildeError) as caught:
        read(text)
    assert caught.value.span is not None


@pytest.mark.parametrize("text", ["y ~ x", "y ~ z + (x | g)", "y ~ z:x"])
def test_a_number_column_with_stray_text_is_no_factor_in_stata(text: str) -> None:
    data = {"y": range(6), "x": ["1", "2.5", "N/a", "4", "5", "6"], "z": range(6), "g": ["a", "b"] * 3}
    with pytest.raises(tm.TildeError, match="`x` is text, since 1 of its 6 values is no number: 'N/a' in row 2"):
        tm.convert(text, "stata", data=data)
    assert "i.x" not in tm.convert(text, "stata", data=data, na=["N/a"]).text
    assert "i.x" in tm.convert("y ~ factor(x)", "stata", data=data).text
