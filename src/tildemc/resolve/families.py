"""`"bernoulli(probit)"` -> the family and the link of its mean."""

from __future__ import annotations

from tildemc.errors import SemanticError, nearest
from tildemc.span import Span
from tildemc.spec.families import FAMILIES, Family
from tildemc.spec.links import LINKS, Link
from tildemc.syntax import tree
from tildemc.syntax.formula import parse_expression

__all__ = ["link_of", "read_family"]

_MOST = 8
"""How many families a message names."""


def read_family(text: str, place: Span | None = None) -> tuple[Family, Link]:
    """The family and link that a person names: `gaussian`, `bernoulli(probit)`, `binomial(link = "logit")`.

    Parameters
    ----------
    text : str
    place : Span, optional
        What said so in another language, for an error to point at.

    Raises
    ------
    SemanticError
        If there is no such family, or it has no such link.
    """
    expr = parse_expression(text)
    match expr:
        case tree.Name(name) | tree.Call(name, ()):
            link = None
        case tree.Call(name, (tree.Argument(tree.Name(link) | tree.Text(link), None | "link"),)):
            pass
        case _:
            message = "a family is a name, as in `poisson`, or a name and a link, `bernoulli(probit)`"
            raise SemanticError(message, place or expr.span)
    name = next((family.name for family in FAMILIES.values() if name in family.aliases), name)
    if name not in FAMILIES:
        others = f"; there are {', '.join([*FAMILIES][:_MOST])} …, docs/families.md has all"
        message = f"there is no family `{name}`{nearest(name, FAMILIES) or others}"
        raise SemanticError(message, place or expr.span)
    family = FAMILIES[name]
    return family, link_of(family.links or family.parameters[0].links, link, name, expr, place)


def link_of(links: tuple[str, ...], chosen: str | None, owner: str, expr: tree.Expr, place: Span | None = None) -> Link:
    """The link of that name, if `owner` may have it; its default link for None."""
    if chosen is None:
        return LINKS[links[0]]
    if chosen not in links:
        raise SemanticError(f"{owner} has the links {', '.join(links)}{nearest(chosen, links)}", place or expr.span)
    return LINKS[chosen]
