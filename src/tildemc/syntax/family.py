"""A family as text, `bernoulli(probit)` or `beta(logit, link_phi = log)`: its name and its links, and back to text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tildemc.errors import SemanticError
from tildemc.span import Span
from tildemc.syntax.expression import parse_expression
from tildemc.syntax.tree import Argument, Call, Expr, Name, Text, deparse

__all__ = ["BAMBI", "OPTIONS", "FamilyName", "family_name", "link_argument", "option_argument"]

_OWN = "link_"
OPTIONS = ("threshold",)
"""What families are told beside links."""
BAMBI = {
    "negativebinomial": "negbinomial", "t": "student", "wald": "inverse_gaussian", "vonmises": "von_mises",
    "asymmetriclaplace": "asym_laplace", "zero_inflated_negativebinomial": "zero_inflated_negbinomial",
    "hurdle_negativebinomial": "hurdle_negbinomial",
}  # fmt: skip
"""What Bambi calls families by another name."""
_BAMBI_LINKS = {"inverse_squared": "1/mu^2"}


@dataclass(frozen=True, slots=True)
class FamilyName:
    """What a text says of a family.

    Attributes
    ----------
    name : str
    link : str or None
        Of its first parameter; None for the family's own.
    links : mapping of str to str
        Of its other parameters, where one is named.
    options : mapping of str to str
        What else is said of it: `threshold`.
    """

    name: str
    link: str | None = None
    links: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        given = [_said(self.link)] if self.link else []
        given += [f"{_OWN}{parameter} = {_said(link)}" for parameter, link in self.links.items()]
        given += [f"{option} = {value}" for option, value in self.options.items()]
        return f"{self.name}({', '.join(given)})" if given else self.name


def family_name(text: str, place: Span | None = None) -> FamilyName:
    """Read a family's text: a name, with links in parentheses.

    Parameters
    ----------
    text : str
    place : Span, optional
        What said so in another language, for an error to point at.

    Raises
    ------
    SemanticError
        If it is something else.
    """
    expr = parse_expression(text)
    match expr:
        case Name(name):
            return FamilyName(BAMBI.get(name, name))
        case Call(name, arguments):
            said = [link_argument(argument) or option_argument(argument) for argument in arguments]
            found = dict(each for each in said if each is not None)
            if len(found) == len(arguments):
                options = {option: found.pop(option) for option in OPTIONS if option in found}
                return FamilyName(BAMBI.get(name, name), found.pop("mu", None), found, options)
        case _:
            pass
    message = "a family is a name, as in `poisson`, or a name and a link, `bernoulli(probit)`"
    raise SemanticError(message, place or expr.span)


def link_argument(argument: Argument) -> tuple[str, str] | None:
    """`probit`, `link = "probit"`, `link_phi = log`: whose link it is, and which; None for any other argument."""
    link = _word(argument.value)
    if link is None:
        return None
    if argument.name in (None, "link"):
        return "mu", link
    return (argument.name.removeprefix(_OWN), link) if argument.name.startswith(_OWN) else None


def option_argument(argument: Argument) -> tuple[str, str] | None:
    """`threshold = "equidistant"`: the option, and its value; None for any other argument."""
    value = _word(argument.value)
    return (argument.name, value) if argument.name in OPTIONS and value is not None else None


def _word(value: Expr) -> str | None:
    match value:
        case Name(text) | Text(text):
            return _BAMBI_LINKS.get(text, text)
        case _:
            return None


def _said(link: str) -> str:
    """A link as it is written: in quotes if it is no name, as `1/mu^2` is."""
    return link if link.isidentifier() else deparse(Text(link))
