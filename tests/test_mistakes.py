"""Whatever is wrong with a formula or its data is said in one message, at its place."""

from __future__ import annotations

import pandas as pd
import pytest

import tildemc as tm
from marked import unmarked

DATA = pd.DataFrame(
    {
        "y": [1.0, 2, 4, 3, 5, 2],
        "n": [3, 4, 5, 6, 7, 8],
        "age": [1.0, 2, 3, 4, 5, 6],
        "sex": list("mfmfmf"),
        "school": list("aabbcc"),
        "one": ["k"] * 6,
        "c": [1.0] * 6,
        "treat": [0, 0, 0, 1, 1, 1],
        "when": pd.date_range("2020-01-01", periods=6),
        "l": [True, False] * 3,
        "count": [0, 1, 2, 3, 1, 0],
        "neg": [-1.0, 1, 2, 3, 4, 5],
    }
)

FORMULAS = [
    ("y ~ ⟪age | school⟫", "a group term needs parentheses: write `age + (1 | school"),
    ("y ~ ⟪age + 1 | school⟫", "a group term needs parentheses: write `age + (1 | school)`"),
    ("y ~ ⟪ag⟫ + (1 | school)", "no column `ag` in the data"),
    ("y ~ age + (1 | ⟪schol⟫)", "no column `schol` in the data"),
    ("⟪yy⟫ ~ age", "no column `yy` in the data"),
    ("y ~ ⟪lgo(age)⟫", "formulas have no function `lgo`"),
    ("y ~ ⟪s(age)⟫", "fewer than k = 10: `k = 6` is the most"),
    ("y ~ poly(age, 2, 3, ⟪4⟫)", "`poly(x, degree, raw)` takes at most 3 arguments"),
    ("y ~ poly(age, ⟪degre = 2⟫)", "`poly(x, degree, raw)` has no argument `degre`"),
    ("y ~ poly(age, ⟪0⟫)", "`degree` is a whole number from 1 up"),
    ("y ~ ⟪poly(age, 9)⟫", "degree 9 needs more than the 6 different values here"),
    ("y ~ ⟪log()⟫", "`log(x, base)` needs `x`"),
    ("y ~ ⟪one⟫", "the factor `one` has only one level, 'k': leave it out"),
    ("y ~ age + (1 | ⟪one⟫)", "`one` has only one level: nothing can vary by it"),
    ("⟪c⟫ ~ age", "the response `c` is 1 in every row: there is nothing to mode"),
    ("⟪sex⟫ ~ age", "the response `sex` is a factor, gaussian needs numbers"),
    ("y ~ ⟪2⟫", "a formula's only numbers are 0 and 1, the intercept"),
    ("y ~ ⟪2⟫ + age", "arithmetic stands within `I()`, as in `I(2 + age)`"),
    ("y ~ sex + age + ⟪10⟫", "as in `I(age + 10)`"),
    ("y ~ sex + age - ⟪10⟫", "as in `I(age - 10)`"),
    ("y ~ age*⟪2⟫", "as in `I(age * 2)`"),
    ("y ~ sex + ⟪0.5⟫*age", "as in `I(0.5 * age)`"),
    ("y ~ age/⟪10⟫ + sex", "as in `I(age / 10)`"),
    ("y ~ age:⟪2⟫", "as in `I(age * 2)`"),
    ("y ~ age * c * ⟪3⟫", "as in `I(age * c * 3)`"),
    ("y ~ sex:(c + age + ⟪3⟫)", "as in `I(age + 3)`"),
    ("y ~ (age/⟪(100)⟫ | school)", "as in `I(age / (100))`"),
    ("y ~ ⟪2⟫^age", "as in `I(2^age)`"),
    ("y ~ ⟪'age'⟫", "a quoted text is no term"),
    ("y ~ age^⟪1.5⟫", "`^` crosses terms: it takes a whole number from 2 up"),
    ("y ~ age * (⟪1 | school⟫)", "a group term can only be added, as in `x + (1 | g)`"),
    ("y ~ age - (⟪1 | school⟫)", "a group term can only be added, as in `x + (1 | g)`"),
    ("y ~ (⟪0 | school⟫)", "this group term has no effects: write at least `(1 | …)`"),
    ("y ~ (1 | ⟪cut(age, 3)⟫)", "a grouping factor is a column or a combination of columns"),
    ("y ~ (1 | ⟪1⟫)", "the grouping factor must be a column, as in `(1 | school)`"),
    ("y ~ (1|school) + (⟪age|school⟫)", "the effect `Intercept` by school stands twice"),
    ("y ~ (1 | ⟪mm(school)⟫)", "`mm()` takes two columns of groups or more"),
    ("y ~ (1 | ⟪mm(school, school)⟫)", "the same column twice"),
    ("y ~ (1 | mm(school, sex, weights = ⟪age⟫))", "`weights = cbind(w1, w2)`"),
    ("y ~ (1 | mm(school, sex, weights = ⟪cbind(age)⟫))", "a column for each of the 2 groups"),
    ("y ~ (1 | mm(school, sex, scale = ⟪3⟫))", "`scale` is TRUE or FALSE"),
    ("y ~ (1 | mm(school, sex, by = ⟪l⟫))", "`by = cbind(by1, by2)`"),
    ("y ~ (1 | mm(school, sex, ⟪wts = age⟫))", "no argument `wts`"),
    ("y ~ (1 | mm(⟪school⟫, count))", "text and numbers"),
    ("y ~ (⟪mmc(age)⟫ | mm(school, sex))", "a column for each of the 2 groups"),
    ("y ~ (1 | gr(school, by = ⟪3⟫))", "`by` is one column"),
    ("y ~ (1 | gr(school, cor = ⟪2⟫))", "`cor` is TRUE or FALSE"),
    ("y ~ (1 | gr(school, ⟪group = sex⟫))", "no argument `group`"),
    ("y ~ (1 | gr(school, id = ⟪TRUE⟫))", "`id` is a name"),
    ("y ~ (1 | gr(school, dist = ⟪'cauchy'⟫))", '`dist` is "gaussian" or "student"'),
    (
        "y ~ (1 | gr(school, dist='student'))+(⟪0+age | gr(school, dist='student')⟫)",
        "one distribution together",
    ),
    ("y ~ (1 | ⟪gr(school, dist = 'student', cov = A)⟫)", "both at once"),
    ("y ~ (1 | gr(school, cov = ⟪A⟫))", 'no matrix `A`: give it, `data2={"A": frame}`'),
    ("y ~ (1 | gr(school, cov = ⟪3⟫))", "`cov` is the name of a matrix"),
    ("y ~ (1 | ⟪gr(school, by = sex, cov = A)⟫)", "both at once"),
    ("y ~ (1 | gr(school, pw = ⟪age⟫))", "some levels of `school` have several values of `age`"),
    ("y ~ (1 | gr(school, pw = ⟪2⟫))", "`pw` is a column"),
    ("y ~ (1 | gr(school, pw = ⟪school⟫))", "a number above zero"),
    ("y ~ (1 | gr(school, pw = ⟪age⟫)) + (0 + age | school)", "one set of weights"),
    ("y ~ (1 | mm(school, sex, pw = ⟪age⟫))", "not built yet"),
    ("y ~ (1 | ⟪gr()⟫)", "`gr()` needs a grouping factor"),
    ("y ~ age; ⟪sigm ~ age⟫", "family gaussian has no parameter `sigm`"),
    ("y ~ age; ⟪nu ~ age⟫", "family gaussian has no parameter `nu`"),
    ("y ~ age; sigma ~ ⟪by(age, sex)⟫", "`by()` takes a column, or a combination of columns"),
    ("y ~ ⟪by(sex)⟫", "`by()` stands alone and for a parameter other than mu: `"),
    ("y | ⟪thres(3)⟫ ~ age", "`thres()` is not built yet"),
    ("y | ⟪cens(1, 2, 3)⟫ ~ age", "`cens()` takes `cens` and `y2`"),
    ("y | ⟪trunc(upper = 3)⟫ ~ age", "`trunc()` takes `lb` and `ub`"),
    ("y | cens(⟪'often'⟫) ~ age", "says left, none, right, interval, but here it is 'often'"),
    ("y | ⟪rate(age)⟫ ~ age", "`rate()` goes with the families "),
    ("y | ⟪trials(n)⟫ ~ age", "`trials()` goes with the families binomial, beta_binomial"),
    ("y | ⟪wieghts(n)⟫ ~ age", "a response takes `trials()`, `weights()`, `se()`"),
    ("y ~ ⟪when⟫", "column `when` holds dates or times"),
    ("y ~ I(⟪sex⟫ + 1)", "`sex` is a factor, not a number"),
    ("y ~ I(sex == ⟪'x'⟫)", "`sex` has no level 'x' (its levels: f, m)"),
    ("y ~ I(⟪sex⟫ > 'm')", "`>` compares numbers"),
    ("y ~ age + offset(⟪school⟫)", "`school` is a factor, not a number"),
    ("y ~ (1 + ⟪offset(age)⟫ | school)", "an offset belongs outside of group terms"),
    ("y ~ dummy(sex, ⟪'x'⟫)", "there is no level 'x'"),
    ("y ~ C(sex, ⟪summ⟫)", "contrasts are treatment, sum, helmert, poly, SAS"),
    ("y ~ ⟪log(neg)⟫", "`log(neg)` is not a finite number in row 0 (neg = -1)"),
    ("y ~ ⟪scale(c)⟫", "`scale(c)` has no spread to divide by: all its values are eq"),
    ("y ~ ⟪factor(sex, levels = c('m'))⟫", "has only one level"),
    ("y ~ relevel(sex, ref = ⟪'q'⟫)", "there is no level 'q'"),
    ("⟪cbind(n, count)⟫ ~ age", "`cbind(successes, failures)` is a response of family `binomi"),
    ("y ~ ⟪log⟫", "no column `log` in the data"),
    ("y ~ age + log(age, ⟪bas = 2⟫)", "`log(x, base)` has no argument `bas`"),
    ("y ~ treat + (0 + treat | ⟪one⟫)", "`one` has only one level: nothing can vary by it"),
    ("y ~ I(age %in% ⟪treat⟫)", "behind `%in%` stand values"),
    ("y ~ I(age + (⟪1⟫ | school))", "`1` is not true or false, as `!`, `&` and `|` need it in"),
    ("y ~ cut(age, ⟪1⟫)", "`breaks` is a whole number from 2 up"),
    ("⟪mvbind(y)⟫ ~ 1", "`mvbind()` binds two responses or more"),
    ("y ~ ⟪.⟫", "column `when` holds dates or times"),
    ("y ~ a⟪$⟫b", "`$` takes a column out of a data frame"),
    ("y ~ log(age) + ⟪lg(age)⟫", "formulas have no function `lg`"),
    ("y ~ age:sex:⟪schoool⟫", "no column `schoool` in the data"),
]

FAMILIES = [
    ("y ~ age", "⟪gausian⟫", "there is no family `gausian`"),
    ("⟪n ~ 0⟫", "poisson", "nothing is left of the formula to estimate: `1` is the least that"),
    ("y ~ age", "⟪gaussian(probit)⟫", "gaussian has the links identity, log, inverse"),
    ("⟪y⟫ ~ age", "bernoulli", "a bernoulli response is 0 or 1, but `y` is 2 in row 1, and i"),
    ("⟪sex⟫ ~ age", "poisson", "the response `sex` is a factor, poisson needs numbers"),
    ("⟪neg⟫ ~ age", "poisson", "a poisson response is a whole number from 0 up, but `neg"),
    ("l ~ sex", "⟪gaussian(probit)⟫", "gaussian has the links identity, log, inverse"),
    ("⟪school⟫ ~ age", "bernoulli", "a bernoulli response has two levels, `school` has 3: a, b, c"),
    ("l & TRUE ~ 1", "gaussian⟪(⟫x", "this parenthesis is never closed"),
    ("count | ⟪trials(neg)⟫ ~ age", "binomial", "trials are whole numbers from 0 up, but here they are -1 in row 0"),
    ("⟪n⟫ | trials(count) ~ age", "binomial", "`n` is more than the trials where it is 3 in row 0, and in 5"),
    ("y | ⟪se(count)⟫ ~ age", "gaussian", "`se()` takes standard deviations greater than 0, but her"),
    ("y|se(n) ~ age; ⟪sigma ~ age⟫", "gaussian", "`se()` gives the residual sds"),
    ("y | ⟪weights(neg)⟫ ~ 1", "gaussian", "a weight is 0 or more, but here it is -1 in row 0"),
    ("⟪I(age > 0)⟫ ~ 1", "bernoulli", "the response `I(age > 0)` is TRUE in every row: there is"),
    ("n | ⟪trials(y + 0.5)⟫ ~ 1", "binomial", "trials are whole numbers from 0 up, but here they are 1.5 in row 0"),
    ("n ~ age; ⟪shape ~ age⟫", "poisson", "family poisson has no parameter `shape`"),
    ("⟪neg⟫ ~ age", "tweedie", "a tweedie response is 0 or a number greater than 0, but `neg` is -1"),
    ("⟪neg⟫ ~ age", "ordbeta", "an ordbeta response is a number from 0 to 1, but `neg` is -1"),
    ("⟪neg⟫ ~ age", "compois", "a compois response is a whole number from 0 up, but `neg"),
    ("⟪neg⟫ ~ age", "lognormal_mean", "a lognormal_mean response is a number greater than 0, but `neg` is -1"),
]

PRIORS = [
    ("⟪b ~ lkj(2)⟫", "lkj is a density on correlation matrices: lkj is for cor"),
    ("⟪cor⟫ ~ normal(0,1)", "the model has no `cor`: it has Intercept, age, sd(school, Intercept), sigma"),
    ("⟪sd(schol)⟫ ~ exponential(1)", "did you mean `sd(school)`?"),
    ("⟪sd(school, age)⟫ ~ exponential(1)", "the model has no `sd(school, age)`"),
    ("⟪b(ag)⟫ ~ normal(0,1)", "did you mean `b(age)`?"),
    ("⟪sigma ~ uniform(-1, 1)⟫", "this prior reaches from -1 to 1, but `sigma` takes positive "),
    ("⟪sigma ~ normal(0, -1)⟫", "`sigma` of normal must be greater than 0, not -1"),
    ("⟪sigma ~ uniform(2,1)⟫", "a uniform prior's lower end must be below its upper end"),
    ("b ~ ⟪nromal(0,1)⟫", "there is no density `nromal`; did you mean `normal`?"),
    ("⟪b ~ normal(0)⟫", "`normal(mu, sigma)` needs `sigma`"),
    ("b ~ normal(0,1,⟪2⟫)", "`normal(mu, sigma)` takes 2 arguments"),
    ("b ~ normal(mu=0, ⟪sd=1⟫)", "`normal(mu, sigma)` has no argument `sd`"),
    ("⟪beta⟫ ~ normal(0,1)", "the model has no `beta`"),
    ("⟪nu⟫ ~ gamma(2,.1)", "the model has no `nu`"),
    ("b ~ normal(⟪a⟫, 1)", "a prior's arguments are numbers, not `a`"),
    ("b ~ normal(0, ⟪1/0⟫)", "`1/0` is not a number: float division by zero"),
    ("⟪sigma(x)⟫ ~ normal(0,1)", "did you mean `sigma`?"),
    ("⟪var(b)⟫ ~ gamma(1,1)", "the model has no `var(b)`"),
    ("⟪sd(school) ~ gamma(1, 1)⟫", "stated twice"),
]


def check(marked: str, fragment: str, error: tm.TildeError) -> None:
    """The message says `fragment`, and its carets stand under the marked place."""
    assert fragment in error.message
    assert error.span is not None, error.message
    assert (error.span.start, error.span.end) == (marked.index("⟪"), marked.index("⟫") - 1)
    assert "^" in str(error)
    assert unmarked(marked) in str(error)


@pytest.mark.parametrize(("marked", "fragment"), FORMULAS)
def test_a_formula_that_cannot_be_is_told_why_and_where(marked: str, fragment: str) -> None:
    with pytest.raises(tm.TildeError) as caught:
        tm.model(unmarked(marked), DATA)
    check(marked, fragment, caught.value)


@pytest.mark.parametrize(("formula", "family", "fragment"), FAMILIES)
def test_a_family_that_does_not_fit_is_told_why_and_where(formula: str, family: str, fragment: str) -> None:
    with pytest.raises(tm.TildeError) as caught:
        tm.model(unmarked(formula), DATA, family=unmarked(family))
    check(formula if "⟪" in formula else family, fragment, caught.value)


@pytest.mark.parametrize(("marked", "fragment"), PRIORS)
def test_a_prior_that_fits_nothing_is_told_why_and_where(marked: str, fragment: str) -> None:
    with pytest.raises(tm.TildeError) as caught:
        tm.model(
            "y ~ age + (1 | school)", DATA, priors=["sd ~ exponential(1)", "sd(school) ~ gamma(2, 1)", unmarked(marked)]
        )
    check(marked, fragment, caught.value)


def test_mistakes_leave_nothing_on_the_screen(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(tm.TildeError):
        tm.model("y ~ ag", DATA)
    assert capsys.readouterr() == ("", "")
