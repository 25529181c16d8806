"""Effects of SAS in, terms of formulas out: which names are levels, how they are coded, and by what effects vary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tildemc.errors import FormulaSyntaxError
from tildemc.span import Span
from tildemc.syntax.rewrite import total
from tildemc.syntax.sas.written import Classes, Effect, Given
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name, Number, Text

__all__ = ["INTERCEPT", "Names", "added", "called", "crossed", "effect_term", "given_names", "joined", "products"]

INTERCEPT = ("int", "intercept")
"""What SAS calls the intercept."""


@dataclass
class Names:
    """The columns that names are of, in any case of letters, and those that are levels.

    Attributes
    ----------
    columns : sequence of str
        The data's, where they are known.
    classes : dict
        By the column, what `class` says of it.
    """

    columns: Sequence[str] = ()
    classes: dict[str, Classes] = field(default_factory=dict)
    first: bool = False

    def column(self, name: Name) -> Name:
        """The column that a name is of."""
        same = [column for column in self.columns if column.lower() == name.text.lower()]
        found = name.text if name.text in self.columns or not same else same[0]
        known = [column for column in self.classes if column.lower() == found.lower()]
        return Name(found if same or not known else known[0], name.span)

    def is_class(self, name: Name) -> bool:
        """Whether a column holds levels."""
        return self.column(name).text in self.classes

    def coded(self, name: Name) -> Expr:
        """A column of levels as SAS compares them: with the last, or the one that `ref=` names."""
        column = self.column(name)
        said = self.classes[column.text]
        reference = next((s.value for s in said.settings if s.name == "ref" and s.value is not None), None)
        if reference is None:
            reference = "first" if self.first else "last"
        factor = called("factor", column)
        match reference.lower():
            case "last":
                return Call("C", (Argument(column), Argument(Name("SAS"))), name.span)
            case "first":
                return factor
            case _:
                return Call("relevel", (Argument(factor), Argument(Text(reference), "ref")), name.span)


def products(effect: Effect) -> list[tuple[Name, ...]]:
    """`a|b` as `a`, `b` and `a*b`, in SAS's order.

    Raises
    ------
    FormulaSyntaxError
        If nothing is left of it.
    """
    sides: list[tuple[Name, ...]] = [effect.names[:1]]
    for joint, name in zip(effect.joints, effect.names[1:], strict=True):
        if joint == "|":
            sides.append((name,))
        else:
            sides[-1] = (*sides[-1], name)
    found: list[tuple[Name, ...]] = []
    for side in sides:
        found += [side, *((*before, *side) for before in tuple(found))]
    kept = [product for product in found if effect.most is None or len(product) <= effect.most]
    if not kept:
        raise FormulaSyntaxError(f"`@{effect.most}` leaves nothing of this effect", effect.span)
    return kept


def effect_term(product: Sequence[Name], names: Names, *, levels: bool = False) -> Expr:
    """`a*x*x` as `C(a, SAS):I(x^2)`; `levels`: one effect for each level, as in `random`."""
    parts: dict[str, tuple[Expr, int]] = {}
    for name in product:
        column = names.column(name)
        kind = called("factor", column) if levels else None
        expr = (kind or names.coded(name)) if names.is_class(name) else column
        parts[column.text] = expr, parts.get(column.text, (expr, 0))[1] + 1
    factors: list[Expr] = []
    for expr, count in parts.values():
        power = Binary("^", expr, Number(float(count)), expr.span)
        factors.append(expr if count == 1 or isinstance(expr, Call) else called("I", power))
    return crossed(factors)


def crossed(factors: Sequence[Expr]) -> Expr:
    """`a:b`."""
    found = factors[0]
    for other in factors[1:]:
        found = Binary(":", found, other, _over(found, other))
    return found


def joined(product: Sequence[Name], names: Names) -> Expr:
    """The combinations of some columns' levels, as a group."""
    return crossed([names.column(name) for name in dict.fromkeys(product)])


def given_names(value: Sequence[Given]) -> tuple[Name, ...]:
    """The columns of `subject=class(school)` or `a*b`: what others are nested in first."""
    found: list[Name] = []
    for given in value:
        found += [Name(word, given.span) for group in given.groups for word in group]
        found.append(Name(given.word, given.span))
    return tuple(found)


def added(parts: Sequence[Expr], span: Span, *, intercept: bool) -> Expr:
    """`1 + x`, or `0 + x`."""
    return total([Number(float(intercept), span), *parts])


def called(function: str, value: Expr, *others: Argument) -> Call:
    """`function(value)`."""
    return Call(function, (Argument(value, None, value.span), *others), value.span)


def _over(one: Expr, other: Expr) -> Span | None:
    return one.span if one.span is None or other.span is None else one.span.join(other.span)
