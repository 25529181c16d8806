"""`"bernoulli(probit)"` -> the family and the links of its parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tildemc.errors import SemanticError, nearest
from tildemc.resolve.mixtures import mixed
from tildemc.resolve.own import OwnFamily
from tildemc.span import Span
from tildemc.spec.families import FAMILIES, Family
from tildemc.spec.families.elsewhere import ELSEWHERE
from tildemc.spec.links import LINKS, Link
from tildemc.spec.support import SPACINGS
from tildemc.syntax.family import FamilyName, family_name
from tildemc.syntax.statement import Statement

__all__ = ["Read", "is_known", "read_families", "read_family"]

_MOST = 8
"""How many families a message names."""

Read = tuple[Family, Mapping[str, Link]]
"""A family, and the link of each parameter that a formula may model."""


def read_family(
    text: str, place: Span | None = None, own: Sequence[OwnFamily] = ()
) -> tuple[Family, Mapping[str, Link]]:
    """The family that a person names, and the link of each parameter that a formula may model.

    Parameters
    ----------
    text : str
        `gaussian`, `bernoulli(probit)`, `binomial(link = "logit")`, `beta(logit, link_phi = identity)`.
    place : Span, optional
        What said so in another language, for an error to point at.
    own : sequence of OwnFamily
        Families beside those that are there.

    Raises
    ------
    SemanticError
        If there is no such family, or it has no such link.
    """
    found = family_name(text, place)
    return _read(found, place or Span(text, 0, len(text)), _known(own))


def is_known(text: str, own: Sequence[OwnFamily] = ()) -> bool:
    """Whether there is a family of the name that a text begins with, here or elsewhere.

    Raises
    ------
    SemanticError
        If the text is none of a family.
    """
    found = family_name(text)
    return bool(found.components) or _named(found.name) in _known(own) or found.name in ELSEWHERE


def _known(own: Sequence[OwnFamily]) -> Mapping[str, Family]:
    return FAMILIES | {name: record for family in own for name, record in family.records.items()}


def _named(name: str) -> str:
    """What a family is called here, by one of its names."""
    return next((family.name for family in FAMILIES.values() if name in family.aliases), name)


def read_families(statement: Statement, stated: str, own: Sequence[OwnFamily] = ()) -> tuple[Read, ...]:
    """The family of each response: what the formula says of it, or else `stated`.

    Raises
    ------
    SemanticError
        As `read_family`.
    """
    return tuple(
        read_family(formula.family or stated, None if formula.family else statement.family_span, own)
        for formula in statement.formula.each
    )


def _read(found: FamilyName, place: Span, known: Mapping[str, Family]) -> Read:
    if found.components:
        return _mixture(found, place, known)
    name = _named(found.name)
    if name not in known:
        if name in ELSEWHERE:
            raise SemanticError(f"the family `{name}` {ELSEWHERE[name]}", place)
        listed = f"; there are {', '.join([*FAMILIES][:_MOST])} …, docs/families.md has all, also how to write one"
        message = f"there is no family `{name}`{nearest(name, known) or _unbound(name, place) or listed}"
        raise SemanticError(message, place)
    family = known[name]
    if found.reference is not None:
        if family.categories is None or family.categories.ordered:
            raise SemanticError(f"`refcat` goes with categories in no order, not with {name}", place)
        family = replace(family, reference=found.reference)
    first, *others = family.parameters
    links = {first.name: _link_of(family.links or first.links, found.link, name, place)}
    chosen = dict(found.links)
    for parameter in others:
        if parameter.links:
            links[parameter.name] = _link_of(parameter.links, chosen.pop(parameter.name, None), parameter.name, place)
    if chosen:
        unknown = next(iter(chosen))
        names = [parameter.name for parameter in others]
        has = f"it has {', '.join(names)}" if names else "it has none beside the mean"
        raise SemanticError(f"family {name} has no parameter `{unknown}`; {has}{nearest(unknown, names)}", place)
    for value in found.options.values():
        family = _spaced(family, value, place)
    return family, links


def _unbound(name: str, place: Span) -> str:
    """What to say of a family that an R call names without quotes or parentheses: it may be a name in a script."""
    if str(place) != name or str(place) == place.text:
        return ""
    bound = f"if it is a name of yours, bind it in the text, as in `{name} <- binomial()`, or give `family=` beside it"
    return f"; {bound} (docs/families.md has all families)"


def _spaced(family: Family, spacing: str, place: Span) -> Family:
    """The family with its thresholds so."""
    if not any(parameter.size is not None for parameter in family.parameters):
        raise SemanticError(f"family {family.name} has no thresholds: leave `threshold` out", place)
    known = next((known for known in SPACINGS if known == spacing), None)
    if known is None:
        raise SemanticError(f"thresholds are {', '.join(SPACINGS)}, not {spacing}{nearest(spacing, SPACINGS)}", place)
    changed = (p if p.size is None else replace(p, spacing=known) for p in family.parameters)
    return replace(family, parameters=tuple(changed))


def _mixture(found: FamilyName, place: Span, known: Mapping[str, Family]) -> Read:
    """A mixture of families, with the links of each."""
    read = [_read(component, place, known) for component in found.components]
    family = mixed([component for component, _ in read], found.order, place)
    links = {f"{name}{k}": link for k, (_, own) in enumerate(read, start=1) for name, link in own.items()}
    return family, links


def _link_of(links: tuple[str, ...], chosen: str | None, owner: str, place: Span) -> Link:
    """The link of that name, if `owner` may have it; its default link for None."""
    if chosen is None:
        return LINKS[links[0]]
    if chosen not in links:
        raise SemanticError(f"{owner} has the links {', '.join(links)}{nearest(chosen, links)}", place)
    return LINKS[chosen]
