"""What the source says of its model first, for people: the formula, the rows, the default priors."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

from tildemc.spec.addresses import targets
from tildemc.spec.model import ModelSpec
from tildemc.spec.priors import AT_MEANS
from tildemc.spec.report import Report

__all__ = ["paragraphs"]

_MOST_DEFAULTS = 12
"""So many default priors are told."""


def paragraphs(spec: ModelSpec, report: Report) -> tuple[str, ...]:
    """The paragraphs of the docstring."""
    model = f"{spec.family.title} model of {spec.response.label}, {spec.link.name} link."
    sizes = {factor.label: len(factor.levels) for factor in spec.factors()}
    groups = "".join(f", {size:,} levels of {label}" for label, size in sizes.items())
    formula = "\n".join(f"    {line.strip()}" for line in spec.formula.strip().splitlines())
    left_out = f"{report.left_out:,} rows with missing values are left out." if report.left_out else ""
    success = f"Success is {spec.response.success}." if spec.response.success not in (None, "1") else ""
    notes = [f"{note[:1].upper()}{note[1:]}." for note in report.notes]
    told = " ".join(filter(None, (f"{report.used:,} rows{groups}.", success, left_out, *notes)))
    return tuple(filter(None, (model, formula, told, _defaults(spec), _made_by())))


def _defaults(spec: ModelSpec) -> str:
    """What the default priors were made of."""
    known = [(target.address, target.prior) for target in targets(spec) if target.prior.origin]
    made = [f"    {name} ~ {prior.origin}{f' {AT_MEANS}' if prior.at_means else ''}" for name, prior in known]
    left = len(made) - _MOST_DEFAULTS
    made = [*made[:_MOST_DEFAULTS], f"    and {left:,} more"] if left > 1 else made
    return "\n".join(("Default priors, made of the data:", *made)) if made else ""


@cache
def _made_by() -> str:
    """Kept, since the version is read from a file each time."""
    return f"Written by tildemc {version('tildemc')}."
