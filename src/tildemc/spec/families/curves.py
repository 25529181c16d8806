"""Families whose parameters are arithmetic of others: what a non-linear formula makes of a family.

A function from records to records, as in `zeros.py`: whoever reads a family's densities, means or draws need not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tildemc.spec.expr import Expr, Var, substitute
from tildemc.spec.families.parameter import FamilyParameter
from tildemc.spec.families.records import Family
from tildemc.spec.links import Link
from tildemc.spec.support import REAL

__all__ = ["Curve", "Curved"]


@dataclass(frozen=True, slots=True)
class Curve:
    """One parameter of a family, and what its predictor is.

    Attributes
    ----------
    parameter : str
    link : Link
    value : Expr
        In the parameters of the formula, those of the family that no curve is of, and what the response's companions
        call columns.
    first : bool
        Whether the parameter is the family's first.
    """

    parameter: str
    link: Link
    value: Expr
    first: bool

    @property
    def parts(self) -> dict[Expr, Expr]:
        """What stands for the parameter in the family's arithmetic."""
        return self.link.of(Var(self.parameter), self.value)


@dataclass(frozen=True)
class Curved:
    """How such a family is made.

    Attributes
    ----------
    base : Family
    curves : tuple of Curve
    own : tuple of str
        The parameters of the formula, in the places of those that the curves are of.
    """

    base: Family
    curves: tuple[Curve, ...]
    own: tuple[str, ...]

    def family(self) -> Family:
        """The family."""
        base, curves = self.base, {curve.parameter: curve for curve in self.curves}
        parts = {part: value for curve in self.curves for part, value in curve.parts.items()}
        first = curves.get(base.parameters[0].name)
        native = base.native
        if first is not None:
            native = base.native_by_link.get(first.link.name, native)
            parts[Var("eta")] = first.value
        kept = [parameter for parameter in base.parameters if parameter.name not in curves]
        own = [FamilyParameter(name, REAL, ("identity",), nonlinear=True) for name in self.own]
        by_link = {} if first is not None else base.native_by_link
        return replace(
            base.instead(parts),
            # The one with the main formula stays the first.
            parameters=(*own, *kept) if first is not None else (kept[0], *own, *kept[1:]),
            native=_with(native, parts),
            native_by_link={link: _with(arguments, parts) for link, arguments in by_link.items()},
            steps=_with(base.steps, parts),
            simple=None,
            notation=base.written,
            adds="",
            exposed=tuple(name for name in base.exposed if name not in curves),
            recipe=self,
        )


def _with(arguments: Mapping[str, Expr], parts: Mapping[Expr, Expr]) -> dict[str, Expr]:
    return {name: substitute(argument, parts) for name, argument in arguments.items()}
