"""Priors that follow other quantities, and priors of several parameters together, as stated."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from marked import unmarked
from tildemc.errors import PriorError

RNG = np.random.default_rng(3)
DATA = pd.DataFrame(
    {
        "y": RNG.normal(2, 3, 40),
        "x": RNG.normal(0, 4, 40),
        "z": RNG.normal(0, 0.5, 40),
        "k": RNG.integers(0, 2, 40),
        "tau0": RNG.normal(size=40),
        "g": np.resize(list("uvwxy"), 40),
    }
)
FORMULA = "y ~ x + z + (1 + x | g) + (1 | k)"


def stated(*statements: str, formula: str = FORMULA, family: str = "gaussian") -> dict[str, str]:
    table = tm.model(formula, DATA, family, list(statements)).priors()
    return {row.target: row.prior for row in table.itertuples() if row.stated}


STATED = [
    (("b ~ normal(0, tau)", "tau ~ exponential(1)"),
     {"x": "normal(0, tau)", "z": "normal(0, tau)", "tau": "exponential(1)"}),
    (("tau ~ normal(0, 1)", "sd ~ normal(0, 2 * tau)", "x ~ normal(tau, 1)"),
     {"x": "normal(tau, 1)", "sd(g, Intercept)": "half_normal(0, 2 * tau)", "sd(g, x)": "half_normal(0, 2 * tau)",
      "sd(k, Intercept)": "half_normal(0, 2 * tau)", "tau": "half_normal(0, 1)"}),
    (("x ~ normal(m, 1)", "m ~ normal(0, s)", "s ~ gamma(2, sigma)"),
     {"x": "normal(m, 1)", "m": "normal(0, s)", "s": "gamma(2, sigma)"}),
    (("x ~ normal(0, sigma / 3)",), {"x": "normal(0, sigma / 3)"}),
    (("x ~ constant(1)", "sigma ~ constant(2)", "var(k) ~ constant(4)"),
     {"x": "constant(1)", "sigma": "constant(2)", "sd(k, Intercept)": "constant(2)"}),
    (("x ~ constant(-u)", "z ~ constant(2 * u)", "u ~ normal(0, 1)"),
     {"x": "constant(-u)", "z": "constant(2 * u)", "u": "normal(0, 1)"}),
    (("b ~ normal(c(1, 2), c(3, 4))",), {"x": "normal(1, 3)", "z": "normal(2, 4)"}),
    (("b ~ normal(0, c(3, 4))", "z ~ normal(7, 1)"), {"x": "normal(0, 3)", "z": "normal(7, 1)"}),
    (("b ~ horseshoe()", "z ~ normal(0, 1)", "hs_slab ~ inv_gamma(3, 3)"),
     {"x": "horseshoe()", "z": "normal(0, 1)", "hs_global": "half_student_t(1, 0, sigma)",
      "hs_local": "half_student_t(1, 0, 1)", "hs_slab": "inv_gamma(3, 3)"}),
    (("b ~ horseshoe(3, 0.5, df_global = 2, autoscale = FALSE)",),
     {"x": "horseshoe(3, 0.5, df_global = 2, autoscale = FALSE)",
      "z": "horseshoe(3, 0.5, df_global = 2, autoscale = FALSE)", "hs_global": "half_student_t(2, 0, 0.5)",
      "hs_local": "half_student_t(3, 0, 1)", "hs_slab": "inv_gamma(2, 2)"}),
    (("b ~ R2D2(0.25, 4, cons_D2 = c(1, 2))",),
     {"x": "R2D2(0.25, 4, cons_D2 = c(1, 2))", "z": "R2D2(0.25, 4, cons_D2 = c(1, 2))",
      "R2D2_R2": "beta(1, 3)", "R2D2_phi": "dirichlet(1, 2)"}),
    (("x ~ lasso(2)", "z ~ lasso(3)"),
     {"x": "lasso(2)", "z": "lasso(3)", "lasso_inv_lambda": "chi_square(2)", "lasso_inv_lambda_2": "chi_square(3)"}),
    (("b ~ R2(0.5, what = mean)", "Intercept ~ normal(0, exp(l))", "l ~ normal(0, 1)"),
     {"Intercept": "normal(0, exp(l))", "x": "R2(0.5, what = mean)", "z": "R2(0.5, what = mean)", "l": "normal(0, 1)",
      "R2_g": "chi_square(2)", "R2_z": "normal(0, 1)"}),
    (("sd ~ decov(2, shape = 3, scale = 4)",),
     {"sd(g, Intercept)": "decov(2, shape = 3, scale = 4)", "sd(g, x)": "decov(2, shape = 3, scale = 4)",
      "cor(g)": "lkj(2)", "sd(k, Intercept)": "decov(2, shape = 3, scale = 4)",
      "decov_pi_g": "dirichlet(1, 1)", "decov_tau_g": "gamma(3, 0.25)"}),
]  # fmt: skip


@pytest.mark.parametrize(("statements", "expected"), STATED)
def test_statements_make_hyperparameters_and_their_print_can_be_typed(
    statements: tuple[str, ...], expected: dict[str, str]
) -> None:
    model = tm.model(FORMULA, DATA, priors=list(statements))
    assert stated(*statements) == expected
    again = tm.model(FORMULA, DATA, priors=[f"{row.target} ~ {row.prior}" for row in model.priors().itertuples()])
    assert again.priors()[["target", "prior"]].equals(model.priors()[["target", "prior"]])
    assert [str(free.support) for free in again.spec.free()] == [str(free.support) for free in model.spec.free()]
    told = str(model).split("Hyperparameters")
    assert len(told) == 1 + bool(model.spec.hyperparameters)


def test_quantities_of_a_modelled_parameter_have_its_name() -> None:
    found = stated("b ~ R2D2()", "sigma.b ~ R2D2()", formula="y ~ x + z; sigma ~ x + z")
    assert {"R2D2_R2", "R2D2_phi", "sigma_R2D2_R2", "sigma_R2D2_phi"} < {*found}


MISTAKES = [
    (("b ~ normal(0, ⟪tau⟫)",), "give it a prior of its own, as in `tau ~ exponential(1)`"),
    (("b ~ normal(0, 1)", "⟪tau⟫ ~ exponential(1)"), "the model has no `tau`"),
    (("b ~ normal(0, ⟪x⟫)",), "arguments are numbers, not `x`"),
    (("⟪b ~ student_t(nu0, 0, 1)⟫", "nu0 ~ gamma(2, 1)"), "only `mu`, `sigma` may be estimated"),
    (("⟪b ~ lognormal(m, 1)⟫", "m ~ normal(0, 1)"), "has to be a number"),
    (("⟪b ~ normal(0, tau, lower = 1)⟫", "tau ~ exponential(1)"), "cut off nowhere but at 0"),
    (("⟪sd ~ normal(1, tau)⟫", "tau ~ exponential(1)"), "cut off nowhere but at 0"),
    (("⟪var(g) ~ exponential(tau)⟫", "tau ~ exponential(1)"), "of an sd, not of a variance"),
    (("⟪cor(g) ~ lkj(tau)⟫", "tau ~ exponential(1)"), "a density with numbers for arguments"),
    (("b ~ normal(0, ⟪2^tau⟫)", "tau ~ exponential(1)"), "the exponent has to be a number"),
    (("b ~ normal(0, ⟪log(tau)⟫)", "tau ~ exponential(1)"), "there are no logarithms"),
    (("b ~ normal(0, a)", "⟪a ~ normal(0, c)⟫", "c ~ normal(0, a)"), "`a` follows itself: a follows c follows a"),
    (("b ~ normal(0, alpha)", "⟪alpha⟫ ~ exponential(1)"), "a `alpha` of its own"),
    (("⟪sigma ~ constant(-1)⟫",), "`sigma` is one of positive numbers, not -1"),
    (("⟪cor(g) ~ constant(0)⟫",), "a density with numbers for arguments"),
    (("b ~ normal(⟪c(1, 2, 3)⟫, 1)",), "has 3 numbers, and `b` names 2 parameters"),
    (("⟪b ~ beta(1, 1, autoscale = TRUE)⟫",), "no scale that the data's could multiply"),
    (("b ~ normal(0, 1, ⟪autoscale = 2⟫)",), "`autoscale` is TRUE or FALSE"),
    (("b ~ normal(0, 1, autoscale = TRUE, ⟪autoscale = TRUE⟫)",), "stands twice"),
    (("⟪sd ~ horseshoe()⟫",), "a prior of coefficients, not of `sd(g, Intercept)`"),
    (("⟪b ~ decov()⟫",), "a prior of the sds of group effects, not of `x`"),
    (("b ~ horseshoe(⟪dg = 3⟫)",), "no argument `dg`"),
    (("b ~ horseshoe(⟪df = -1⟫)",), "`df` of horseshoe is greater than 0, not -1"),
    (("b ~ horseshoe(⟪scale_global = 0⟫)",), "`scale_global` of horseshoe is greater than 0"),
    (("b ~ horseshoe(⟪df_global = 0⟫)",), "`df_global` of horseshoe is greater than 0"),
    (("b ~ horseshoe(⟪scale_slab = 0⟫)",), "`scale_slab` of horseshoe is greater than 0"),
    (("b ~ horseshoe(⟪df_slab = 0⟫)",), "`df_slab` of horseshoe is greater than 0"),
    (("b ~ horseshoe(⟪par_ratio = 0⟫)",), "`par_ratio` of horseshoe is greater than 0"),
    (("b ~ horseshoe(⟪autoscale = 1⟫)",), "`autoscale` is TRUE or FALSE"),
    (("b ~ R2D2(⟪1.5⟫)",), "`mean_R2` of R2D2 is between 0 and 1, not 1.5"),
    (("b ~ R2D2(⟪prec_R2 = -2⟫)",), "`prec_R2` of R2D2 is greater than 0"),
    (("⟪b ~ R2D2(cons_D2 = c(1, 2, 3))⟫",), "`cons_D2` has 3 numbers for 2 coefficients"),
    (("b ~ R2D2(⟪cons_D2 = 0⟫)",), "`cons_D2` of R2D2 is greater than 0"),
    (("⟪x ~ R2(0.5)⟫",), "of all coefficients of a formula with an intercept"),
    (("⟪b ~ R2(1.5, mean)⟫",), "the mean of R2 is between 0 and 1, not 1.5"),
    (("⟪b ~ R2(0.5, log)⟫",), "the log of R2 is a number below 0, not 0.5"),
    (("⟪b ~ R2(0.5)⟫",), "say `what = mean`"),
    (("b ~ R2(0.5, ⟪what = sd⟫)",), "is one of mode, mean, median, log, not sd"),
    (("b ~ lasso(⟪0⟫)",), "`df` of lasso is greater than 0"),
    (("b ~ lasso(1, ⟪0⟫)",), "`scale` of lasso is greater than 0"),
    (("b ~ product_normal(⟪1.5⟫)",), "`df` of product_normal is a whole number from 1"),
    (("sd ~ decov(⟪shape = 0⟫)",), "`shape` of decov is greater than 0"),
    (("b ~ lasso(df = ⟪tau⟫)", "tau ~ exponential(1)"), "arguments are numbers, not `tau`"),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "message"), MISTAKES, ids=lambda value: str(value)[:60])
def test_mistakes(marked: tuple[str, ...], message: str) -> None:
    place = next(text for text in marked if "⟪" in text)
    start, end = place.index("⟪"), place.index("⟫") - 1
    with pytest.raises(PriorError) as caught:
        tm.model(FORMULA, DATA, priors=[unmarked(text) for text in marked])
    assert message in caught.value.message
    assert caught.value.span is not None
    assert (caught.value.span.start, caught.value.span.end) == (start, end)


def test_autoscale_is_rstanarms() -> None:
    """Priors of stan_glm: scale · sd(y) of an intercept, · sd(y) / sd(x) of a coefficient, rate / sd(y) of sigma."""
    call = (
        "stan_glm(y ~ x + z, data = d, prior = student_t(5, 1, 2, autoscale = TRUE), "
        "prior_intercept = normal(4, 2.5, autoscale = TRUE), prior_aux = exponential(2, autoscale = TRUE))"
    )
    spec = tm.model(call, DATA).spec
    y, x, z = (DATA[name].std() for name in ("y", "x", "z"))
    population = spec.predictors[0].population
    assert population.intercept is not None
    np.testing.assert_allclose(population.intercept.values, (4, 2.5 * y))
    np.testing.assert_allclose(
        [prior.values for prior in population.coefficients], [(5, 1, 2 * y / x), (5, 1, 2 * y / z)]
    )
    np.testing.assert_allclose(spec.auxiliaries[0].prior.values, (2 / y,))
    logit = tm.model("k ~ x", DATA, "bernoulli", "b ~ normal(0, 2.5, autoscale = TRUE)").spec
    np.testing.assert_allclose(logit.predictors[0].population.coefficients[0].values, (0, 2.5 / x))


def test_of_several_responses_each_has_its_own_set_in_units_of_its_sigma() -> None:
    frame = DATA.assign(w=DATA.y + DATA.x)
    table = tm.model("mvbind(y, w) ~ x + z", frame, priors=["b ~ horseshoe()", "sigma_y ~ exponential(1)"]).priors()
    found = {row.target: row.prior for row in table.itertuples()}
    assert found["mu_y_hs_global"] == "half_student_t(1, 0, sigma_y)"
    assert found["w_hs_global"] == "half_student_t(1, 0, sigma_w)"


def test_decov_is_in_units_of_sigma_for_a_gaussian_response_alone() -> None:
    spec = tm.model("y ~ x + (1 | g)", DATA, priors="sd ~ decov(shape = 2, scale = 3)").spec
    (prior,) = next(spec.groups()).sd_priors
    assert prior.distribution.name == "gamma" and prior.follows == {"sigma"}
    spec = tm.model("k ~ x + (1 | g)", DATA, "bernoulli", "sd ~ decov(shape = 2, scale = 3)").spec
    (prior,) = next(spec.groups()).sd_priors
    assert prior.values == pytest.approx((2, 1 / 3))
