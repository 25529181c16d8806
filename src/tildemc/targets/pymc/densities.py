"""Priors as PyMC statements: one random variable for many parameters where their densities are of one kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tildemc.model.expr import Apply, Const, Expr, Index, Var
from tildemc.model.priors import Prior
from tildemc.targets.pymc.program import Argument, Array, Deterministic, Random, Statement

__all__ = ["Density", "joint_density", "positive_statements", "prior_statements"]


@dataclass(frozen=True)
class Density:
    """A PyMC class with its arguments; `lower` if it is to be truncated."""

    pymc: str
    arguments: dict[str, Argument]
    lower: float | None = None


def _density(prior: Prior) -> tuple[str, dict[str, float], float | None]:
    record = prior.distribution
    arguments = dict(zip(record.pymc_arguments, prior.values, strict=True))
    if prior.folded and record.half is not None:
        if record.location is not None:
            arguments.pop(record.pymc_arguments[record.arguments.index(record.location)])
        return record.half, arguments, None
    return record.pymc, arguments, prior.lower if prior.truncated else None


def joint_density(priors: Sequence[Prior], *, scalar: bool = False) -> Density | None:
    """One density for all of `priors`, its arguments arrays where they differ; None if they are of several kinds."""
    each = [_density(prior) for prior in priors]
    kinds = {(pymc, lower, prior.on_variance) for (pymc, _, lower), prior in zip(each, priors, strict=True)}
    if len(kinds) != 1:
        return None
    pymc, first, lower = each[0]
    arguments: dict[str, Argument] = {}
    for name in first:
        values = [arguments_[name] for _, arguments_, _ in each]
        same = scalar or len(set(values)) == 1
        arguments[name] = Const(values[0]) if same else Array(np.array(values))
    return Density(pymc, arguments, lower)


def prior_statements(
    name: str,
    priors: Sequence[Prior],
    labels: Sequence[str],
    dims: tuple[str, ...],
    *,
    recovered: Expr | None = None,
) -> list[Statement]:
    """Random variable(s) called `name`, over `dims`; `recovered` says them if the model does not report them."""
    density = joint_density(priors)
    if density is not None:
        return [Random(name, density.pymc, density.arguments, dims, density.lower, recovered=recovered)]
    return _separately(name, priors, labels, dims, recovered)


def positive_statements(
    name: str,
    variance: str,
    priors: Sequence[Prior],
    labels: Sequence[str],
    dims: tuple[str, ...],
    *,
    shape: int | None = None,
    recovered: Expr | None = None,
) -> list[Statement]:
    """As `prior_statements` for sds: priors that are on the variance go to a variable called `variance`.

    `shape` is the number of them where no dim says it.
    """
    density = joint_density(priors)
    if density is None:
        return _separately(name, priors, labels, dims, recovered)
    if not priors[0].on_variance:
        return [Random(name, density.pymc, density.arguments, dims, density.lower, shape, recovered=recovered)]
    squared = (recovered or Var(name)) ** 2
    return [
        Random(variance, density.pymc, density.arguments, dims, density.lower, shape, recovered=squared),
        Deterministic(name, Apply("sqrt", (Var(variance),)), dims),
    ]


def _separately(
    name: str, priors: Sequence[Prior], labels: Sequence[str], dims: tuple[str, ...], recovered: Expr | None
) -> list[Statement]:
    """A scalar random variable for each prior, and the vector of them."""
    statements: list[Statement] = []
    parts: list[Expr] = []
    for position, (prior, label) in enumerate(zip(priors, labels, strict=True)):
        density = joint_density([prior])
        assert density is not None
        # xarray and netCDF would read a slash as a path.
        scalar = f"{name}[{label.replace('/', '∕')}]"
        own = f"variance of {scalar}" if prior.on_variance else scalar
        part = Index(recovered or Var(name), (..., position))
        value = part**2 if prior.on_variance else part
        statements.append(Random(own, density.pymc, density.arguments, (), density.lower, recovered=value))
        parts.append(Apply("sqrt", (Var(own),)) if prior.on_variance else Var(own))
    return [*statements, Deterministic(name, Apply("stack", tuple(parts)), dims)]
