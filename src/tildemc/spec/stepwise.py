"""A series whose rows each depend on the one before: the log density of a row given that one, as one Expr.

So what takes rows one at a time takes rows that go together, too: a row is given what is known of the one before it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from tildemc.arrays import Floats, Integers
from tildemc.spec.correlation import Step
from tildemc.spec.expr import Apply, Const, Expr, Var, substitute, walk
from tildemc.spec.model import ModelSpec
from tildemc.spec.rows_together import in_order
from tildemc.spec.terms.residual import Residual, ResidualDesign

__all__ = ["BEFORE", "before", "coefficient", "density_given_before", "known_of_steps", "mean_and_sd"]

BEFORE = "before: "
"""The name of what is known of a row, or drawn for it, begins with this where it is the one before that is meant."""
_LAG, _BEGINS, _Y = Var("residual lag"), Var("residual begins"), Var("y")


def coefficient(name: str) -> str:
    """What the density of a row calls a coefficient of the structure."""
    return f"residual {name}"


def mean_and_sd(spec: ModelSpec) -> tuple[Expr, Expr]:
    """Of a row of a family whose residuals may go together, in its parameters."""
    assert spec.family.mean is not None
    (sd,) = (Var(parameter.name) for parameter in spec.family.parameters if parameter.residual)
    return spec.family.mean, sd


def density_given_before(
    spec: ModelSpec, step: Step, constant: Collection[str], *values: Mapping[Expr, Expr]
) -> Expr:  # fmt: skip
    """The log density of a row given the one before it, but for what no parameter has a part in.

    Parameters
    ----------
    spec : ModelSpec
    step : Step
    constant : collection of str
        What is the same in all rows.
    values : mappings
        What stands for the parameters, one after the other.
    """
    mean, sd = mean_and_sd(spec)
    here: Expr = (_Y - mean) / sd
    log_sd: Expr = Apply("log", (sd,))
    for known in values:
        here, log_sd = substitute(here, known), substitute(log_sd, known)
    earlier: dict[Expr, Expr] = {
        part: Var(f"{BEFORE}{part.name}") for part in walk(here) if isinstance(part, Var) and part.name not in constant
    }
    share, first, left = (_of_rows(spec.residual, part) for part in (step.share, step.first, step.left))
    new = here - share * substitute(here, earlier)
    begins = -log_sd - 0.5 * Apply("log", (first,)) - 0.5 * here**2 / first
    follows = -log_sd - 0.5 * Apply("log", (left,)) - 0.5 * new**2 / left
    return Apply("where", (_BEGINS, begins, follows))


def _of_rows(residual: Residual | None, part: Expr) -> Expr:
    """The structure's arithmetic, its coefficients by their names in the density of a row."""
    assert residual is not None
    known = {name: float(values[0]) for name, values in residual.given().items()} if residual.known else {}
    names: dict[Expr, Expr] = {Var("lag"): _LAG}
    for c in residual.correlation.coefficients:
        there = c.size(residual.order) and not known
        names[Var(c.name)] = Var(coefficient(c.name)) if there else Const(known.get(c.name, 0.0))
    return substitute(part, names)


def before(design: ResidualDesign) -> Integers:
    """For each row the one before it in its block; itself for the first, (n,)."""
    order, first, _ = in_order(design)
    found = np.empty(len(order), np.int64)
    found[order[1:]] = order[:-1]
    found[order[first]] = order[first]
    return found


def known_of_steps(spec: ModelSpec, design: ResidualDesign, known: Mapping[str, Floats]) -> dict[str, Floats]:
    """What the density of a row is given of it, and of the one before it; `known` is the first of these."""
    assert spec.residual is not None and spec.residual.step is not None
    earlier = before(design)
    lag = np.abs(design.place[:, 0] - design.place[earlier, 0])
    found = {_LAG.name: lag, _BEGINS.name: (earlier == np.arange(len(earlier))).astype(float)}
    return found | {f"{BEFORE}{name}": np.asarray(values)[earlier] for name, values in known.items()}
