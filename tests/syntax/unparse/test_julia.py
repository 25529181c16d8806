"""Models as Julia's MixedModels and GLM write them: read back they are the same, and what these have not is told."""

from __future__ import annotations

import pytest

from tildemc.syntax.command import convert, read

SAME = [
    "fit(MixedModel, @formula(y ~ 1 + x + (1 + x | g)), d)",
    "fit(MixedModel, @formula(y ~ 0 + x + x & z + zerocorr(1 + x | g)), d)",
    "fit(MixedModel, @formula(y ~ 1 + x + (1 | a / b)), d, Poisson())",
    "fit(MixedModel, @formula(y ~ 1 + log(x) + x^2 + (1 | a & b)), d, Bernoulli(), ProbitLink())",
    "fit(MixedModel, @formula(s / n ~ 1 + x + (1 | g)), d, Binomial(); wts = d.n)",
    "fit(MixedModel, @formula(y ~ 1 + x + (1 | g)), d; wts = d.w)",
    'fit(MixedModel, @formula(y ~ 1 + a + (0 + a | g)), d; contrasts = Dict(:a => DummyCoding(base="b")))',
    "fit(MixedModel, @formula(y ~ 1 + a + (1 | g)), d; contrasts = Dict(:a => HelmertCoding()))",
    "lm(@formula(y ~ 1 + x), d)",
    "glm(@formula(y ~ 1 + x), d, Gamma())",
    'd = dropmissing(d, [:x])\nd = @rsubset(d, :x > 1 && (:g == "a" || ismissing(:z)))\n'
    "d = @rtransform(d, :lx = log(:x))\n"
    "d = transform(groupby(d, [:g]), :x => mean => :m)\nlm(@formula(y ~ 1 + lx + m), d)",
]


@pytest.mark.parametrize("text", SAME)
def test_julia_and_back(text: str) -> None:
    found = convert(text, "julia")
    assert (found.text, found.cannot_say) == (text, ())


ELSEWHERE = [
    ("lmer(y ~ x * z + (x || g), d)",
     "fit(MixedModel, @formula(y ~ 1 + x + z + x & z + (1 | g) + (0 + x | g)), d)", ""),
    ("melogit s i.a || g:, binomial(n)", "fit(MixedModel, @formula(s / n ~ 1 + a + (1 | g)), d, Binomial(); wts = d.n, "
     "contrasts = Dict(:a => DummyCoding()))", ""),
    ("regress y x if z < 3", "d = @rsubset(d, :z < 3)\nlm(@formula(y ~ 1 + x), d)", ""),
    ("regress y x if z > 3", "d = @rsubset(d, (ismissing(:z) || :z > 3))\nlm(@formula(y ~ 1 + x), d)", ""),
    ("y ~ C(a, sum)", "lm(@formula(y ~ 1 + a), d; contrasts = Dict(:a => EffectsCoding()))", "leaves out the first"),
    ("y ~ x; sigma ~ z", "lm(@formula(y ~ 1 + x), d)", "the mean alone"),
    ("y ~ poly(x, 2)", "lm(@formula(y ~ 1), d)", "the term `poly(x, 2)`"),
    ("y ~ x + cs(1 + x | g)", "fit(MixedModel, @formula(y ~ 1 + x + (1 + x | g)), d)", "the covariance structure `cs`"),
    ("y ~ x + ar(t, g)", "lm(@formula(y ~ 1 + x), d)", "`ar(t, g)`: Julia has none"),
    ("brm(y ~ x, d, student(), prior = prior(normal(0, 1)))", "lm(@formula(y ~ 1 + x), d)", "MixedModels has none"),
    ("y ~ factor(a) + (0 + C(a, sum) | g)", "fit(MixedModel, @formula(y ~ 1 + a + (0 + a | g)), d; contrasts = "
     "Dict(:a => DummyCoding()))", "two codings of `a`"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "unsaid"), ELSEWHERE)
def test_models_of_other_languages_are_julias_or_what_is_lost_is_told(text: str, expected: str, unsaid: str) -> None:
    found = convert(text, "julia")
    assert found.text == expected
    assert unsaid in " ".join(found.cannot_say)
    assert bool(found.cannot_say) == bool(unsaid)
    assert read(found.text).syntax == "julia"
