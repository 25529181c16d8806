"""Effects of areas as PyMC statements: the sd and the share, the coefficients, and the effects that they make."""

from __future__ import annotations

from tildemc.spec.expr import Apply, Const, Index, Op, Var
from tildemc.spec.terms.areal import Areal, ArealNames
from tildemc.targets.pymc.densities import prior_statements
from tildemc.targets.pymc.lowering import Lowered, Lowering
from tildemc.targets.pymc.names import Spare
from tildemc.targets.pymc.program import Deterministic, Random, Statement

__all__ = ["lower_areas"]


def _describe(areas: Areal, on: str) -> str:
    """`Effects of areas, car(M, gr = g): 12, each about …; non-centred.`, for a comment; `on` says of what."""
    return f"Effects of areas, {areas.text}{on}: {len(areas.loadings)}, {areas.kind.title}; non-centred."


def _statements(areas: Areal, named: ArealNames, spare: Spare) -> list[Statement]:
    """The statements from the priors of the sd and the share to the effects `rcar`."""
    sd, share, slopes = Var(named.sdcar), Var(named.share), Var(named.slopes)
    along = areas.amplitudes(Index(sd, (..., None)), Index(share, (..., None)), slopes)
    recovered = Op("/", Apply("loaded", (Var(named.loadings), Var(named.rcar))), along)
    coefficients = Op("*", areas.amplitudes(sd, share, slopes), Var(named.z))
    return [
        *prior_statements(named.sdcar, (areas.sd,), (), (), spare),
        *(prior_statements(named.share, areas.shares, (), (), spare) if areas.shares else []),
        Random(named.z, "Normal", {"mu": Const(0.0), "sigma": Const(1.0)}, (named.along,), recovered=recovered),
        Deterministic(named.rcar, Op("@", Var(named.loadings), coefficients), (named.dim,)),
    ]


def lower_areas(lowering: Lowering, areas: Areal, on: str) -> Lowered:
    """The effects of areas, and which of them each row has."""
    named = lowering.named.of(areas)
    lowering.preparation.counted(named.along, areas.width)
    lowering.preparation.areas(areas, named)
    lowering.constants[named.loadings] = areas.loadings
    if areas.shares:
        lowering.constants[named.slopes] = areas.slopes
    index = lowering.preparation.index(areas.factor, named.dim)
    data = lowering.index(named.index, lowering.design.of(areas).index, index)
    made = _statements(areas, named, lowering.spare)
    return Lowered([*data, *made], lowering.value(areas), _describe(areas, on))
