"""The front ends together: one model in four languages, read to one formula."""

from __future__ import annotations

import contextlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from conversions import LANGUAGES, differences, stata_data
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


@cache
def data() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    numbers = {name: rng.normal(size=72) for name in ("y", "x", "w", "o")}
    sizes = {"a": 3, "b": 2, "t": 4, "v": 2, "g": 6, "h": 5, "k": 4, "fw": 3}
    codes = {name: rng.integers(1, size + 1, 72) for name, size in sizes.items()}
    counts = {"s": rng.integers(0, 2, 72), "c": rng.integers(0, 5, 72), "n": rng.integers(5, 9, 72)}
    return pd.DataFrame({**numbers, **codes, **counts, "one": rng.integers(0, 2, 72)})


CONVERTED = [
    # Stata's levels and bases
    "regress y ibn.a i.b",
    "regress y i.b ibn.a, nocons",
    "regress y ibn.a#ibn.b, nocons",
    "regress y ibn.a ibn.b, nocons",
    "regress y i.a i.b, nocons",
    "regress y ib2.t##ib2.b",
    "regress y i.a i.a#i.b#i.t",
    "regress y i.t i.b#c.x i.t#i.b",
    "regress y ib(last).a##b 2.t 3.t#c.x",
    # Stata's groups
    "mixed y x || g: ibn.a, nocons cov(un)",
    "mixed y x || g: ibn.a, nocons",
    "mixed y x || g: i.a, cov(un)",
    "mixed y x || g: i.a#c.x, nocons cov(un)",
    "mixed y x || g: 2.a c.x##c.x",
    "mixed y x || g: R.a",
    "mixed y x || g: R.a || g:",
    "mixed y x || g: R.a || h:",
    "mixed y x || _all: R.g || _all: R.h || k: x, cov(un)",
    "mixed y x || g: x || h:, nocons || k: x, cov(un)",
    # residuals, rows, responses
    "mixed y one || g: one, nocons residuals(ind, by(one))",
    "mixed y x if one & mod(a, 2) == 1 | int(x) == 0 in 5/70 || g:",
    "logit s x i.a [fw=fw]",
    "melogit c x || g:, binomial(n)",
    "mepoisson c x, exposure(n) || g:",
    # R's codings
    "y ~ 0 + factor(a):factor(b)",
    "y ~ 0 + factor(a)*x",
    "y ~ factor(t) + factor(b):x + factor(t):factor(b)",
    "y ~ (x + w + o)^2 - x:w",
    'y ~ relevel(factor(a), "3") + x:x + x*x',
    # R's groups
    "y ~ x + (0 + factor(a) | g)",
    "y ~ x + (0 + factor(a) || g)",
    "y ~ x + (1 + x | ID | g) + (1 | gr(h))",
    "y ~ x + (1 | g) + (1 | g:h) + (1 | k)",
    "y ~ x + (1 | g:h) + (1 | g:k)",
    "y ~ x + (x | g) + (w | h)",
    # covariance structures
    "y ~ x + us(1 + x | g) + diag(0 + w | h)",
    "y ~ x + homdiag(1 + x + w | g)",
    "y ~ x + cs(1 + x | g) + (1 | h)",
    "glmmTMB(y ~ x + homcs(0 + x + w | g), d)",
    "mixed y x || g: x w, cov(id) || h:",
    "mixed y x || g: i.a, nocons cov(ex)",
    "lmer(y ~ x + (factor(a) || g), data = d)",
    # R's residuals, weights, intercepts
    "glmmTMB(y ~ x + (1 | g), d, dispformula = ~ 0 + factor(v))",
    "brm(bf(y ~ x + (1 | g), sigma ~ 0 + factor(v)), d)",
    "y ~ x; sigma ~ x + (1 | g)",
    "brm(y ~ 0 + Intercept + x + (1 | g), d)",
    "lmer(y ~ x + (x + w || g), data = d, weights = n)",
    "glm(s ~ x, binomial, d, fw)",
]


@pytest.mark.parametrize("text", CONVERTED)
@pytest.mark.parametrize("target", LANGUAGES)
def test_what_differs_in_the_other_language_is_said(text: str, target: str) -> None:
    check(tm.model(text, data()), text, target, data())


def check(model: tm.Model, text: str, target: str, frame: pd.DataFrame, **options: Any) -> None:
    """The text of a model, converted, is read, and gives the model, or says what it does not."""
    converted = convert(text, target, columns=list(frame.columns), **options)
    syntax = LANGUAGES[target]
    read(converted.text, syntax=syntax)
    family = {"family": read(text, columns=list(frame.columns), **options).family} if target == "formula" else {}
    said = [part for part in converted.cannot_say if target != "formula" or not part.startswith("the family")]
    if not said:
        assert not differences(model, tm.model(converted.text, frame, syntax=syntax, **family)), converted.text


def test_published_commands_lose_nothing_without_a_word(shared: Path) -> None:
    """Every twelfth of the Stata lines, since each is five models."""
    lines = [json.loads(line)["text"] for line in (shared / "language/stata_lines.jsonl").read_text().splitlines()]
    checked = 0
    for text in lines[::12]:
        frame = stata_data(text)
        try:
            model = tm.model(text, frame, panel="g1")
        except TildeError:
            continue
        checked += 1
        for target in LANGUAGES:
            check(model, text, target, frame, panel="g1")
    assert checked > 25


@pytest.mark.parametrize(("file", "syntax"), [("stata_lines", "stata"), ("calls", "r")])
def test_converted_texts_are_read_in_their_language(file: str, syntax: str, shared: Path) -> None:
    lines = (shared / f"language/{file}.jsonl").read_text().splitlines()
    texts = [json.loads(line)["text"] for line in lines[::6]]
    for text in texts:
        with contextlib.suppress(TildeError):
            read(text, syntax=syntax, panel="g1")
            converted = [convert(text, target, syntax=syntax, panel="g1") for target in LANGUAGES]
            for target, found in zip(LANGUAGES, converted, strict=True):
                assert readable(found.text, LANGUAGES[target]), (text, found.text)


def readable(text: str, syntax: str) -> bool:
    try:
        return read(text, syntax=syntax) is not None
    except TildeError:
        return False


@pytest.mark.parametrize(("command", "said"), [("logit s x", False), ("logit c x", True), ("poisson c x", False)])
def test_a_response_of_other_values_than_0_and_1_is_said(command: str, said: bool) -> None:
    unsaid = tm.convert(command, "lme4", data=data()).cannot_say
    assert ("a success is any value of `c` but 0: make a column of it first" in unsaid) == said
    assert not tm.convert(command, "stata", data=data()).cannot_say


@pytest.mark.parametrize("text", ["y ~ x", "y ~ z + (x | g)", "y ~ z:x"])
def test_a_number_column_with_stray_text_is_no_factor_in_stata(text: str) -> None:
    data = {"y": range(6), "x": ["1", "2.5", "N/a", "4", "5", "6"], "z": range(6), "g": ["a", "b"] * 3}
    with pytest.raises(tm.TildeError, match="`x` is text, since 1 of its 6 values is no number: 'N/a' in row 2"):
        tm.convert(text, "stata", data=data)
    assert "i.x" not in tm.convert(text, "stata", data=data, na=["N/a"]).text
    assert "i.x" in tm.convert("y ~ factor(x)", "stata", data=data).text
