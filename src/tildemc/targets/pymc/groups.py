"""Group effects as PyMC statements: standard deviations, correlations, and the effects themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tildemc.spec.covariance import Matrix, Single
from tildemc.spec.expr import Apply, Const, Expr, Index, Op, Var
from tildemc.spec.priors import Prior, joint
from tildemc.spec.terms.group import Block, GroupEffects, GroupNames
from tildemc.targets.pymc.densities import joint_density, positive_statements, prior_statements
from tildemc.targets.pymc.names import Spare
from tildemc.targets.pymc.program import CholeskyCovariance, Deterministic, Random, Statement

__all__ = ["describe", "effect_statements"]


def describe(grouping: GroupEffects, on: str) -> str:
    """`Effects of county: Intercept and floor, correlated; non-centred.`, for a comment; `on` says of what."""
    labels = grouping.labels
    listed = labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]}"
    titles = {block.covariance.title for block in grouping.blocks}
    kind = "partly correlated" if grouping.correlated else "independent"
    kind = titles.pop() if len(titles) == 1 else kind
    listed = listed if len(labels) <= 6 else f"{len(labels)} columns"
    kind = "" if len(labels) == 1 else f", {kind}"
    return f"Effects of {grouping.factor.label}{on}: {listed}{kind}; non-centred."


def effect_statements(grouping: GroupEffects, named: GroupNames, spare: Spare) -> list[Statement]:
    """The statements from priors to `r`, the effects (levels, columns); `spare` names what the model does not."""
    dims = (named.dim, named.term_dim)
    if not any(block.correlated or block.one_sd for block in grouping.blocks):
        labels = [column.label for column in grouping.columns]
        statements = positive_statements(named.sd, named.var, grouping.sd_priors, labels, (named.term_dim,), spare)
        return [*statements, *_effects(named, dims, _Made((), None), correlated=False)]
    if len(grouping.blocks) == 1:
        block = grouping.blocks[0]
        own = _Own(named.sd, named.var, named.cor, named.chol, Var(named.sd), Var(named.cor), spare, named)
        made = _block(block, own)
        return [*made.statements, *_effects(named, dims, made, correlated=block.correlated)]
    return _several_blocks(grouping, named, dims, spare)


def _effects(named: GroupNames, dims: tuple[str, str], made: _Made, *, correlated: bool) -> list[Statement]:
    effects = made.effects(Var(named.z), named.sd)
    return [_standardised(named, dims, correlated=correlated), Deterministic(named.r, effects, dims)]


def _standardised(named: GroupNames, dims: tuple[str, str], *, correlated: bool) -> Random:
    """The standard normal variables that effects are made of, whatever the blocks."""
    known = (Var(named.r), Var(named.sd), *((Var(named.cor),) if correlated else ()))
    return Random(
        named.z,
        "Normal",
        {"mu": Const(0.0), "sigma": Const(1.0)},
        dims,
        recovered=Apply("standardised", known),
    )


@dataclass(frozen=True, slots=True)
class _Own:
    """What a block's quantities are called, and how its sds and correlations follow from what the model reports.

    `whole` has the dims of the quantities if the block is the grouping's only one.
    """

    sd: str
    var: str
    cor: str
    chol: str
    sds: Expr
    correlations: Expr
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
    n = len(block.columns)
    match block.covariance.correlations, block.correlation:
        case Matrix(), Prior() as prior:
            return _free(block, own, prior)
        case Single() as pattern, Prior() as prior:
            rho = own.spare("rho", own.cor.removeprefix("cor"))
            known = Index(own.correlations, (..., 1, 0))
            statements = [
                *_sds(block, own),
                *prior_statements(rho, (prior,), (), (), own.spare, recovered=known),
                Deterministic(own.cor, pattern.matrix(Var(rho), n), own.cor_dims),
            ]
            return _Made(statements, _scaled(own.sd, Apply("cholesky", (Var(own.cor),))))
        case _:
            return _Made(_sds(block, own), None)


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
    density = joint_density(block.sd_priors)
    if density is not None and joint(block.sd_priors) and not block.one_sd:
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
    start = 0
    for number, block in enumerate(grouping.blocks, start=1):
        width = len(block.columns)
        columns = slice(start, start + width)
        sd, var, cor, chol = (spare(name, str(number)) for name in (named.sd, named.var, named.cor, named.chol))
        known = Index(Var(named.sd), (..., columns)), Index(Var(named.cor), (..., columns, columns))
        made = _block(block, _Own(sd, var, cor, chol, *known, spare))
        statements += made.statements
        sds.append(Var(sd))
        effects.append(made.effects(Index(Var(named.z), (slice(None), columns)), sd))
        correlations += [Var(cor)] if block.correlated else [Const(1.0)] * width
        start += width
    matrix = Apply("block_diagonal", tuple(correlations))
    together = [Deterministic(named.cor, matrix, (named.term_dim, named.term_dim2))] if correlated else []
    return [
        *statements,
        Deterministic(named.sd, Apply("concatenate", tuple(sds)), (named.term_dim,)),
        *together,
        _standardised(named, dims, correlated=correlated),
        Deterministic(named.r, Apply("beside", tuple(effects)), dims),
    ]
