"""Julia that fits models: what each call says, and the sentences for mistakes."""

from __future__ import annotations

import pytest

from tildemc.errors import TildeError
from tildemc.syntax.command import language_of, read

READINGS = [
    ("fit(MixedModel, @formula(y ~ 1 + x + (1 + x | g)), df)", "y ~ 1 + x + (1 + x | g)", "gaussian(identity)"),
    ("m1 = fit(MixedModel, @formula(y ~ 1 + (1|g)), df; REML=true)", "y ~ 1 + (1 | g)", "gaussian(identity)"),
    ("fit(MixedModel, @formula(y ~ x + zerocorr(1 + x | g)), df)", "y ~ x + (1 + x || g)", "gaussian(identity)"),
    ("fit!(LinearMixedModel(@formula(y ~ x * z + (1 | g)), df))", "y ~ x * z + (1 | g)", "gaussian(identity)"),
    ("fit(MixedModel, @formula(y ~ x + x & z + (1 | g & h)), df)", "y ~ x + x:z + (1 | g:h)", "gaussian(identity)"),
    ("f = @formula(y ~ x + (1 | g))\nfit(MixedModel, f, df, Bernoulli())", "y ~ x + (1 | g)", "bernoulli(logit)"),
    ("fit(MixedModel, @formula(y ~ x + (1 | g)), df, Poisson(), LogLink())", "y ~ x + (1 | g)", "poisson(log)"),
    ("fit(MixedModel, @formula(p ~ x + (1 | g)), df, Binomial(), wts=df.n)", "p * n | trials(n) ~ x + (1 | g)",
     "binomial(logit)"),
    ("fit(MixedModel, @formula(y ~ a + (1 | g)), df; contrasts=Dict(:a => EffectsCoding(), :g => Grouping()))",
     "y ~ C(a, sum) + (1 | g)", "gaussian(identity)"),
    ('fit(MixedModel, @formula(y ~ a + (1 | g)), df, contrasts=Dict(:a => DummyCoding(base="b")))',
     'y ~ relevel(factor(a), ref = "b") + (1 | g)', "gaussian(identity)"),
    ("lm(@formula(y ~ log(x) + x^2), df)", "y ~ log(x) + x^2", "gaussian(identity)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "formula", "family"), READINGS)
def test_a_call_says_this_formula_and_family(text: str, formula: str, family: str) -> None:
    assert language_of(text) == "julia"
    statement = read(text)
    assert (statement.formula.text, statement.family, statement.data) == (formula, family, "df")


MISTAKES = [
    ("fit(MixedModel, @formula(y ~ x +<)>, df)", "right of `+`"),
    ("fit(MixedModel, <f>, df)", "`f` is not bound in the text"),
    ("fit(MixedModel, @formula(y ~ x), df, <Cauchy>())", "a distribution after the data"),
    ("fit(MixedModel, @formula(y ~ x), df, Poisson(), <WLink>())", "there is no such link"),
    ("fit(MixedModel, @formula(y ~ a), df; contrasts=Dict(<:>a => SeqDiffCoding()))", "this coding is not built"),
    ("fit(MixedModel, @formula(y ~ x), df; reml=<true>)", "did you mean `REML`?"),
]


@pytest.mark.parametrize(("marked", "sentence"), MISTAKES)
def test_a_mistake_is_told_where_it_stands(marked: str, sentence: str) -> None:
    place = marked.index("<")
    end = marked.index(">", place)
    with pytest.raises(TildeError) as raised:
        read(marked[:place] + marked[place + 1 : end] + marked[end + 1 :], syntax="julia")
    assert sentence in raised.value.message
    assert raised.value.span is not None
    assert raised.value.span.start in (place, place - 1)
