"""A list of factors after a model in, `f r.g a#b`, what is crossed out, and how the levels of some are compared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.stata.varlist import Categorical, products
from tildemc.syntax.stata.written import Part, Term

__all__ = ["Crossed", "Operator", "crossed_factors"]

_OPERATOR = re.compile(r"(ar|a|r)(?:b(?:\(?#?(\d+)\)?))?\.")
_OTHERS = {
    **dict.fromkeys(("g", "gw"), "differences from the mean of all levels"),
    **dict.fromkeys(("h", "hw", "j", "jw"), "Helmert contrasts"),
    **dict.fromkeys(("p", "pw", "q", "qw"), "polynomial contrasts"),
}
_KNOWN = "`r.` compares with the base, `ar.` with the level before, `a.` with the next"


@dataclass(frozen=True, slots=True)
class Operator:
    """`r.`, `ar.` or `a.`: how levels are compared, and with which base."""

    kind: str
    base: int | None = None


@dataclass(frozen=True, slots=True)
class Crossed:
    """`r.f#h`: factors whose levels are crossed, each with how its levels are compared, if they are."""

    factors: tuple[tuple[str, Operator | None], ...]
    span: Span

    @property
    def names(self) -> tuple[str, ...]:
        """The factors."""
        return tuple(name for name, _ in self.factors)


def crossed_factors(terms: Sequence[Term], columns: Sequence[str] | None) -> list[Crossed]:
    """The terms of such a list with `##` worked out.

    Raises
    ------
    FormulaSyntaxError, SemanticError, UnsupportedError
        With the place in the text.
    """
    found: list[Crossed] = []
    for term in terms:
        operators = dict(_operators(term))
        for product in products([_plain(term)], columns):
            # Alone it is a factor without being told so.
            if len(product) > 1 and not all(isinstance(variable, Categorical) for variable in product):
                raise FormulaSyntaxError("levels are those of factors; a number has `at()`", product[0].span)
            names = dict.fromkeys(variable.name for variable in product)
            found.append(Crossed(tuple((name, operators.get(name)) for name in names), term.span))
    return found


def _operators(term: Term) -> Iterator[tuple[str, Operator]]:
    """The operators of comparison, by the name that they stand before."""
    for part in term.parts:
        for word in part.operators:
            known = _OPERATOR.fullmatch(word.text)
            other = _OTHERS.get(word.text.rstrip("."))
            if other is not None:
                raise UnsupportedError(f"`{word.text}`, {other}, is not built; {_KNOWN}", word.span)
            if known is not None and part.name is not None:
                yield part.name.text, Operator(known[1], int(known[2]) if known[2] else None)
        for inner in part.inner:
            yield from _operators(inner)


def _plain(term: Term) -> Term:
    """The term without these operators."""
    return replace(term, parts=tuple(_plain_part(part) for part in term.parts))


def _plain_part(part: Part) -> Part:
    kept = tuple(word for word in part.operators if not _OPERATOR.fullmatch(word.text))
    return replace(part, operators=kept, inner=tuple(map(_plain, part.inner)))
