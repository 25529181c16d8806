"""The question that began it: clusters in one arm only, and a residual variance for each arm, in Stata's words."""

from __future__ import annotations

from pathlib import Path

import tildemc as tm
from programs import same_graph

TRIAL = Path(__file__).parents[1] / "examples" / "partially_clustered" / "trial.csv"
FORMULA = "y ~ treat + (0 + treat | j); sigma ~ by(treat)"
STATA = "xtmixed y treat || j: treat, nocons residuals(independent, by(treat))"
PRIORS = ["Intercept ~ normal(0, 100)", "b ~ normal(0, 100)", "var(j) ~ gamma(1, 1)", "var(sigma) ~ uniform(0, 100)"]
NESTED = "xtmixed y treat || j: treat, nointercept || treat:"


def test_the_command_and_the_formula_have_one_density() -> None:
    stata, formula = (tm.model(text, str(TRIAL), priors=PRIORS).pymc() for text in (STATA, FORMULA))
    same_graph(stata, formula)


def test_the_priors_may_be_statas_too() -> None:
    """Variances of normal priors, as `bayes:` has them."""
    prior = "prior({y:}, normal(0, 10000)) prior({U1:sigma2}, gamma(1, 1)) prior({e.y:sigma2}, uniform(0, 100))"
    stata = tm.model(f"bayes, {prior}: {STATA}", str(TRIAL))
    facts, same = stata.facts(), tm.model(FORMULA, str(TRIAL), priors=PRIORS).facts()
    assert {**facts, "notes": []} == {**same, "notes": []}


def test_a_nested_level_is_another_model_and_says_so() -> None:
    other = tm.model(NESTED, str(TRIAL))
    assert other.spec.formula == "y ~ treat + (0 + treat | j) + (1 | j:treat)"
    shown = " ".join(str(other).split())
    assert (
        "`|| treat:` is a random intercept for each level of treat within j, not a residual variance for each level of "
        "treat; that is `residuals(independent, by(treat))`"
    ) in shown
    assert "`nointercept` is read as `noconstant`" in shown
    assert "sigma ~ half_student_t(3, 0, 0.9601) (default)" in shown  # one for all rows
    assert tm.model(NESTED.replace("nointercept", "nocons"), str(TRIAL)).spec == other.spec


def test_the_command_asked_for_needs_no_such_note() -> None:
    assert "!" not in str(tm.model(STATA, str(TRIAL), priors=PRIORS))
