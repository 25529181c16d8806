"""A model said in each language and read back is the model, design and priors; or what differs is told."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from conversions import EVERY, differences
from tildemc.errors import UnsupportedError
from tildemc.syntax.command import convert, read
from tildemc.syntax.unparse import TARGETS


@cache
def data() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    codes = {name: rng.integers(1, size + 1, 48) for name, size in {"g": 5, "h": 4, "v": 2, "k": 3}.items()}
    counts = {"s": rng.integers(0, 2, 48), "c": rng.integers(0, 6, 48), "n": rng.integers(6, 9, 48)}
    numbers = {"y": rng.normal(size=48), "x": rng.normal(size=48), "z": rng.uniform(1, 4, 48), "t": np.arange(48) % 12}
    return pd.DataFrame({**numbers, **codes, **counts, "f": rng.choice(["a", "b", "d"], 48), "id": np.arange(48) // 12})


COLUMNS = [*data()]
ALL = frozenset(EVERY)
LIKELIHOODS = ALL - {"nlme", "formula"}
"""All but the one of normal responses, and the one that says no family."""
PRIORS = frozenset({"brms", "bambi"})

# Each model, and the languages that say all of it.
MODELS: list[tuple[str, frozenset[str]]] = [
    ("y ~ x", ALL),
    ("y ~ x * z + factor(k)", ALL),
    ("y ~ 0 + x + f", ALL),
    ("y ~ f:x", ALL),
    ("y ~ x + (1 | g)", ALL),
    ("y ~ x + (1 + x | g)", ALL - {"bambi"}),
    ("y ~ x + (0 + x | g)", ALL),
    ("y ~ x + (1 + x || g)", ALL),
    ("y ~ x + (1 | g) + (1 | h)", ALL - {"nlme"}),
    ("y ~ x + (1 | g/h)", ALL),
    ("y ~ x + cs(0 + f | g)", {"formula", "lme4", "glmmTMB", "sas"}),
    ("lmer(y ~ log(z) + I(x^2) + (1 | g), d)", ALL - {"stata"}),
    ("glmer(s ~ x + (1 | g), d, binomial)", LIKELIHOODS),
    ("glmer(s ~ x + (1 | g), d, binomial('probit'))", LIKELIHOODS),
    ("glmer(cbind(c, n - c) ~ x + (1 | g), d, binomial)", LIKELIHOODS),
    ("glmer(c ~ x + offset(log(n)) + (1 | g), d, poisson)", LIKELIHOODS - {"julia"}),
    ("brm(z ~ x + (1 | g), d, Gamma('log'))", LIKELIHOODS),
    ("brm(c ~ x, d, negbinomial())", LIKELIHOODS - {"julia"}),
    ("lme(y ~ x, d, ~ 1 | g, weights = varIdent(form = ~ 1 | v))",
     {"formula", "brms", "glmmTMB", "nlme", "stata", "bambi", "sas"}),
    ("lmer(y ~ x + (1 | g), d, weights = z)", ALL - {"stata"}),
    ("lme(y ~ x, d, ~ 1 | id, correlation = corAR1(form = ~ t | id))", {"formula", "nlme", "stata"}),
    ("mixed y x || id:, residuals(exchangeable)", {"formula", "nlme", "stata", "sas"}),
    ("proc mixed; class id t; model y = x; repeated t / subject=id type=ar(1); run;", {"formula", "nlme", "sas"}),
    ("lm(y ~ x, d, subset = z > 2 & k != 3)", ALL - {"formula"}),
    ("generate w = x^2 if z > 2\nkeep if k == 1 | k == 2\nmixed y w || g:", ALL - {"formula"}),
    ("d <- d |> group_by(g) |> mutate(m = mean(x)) |> ungroup()\nlmer(y ~ m + (1 | g), d)",
     ALL - {"formula", "sas"}),
    ("brm(y ~ x + (1 | g), d, prior = c(prior(normal(0, 2), class = b, coef = x), prior(exponential(2), class = sd)))",
     PRIORS),
    ("brm(y ~ x, d, student(), prior = c(prior(normal(1, 2), class = Intercept), prior(cauchy(0, 1), class = sigma)))",
     PRIORS),
]  # fmt: skip


@cache
def model(text: str, syntax: str = "auto") -> tm.Model:
    return tm.model(text, data(), syntax=syntax)


@cache
def said(text: str, syntax: str = "auto") -> tuple[object, ...]:
    """What a text says, by which its model is what it is."""
    statement = read(text, syntax=syntax, columns=COLUMNS)
    priors = sorted((prior.target, prior.distribution, str(prior.arguments)) for prior in statement.priors)
    family = (statement.family or "gaussian").removesuffix("(identity)").removesuffix("(logit)")
    return statement.formula, family, statement.rows, statement.row_numbers, statement.steps, priors


def stated(found: tm.Model) -> list[Any]:
    """The priors that a text states, by what they are of."""
    said = [(free.path, prior) for free in found.spec.free() for prior in free.priors if prior.stated]
    return sorted((path, prior.distribution.name, str(prior.arguments), prior.lower) for path, prior in said)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("text", "whole"), MODELS, ids=[text[:40] for text, _ in MODELS])
def test_what_is_said_and_read_back_is_the_model(text: str, whole: frozenset[str], target: str) -> None:
    converted = convert(text, target, columns=COLUMNS, factors=["f"])
    assert (not converted.cannot_say) == (target in whole), converted
    if target in whole:
        syntax = EVERY[target]
        if said(text) != said(converted.text, syntax):
            again = model(converted.text, syntax)
            assert not differences(model(text), again), converted.text
            assert stated(model(text)) == stated(again)


@pytest.mark.parametrize("target", sorted(set(TARGETS) - {"formula"}))
def test_a_file_that_is_read_is_read_in_every_language_or_told(target: str) -> None:
    found = convert('d = pd.read_csv("f.csv")\nd["z"] = np.log(d.x)\nbmb.Model("y ~ z", d)', target)
    again = read(found.text)
    assert (again.file, len(again.steps), found.cannot_say) == ("f.csv", 1, ())
    unread = convert('use "a.dta"\nregress y x', target)
    assert (read(unread.text).file == "a.dta") != bool(unread.cannot_say)


@pytest.mark.parametrize("target", TARGETS)
def test_curves_are_refused_where_a_language_has_none(target: str) -> None:
    text = "bf(y ~ a + b * x, a ~ 1, b ~ 1, nl = TRUE)"
    if target in ("formula", "brms"):
        assert not convert(text, target).cannot_say
    else:
        with pytest.raises(UnsupportedError, match="arithmetic of parameters; brms has"):
            convert(text, target)
