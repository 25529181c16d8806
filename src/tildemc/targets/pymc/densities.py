"""Priors as PyMC statements: one random variable for many parameters where their densities are of one kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tildemc.errors import PriorError
from tildemc.spec.expr import Apply, Const, Expr, Index, Var
from tildemc.spec.priors import Prior
from tildemc.targets.pymc.made import made_alone, made_together, number_of
from tildemc.targets.pymc.names import Spare
from tildemc.targets.pymc.program import Argument, Array, Deterministic, Ends, Local, Random, Statement

__all__ = ["Density", "increasing_statement", "joint_density", "positive_statements", "prior_statements"]


@dataclass(frozen=True)
class Density:
    """A PyMC class with its arguments; `ends` if it is to be truncated, and `start` if PyMC would begin outside."""

    pymc: str
    arguments: dict[str, Argument]
    ends: Ends | None = None
    start: tuple[float, ...] = ()


def _density(prior: Prior) -> tuple[str, dict[str, float], Ends | None]:
    record = prior.distribution
    if prior.folded and record.half is not None:
        return record.half, record.in_pymc(prior.values, half=True), None
    # PyMC's transform of a truncated density knows the ends that it is told, and not where the density ends by itself.
    ends = (prior.support.lower, prior.support.upper) if prior.truncated else None
    return record.pymc, record.in_pymc(prior.values), ends


def joint_density(priors: Sequence[Prior]) -> Density | None:
    """One density for all of `priors`, its arguments arrays where they differ; None if they are of several kinds."""
    each = [_density(prior) for prior in priors]
    kinds = {(pymc, ends, prior.on_variance) for (pymc, _, ends), prior in zip(each, priors, strict=True)}
    if len(kinds) != 1:
        return None
    pymc, first, ends = each[0]

    def joint(values: Sequence[float]) -> Argument:
        return Const(values[0]) if len(set(values)) == 1 else Array(np.array(values))

    arguments = {name: joint([arguments_[name] for _, arguments_, _ in each]) for name in first}
    # Only there, since PyMC computes no log likelihoods of rows for models with starts of their own.
    outside = ends is not None and not all(_begins_inside(prior, ends) for prior in priors)
    return Density(pymc, arguments, ends, tuple(prior.plausible for prior in priors) if outside else ())


def _begins_inside(prior: Prior, ends: Ends) -> bool:
    """Whether PyMC's own start of a truncated density lies between the ends, as far as can be told.

    It is the density's centre, even where that is an end; if that is outside, a place that is beyond the second end
    when both are far from zero and near each other.
    """
    record = prior.distribution
    if record.pymc == "Normal":
        # A class of its own, which begins in the middle.
        return True
    if record.location is None:
        return False
    lower, upper = ends
    start = prior.values[record.arguments.index(record.location)]
    if not lower <= start <= upper:
        both = np.isfinite(lower) and np.isfinite(upper)
        start = 0.5 * (upper - lower) if both else lower + 1 if np.isfinite(lower) else upper - 1
    return bool(lower < start < upper)


def _random(
    name: str,
    density: Density,
    dims: tuple[str, ...] = (),
    shape: int | None = None,
    recovered: Expr | None = None,
) -> Random:
    start: Argument | None = None
    if density.start:
        start = Array(np.array(density.start)) if dims or shape else Const(density.start[0])
    return Random(name, density.pymc, density.arguments, dims, density.ends, start, shape, recovered=recovered)


def prior_statements(
    name: str,
    priors: Sequence[Prior],
    labels: Sequence[str],
    dims: tuple[str, ...],
    spare: Spare,
    *,
    shape: int | None = None,
    recovered: Expr | None = None,
) -> list[Statement]:
    """Random variable(s) called `name`, over `dims`: one prior for each value.

    `spare` names those of priors that have no joint density. `shape` is the number of them where no dim says it.
    `recovered` says them by what the model reports, if it does not report them.
    """
    if any(prior.made for prior in priors):
        return _of_others(name, priors, labels, dims, spare, shape, recovered)
    density = joint_density(priors)
    if density is not None:
        return [_random(name, density, dims, shape, recovered)]
    return _separately((name, name), priors, labels, dims, spare, recovered)


def _of_others(
    name: str,
    priors: Sequence[Prior],
    labels: Sequence[str],
    dims: tuple[str, ...],
    spare: Spare,
    shape: int | None,
    recovered: Expr | None,
) -> list[Statement]:
    """Of priors that follow other quantities: a standard variable for all, or one for each."""

    def reported(value: Expr) -> Statement:
        return Deterministic(name, value, dims) if recovered is None else Local(name, value)

    def standard(prior: Prior, how: Expr) -> Random:
        density = joint_density([prior] * len(priors))
        assert density is not None, "one density, as often as it is asked for"
        return _random(spare("z", name), density, dims, shape, how)

    part = recovered or Var(name)
    if dims or shape is not None:
        together = made_together(priors, part, standard, spare.sizes)
        if together is None:
            numbered = [str(k) for k in range(len(priors))]
            return _separately((name, name), priors, labels or numbered, dims, spare, recovered)
        own, value = together
        return [own, reported(value)]
    (prior,) = priors
    if prior.distribution.point:
        return [reported(number_of(prior))]
    own, value = made_alone(prior, part, standard)
    return [own, reported(value)]


def increasing_statement(
    name: str,
    priors: Sequence[Prior],
    dims: tuple[str, ...],
    recovered: Expr | None = None,
    start: Sequence[float] = (),
) -> Random:
    """A random variable called `name`, over `dims` if it has any, whose values increase, from `start` if that is given.

    Raises
    ------
    PriorError
        If the priors are of several kinds, or cut off: PyMC has no such density.
    """
    density = joint_density(priors)
    if density is None or density.ends is not None:
        raise PriorError(
            "on the PyMC graph the priors of numbers that increase are densities of one kind, without bounds"
        )
    # PyMC's own start, the same for all, does not increase.
    begin = np.array(start) if len(start) else np.linspace(-1.0, 1.0, len(priors)) if len(priors) > 1 else np.zeros(1)
    shape = None if dims else len(priors)
    return Random(
        name, density.pymc, density.arguments, dims, start=Array(begin), shape=shape, recovered=recovered, ordered=True
    )


def positive_statements(
    name: str,
    variance: str,
    priors: Sequence[Prior],
    labels: Sequence[str],
    dims: tuple[str, ...],
    spare: Spare,
    *,
    shape: int | None = None,
    recovered: Expr | None = None,
) -> list[Statement]:
    """As `prior_statements` for sds: priors that are on the variance go to a variable called `variance`.

    `shape` is the number of them where no dim says it.
    """
    if any(prior.made for prior in priors):
        return _of_others(name, priors, labels, dims, spare, shape, recovered)
    density = joint_density(priors)
    if density is None:
        return _separately((name, variance), priors, labels, dims, spare, recovered)
    if not priors[0].on_variance:
        return [_random(name, density, dims, shape, recovered)]
    return [
        _random(variance, density, dims, shape, (recovered or Var(name)) ** 2),
        Deterministic(name, Apply("sqrt", (Var(variance),)), dims),
    ]


def _separately(
    names: tuple[str, str],
    priors: Sequence[Prior],
    labels: Sequence[str],
    dims: tuple[str, ...],
    spare: Spare,
    recovered: Expr | None,
) -> list[Statement]:
    """A scalar random variable for each prior, and the vector of them; `names` are its own and that of variances."""
    name, variance = names
    statements: list[Statement] = []
    parts: list[Expr] = []
    for position, (prior, label) in enumerate(zip(priors, labels, strict=True)):
        if prior.distribution.point:
            parts.append(prior.shift)
            continue
        if prior.made:
            made, value = _one_of_several(name, label, prior, Index(recovered or Var(name), (..., position)), spare)
            statements.append(made)
            parts.append(value)
            continue
        density = joint_density([prior])
        assert density is not None
        own = spare(variance if prior.on_variance else name, label)
        part = Index(recovered or Var(name), (..., position))
        statements.append(_random(own, density, recovered=part**2 if prior.on_variance else part))
        parts.append(Apply("sqrt", (Var(own),)) if prior.on_variance else Var(own))
    return [*statements, Deterministic(name, Apply("stack", tuple(parts)), dims)]


def _one_of_several(name: str, label: str, prior: Prior, part: Expr, spare: Spare) -> tuple[Random, Expr]:
    def standard(own: Prior, how: Expr) -> Random:
        density = joint_density([own])
        assert density is not None
        return _random(spare("z", name, label), density, recovered=how)

    return made_alone(prior, part, standard)


def dirichlet(name: str, prior: Prior, dim: str) -> Random:
    """Shares that add up to one."""
    return Random(name, "Dirichlet", {"a": Array(np.array(prior.values))}, (dim,))
