"""Group effects as PyMC statements: standard deviations, correlations, and the effects themselves."""

from __future__ import annotations

from dataclasses import dataclass

from tildemc.model.covariance import Unstructured
from tildemc.model.expr import Apply, Const, Expr, Index, Op, Var
from tildemc.model.parameters import GroupNames
from tildemc.model.priors import joint
from tildemc.model.spec import INTERCEPT_TERM, Block, Grouping
from tildemc.targets.pymc.densities import joint_density, positive_statements
from tildemc.targets.pymc.program import CholeskyCovariance, Deterministic, Random, Statement

__all__ = ["contribution", "describe", "effect_statements", "intercept_only"]


def intercept_only(grouping: Grouping) -> bool:
    """Whether a level's effect is a shift and nothing else."""
    return grouping.columns == INTERCEPT_TERM.columns


def describe(grouping: Grouping) -> str:
    """`County effects: correlated Intercept and floor`, for a comment."""
    labels = [column.label for column in grouping.columns]
    listed = labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]}"
    correlated = [block.correlated for block in grouping.blocks]
    kind = "correlated " if all(correlated) else "partly correlated " if any(correlated) else "independent "
    listed = listed if len(labels) <= 6 else f"{len(labels)} columns"
    return f"Effects of {grouping.factor.label}: {'' if len(labels) == 1 else kind}{listed}, non-centred."


def effect_statements(grouping: Grouping, named: GroupNames) -> list[Statement]:
    """The statements from priors to `r`, the effects (levels, columns)."""
    dims = (named.dim, named.term_dim)
    if not any(block.correlated for block in grouping.blocks):
        labels = [column.label for column in grouping.columns]
        statements = positive_statements(named.sd, named.var, grouping.sd_priors, labels, (named.term_dim,))
        return [*statements, *_effects(grouping, named, dims, Var(named.sd), None)]
    if len(grouping.blocks) == 1:
        own = _Own(named.sd, named.cor, named.chol, Var(named.sd), Var(named.cor))
        statements, chol = _correlated(grouping.blocks[0], named, own, whole=True)
        return [*statements, *_effects(grouping, named, dims, None, chol)]
    return _several_blocks(grouping, named, dims)


def _effects(
    grouping: Grouping, named: GroupNames, dims: tuple[str, str], sd: Expr | None, chol: Expr | None
) -> list[Statement]:
    scaled = Op("*", Var(named.z), sd) if sd is not None else Op("@", Var(named.z), Apply("transpose", (chol,)))  # type: ignore[arg-type]
    return [_standardised(named, dims, correlated=sd is None), Deterministic(named.r, scaled, dims)]


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
    """What a block's quantities are called, and how its sds and correlations follow from what the model reports."""

    sd: str
    cor: str
    chol: str
    sds: Expr
    correlations: Expr


def _correlated(block: Block, named: GroupNames, own: _Own, *, whole: bool) -> tuple[list[Statement], Expr]:
    """Statements for one block's sds and correlations, and its Cholesky factor; `whole` if it is the only block."""
    assert isinstance(block.covariance, Unstructured)
    sd, cor, chol = own.sd, own.cor, own.chol
    eta = block.covariance.correlation.values[0]
    n = len(block.columns)
    density = joint_density(block.sd_priors)
    dims = (named.term_dim,) if whole else ()
    cor_dims = (named.term_dim, named.term_dim2) if whole else ()
    if density is not None and joint(block.sd_priors):
        packed = Apply("packed_cholesky", (own.sds, own.correlations))
        statements: list[Statement] = [
            CholeskyCovariance(chol, cor, sd, eta, density.pymc, density.arguments, n, packed)
        ]
        if whole:
            statements += [Deterministic(sd, Var(sd), dims), Deterministic(cor, Var(cor), cor_dims)]
        return statements, Var(chol)
    labels = [column.label for column in block.columns]
    variance = sd.replace(named.sd, named.var)
    shape = None if whole else n
    statements = positive_statements(
        sd, variance, block.sd_priors, labels, dims, shape=shape, recovered=None if whole else own.sds
    )
    recovered = Apply("cholesky", (own.correlations,))
    factor = Random(chol, "LKJCorr", {"n": Const(n), "eta": Const(eta)}, recovered=recovered)
    correlation = Op("@", Var(chol), Apply("transpose", (Var(chol),)))
    statements += [factor, Deterministic(cor, correlation, cor_dims)]
    return statements, Op("*", Index(Var(sd), (slice(None), None)), Var(chol))


def _several_blocks(grouping: Grouping, named: GroupNames, dims: tuple[str, str]) -> list[Statement]:
    """Independent blocks of which some are correlated: each by itself, then put side by side."""
    statements: list[Statement] = []
    sds: list[Expr] = []
    effects: list[Expr] = []
    correlations: list[Expr] = []
    start = 0
    for number, block in enumerate(grouping.blocks, start=1):
        width = len(block.columns)
        columns = slice(start, start + width)
        z = Index(Var(named.z), (slice(None), columns))
        sd, cor, chol = (f"{name}[{number}]" for name in (named.sd, named.cor, named.chol))
        known_sds = Index(Var(named.sd), (..., columns))
        if block.correlated:
            own = _Own(sd, cor, chol, known_sds, Index(Var(named.cor), (..., columns, columns)))
            made, factor = _correlated(block, named, own, whole=False)
            effects.append(Op("@", z, Apply("transpose", (factor,))))
            correlations.append(Var(cor))
        else:
            labels = [column.label for column in block.columns]
            variance = f"{named.var}[{number}]"
            made = positive_statements(sd, variance, block.sd_priors, labels, (), shape=width, recovered=known_sds)
            effects.append(Op("*", z, Var(sd)))
            correlations += [Const(1.0)] * width
        statements += made
        sds.append(Var(sd))
        start += width
    return [
        *statements,
        Deterministic(named.sd, Apply("concatenate", tuple(sds)), (named.term_dim,)),
        Deterministic(named.cor, Apply("block_diagonal", tuple(correlations)), (named.term_dim, named.term_dim2)),
        _standardised(named, dims, correlated=True),
        Deterministic(named.r, Apply("beside", tuple(effects)), dims),
    ]


def contribution(grouping: Grouping, named: GroupNames) -> Expr:
    """What the effects add to the linear predictor of each row."""
    r, index = Var(named.r), Var(named.index)
    if intercept_only(grouping):
        return Index(r, (index, 0))
    if len(grouping.columns) == 1:
        return Var(named.Z) * Index(r, (index, 0))
    return Apply("row_sum", (Var(named.Z) * Index(r, (index,)),))
