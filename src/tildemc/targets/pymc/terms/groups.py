"""Group effects as PyMC statements: standard deviations, correlations, and the effects themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

import numpy as np

from tildemc.spec.covariance import Loadings, Matrix, Pattern
from tildemc.spec.derivative import depends
from tildemc.spec.expr import Apply, Const, Expr, Index, Op, Var
from tildemc.spec.parameters import local
from tildemc.spec.priors import Prior, joint
from tildemc.spec.terms.block import Block
from tildemc.spec.terms.group import GroupEffects, GroupNames
from tildemc.spec.terms.shared import SharedEffects
from tildemc.targets.pymc.densities import joint_density, positive_statements, prior_statements
from tildemc.targets.pymc.lowering import Lowered, Lowering
from tildemc.targets.pymc.names import Spare
from tildemc.targets.pymc.program import CholeskyCovariance, Deterministic, Local, Random, Statement

__all__ = ["lower_group", "lower_shared"]


def _describe(grouping: GroupEffects, on: str) -> str:
    """`Effects of county: Intercept and floor, correlated; non-centred.`, for a comment; `on` says of what."""
    labels = grouping.labels
    listed = labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]}"
    titles = {block.covariance.title for block in grouping.blocks}
    kind = "partly correlated" if grouping.correlated else "independent"
    kind = titles.pop() if len(titles) == 1 else kind
    listed = listed if len(labels) <= 6 else f"{len(labels)} columns"
    kind = "" if len(labels) == 1 else f", {kind}"
    tails = ", Student-t" if grouping.tails is not None else ""
    return f"Effects of {grouping.factor.label}{on}: {listed}{kind}{tails}; non-centred."


def _statements(grouping: GroupEffects, named: GroupNames, spare: Spare) -> list[Statement]:
    """The statements from priors to `r`, the effects (levels, columns); `spare` names what the model does not."""
    return [*_mixture(grouping, named, spare), *_effect_statements(grouping, named, spare)]


def _mixture(grouping: GroupEffects, named: GroupNames, spare: Spare) -> list[Statement]:
    """What makes Student-t effects of normal ones."""
    if grouping.tails is None:
        return []
    df = prior_statements(named.df, [grouping.tails.prior], (), (), spare)
    half = Var(named.df) / 2
    return [*df, Random(named.u, "InverseGamma", {"alpha": half, "beta": half}, (named.dim,))]


def _effect_statements(grouping: GroupEffects, named: GroupNames, spare: Spare) -> list[Statement]:
    dims = (named.dim, named.term_dim)
    if not any(block.correlated or block.one_sd for block in grouping.blocks):
        labels = [column.label for column in grouping.columns]
        statements = positive_statements(named.sd, named.var, grouping.sd_priors, labels, (named.term_dim,), spare)
        return [*statements, *_effects(grouping, named, dims, _Made((), None))]
    if len(grouping.blocks) == 1:
        block = grouping.blocks[0]
        reported = Var(named.sd), Var(named.cor), Var(named.shape)
        own = _Own(named.sd, named.var, named.cor, named.chol, named.shape, *reported, spare, named)
        made = _block(block, own)
        return [*made.statements, *_effects(grouping, named, dims, made)]
    return _several_blocks(grouping, named, dims, spare)


def _effects(grouping: GroupEffects, named: GroupNames, dims: tuple[str, str], made: _Made) -> list[Statement]:
    effects = made.effects(Var(named.z), named.sd)
    return [_standardised(grouping, named, dims), _reported(grouping, named, effects, dims)]


def _reported(grouping: GroupEffects, named: GroupNames, effects: Expr, dims: tuple[str, str]) -> Deterministic:
    """The effects: of related levels a product with the factor of the covariance between them, of others as wide."""
    for spread in _spreads(grouping, named):
        effects = effects * Index(spread, (slice(None), None))
    related = effects if grouping.between is None else Op("@", Var(_factor_between(named)), effects)
    return Deterministic(named.r, related, dims)


def _spreads(grouping: GroupEffects, named: GroupNames) -> Iterator[Expr]:
    """What effects of each level are multiplied by, (levels,)."""
    if grouping.weights is not None:
        yield Var(_spread_of(named))
    if grouping.tails is not None:
        yield Apply("sqrt", (Var(named.u),))


def _spread_of(named: GroupNames) -> str:
    """What the numbers are called by which levels of unlike weights are multiplied."""
    return local(f"spread {named.r}")


def _factor_between(named: GroupNames) -> str:
    """What the factor of a covariance between levels is called."""
    return local(f"between {named.r}")


def _standardised(grouping: GroupEffects, named: GroupNames, dims: tuple[str, str]) -> Random:
    """The standard normal variables that effects are made of, whatever the blocks."""
    effects: Expr = Var(named.r)
    if grouping.between is not None:
        effects = Apply("unrelated", (Var(_factor_between(named)), effects))
    if grouping.weights is not None:
        effects = effects / Index(Var(_spread_of(named)), (slice(None), None))
    if grouping.tails is not None:
        effects = effects / Apply("sqrt", (Index(Var(named.u), (..., None)),))
    known = (effects, Var(named.sd), *((Var(named.cor),) if grouping.correlated else ()))
    found = _scores(grouping, named, effects) if grouping.reduced else Apply("standardised", known)
    along = (named.dim, named.z_dim) if grouping.reduced else dims
    return Random(named.z, "Normal", {"mu": Const(0.0), "sigma": Const(1.0)}, along, recovered=found)


def _scores(grouping: GroupEffects, named: GroupNames, effects: Expr) -> Expr:
    """What effects of several blocks are made of, of which some are sums of a few factors."""
    parts: list[Expr] = []
    start = at = 0
    for block in grouping.blocks:
        columns, hidden = slice(start, start + block.width), sum(not shape.correlation for shape in block.shapes)
        own = Index(effects, (..., columns))
        match block.covariance.correlations:
            case Loadings():
                shapes = Index(Var(named.shape), (..., slice(at, at + hidden)))
                parts.append(Apply("scores", (own, shapes, Const(block.standard))))
            case Matrix() | Pattern() | None:
                cor = (Index(Var(named.cor), (..., columns, columns)),) if block.correlated else ()
                parts.append(Apply("standardised", (own, Index(Var(named.sd), (..., columns)), *cor)))
            case never:
                assert_never(never)
        start, at = columns.stop, at + hidden
    return parts[0] if len(parts) == 1 else Apply("beside", tuple(parts))


@dataclass(frozen=True, slots=True)
class _Own:
    """What a block's quantities are called, and how its sds and correlations follow from what the model reports.

    `whole` has the dims of the quantities if the block is the grouping's only one.
    """

    sd: str
    var: str
    cor: str
    chol: str
    shape: str
    sds: Expr
    correlations: Expr
    shapes: Expr
    spare: Spare
    whole: GroupNames | None = None

    @property
    def sd_dims(self) -> tuple[str, ...]:
        return () if self.whole is None else (self.whole.term_dim,)

    @property
    def cor_dims(self) -> tuple[str, ...]:
        return () if self.whole is None else (self.whole.term_dim, self.whole.term_dim2)


@dataclass(frozen=True, slots=True)
class _Made:
    """The statements of a block's sds and correlations, and its Cholesky factor; None for sds alone."""

    statements: Sequence[Statement]
    factor: Expr | None

    def effects(self, z: Expr, sd: str) -> Expr:
        """What the standardised effects come to."""
        return Op("*", z, Var(sd)) if self.factor is None else Op("@", z, Apply("transpose", (self.factor,)))


def _block(block: Block, own: _Own) -> _Made:
    match block.covariance.correlations:
        case Loadings() as loadings:
            return _of_factors(block, own, loadings)
        case Matrix():
            return _free(block, own, block.shape_priors[0])
        case Pattern() as pattern:
            return _patterned(block, own, pattern)
        case None:
            return _Made(_sds(block, own), None)
        case never:
            assert_never(never)


def _of_factors(block: Block, own: _Own, loadings: Loadings) -> _Made:
    """Effects that are sums of a few factors: their loadings, and the sds and correlations that follow from these."""
    n, d = len(block.columns), block.standard
    names = [shape.name for shape in block.shapes]
    made, parts = list[Statement](), list[Expr]()
    # Those of the diagonal are positive, and all others of one kind.
    for name, at in (("diagonal", slice(0, d)), ("below", slice(d, len(names)))):
        priors = block.shape_priors[at]
        if priors:
            variable = own.spare(own.shape, name)
            known = Index(own.shapes, (..., at))
            made += prior_statements(variable, priors, names[at], (), own.spare, shape=len(priors), recovered=known)
            parts.append(Var(variable))
    dims = () if own.whole is None else (own.whole.shape_dim,)
    made.append(Deterministic(own.shape, Apply("concatenate", tuple(parts)), dims))
    factor = own.spare("loadings", own.cor.removeprefix("cor"))
    sds, transposed = Var(own.sd), Apply("transpose", (Var(factor),))
    along, across = Index(sds, (slice(None), None)), Index(sds, (None, slice(None)))
    return _Made(
        [
            *made,
            Local(factor, Apply("loadings", (Var(own.shape), Const(n), Const(d)))),
            Deterministic(own.sd, Apply("sqrt", (Apply("row_sum", (Var(factor) ** 2,)),)), own.sd_dims),
            Deterministic(own.cor, Op("@", Var(factor), transposed) / (along * across), own.cor_dims),
        ],
        Var(factor),
    )


def _patterned(block: Block, own: _Own, pattern: Pattern) -> _Made:
    """Correlations that follow from a few numbers, and from how far apart effects are."""
    suffix = own.cor.removeprefix("cor")
    made, shapes = _shapes(block, own, suffix)
    places, apart = own.spare("places", suffix), own.spare("apart", suffix)
    entry = pattern.entry(shapes, Var(apart))
    known = [Local(places, _places(block)), Local(apart, _apart(block, places))]
    # On the diagonal nothing is asked of a pattern, whose derivative may have no value there.
    same = Apply("eye", (Const(len(block.columns)),))
    matrix = Deterministic(own.cor, same + (1 - same) * entry, own.cor_dims)
    statements = [*_sds(block, own), *made, *(known if depends(entry, frozenset({apart})) else []), matrix]
    return _Made(statements, _scaled(own.sd, Apply("cholesky", (Var(own.cor),))))


def _shapes(block: Block, own: _Own, suffix: str) -> tuple[list[Statement], list[Expr]]:
    """The statements of the numbers that a block's correlations follow from, and each of these."""
    shapes, priors = block.shapes, block.shape_priors
    if shapes[0].correlation:
        rho = own.spare(shapes[0].name, suffix)
        known = Index(own.correlations, (..., 1, 0))
        return prior_statements(rho, priors, (), (), own.spare, recovered=known), [Var(rho)]
    labels = [shape.name for shape in shapes]
    each: list[Expr] = [Index(Var(own.shape), (k,)) for k in range(len(shapes))]
    if own.whole is not None:
        return prior_statements(own.shape, priors, labels, (own.whole.shape_dim,), own.spare), each
    return prior_statements(own.shape, priors, labels, (), own.spare, shape=len(shapes), recovered=own.shapes), each


def _places(block: Block) -> Expr:
    """Where the effects are: one after the other, if nothing else is known."""
    if not block.places:
        return Apply("arange", (Const(len(block.columns)),))
    rows = [tuple(map(Const, place)) for place in block.places]
    return Apply("array", tuple(row[0] if len(row) == 1 else Apply("list", row) for row in rows))


def _apart(block: Block, places: str) -> Expr:
    """How far apart effects are, and 1 on the diagonal."""
    along = len(block.places[0]) if block.places else 1
    return Apply("lags" if along == 1 else "distances", (Var(places),)) + Apply("eye", (Const(len(block.columns)),))


def _sds(block: Block, own: _Own) -> list[Statement]:
    """The statements of a block's sds: as many as it has, or one for all."""
    labels, n = [column.label for column in block.columns], len(block.columns)
    if not block.one_sd:
        shape, known = (n, own.sds) if own.whole is None else (None, None)
        return positive_statements(
            own.sd, own.var, block.sd_priors, labels, own.sd_dims, own.spare, shape=shape, recovered=known
        )
    one, variance = own.spare(own.sd, "shared"), own.spare(own.var, "shared")
    known = Index(own.sds, (..., 0))
    statements = positive_statements(one, variance, block.sd_priors, (), (), own.spare, recovered=known)
    return [*statements, Deterministic(own.sd, Var(one) * Apply("ones", (Const(n),)), own.sd_dims)]


def _scaled(sd: str, unit: Expr) -> Expr:
    """The factor of a covariance matrix from that of its correlations."""
    return Op("*", Index(Var(sd), (slice(None), None)), unit)


def _free(block: Block, own: _Own, prior: Prior) -> _Made:
    """A matrix of correlations that are free, with the sds in one variable where PyMC has it."""
    sd, cor, chol = own.sd, own.cor, own.chol
    eta = prior.values[0]
    n = len(block.columns)
    density = joint_density(block.sd_priors) if joint(block.sd_priors) and not block.one_sd else None
    if density is not None:
        packed = Apply("packed_cholesky", (own.sds, own.correlations))
        statements: list[Statement] = [
            CholeskyCovariance(chol, cor, sd, eta, density.pymc, density.arguments, n, packed)
        ]
        if own.whole is not None:
            statements += [Deterministic(sd, Var(sd), own.sd_dims), Deterministic(cor, Var(cor), own.cor_dims)]
        return _Made(statements, Var(chol))
    recovered = Apply("cholesky", (own.correlations,))
    factor = Random(chol, "LKJCorr", {"n": Const(n), "eta": Const(eta)}, recovered=recovered)
    correlation = Op("@", Var(chol), Apply("transpose", (Var(chol),)))
    return _Made([*_sds(block, own), factor, Deterministic(cor, correlation, own.cor_dims)], _scaled(sd, Var(chol)))


def _several_blocks(grouping: GroupEffects, named: GroupNames, dims: tuple[str, str], spare: Spare) -> list[Statement]:
    """Independent blocks of which some are correlated: each by itself, then put side by side."""
    statements: list[Statement] = []
    sds: list[Expr] = []
    effects: list[Expr] = []
    correlations: list[Expr] = []
    correlated = grouping.correlated
    shapes: list[Expr] = []
    start = at = first = 0
    for number, block in enumerate(grouping.blocks, start=1):
        width = len(block.columns)
        columns, scores = slice(start, start + width), slice(first, first := first + block.standard)
        kinds = named.sd, named.var, named.cor, named.chol, named.shape
        sd, var, cor, chol, shape = (spare(name, str(number)) for name in kinds)
        hidden = sum(not own.correlation for own in block.shapes)
        known = (
            Index(Var(named.sd), (..., columns)),
            Index(Var(named.cor), (..., columns, columns)),
            Index(Var(named.shape), (..., slice(at, at + hidden))),
        )
        made = _block(block, _Own(sd, var, cor, chol, shape, *known, spare))
        at += hidden
        shapes += [Var(shape)] if hidden else []
        statements += made.statements
        sds.append(Var(sd))
        effects.append(made.effects(Index(Var(named.z), (slice(None), scores)), sd))
        correlations += [Var(cor)] if block.correlated else [Const(1.0)] * width
        start += width
    matrix = Apply("block_diagonal", tuple(correlations))
    together = [Deterministic(named.cor, matrix, (named.term_dim, named.term_dim2))] if correlated else []
    if shapes:
        together.append(Deterministic(named.shape, Apply("concatenate", tuple(shapes)), (named.shape_dim,)))
    return [
        *statements,
        Deterministic(named.sd, Apply("concatenate", tuple(sds)), (named.term_dim,)),
        *together,
        _standardised(grouping, named, dims),
        _reported(grouping, named, Apply("beside", tuple(effects)), dims),
    ]


def lower_group(lowering: Lowering, group: GroupEffects, on: str) -> Lowered:
    """The effects of a grouping, and what of them each row has."""
    numbers, named = lowering.design.of(group), lowering.named.of(group)
    code, index_code = lowering.preparation.group(group, numbers, named)
    data = lowering.index(named.index, np.maximum(numbers.index, 0), index_code)
    if len(group.columns) > 1:
        dims = (lowering.named.obs, named.term_dim)
        data.append(lowering.data(named.Z, numbers.Z, dims, code))
    elif not group.shift:
        data.append(lowering.data(named.Z, numbers.Z[:, 0], (lowering.named.obs,), code))
    if group.between is not None:
        name = _factor_between(named)
        lowering.constants[name] = group.between.factor
        lowering.preparation.between(name, group, named)
    if group.weights is not None:
        name = _spread_of(named)
        lowering.constants[name] = group.weights.spread
        lowering.preparation.spread(name, group.weights, named)
    made = _statements(group, named, lowering.spare)
    return Lowered([*data, *made], lowering.value(group), _describe(group, on))


def lower_shared(lowering: Lowering, shared: SharedEffects) -> Lowered:
    """Effects that are there, at other levels of the rows or on another parameter."""
    numbers, named = lowering.design.of(shared), lowering.named.of(shared)
    code, index_code = lowering.preparation.shared(shared, numbers, named)
    data = lowering.index(named.index, np.maximum(numbers.index, 0), index_code)
    columns = lowering.data(named.Z, numbers.Z, (lowering.named.obs, named.term_dim), code)
    return Lowered([*data, columns], lowering.value(shared))
