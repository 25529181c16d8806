"""Julia that fits models: what each call says, and the sentences for mistakes."""

from __future__ import annotations

import pytest

from tildemc.errors import TildeError
from tildemc.syntax.command import language_of, models_of, read

READINGS = [
    ("fit(MixedModel, @formula(y ~ 1 + x + (1 + x | g)), df)", "y ~ 1 + x + (1 + x | g)", "gaussian(identity)"),
    ("m1 = fit(MixedModel, @formula(y ~ 1 + (1|g)), df; REML=true)", "y ~ 1 + (1 | g)", "gaussian(identity)"),
    ("fit(MixedModel, @formula(y ~ x + zerocorr(1 + x | g)), df)", "y ~ x + (1 + x || g)", "gaussian(identity)"),
    ("fit!(LinearMixedModel(@formula(y ~ x * z + (1 | g)), df))", "y ~ x * z + (1 | g)", "gaussian(identity)"),
    ("fit(MixedModel, @formula(y ~ x + x & z + (1 | g & h)), df)", "y ~ x + x:z + (1 | g:h)", "gaussian(identity)"),
    ("f = @formula(y ~ x + (1 | g))\nfit(MixedModel, f, df, Bernoulli())", "y ~ x + (1 | g)", "bernoulli(logit)"),
    ("fit(MixedModel, @formula(y ~ x + (1 | g)), df, Poisson(), LogLink())", "y ~ x + (1 | g)", "poisson(log)"),
    ("fit(MixedModel, @formula(y / n ~ x + (1 | g)), df, Binomial(), wts=df.n)", "y | trials(n) ~ x + (1 | g)",
     "binomial(logit)"),
    ("fit(MixedModel, @formula(y ~ x + (1 | g)), df, wts=df.w)", "y ~ x + (1 | g); sigma ~ 1 + offset(-0.5 * log(w))",
     "gaussian(identity)"),
    ("fit(MixedModel, @formula(p ~ x + (1 | g)), df, Binomial(), wts=df.n)", "p * n | trials(n) ~ x + (1 | g)",
     "binomial(logit)"),
    ("fit(MixedModel, @formula(y ~ a + (1 | g)), df; contrasts=Dict(:a => EffectsCoding(), :g => Grouping()))",
     "y ~ C(a, sum) + (1 | g)", "gaussian(identity)"),
    ('fit(MixedModel, @formula(y ~ a + (1 | g)), df, contrasts=Dict(:a => DummyCoding(base="b")))',
     'y ~ relevel(factor(a), ref = "b") + (1 | g)', "gaussian(identity)"),
    ("lm(@formula(y ~ log(x) + x^2), df)", "y ~ log(x) + I(x^2)", "gaussian(identity)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "formula", "family"), READINGS)
def test_a_call_says_this_formula_and_family(text: str, formula: str, family: str) -> None:
    assert language_of(text) == "julia"
    statement = read(text)
    assert (statement.formula.text, statement.family, statement.data) == (formula, family, "df")


STEPS = [
    ("df.z = log.(df.x)", ["`z` = `log(x)`"]),
    ("df[!, :z] = df.x .^ 2 ./ 3", ["`z` = `x^2/3`"]),
    ('df = @rsubset(df, :x > 1 && (:g == "a" || !ismissing(:z)))', ['the rows where `x > 1 & (g == "a" | !is.na(z))`']),
    ("@subset!(df, :x .> 1)", ["the rows where `x > 1`"]),
    ("df = filter(row -> row.x > 1, df)", ["the rows where `x > 1`"]),
    ("@rtransform!(df, :z = ifelse(:x > 2, 1, 0), :w = :x^2)", ["`z` = `ifelse(x > 2, 1, 0)`", "`w` = `x^2`"]),
    ("df = dropmissing(df, [:x, :y])", ["the rows with a value of `x` and `y`"]),
    ("df = transform(groupby(df, :g), :x => mean => :m)", ["`m` = `mean(x)` within `g`"]),
    ("df = df[df.x .> 1, :]", ["the rows where `x > 1`"]),
    ("d2 = @rsubset(df, :x > 1)", []),
]


@pytest.mark.parametrize(("line", "steps"), STEPS)
def test_what_is_done_to_a_frame_is_done_before_the_model(line: str, steps: list[str]) -> None:
    statement = read(f"{line}\nlm(@formula(y ~ x), df)")
    assert [str(step) for step in statement.steps] == steps
    assert statement.notes == ()


def test_a_column_that_formulas_cannot_say_is_taken_to_be_there_and_told() -> None:
    statement = read('df = DataFrame(CSV.File("f.csv"))\ndf.q = Date.(df.d, "yyyy")\nlm(@formula(y ~ q), df)')
    assert (statement.file, statement.steps) == ("f.csv", ())
    assert statement.notes == ('taken to be done in the data given here: `q` = `Date.(df.d, "yyyy")`',)


def test_what_is_not_known_of_a_frame_is_done_in_the_data_given_and_told() -> None:
    statement = read("df.z = log.(df.x)\ndf = innerjoin(df, e, on = :g)\nlm(@formula(y ~ z), df)")
    assert (statement.steps, statement.notes) == ((), ("the data given here stand for `innerjoin(df, e, on = :g)`",))


def test_models_of_a_script_go_by_their_names() -> None:
    text = (
        "f = @formula(y ~ x + (1 | g))\nm1 = fit(MixedModel, f, df)\ndf.z = log.(df.x)\n"
        "fit!(LinearMixedModel(@formula(y ~ z + (1 | g)), df))\nm3 = lm(@formula(y ~ x), df)"
    )
    read_ = {name: read(own) for name, own in models_of(text).items()}
    assert {name: (statement.formula.text, len(statement.steps)) for name, statement in read_.items()} == {
        "m1": ("y ~ x + (1 | g)", 0), "model2": ("y ~ z + (1 | g)", 1), "m3": ("y ~ x", 1),
    }  # fmt: skip


MISTAKES = [
    ("fit(MixedModel, @formula(y ~ x +<)>, df)", "right of `+`"),
    ("df = <filter(:x => ==(1), df)>\nlm(@formula(y ~ x), df)", "prepare the data first"),
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
