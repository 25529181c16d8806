"""Densities of priors: what PyMC, and so Bambi, calls each, and its arguments, in the order that they have here."""

from __future__ import annotations

__all__ = ["HALVES", "PYMC"]

PYMC: dict[str, tuple[str, tuple[str, ...]]] = {
    "normal": ("Normal", ("mu", "sigma")),
    "student_t": ("StudentT", ("nu", "mu", "sigma")),
    "cauchy": ("Cauchy", ("alpha", "beta")),
    "exponential": ("Exponential", ("lam",)),
    "gamma": ("Gamma", ("alpha", "beta")),
    "inv_gamma": ("InverseGamma", ("alpha", "beta")),
    "lognormal": ("LogNormal", ("mu", "sigma")),
    "uniform": ("Uniform", ("lower", "upper")),
    "beta": ("Beta", ("alpha", "beta")),
    "double_exponential": ("Laplace", ("mu", "b")),
    "logistic": ("Logistic", ("mu", "s")),
}
HALVES: dict[str, tuple[str, tuple[str, ...]]] = {
    "normal": ("HalfNormal", ("sigma",)),
    "student_t": ("HalfStudentT", ("nu", "sigma")),
    "cauchy": ("HalfCauchy", ("beta",)),
}
"""The same folded at zero, without the location."""
