"""Calls of several responses that are not brms's -> the sum of brms's `bf()` that says the same.

rstanarm's `stan_mvmer(list(y1 ~ …, y2 ~ …))` has effects of one factor that are correlated across its formulas.
MCMCglmm's `cbind(y1, y2) ~ trait - 1 + trait:x` has traits, which its terms name: Hadfield (2010), MCMC Methods for
Multi-Response Generalized Linear Mixed Models, Journal of Statistical Software 33(2).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.family import FamilyName
from tildemc.syntax.rcall.bars import split_bars
from tildemc.syntax.rcall.mcmcglmm import UNITS, trait_family
from tildemc.syntax.rewrite import summands, total
from tildemc.syntax.tree import (
    Argument,
    Binary,
    Call,
    Constant,
    Expr,
    Name,
    Number,
    Parens,
    Text,
    Tilde,
    deparse,
    spine,
)

__all__ = ["has_traits", "of_submodels", "of_traits"]


def _sum(formulas: Sequence[Expr], *, rescor: bool) -> Expr:
    """`bf(…) + bf(…) + set_rescor(…)`."""
    return total([*formulas, Call("set_rescor", (Argument(Constant(rescor)),))])


# rstanarm


def of_submodels(value: Expr) -> Expr:
    """What `stan_mvmer(list(y1 ~ …, y2 ~ …))` says.

    Raises
    ------
    FormulaSyntaxError
        If this is no list of two formulas or more.
    """
    match unparenthesised(value):
        case Call("list", arguments) if len(arguments) > 1:
            return _sum([_submodel(argument.value) for argument in arguments], rescor=False)
        case other:
            message = "`stan_mvmer()` has a list of formulas, as in `list(y1 ~ x + (1 | g), y2 ~ x + (1 | g))`"
            raise FormulaSyntaxError(message, other.span)


def _submodel(formula: Expr) -> Expr:
    match unparenthesised(formula):
        case Tilde(left, right, span) if left is not None:
            parts = [_shared(part) for part in summands(split_bars(right))]
            return Call("bf", (Argument(Tilde(left, total(parts), span)),), span)
        case other:
            raise FormulaSyntaxError("a submodel is a formula, as in `y ~ x + (1 | g)`", other.span)


def _shared(part: Expr) -> Expr:
    """A group term whose effects are correlated with those of the same factor elsewhere."""
    match part:
        case Parens(Binary("|", left, Name(factor) as group, span)):
            return Parens(Binary("|", Binary("|", left, Name(factor, span), span), group, span), span)
        case _:
            return part


# MCMCglmm


def has_traits(given: Mapping[str, Expr]) -> bool:
    """Whether a call of MCMCglmm has several responses."""
    match unparenthesised(given["fixed"]):
        case Tilde(Call("cbind", (_, _, *_)), right):
            return any(_names_trait(part) for _, part in _signed(right))
        case _:
            return False


@dataclass
class _Traits:
    """The responses, and what is said of each so far."""

    responses: tuple[Expr, ...]
    terms: list[list[Expr]] = field(init=False)

    def __post_init__(self) -> None:
        self.terms = [[] for _ in self.responses]

    def add(self, part: Expr, place: int) -> None:
        """A term of one response."""
        self.terms[place].append(part)


def of_traits(given: Mapping[str, Expr], notes: list[str]) -> Expr:
    """What a call of MCMCglmm with several responses says.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    fixed = unparenthesised(given["fixed"])
    assert isinstance(fixed, Tilde) and isinstance(fixed.left, Call)
    traits = _Traits(tuple(argument.value for argument in fixed.left.arguments))
    families = [trait_family(name) for name in _families(given.get("family"), len(traits.responses))]
    intercepts = _population(fixed.right, traits)
    for number, part in enumerate(_random(given.get("random")), start=1):
        _effects(part, traits, f"trait{number}")
    correlated = _residuals(given.get("rcov"), traits, [latent for _, latent in families])
    if given.get("prior", Constant(None)) != Constant(None):
        notes.append("`prior =` of several responses is left out: the default priors here hold, or those stated apart")
    formulas = [
        Call("bf", (
            Argument(Tilde(response, total([Number(float(own)), *terms]), fixed.span)),
            Argument(_named(family), "family"),
        ), fixed.span)
        for response, terms, (family, _), own in zip(traits.responses, traits.terms, families, intercepts, strict=True)
    ]  # fmt: skip
    return _sum(formulas, rescor=correlated)


def _named(family: FamilyName) -> Expr:
    return Call(family.name, () if family.link is None else (Argument(Text(family.link)),))


def _families(value: Expr | None, count: int) -> list[Text]:
    match None if value is None else unparenthesised(value):
        case None:
            found = [Text("gaussian")] * count
        case Text() as one:
            found = [one] * count
        case Call("c", arguments) if all(isinstance(a.value, Text) for a in arguments):
            found = [a.value for a in arguments if isinstance(a.value, Text)]
        case Call("rep", (Argument(Text() as one), Argument(Number(times)))):
            found = [one] * int(times)
        case other:
            message = '`family` has a text for each response, as in `c("gaussian", "poisson")`'
            raise FormulaSyntaxError(message, other.span)
    if len(found) != count:
        span = None if value is None else value.span
        raise FormulaSyntaxError(f"`family` has {len(found)} texts for {count} responses", span)
    return found


def _signed(right: Expr) -> Iterator[tuple[str, Expr]]:
    first, nodes = spine(right, "+-")
    yield "+", unparenthesised(first)
    yield from ((node.operator, unparenthesised(node.right)) for node in nodes)


def _names_trait(part: Expr) -> bool:
    """Whether a term has each response, or some of them."""
    first, nodes = spine(unparenthesised(part))
    return any(_is_trait(piece) for piece in (first, *(node.right for node in nodes)))


def _is_trait(piece: Expr) -> bool:
    match unparenthesised(piece):
        case Name("trait") | Call("at.level", (Argument(Name("trait")), *_)):
            return True
        case _:
            return False


def _population(right: Expr, traits: _Traits) -> list[bool]:
    """Population terms; returns which responses have an intercept."""
    intercepts = [False] * len(traits.responses)
    for sign, part in _signed(right):
        match part:
            case Number() if sign == "-" or part == Number(0.0):
                continue
            case Binary("*", left, other) if left == Name("trait") and sign == "+":
                pieces: list[Expr] = [left, Binary(":", left, other, part.span)]
            case _ if sign == "+":
                pieces = [part]
            case _:
                raise UnsupportedError(f"`- {deparse(part)}` of several responses is not built", part.span)
        for piece in pieces:
            for place, term in _of_each(piece, traits):
                if term is None:
                    intercepts[place] = True
                else:
                    traits.add(term, place)
    return intercepts


def _of_each(part: Expr, traits: _Traits) -> Iterator[tuple[int, Expr | None]]:
    """The responses that a term is of, and what is left of it; None where that is the intercept."""
    first, nodes = spine(unparenthesised(part), ":")
    pieces = [first, *(node.right for node in nodes)]
    named = [piece for piece in pieces if _is_trait(piece)]
    others = [piece for piece in pieces if not _is_trait(piece)]
    if len(named) != 1:
        shown = deparse(part)
        message = f"`{shown}` is the same for all responses, which is not built: `trait:{shown}` has one for each"
        raise UnsupportedError(message, part.span)
    left: Expr | None = None
    for other in others:
        left = other if left is None else Binary(":", left, other, part.span)
    yield from ((place, left) for place in _places(unparenthesised(named[0]), traits))


def _places(named: Expr, traits: _Traits) -> list[int]:
    """The responses that `trait`, or `at.level(trait, 1)`, is of."""
    match named:
        case Name("trait"):
            return [*range(len(traits.responses))]
        case Call(_, (_, Argument(Number(number)))) if 1 <= number <= len(traits.responses):
            return [int(number) - 1]
        case Call(_, (_, Argument(Text(name)))) if name in (texts := [deparse(r) for r in traits.responses]):
            return [texts.index(name)]
        case other:
            message = f"`at.level(trait, 1)` is of one of {len(traits.responses)} responses, by its number or name"
            raise UnsupportedError(message, other.span)


def _random(value: Expr | None) -> list[Expr]:
    match None if value is None else unparenthesised(value):
        case None | Constant(None):
            return []
        case Tilde(None, right):
            return summands(right)
        case other:
            raise FormulaSyntaxError("`random` is a formula, as in `random = ~ us(trait):g`", other.span)


_STRUCTURES = ("us", "idh")


def _function(part: Expr) -> tuple[str, Expr, Expr]:
    """`us(trait):g`: the structure, what is inside, and the factor.

    Raises
    ------
    UnsupportedError
    """
    first, nodes = spine(unparenthesised(part), ":")
    match first:
        case Call(name, (Argument(inside, None),)) if name in _STRUCTURES and nodes:
            factor = nodes[0].right
            for node in nodes[1:]:
                factor = Binary(":", factor, node.right, part.span)
            return name, inside, factor
        case _:
            message = f"`{deparse(part)}` of several responses is not built; `us(trait):g` and `idh(trait):g` are"
            raise UnsupportedError(message, part.span)


def _effects(part: Expr, traits: _Traits, identity: str) -> None:
    """A term of `random =`: effects of each response, all correlated, or none."""
    structure, inside, factor = _function(part)
    own: dict[int, list[Expr]] = {}
    for summand in summands(inside):
        for place, term in _of_each(summand, traits):
            own.setdefault(place, []).append(Number(1.0) if term is None else term)
    for place, terms in own.items():
        left = total(terms if Number(1.0) in terms else [Number(0.0), *terms])
        bar: Expr = Binary("||", left, factor, part.span)
        if structure == "us":
            bar = Binary("|", Binary("|", left, Name(identity), part.span), factor, part.span)
        traits.add(Parens(bar, part.span), place)


def _residuals(value: Expr | None, traits: _Traits, latent: Sequence[bool]) -> bool:
    """What `rcov =` says: whether residuals are correlated; responses that are not Gaussian have theirs as effects."""
    match None if value is None else unparenthesised(value):
        case Tilde(None, right):
            structure, inside, factor = _function(right)
        case _:
            message = "several responses have residuals of their own: `rcov = ~ us(trait):units`, or `idh(trait)`"
            raise UnsupportedError(message, None if value is None else value.span)
    if inside != Name("trait") or factor != Name(UNITS):
        message = f"`{deparse(right)}` is not built; `us(trait):units` and `idh(trait):units` are"
        raise UnsupportedError(message, right.span)
    if structure == "us" and any(latent) and not all(latent):
        message = "correlated residuals of a Gaussian and another response are not built: `idh(trait):units`"
        raise UnsupportedError(message, right.span)
    for place in (place for place, own in enumerate(latent) if own):
        bar: Expr = Binary("|", Number(1.0), factor, right.span)
        if structure == "us":
            bar = Binary("|", Binary("|", Number(1.0), Name(UNITS), right.span), factor, right.span)
        traits.add(Parens(bar, right.span), place)
    return structure == "us" and not any(latent)
