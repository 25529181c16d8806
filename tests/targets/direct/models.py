"""Models on small generated data that between them use all that the direct engine has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

import tildemc as tm


@dataclass(frozen=True)
class Described:
    """A formula, its family, its priors, and how far from zero points may lie."""

    formula: str
    family: str = "gaussian"
    priors: tuple[str, ...] = ()
    spread: float = 0.5

    def __str__(self) -> str:
        return " ; ".join((f"{self.family}: {self.formula}", *self.priors))

    def model(self) -> tm.Model:
        return tm.model(self.formula, data(), family=self.family, priors=self.priors)


def data(n: int = 60, seed: int = 1) -> pd.DataFrame:
    """Rows with responses of every kind; `treated` rows only have a `tutor`."""
    rng = np.random.default_rng(seed)
    treated = rng.integers(0, 2, n)
    tutor = np.array([f"t{k}" for k in rng.integers(0, 4, n)], dtype=object)
    frame = pd.DataFrame(
        {
            "y": rng.normal(2, 1.5, n),
            "positive": rng.gamma(3, 1, n),
            "share": np.random.default_rng(seed).beta(3, 4, n),
            "hit": rng.integers(0, 2, n),
            "count": rng.poisson(3, n),
            "size": rng.integers(4, 9, n),
            "x": rng.normal(1, 2, n),
            "z": rng.normal(0, 1, n),
            "arm": rng.choice(["a", "b", "c"], n),
            "g": rng.choice(list("pqrst"), n),
            "h": rng.choice(list("uvwx"), n),
            "g2": np.resize(list("qrstup"), n),
            "place": np.resize(["(0,0)", "(1,0.5)", "(2,3)"], n),
            "treated": treated,
            "tutor": tutor,
            "w": rng.uniform(0.5, 2, n),
            "known": rng.uniform(0.3, 1, n),
            "exposure": rng.uniform(0.5, 3, n),
        }
    )
    frame.loc[frame.treated == 0, "tutor"] = None
    frame["grade"] = 1 + np.random.default_rng(seed).binomial(3, 0.4, n)
    frame["third"] = np.resize([0, 1, 2, 2], n)
    frame["steps"] = frame["arm"].map({"a": 3, "b": 3, "c": 4})
    frame["gappy"] = frame["x"].where(np.arange(n) % 7 > 0)
    frame["level"] = frame["g"].map(dict(zip("pqrst", (0.3, -1.0, 0.8, 2.0, 0.1), strict=True)))
    frame["won0"] = frame["grade"] - 1
    frame["won"] = rng.binomial(frame["size"], 0.4)
    frame["level_weight"] = frame["h"].map({"u": 0.5, "v": 1.0, "w": 1.5, "x": 3.0})
    frame["c"] = np.arange(n) % 3 - 1
    return frame


MODELS = (
    Described("y ~ x"),
    Described("y ~ x + z", priors=("b ~ normal(0, tau)", "tau ~ exponential(1)")),
    Described("y ~ x + z + arm", priors=("b ~ normal(m, 2 * tau / 3)", "m ~ normal(0, sigma)", "tau ~ normal(0, 1)")),
    Described("y ~ x + mo(third) + z + arm", priors=("b ~ horseshoe(3, 0.5, scale_slab = 1.5, df_slab = 5)",)),
    Described("y ~ x + z", priors=("b ~ R2D2(0.4, 3, cons_D2 = 0.6)",)),
    Described("count ~ x + z + arm", family="poisson", priors=("b ~ lasso(2, 0.5, autoscale = TRUE)",), spread=0.2),
    Described("y ~ x + z", priors=("b ~ R2(0.4, mean)", "sigma ~ constant(exp(l))", "l ~ flat()")),
    Described("y ~ x + z + arm", priors=("b ~ hs_plus()", "Intercept ~ normal(m, sigma)", "m ~ student_t(3, 0, 1)")),
    Described("y ~ x + z + arm", priors=("b ~ product_normal(3)", "b(armb) ~ exponential(1 / u)", "u ~ gamma(2, 1)")),
    Described(
        "y ~ x + z + (1 + x | g)",
        priors=("x ~ constant(1)", "sd(g, x) ~ constant(0.5)", "sd ~ cauchy(0, s)", "s ~ exponential(1)"),
    ),
    Described("y ~ x + (1 | g) + (1 | h)", priors=("sigma ~ constant(1.2)", "sd ~ normal(0, s)", "s ~ weibull(2, 1)")),
    Described("y ~ x + z", priors=("x ~ constant(0.5 * sqrt(u) + exp(-u^2))", "z ~ logistic(u, 1)", "u ~ gamma(2, 1)")),
    Described("y ~ 0 + arm + x"),
    Described("y ~ x + arm + (1 | g)"),
    Described("y ~ x + (1 + x | g)"),
    Described("y ~ x + (1 + x + z | g) + (1 | h)", priors=("cor ~ lkj(3)", "sd(g) ~ exponential(1)")),
    Described("y ~ x + (1 + x || g) + (1 | g:h)"),
    Described("y ~ x + (1 + x | g) + (0 + z | g)"),
    Described("y ~ x + (1 + x + z + exposure | g)", priors=("sd(g, x) ~ exponential(2)",)),
    Described("y ~ x + (1 + x + z | g)", priors=("var(g) ~ inv_gamma(2, 1)", "var(sigma) ~ uniform(0, 100)")),
    Described("y ~ x + (1 + x | g) + (0 + z + exposure | g)", priors=("sd(g) ~ uniform(0, 10)",)),
    Described("y ~ x + homdiag(1 + x + z | g)", priors=("var(g) ~ gamma(2, 1)",)),
    Described("count ~ x + cs(1 + x + z | g)", family="poisson", priors=("cor ~ normal(0.5, 0.5)",), spread=0.2),
    Described("y ~ x + homcs(1 + x + z | g) + cs(0 + treated + exposure | g)", priors=("sd(g) ~ gamma(2, 1)",)),
    Described("y ~ x + s(z, k = 5) + (1 | g)", priors=("sds ~ exponential(1)",)),
    Described("count ~ s(x, by = arm, k = 4)", family="poisson", spread=0.2),
    Described("y ~ x + gp(z, k = 5, c = 5/4) + (1 | g)", priors=("lscale ~ gamma(2, 3)",)),
    Described('y ~ gp(x, z, k = 3, c = 5/4, iso = FALSE, cov = "matern32")'),
    Described("y ~ x + ar1(0 + arm | g)"),
    Described("y ~ x + hetar1(0 + arm | g) + (1 | h)", priors=("cor(g) ~ normal(0.5, 1)", "sd(g) ~ exponential(1)")),
    Described("y ~ x + toep(0 + h | g) + homtoep(0 + arm | h)", priors=("partial1(g) ~ uniform(0, 1)",)),
    Described("count ~ x + exp(0 + place | g) + gau(0 + factor(treated) | g)", family="poisson", spread=0.2),
    Described("y ~ x + rr(0 + arm + z | g, d = 2) + (1 + x | h)"),
    Described("count ~ x + rr(1 + x + z | g, d = 1) + (0 + exposure | g)", family="poisson", spread=0.2),
    Described("y ~ x + (1 + x | mm(g, g2)) + (1 | h)"),
    Described(
        'y ~ x + (1 + x | gr(g, dist = "student")) + (1 | gr(h, pw = level_weight))', priors=("df ~ gamma(3, 0.2)",)
    ),
    Described(
        'count ~ (1 + x || mm(g, g2, dist = "student"))', family="poisson", priors=("df(mmgg2) ~ uniform(2, 9)",)
    ),
    Described("count ~ x + (1 + mmc(x, z) | mm(g, g2, weights = cbind(w, known)))", family="poisson", spread=0.2),
    Described("y ~ x + (1 + x |p| g) + (1 | h)\nsigma ~ z + (1 + z |p| g)", priors=("sigma.sd(g) ~ exponential(2)",)),
    Described("share ~ x + (0 + x |a| g) + (1 |b| h)\nphi ~ (1 |b| h) + (1 |a| g)", family="beta", spread=0.3),
    Described("y ~ treated + (0 + treated | tutor)"),
    Described("y ~ treated + (0 + treated | tutor)\nsigma ~ by(arm)"),
    Described("y ~ x + (1 | g)\nsigma ~ z + (1 | h)"),
    Described("y ~ x + (1 + x | g)\nsigma ~ 0 + arm + (1 + x | h)", priors=("sigma.cor ~ lkj(4)",)),
    Described("y | se(known) ~ x + (1 | g)"),
    Described("y | se(known, sigma = TRUE) ~ x + (1 | g)"),
    Described("y | weights(w) ~ x + offset(z) + (1 | g)"),
    Described("positive ~ 1 + (1 | g)", family="gaussian(log)"),
    Described("positive ~ 1", family="gaussian(inverse)", priors=("Intercept ~ uniform(0.1, 2)",)),
    Described("y ~ x + (1 | g)", family="student"),
    Described("y ~ x\nsigma ~ z\nnu ~ 1 + (1 | g)", family="student"),
    Described("hit ~ x + (1 | g)", family="bernoulli"),
    Described("hit ~ x + arm", family="bernoulli(probit)"),
    Described("hit ~ x + (1 | h)", family="bernoulli(cloglog)"),
    Described("hit ~ 1", family="bernoulli(identity)", priors=("Intercept ~ beta(2, 3)",)),
    Described("hit ~ 1", family="bernoulli(log)", priors=("Intercept ~ uniform(-3, -0.1)",)),
    Described("won | trials(size) ~ x + (1 | g)", family="binomial"),
    Described("cbind(won, size - won) ~ x + (1 | g)", family="binomial(cloglog)"),
    Described("won | trials(size) + weights(w) ~ x", family="binomial(probit)"),
    Described("count ~ x + arm + offset(log(exposure)) + (1 | g)", family="poisson", spread=0.3),
    Described("count ~ 1 + (1 | g)", family="poisson(sqrt)"),
    Described("count ~ 1", family="poisson(identity)", priors=("Intercept ~ gamma(2, 1)",)),
    Described("count ~ x + (1 | g)", family="negbinomial", spread=0.3),
    Described("count ~ 1\nshape ~ x + (1 | g)", family="negbinomial(sqrt)"),
    Described("positive ~ x + (1 | g)", family="gamma", spread=0.3),
    Described("share ~ x + (1 | g)\nphi ~ z", family="beta", spread=0.3),
    Described("positive ~ x\nsigma ~ by(arm)", family="lognormal"),
    Described("positive | cens(c) ~ x + (1 | g)", family="gamma", spread=0.3),
    Described("count | cens(c) + trunc(ub = 30) ~ x", family="zero_inflated_negbinomial", spread=0.3),
    Described("grade ~ x + (1 | g)", family="cumulative"),
    Described("grade ~ 1", family="cumulative(probit)", priors=("Intercept[2] ~ student_t(3, 1, 2)",)),
    Described("grade | weights(w) ~ x\ndisc ~ 0 + z", family="cumulative(cloglog)", spread=0.2),
    Described(
        "grade ~ 0 + x + (1 | g)",
        family="sratio(cauchit)",
        priors=("Intercept ~ normal(0, 2)", "Intercept(1) ~ cauchy(0, 1)"),
        spread=0.2,
    ),
    Described("grade ~ x\ndisc ~ 0 + z", family="cratio(loglog)", spread=0.2),
    Described("grade ~ x", family="acat"),
    Described("grade | thres(4) ~ x", family="acat(probit)"),
    Described(
        "grade | thres(4, gr = h) ~ x + (1 | g)",
        family="cumulative(threshold = equidistant)",
        priors=("Intercept ~ normal(0, 2)", "delta ~ exponential(1)"),
        spread=0.2,
    ),
    Described(
        "grade | thres(steps, gr = arm) ~ x + cs(z + treated)",
        family="acat",
        priors=("Intercept ~ normal(0, 2)", "Intercept(a) ~ normal(0, 1)", "b(z) ~ normal(0, 3)"),
        spread=0.2,
    ),
    Described(
        "grade | thres(gr = treated) ~ x",
        family="cumulative(cauchit, threshold = sum_to_zero)",
        priors=("Intercept ~ normal(0, 2)",),
        spread=0.2,
    ),
    Described("won0 ~ x + (1 | g)\nhu ~ z\ndisc ~ 0 + z", family="hurdle_cumulative", spread=0.2),
    # Where a row has fewer thresholds than others, slopes far away may be infinite, and count nothing.
    Described(
        "grade | thres(steps, gr = arm) ~ x\ndisc ~ 0 + z",
        family="acat(loglog)",
        priors=("Intercept ~ normal(0, 2)",),
        spread=0.1,
    ),
    Described("arm ~ x + (1 | g)\nmuc ~ z", family="categorical"),
    Described("positive ~ x + (1 | g)", family="weibull", spread=0.3),
    Described("positive ~ x + (1 | g)", family="exponential", spread=0.3),
    Described("won | trials(size) + weights(w) ~ x + (1 | g)", family="beta_binomial(probit)", spread=0.3),
    Described("y ~ x + z", priors=("b(x) ~ student_t(4, 0, 2)", "b(z) ~ cauchy(0, 1)", "sigma ~ lognormal(0, 1)")),
    Described("y ~ x + z", priors=("b(x) ~ exponential(1)", "b(z) ~ flat()", "Intercept ~ flat()", "sigma ~ flat()")),
    Described("y ~ x + z", priors=("b(x) ~ half_normal(1)", "b(z) ~ uniform(-1, 2)", "sigma ~ normal(1, 2)")),
    Described("y ~ x + z", priors=("b ~ normal(0, 3)", "Intercept ~ normal(1, 2)", "sigma ~ gamma(2, 1)")),
    Described(
        "y ~ x + (1 | g)", priors=("sd(g) ~ half_cauchy(2)", "sigma ~ student_t(3, 1, 2)", "b ~ lognormal(0, 1)")
    ),
    Described("y ~ x + (1 + x | g)", priors=("var(g) ~ gamma(1, 1)", "var(sigma) ~ inv_gamma(1, 1)")),
    Described("y ~ x + (1 + x | g)", priors=("var(g, Intercept) ~ gamma(1, 1)", "b(x) ~ beta(2, 2)")),
    Described(
        "y ~ x + z + (1 + x | g)",
        priors=(
            "b(x) ~ laplace(0.3, 2)",
            "b(z) ~ logistic(0, 1)",
            "sd(g) ~ weibull(2, 1)",
            "var(sigma) ~ chi_square(3)",
        ),
    ),
    Described("y ~ x + (1 + x | g)", priors=("sd(g) ~ logistic(1, 2)", "var(sigma) ~ inv_chi_square(3)")),
    Described(
        "y ~ x + z + treated + arm",
        priors=(
            "b(x) ~ normal(0, 1, lower=-1)",
            "b(z) ~ student_t(3, 1, 2, upper=0.5)",
            "b(treated) ~ gamma(2, 1, upper=4)",
            "b(armb) ~ lognormal(0, 1, lower=0.2, upper=3)",
            "b(armc) ~ normal(0, 1, lower=-2, upper=2)",
            "Intercept ~ normal(1, 2, lower=0.5) at the predictors' means",
            "sigma ~ beta(2, 2, lower=0.25)",
        ),
    ),
    Described("count ~ mo(third) * z + (1 | g)", "poisson"),
    Described('y ~ mo(third, id = "a") * z + mo(I(2 - third), id = "a")', priors=("simo(mothird) ~ dirichlet(2, 1)",)),
    Described("y | weights(w) ~ me(x, known) * z + (1 | g)"),
    Described("bf(y ~ mi(gappy):z + x) + bf(gappy | mi(known) ~ x) + set_rescor(FALSE)"),
    Described("bf(y ~ mi(gappy) * z + (1 | g)) + bf(gappy | mi() ~ w) + set_rescor(TRUE)"),
    Described(
        "hit ~ me(x, known) * me(z, 0.3) + me(w, known):treated + me(level, 0.4, gr = g)",
        "bernoulli",
        ("corme ~ lkj(2)", "meanme(mex) ~ normal(1, 2)", "sdme ~ exponential(1)"),
    ),
    Described(
        "bf(y ~ a + b * exp(-c * log(exposure)^2) / (1 + c^2), a ~ 1 + (1 | g), b ~ z, c ~ 1, nl = TRUE)",
        priors=("a.b ~ normal(0, 5)", "b.b ~ normal(0, 5)", "c.b ~ normal(1, 1, lower=0)"),
    ),
    Described(
        "bf(count ~ ifelse(x < at, a, a + b * (x - at)), nlf(shape ~ s * x), a + b + at + s ~ 1, nl = TRUE)",
        "negbinomial",
        ("a.b ~ normal(0, 2)", "b.b ~ normal(0, 1)", "at.b ~ normal(1, 1)", "s.b ~ normal(0, 1)"),
        0.1,
    ),
)
