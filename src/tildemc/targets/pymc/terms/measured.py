"""What is measured with error as PyMC statements: what is observed, and the true values, given that."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tildemc.arrays import Integers
from tildemc.spec.expr import Apply, Const, Expr, Index, Var, substitute
from tildemc.spec.measurement import correlations, partials
from tildemc.spec.parameters import local
from tildemc.spec.terms.latent import Latent, LatentDesign, LatentNames
from tildemc.spec.terms.measured import Measured, MeasuredNames
from tildemc.spec.terms.measured_effect import MeasuredEffect
from tildemc.targets.pymc.densities import prior_statements
from tildemc.targets.pymc.lowering import Lowered, Lowering
from tildemc.targets.pymc.names import Spare
from tildemc.targets.pymc.program import Argument, Array, Deterministic, Local, Random, Section, Statement

__all__ = ["lower_latent", "lower_measured", "lower_measured_effect"]


def _describe(measured: Measured) -> str:
    """`True values of mex; given what was observed, a standard normal number moves each.`, for a comment."""
    called = " and ".join(variable.label for variable in measured.variables)
    where = "" if measured.factor is None else f" by {measured.factor.label}"
    together = ", correlated" if measured.pairs else ""
    return f"True values of {called}{where}{together}; z moves each from what was observed."


def _statements(measured: Measured, named: MeasuredNames, spare: Spare) -> Iterator[Statement]:
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


def lower_measured(lowering: Lowering, measured: Measured) -> Section:
    """True values, before any predictor."""
    named, numbers = lowering.named.of(measured), lowering.design.of(measured)
    code = lowering.preparation.measured(measured, named)
    for k in range(measured.width):
        lowering.constants |= {named[f"value {k}"]: numbers.values[:, k], named[f"noise {k}"]: numbers.noise[:, k]}
    in_order = _in_order(numbers.index, measured.size)
    data = [] if in_order else lowering.index(named["index"], numbers.index, code)
    return Section(_describe(measured), (*data, *_statements(measured, named, lowering.spare)))


def lower_latent(lowering: Lowering, latent: Latent) -> Section:
    """Missing values, before any predictor; their density is that of the response."""
    return Section(f"Missing values of {latent.observed.label}: {latent.size}.", tuple(_filled(lowering, latent)))


def _filled(lowering: Lowering, latent: Latent) -> Iterator[Statement]:
    named, numbers, rows = lowering.named.of(latent), lowering.design.of(latent), (lowering.named.obs,)
    code = lowering.preparation.latent(latent, named)
    yield lowering.data(named["value"], numbers.value, rows, lowering.preparation.real(latent.observed))
    if not latent.size:
        yield Local(named["filled"], Var(named["value"]))
        return
    if latent.noise is not None:
        yield from _true_of_all(lowering, latent, numbers, named)
        return
    yield lowering.data(named["seen"], numbers.seen, rows, lowering.preparation.real(latent.seen))
    yield from lowering.index(named["index"], numbers.place, code)
    true = named["true 0"]
    yield Random(true, "Flat", {}, (named["dim"],), start=Array(np.full(latent.size, latent.centre)))
    filled = Apply("where", (Var(named["seen"]), Var(named["value"]), Index(Var(true), (Var(named["index"]),))))
    yield Local(named["filled"], filled)


def _true_of_all(lowering: Lowering, latent: Latent, numbers: LatentDesign, named: LatentNames) -> Iterator[Statement]:
    """The true values of all rows, and what was measured; where nothing was, nothing is said."""
    assert latent.noise is not None
    true, value, dims, seen = named["true 0"], named["value"], (named["dim"],), Var(named["seen"])
    lowering.preparation.of_all_rows(named)
    yield lowering.data(named["seen"], numbers.seen, dims, lowering.preparation.real(latent.seen))
    code = lowering.preparation.real(latent.noise)
    yield lowering.data(named["noise"], numbers.noise, dims, code)
    yield Random(true, "Flat", {}, dims, start=Array(np.where(numbers.seen, numbers.value, latent.centre)))
    centre = Apply("where", (seen, Var(true), Var(value)))
    arguments: dict[str, Argument] = {"mu": centre, "sigma": Var(named["noise"])}
    observed, code = np.array(numbers.value), lowering.preparation.real(latent.observed)
    yield Random(named["measured"], "Normal", arguments, dims, observed=observed, observed_code=code)
    yield Local(named["filled"], Var(true))


def lower_measured_effect(lowering: Lowering, effect: MeasuredEffect) -> Lowered:
    """The coefficient of true values."""
    named = lowering.named.of(effect)
    data: list[Statement] = []
    if effect.times is not None:
        code = lowering.preparation.real(effect.times)
        data = [lowering.data(named["times"], lowering.design.of(effect).times, (lowering.named.obs,), code)]
    made = prior_statements(named["b"], [effect.prior], [], (), lowering.spare)
    return Lowered([*data, *made], substitute(lowering.value(effect), _each_row(lowering, effect)))


def _each_row(lowering: Lowering, effect: MeasuredEffect) -> dict[Expr, Expr]:
    """Where each row has its own true value, there is nothing to look up."""
    named, found = lowering.named.of(effect), dict[Expr, Expr]()
    filled = {latent.path: lowering.named.of(latent)["filled"] for latent in lowering.spec.latents}
    for i, (path, _) in enumerate(effect.of):
        if path in filled:
            found[Index(Var(named[f"true {i}"]), (Var(named[f"index {i}"]),))] = Var(filled[path])
            continue
        [owner] = [one for one in lowering.spec.measured if one.path == path]
        if _in_order(lowering.design.of(owner).index, owner.size):
            true = Var(named[f"true {i}"])
            found[Index(true, (Var(named[f"index {i}"]),))] = true
    return found


def _in_order(index: Integers, size: int) -> bool:
    """Whether each row is a level, in their order."""
    return len(index) == size and bool((index == np.arange(size)).all())
