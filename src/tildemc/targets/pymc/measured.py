"""What is measured with error as PyMC statements: what is observed, and the true values, given that."""

from __future__ import annotations

from collections.abc import Iterator

from tildemc.spec.expr import Const, Expr, Index, Var, substitute
from tildemc.spec.measurement import correlations, partials
from tildemc.spec.parameters import local
from tildemc.spec.terms.measured import Measured, MeasuredNames
from tildemc.targets.pymc.densities import prior_statements
from tildemc.targets.pymc.names import Spare
from tildemc.targets.pymc.program import Argument, Deterministic, Local, Random, Statement

__all__ = ["describe_measured", "measured_statements"]


def describe_measured(measured: Measured) -> str:
    """`True values of mex; given what was observed, a standard normal number moves each.`, for a comment."""
    called = " and ".join(variable.label for variable in measured.variables)
    where = "" if measured.factor is None else f" by {measured.factor.label}"
    together = ", correlated" if measured.pairs else ""
    return f"True values of {called}{where}{together}; z moves each from what was observed."


def measured_statements(measured: Measured, named: MeasuredNames, spare: Spare) -> Iterator[Statement]:
    """The statements from the priors of means and sds to the true values."""
    dims = (named["dim"],)
    for k, variable in enumerate(measured.variables):
        yield from prior_statements(named[f"mean {k}"], [variable.mean], [], (), spare)
        yield from prior_statements(named[f"sd {k}"], [variable.sd], [], (), spare)
    if measured.pairs:
        yield from _correlations(measured, named)
    called: dict[str, Expr] = {field: Var(name) for field, name in named.items() if not field.startswith("cor")}
    here, back = measured.seen(called), measured.seen(_among_draws(named))
    for k, (one, again) in enumerate(zip(here, back, strict=True)):
        name = measured.variables[k].label
        total, expected = Var(local(f"{name}_spread")), Var(local(f"{name}_expected"))
        yield Local(total.name, one.total)
        known: dict[Expr, Expr] = {one.total: total}
        arguments: dict[str, Argument] = {"mu": one.centre, "sigma": total}
        yield Random(named[f"observed {k}"], "Normal", arguments, dims, observed=Var(named[f"value {k}"]))
        z, true = named[f"z {k}"], Var(named[f"true {k}"])
        standard: dict[str, Argument] = {"mu": Const(0.0), "sigma": Const(1.0)}
        yield Random(z, "Normal", standard, dims, recovered=again.standardised(true))
        yield Local(expected.name, substitute(one.expected, known))
        yield Deterministic(true.name, expected + substitute(one.left, known) * Var(z), dims)


def _correlations(measured: Measured, named: MeasuredNames) -> Iterator[Statement]:
    """Places of partial correlations, and the correlations that these make."""
    by_name = measured.factor_in({field: Var(name) for field, name in named.items()})
    by_place = measured.factor_in({field: Var(name) for field, name in named.items() if not field.startswith("cor")})
    assert by_name is not None and by_place is not None
    found = partials(by_name)
    for j, k in measured.pairs:
        weight = Const(measured.partial_weight(j))
        arguments: dict[str, Argument] = {"alpha": weight, "beta": weight}
        yield Random(named[f"partial {j} {k}"], "Beta", arguments, recovered=0.5 * (found[j, k] + 1))
    for (j, k), value in correlations(by_place).items():
        yield Deterministic(named[f"cor {j} {k}"], value)


def _among_draws(named: MeasuredNames) -> dict[str, Expr]:
    """The same quantities where numbers of a draw stand before those of its levels."""
    found: dict[str, Expr] = {}
    for field, name in named.items():
        kind = field.partition(" ")[0]
        found[field] = Index(Var(name), (..., None)) if kind in ("mean", "sd", "cor") else Var(name)
    return found
