"""A family as text, `bernoulli(probit)` or `beta(logit, link_phi = log)`: its name and its links, and back to text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tildemc.errors import SemanticError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.expression import parse_expression
from tildemc.syntax.tree import Argument, Call, Constant, Expr, Name, Number, Text, deparse

__all__ = [
    "BAMBI", "MIXTURE", "OPTIONS", "FamilyName", "family_in", "family_name", "link_argument", "mixture_of",
    "option_argument", "reference_argument",
]  # fmt: skip

MIXTURE = "mixture"
"""What makes one family of several."""

REFERENCE = "refcat"
"""What brms calls the category that others are compared with."""
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
    components : tuple of FamilyName
        Of a mixture.
    order : bool or None
        Whether the intercepts of a mixture's components increase; None where nothing is said of it.
    reference : str or None
        The category that others are compared with; None for the first.
    """

    name: str
    link: str | None = None
    links: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    components: tuple[FamilyName, ...] = ()
    order: bool | None = None
    reference: str | None = None

    def __str__(self) -> str:
        if self.components:
            order = {None: (), True: ('order = "mu"',), False: ('order = "none"',)}[self.order]
            return f"{self.name}({', '.join((*map(str, self.components), *order))})"
        given = [_said(self.link)] if self.link else []
        given += [f"{_OWN}{parameter} = {_said(link)}" for parameter, link in self.links.items()]
        given += [f"{option} = {value}" for option, value in self.options.items()]
        given += [] if self.reference is None else [f"{REFERENCE} = {deparse(Text(self.reference))}"]
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
    return family_in(parse_expression(text), place)


def family_in(expr: Expr, place: Span | None = None) -> FamilyName:
    """Read a family where it stands in a text; see `family_name`."""
    match expr:
        case Name(name):
            return FamilyName(BAMBI.get(name, name))
        case Call(name) if name == MIXTURE:
            return mixture_of(expr, lambda inner: family_in(inner, place))
        case Call(name, arguments):
            reference, others = reference_argument(arguments)
            said = [link_argument(argument) or option_argument(argument) for argument in others]
            found = dict(each for each in said if each is not None)
            if len(found) == len(others):
                options = {option: found.pop(option) for option in OPTIONS if option in found}
                return FamilyName(BAMBI.get(name, name), found.pop("mu", None), found, options, reference=reference)
        case _:
            pass
    message = "a family is a name, as in `poisson`, or a name and a link, `bernoulli(probit)`"
    raise SemanticError(message, place or expr.span)


def mixture_of(call: Call, read: Callable[[Expr], FamilyName]) -> FamilyName:
    """`mixture(gaussian, student, nmix = c(2, 1), order = "mu")`, as brms has it.

    Parameters
    ----------
    call : Call
    read : callable
        What a component says in its language.

    Raises
    ------
    SemanticError
        If it has fewer than two components, or an argument that is none of a mixture.
    """
    said = [argument.value for argument in call.arguments if argument.name is None]
    given = {argument.name: argument for argument in call.arguments if argument.name is not None}
    flist = given.pop("flist", None)
    match None if flist is None else flist.value:
        case Call("list" | "c", listed):
            said += [argument.value for argument in listed]
        case Constant(None) | None:
            pass
        case other:
            raise SemanticError("`flist` is a list of families: `list(gaussian(), student())`", other.span)
    several, order = given.pop("nmix", None), given.pop("order", None)
    for name, argument in given.items():
        message = f"`mixture()` takes families, `nmix` and `order`, and no `{name}`"
        raise SemanticError(message, argument.span or call.span)
    counts = _counts(several, len(said))
    components = tuple(read(value) for value, count in zip(said, counts, strict=True) for _ in range(count))
    nested = next((value for value, component in zip(said, map(read, said), strict=True) if component.components), None)
    if nested is not None:
        raise SemanticError("a mixture of mixtures is one mixture: write all families in it", nested.span or call.span)
    if len(components) < 2:
        message = "a mixture has two components or more: `mixture(gaussian, student)`, `mixture(gaussian, nmix = 2)`"
        raise SemanticError(message, call.span)
    return FamilyName(MIXTURE, components=components, order=None if order is None else _order(order))


def _counts(argument: Argument | None, families: int) -> list[int]:
    """How often each family of a mixture is there."""
    match None if argument is None else argument.value:
        case None:
            return [1] * families
        case Number(value):
            counts = [value] * families
        case Call("c", listed) if len(listed) == families and all(isinstance(a.value, Number) for a in listed):
            counts = [a.value.value for a in listed if isinstance(a.value, Number)]
        case other:
            raise SemanticError(f"`nmix` is a number, or one for each of {families} families", other.span)
    if any(count < 1 or count != int(count) for count in counts):
        assert argument is not None
        raise SemanticError("`nmix` says how many components are of a family: 1, 2 …", argument.value.span)
    return [int(count) for count in counts]


def _order(argument: Argument) -> bool | None:
    """Whether intercepts increase."""
    match argument.value:
        case Constant(None):
            return None
        case Constant(bool(value)):
            return value
        case Text("mu") | Name("mu"):
            return True
        case Text("none") | Name("none"):
            return False
        case other:
            raise SemanticError('`order` is "mu", "none", TRUE or FALSE', other.span or argument.span)


def reference_argument(arguments: Sequence[Argument]) -> tuple[str | None, list[Argument]]:
    """The category that `refcat = "b"` names, and the other arguments.

    Raises
    ------
    UnsupportedError
        If there is to be none, so that all categories have a predictor.
    SemanticError
        If it names no category.
    """
    others = [argument for argument in arguments if argument.name != REFERENCE]
    reference = None
    for argument in (argument for argument in arguments if argument.name == REFERENCE):
        match argument.value:
            case Text(label) | Name(label) if label != "NA":
                reference = label
            case Number(value):
                reference = f"{value:g}"
            case Constant(None):
                pass
            case Name() | Constant():
                message = "`refcat = NA` gives every category a predictor, of which the data tell only differences"
                raise UnsupportedError(message, argument.span)
            case other:
                raise SemanticError('`refcat` is a category\'s label, as in `refcat = "b"`', other.span)
    return reference, others


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
