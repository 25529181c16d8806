"""`testparm i.f`, `contrast r.f`, `pwcompare f`: lists of variables -> combinations of coefficients."""

from __future__ import annotations

from tildemc.errors import FormulaSyntaxError, SemanticError, UnsupportedError
from tildemc.resolve.after.cells import CellMeans
from tildemc.resolve.after.names import Coefficient, StataNames
from tildemc.resolve.after.options import RATIOS, level, ratios, taken
from tildemc.resolve.after.records import After, Combined, Joint, Tested
from tildemc.resolve.hypothesis import Hypothesis
from tildemc.syntax import tree
from tildemc.syntax.stata.after import Listed
from tildemc.syntax.stata.contrasted import crossed_factors
from tildemc.syntax.stata.varlist import products

__all__ = ["read_listed"]


def read_listed(read: Listed, names: StataNames) -> After:
    if read.command == "testparm":
        rows = _coefficients(read, names)
        equal = "equal" in taken(read.options, "equal")
        if equal and len(rows) < 2:
            raise SemanticError("`equal` is of two coefficients or more", read.span)
        texts = {own.name: names.combination(tree.Name(own.name), own.name) for own in rows}
        if not equal:
            return Joint((Tested(", ".join(texts), tuple(texts.values())),))
        first, *others = rows
        differences = tuple(_difference(names, first.name, other.name) for other in others)
        return Joint((Tested(" = ".join(texts), differences),))
    options = taken(read.options, "level", *RATIOS)
    cells = CellMeans(names)
    rows_: dict[str, Hypothesis] = {}
    tests: list[Tested] = []
    for term in crossed_factors(read.terms, names.variables):
        compared = [operator for _, operator in term.factors if operator is not None]
        if read.command == "pwcompare":
            rows_ |= cells.pairs(term)
        elif compared:
            rows_ |= cells.contrasts(term)
        else:
            tests.append(Tested("#".join(term.names), tuple(cells.joint(term))))
    if rows_ and tests:
        raise UnsupportedError(
            "joint tests and contrasts are two commands: `contrast f`, then `contrast r.g`", read.span
        )
    if not rows_ and not tests:
        raise FormulaSyntaxError(f"`{read.command}` names factors of the model", read.span)
    return Combined(rows_, ratios(options), level(options)) if rows_ else Joint(tuple(tests))


def _difference(names: StataNames, one: str, other: str) -> Hypothesis:
    return names.combination(tree.Binary("-", tree.Name(one), tree.Name(other)), f"{one} = {other}")


def _coefficients(read: Listed, names: StataNames) -> list[Coefficient]:
    """The coefficients of a list such as `i.f#c.x x*`."""
    wanted = [sorted(variable.name for variable in product) for product in products(read.terms, names.variables)]
    found = [own for own in names.first if own.atoms and sorted(name for name, _ in own.atoms) in wanted]
    if not found:
        told = ", ".join(own.name for own in names.first)
        raise SemanticError(f"the model has no coefficients of these; it has {told}", read.span)
    return found
