"""What Julia calls distributions, links, codings and functions, and what each is here."""

from __future__ import annotations

__all__ = ["CODINGS", "DISTRIBUTIONS", "FUNCTIONS", "LINKS", "STATISTICS"]

DISTRIBUTIONS = {
    "Normal": ("gaussian", "identity"), "Bernoulli": ("bernoulli", "logit"), "Binomial": ("binomial", "logit"),
    "Poisson": ("poisson", "log"), "Gamma": ("gamma", "inverse"), "InverseGaussian": ("inverse_gaussian", "1/mu^2"),
    "NegativeBinomial": ("negbinomial", "log"),
}  # fmt: skip
"""Julia's distributions and the links that they have by themselves."""
LINKS = {
    "IdentityLink": "identity", "LogLink": "log", "LogitLink": "logit", "ProbitLink": "probit",
    "CloglogLink": "cloglog", "InverseLink": "inverse", "InverseSquareLink": "1/mu^2",
}  # fmt: skip
CODINGS = {"EffectsCoding": "sum", "HelmertCoding": "helmert"}
STATISTICS = {"mean": "mean", "std": "sd", "median": "median", "minimum": "min", "maximum": "max", "sum": "sum"}
_SAME = ("log", "exp", "sqrt", "abs", "floor", "round", "log2", "log10", "log1p", "expm1", "sin", "cos", "tan", "tanh")
FUNCTIONS = {**{name: name for name in _SAME}, "ceil": "ceiling", "min": "pmin", "max": "pmax"}
"""Functions of numbers."""
