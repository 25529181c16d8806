"""ModelSpec -> the log density of a row as one Expr of what the data give and of what is drawn."""

from __future__ import annotations

from tildemc.model.expr import Expr, Var, substitute
from tildemc.model.spec import ModelSpec

__all__ = ["density_of", "estimated"]


def estimated(spec: ModelSpec) -> tuple[str, ...]:
    """The family's parameters that are estimated, by a formula or as they are, in the family's order."""
    known = {p.parameter for p in spec.predictors} | {a.parameter for a in spec.auxiliaries}
    return tuple(parameter.name for parameter in spec.family.parameters if parameter.name in known)


def density_of(spec: ModelSpec) -> Expr:
    """All terms of a row's log density.

    In terms of `y` and its companions, the row's own, and of the parameters that are `estimated`: the name of one that
    a formula models stands for its linear predictor.
    """
    density = spec.family.log_density
    for companion in spec.response.companions:
        density = substitute(density, spec.response.density(companion))
    values: dict[Expr, Expr] = {}
    for predictor in spec.predictors:
        parameter = Var(predictor.parameter)
        values |= predictor.link.of(parameter, parameter)
    return substitute(density, values)
