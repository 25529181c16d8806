"""Families that other packages have and that are not built here: what each is, and what comes nearest."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["ELSEWHERE"]

_OWN = "`tildemc.Family` takes a log density of your own"

ELSEWHERE: Mapping[str, str] = {
    "bell": "is glmmTMB's Bell distribution, of counts that vary more than their mean: `negbinomial` and `genpois` do, "
    f"and {_OWN}",
    "gengamma": "is the generalised gamma distribution of positive numbers: `gamma`, `weibull` and `lognormal` are "
    f"special cases of it, and {_OWN}",
    "logistic_normal": "is brms's distribution of shares of a whole whose log ratios are normal: `dirichlet` is of "
    "such shares",
    "com_binomial": "is the Conway-Maxwell binomial distribution: `beta_binomial` varies more than the binomial, and "
    f"{_OWN}",
    "beta_negbinomial": f"is a negative binomial whose chance varies: `negbinomial` is without that, and {_OWN}",
    "discrete_weibull": "is brms's Weibull distribution of counts: `compois` and `genpois` may vary less than their "
    f"mean, and {_OWN}",
    "zinb": "may be many packages': `zero_inflated_negbinomial` is a negative binomial with more zeros",
    "zip": "may be many packages': `zero_inflated_poisson` is a Poisson with more zeros",
}
"""By name, what is said after it."""
