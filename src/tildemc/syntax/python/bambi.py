"""Bambi's families: what each and its parameters are called there, and which link it gives by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["FAMILIES", "OPPOSITE", "PARAMETERS", "Known", "known_family"]


@dataclass(frozen=True, slots=True)
class Known:
    """A family of Bambi's.

    Attributes
    ----------
    name : str
    parameters : mapping of str to str
        By what each further parameter is called here, its name there, where that is another.
    link : str or None
        That of the mean where none is said, if it is another one here.
    """

    name: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    link: str | None = None


_ALPHA = {"shape": "alpha"}
_KAPPA = {"phi": "kappa"}
_INFLATED, _HURDLE = {"zi": "psi"}, {"hu": "psi"}
OPPOSITE = frozenset({*_INFLATED, *_HURDLE})
"""Shares of zeros; Bambi's parameter is the share of the others."""
FAMILIES = {
    "gaussian": Known("gaussian"),
    "student": Known("t"),
    "laplace": Known("laplace", {"sigma": "b"}),
    "asym_laplace": Known("asymmetriclaplace"),
    "exgaussian": Known("exgaussian", {"beta": "nu"}),
    "von_mises": Known("vonmises"),
    "bernoulli": Known("bernoulli"),
    "binomial": Known("binomial"),
    "beta_binomial": Known("beta_binomial", _KAPPA),
    "beta": Known("beta", _KAPPA),
    "poisson": Known("poisson"),
    "negbinomial": Known("negativebinomial", _ALPHA),
    "gamma": Known("gamma", _ALPHA, link="inverse"),
    "lognormal": Known("lognormal"),
    "weibull": Known("weibull", _ALPHA),
    "exponential": Known("exponential"),
    "inverse_gaussian": Known("wald", {"shape": "lam"}, link="1/mu^2"),
    "cumulative": Known("cumulative"),
    "sratio": Known("sratio"),
    "categorical": Known("categorical"),
    "multinomial": Known("multinomial"),
    "zero_inflated_poisson": Known("zero_inflated_poisson", _INFLATED),
    "zero_inflated_binomial": Known("zero_inflated_binomial", _INFLATED),
    "zero_inflated_negbinomial": Known("zero_inflated_negativebinomial", {**_ALPHA, **_INFLATED}),
    "hurdle_poisson": Known("hurdle_poisson", _HURDLE),
    "hurdle_negbinomial": Known("hurdle_negativebinomial", {**_ALPHA, **_HURDLE}),
    "hurdle_gamma": Known("hurdle_gamma", {**_ALPHA, **_HURDLE}),
    "hurdle_lognormal": Known("hurdle_lognormal", _HURDLE),
}
"""Bambi's families, by what they are called here."""

PARAMETERS = frozenset({"sigma", "nu", "alpha", "kappa", "psi", "lam", "b", "threshold"})
"""What Bambi calls further parameters."""


def known_family(name: str) -> Known:
    """The record of a family; of one that Bambi has not, one that says nothing."""
    return FAMILIES.get(name, Known(name))
