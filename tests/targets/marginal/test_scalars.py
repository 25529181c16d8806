"""Prior densities against SciPy's, by value and by difference; correlations' against the LKJ density."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

import tildemc as tm
from tildemc.model.expr import Const
from tildemc.model.priors import DISTRIBUTIONS, POSITIVE, Prior, Support, restricted
from tildemc.targets.marginal import marginal
from tildemc.targets.marginal.scalars import encode, log_density

CASES = {
    "normal, half": (("normal", (0.0, 1.5)), stats.halfnorm(0, 1.5)),
    "normal, cut": (("normal", (1.0, 2.0)), stats.truncnorm(-0.5, np.inf, 1.0, 2.0)),
    "student_t, half": (("student_t", (3.0, 0.0, 2.0)), None),
    "student_t, cut": (("student_t", (4.0, 1.0, 2.0)), None),
    "cauchy, half": (("cauchy", (0.0, 2.0)), stats.halfcauchy(0, 2)),
    "exponential": (("exponential", (0.7,)), stats.expon(0, 1 / 0.7)),
    "gamma": (("gamma", (2.5, 3.0)), stats.gamma(2.5, scale=1 / 3)),
    "inv_gamma": (("inv_gamma", (2.5, 3.0)), stats.invgamma(2.5, scale=3)),
    "lognormal": (("lognormal", (0.3, 0.8)), stats.lognorm(0.8, scale=np.exp(0.3))),
    "uniform": (("uniform", (0.5, 4.0)), stats.uniform(0.5, 3.5)),
    "beta": (("beta", (2.0, 3.0)), stats.beta(2, 3)),
}


def _prior(name: str, arguments: tuple[float, ...]) -> Prior:
    return Prior(DISTRIBUTIONS[name], tuple(Const(a) for a in arguments), lower=0.0)


@pytest.mark.parametrize("case", CASES)
def test_densities_are_scipys(case: str) -> None:
    (name, arguments), theirs = CASES[case]
    kind, encoded, constant = encode(_prior(name, arguments))
    for x in (0.55, 0.7, 0.95):
        value, slope = log_density(kind, *encoded, x)
        if theirs is None:
            nu, mu, sigma = arguments
            whole = stats.t(nu, mu, sigma)
            expected = whole.logpdf(x) - whole.logsf(0)
        else:
            expected = theirs.logpdf(x)
        assert value + constant == pytest.approx(expected, abs=1e-12)
        step = 1e-6
        difference = (log_density(kind, *encoded, x + step)[0] - log_density(kind, *encoded, x - step)[0]) / (2 * step)
        assert slope == pytest.approx(difference, rel=1e-6, abs=1e-8)


BOUNDED = {
    "normal, two ends": (("normal", (0.0, 1.5)), (0.5, 2.0), stats.norm(0, 1.5)),
    "normal, far in a tail": (("normal", (0.0, 1.0)), (30.0, 31.0), stats.norm(0, 1)),
    "student_t, an upper end": (("student_t", (4.0, 1.0, 2.0)), (0.0, 2.0), stats.t(4, 1, 2)),
    "cauchy, a lower end": (("cauchy", (0.0, 2.0)), (0.5, np.inf), stats.cauchy(0, 2)),
    "exponential": (("exponential", (0.7,)), (0.5, np.inf), stats.expon(0, 1 / 0.7)),
    "gamma": (("gamma", (2.5, 3.0)), (0.0, 1.0), stats.gamma(2.5, scale=1 / 3)),
    "inv_gamma": (("inv_gamma", (2.5, 3.0)), (0.5, 4.0), stats.invgamma(2.5, scale=3)),
    "lognormal": (("lognormal", (0.3, 0.8)), (0.0, 2.0), stats.lognorm(0.8, scale=np.exp(0.3))),
    "beta": (("beta", (2.0, 3.0)), (0.25, 1.0), stats.beta(2, 3)),
}


@pytest.mark.parametrize("case", BOUNDED)
def test_a_bounded_density_has_mass_one_between_its_ends(case: str) -> None:
    (name, arguments), ends, theirs = BOUNDED[case]
    prior = restricted(Prior(DISTRIBUTIONS[name], tuple(Const(a) for a in arguments)), Support(*ends))
    kind, encoded, constant = encode(prior)
    lower, upper = prior.support.lower, min(prior.support.upper, 1e3)
    x = np.linspace(lower + 1e-12, upper, 5) if upper < 1e3 else np.array([lower + 0.1, lower + 1])
    mass = theirs.sf(lower) - theirs.sf(prior.support.upper)
    for point in x[1:-1] if len(x) > 2 else x:
        value, _ = log_density(kind, *encoded, point)
        assert value + constant == pytest.approx(theirs.logpdf(point) - np.log(mass), abs=1e-9)


def test_flat_has_no_slope() -> None:
    kind, encoded, constant = encode(_prior("flat", ()))
    assert (constant, *log_density(kind, *encoded, 2.0)) == (0, 0, 0)
    assert _prior("flat", ()).support == POSITIVE


@pytest.mark.parametrize(
    "stated",
    [
        "sd(g) ~ gamma(2, 1)",
        "var(g) ~ exponential(1)",
        "sd(g) ~ uniform(1, 3)",
        "sd(g) ~ normal(0, 1, lower=0.5)",
        "sd(g) ~ gamma(2, 1, upper=3)",
        "var(g) ~ normal(1, 2, lower=0.5, upper=3)",
    ],
)
def test_priors_on_the_unconstrained_scale_have_mass_one(stated: str) -> None:
    columns = {"y": np.array([1.0, 2, 3, 5, 4, 6]), "s": np.ones(6), "g": list("aabbcc")}
    model = tm.model("y | se(s) ~ 1 + (1 | g)", columns, priors=[stated])
    fast = marginal(model.spec, model.design)

    def prior(phi: float) -> float:
        return float(np.exp(fast.variances(np.array([[phi]])).prior[0]))

    assert quad(prior, -30, 30, points=[-2, 0, 2], limit=200)[0] == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("eta", [0.7, 1.0, 2.0])
def test_correlations_have_the_lkj_density(eta: float) -> None:
    """By its marginals: a correlation of q effects is a beta on (-1, 1) with both shapes eta - 1 + q/2."""
    rng = np.random.default_rng(1)
    columns = {name: rng.normal(size=12) for name in ("y", "x", "z")} | {"s": np.ones(12), "g": np.arange(12) % 4}
    priors = [f"cor(g) ~ lkj({eta})", "sd(g) ~ exponential(1)"]
    model = tm.model("y | se(s) ~ 1 + (1 + x + z | g)", columns, priors=priors)
    fast = marginal(model.spec, model.design)
    n = 100_000
    phi = rng.logistic(scale=0.5, size=(n, 6))
    here = fast.variances(phi)
    log_weights = here.prior - stats.logistic(scale=0.5).logpdf(phi).sum(axis=1)
    weights = np.exp(log_weights)
    assert weights.mean() == pytest.approx(1, abs=0.1)
    R = here.unit[:, 0] @ here.unit[:, 0].swapaxes(1, 2)
    shape = eta + 0.5
    for a, c in ((1, 0), (2, 0), (2, 1)):
        second = np.sum(weights * R[:, a, c] ** 2) / weights.sum()
        assert second == pytest.approx(1 / (2 * shape + 1), rel=0.08)
