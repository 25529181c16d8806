"""A list of variables as written in, products of variables out: wildcards resolved, `##` multiplied out.

The rules are those of Stata's `fvvarlist`: a bare name alone is continuous, inside `#` it is categorical.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tildemc.errors import FormulaSyntaxError, SemanticError, UnknownColumn, UnsupportedError, nearest
from tildemc.limits import allowed, too_many
from tildemc.span import Span
from tildemc.syntax.stata.series import is_series, series_names
from tildemc.syntax.stata.word import Word
from tildemc.syntax.stata.written import Part, Term

__all__ = [
    "Base",
    "Categorical",
    "Continuous",
    "Indicator",
    "Product",
    "Variable",
    "columns_named",
    "one_column",
    "products",
]

_MOST_LEVELS = 1_000
_MOST_FACTORS = 8
"""Variables in one product, as in Stata."""


@dataclass(frozen=True, slots=True)
class Continuous:
    """`c.x`, or `x` alone."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Base:
    """Which level has no indicator: the first, the last, the one of that value or rank, or (`none`) no level."""

    kind: Literal["first", "last", "value", "rank", "none"] = "first"
    number: int = 0


@dataclass(frozen=True, slots=True)
class Categorical:
    """`i.g`: indicators of all levels but the base."""

    name: str
    base: Base
    span: Span


@dataclass(frozen=True, slots=True)
class Indicator:
    """`2.g`: the indicator of one level."""

    name: str
    level: int
    span: Span


Variable = Continuous | Categorical | Indicator
Product = tuple[Variable, ...]


def products(terms: Iterable[Term], columns: Sequence[str] | None) -> list[Product]:
    """The products that a list of variables adds up, each once, with one base for each variable.

    Raises
    ------
    FormulaSyntaxError, SemanticError, UnsupportedError
        With the place in the text.
    """
    found: list[Product] = []
    for term in terms:
        found += _term(term, (), columns, inside=False)
        _check_count(found, term.span)
    bases: dict[str, Base] = {}
    for variable in (v for product in found for v in product):
        if isinstance(variable, Categorical) and (variable.base.kind != "first" or variable.name not in bases):
            bases[variable.name] = variable.base
    named = [tuple(_with_base(variable, bases) for variable in product) for product in found]
    once: dict[frozenset[tuple[object, int]], Product] = {}
    for product in named:
        once.setdefault(_key(product), product)
    return list(once.values())


def _check_count(found: Sequence[Product], span: Span) -> None:
    if len(found) > allowed().terms:
        raise SemanticError(too_many("this list of variables", "terms"), span)


def _with_base(variable: Variable, bases: dict[str, Base]) -> Variable:
    return replace(variable, base=bases[variable.name]) if isinstance(variable, Categorical) else variable


def _key(product: Product) -> frozenset[tuple[object, int]]:
    """What tells a product from others: its variables, in any order, and how often each stands in it."""
    plain = ((v.name, v.level) if isinstance(v, Indicator) else (v.name, type(v).__name__) for v in product)
    return frozenset(Counter[object](plain).items())


def _term(term: Term, operators: tuple[Word, ...], columns: Sequence[str] | None, *, inside: bool) -> list[Product]:
    inside = inside or bool(term.joints)
    found = _part(term.parts[0], operators, columns, inside=inside)
    for joint, part in zip(term.joints, term.parts[1:], strict=True):
        right = _part(part, operators, columns, inside=inside)
        if len(found) * len(right) > allowed().terms:
            raise SemanticError(too_many("this list of variables", "terms"), term.span)
        crossed = [a + b for a in found for b in right]
        if any(len(product) > _MOST_FACTORS for product in crossed):
            raise SemanticError(f"`#` joins up to {_MOST_FACTORS} variables, as in Stata", term.span)
        found = crossed if joint == "#" else [*found, *right, *crossed]
    return found


def _part(part: Part, outer: tuple[Word, ...], columns: Sequence[str] | None, *, inside: bool) -> list[Product]:
    operators = (*outer, *part.operators)
    if part.name is None:
        return [product for term in part.inner for product in _term(term, operators, columns, inside=inside)]
    if any(operator.text in ("i.", "I.") for operator in operators) and "*" in part.name.text[:-1]:
        first, _, second = part.name.text.partition("*")
        now = f"`i.{first}##c.{second}` now, of two factors `i.{first}##i.{second}`"
        message = f"`xi` has `i.{first}*{second}` for what is {now}"
        raise UnsupportedError(message, part.span)
    found: list[Product] = []
    for column in columns_named(part.name, columns):
        kept, names = _in_time(column, operators)
        found += [(v,) for name in names for v in _variables(name, kept, part.span, inside=inside)]
    return found


def _in_time(column: str, operators: tuple[Word, ...]) -> tuple[tuple[Word, ...], list[str]]:
    """The operators that are not of other times, and the columns that those which are make of a column."""
    times = [operator for operator in operators if is_series(operator.text)]
    if not times:
        return operators, [column]
    kept = [
        operator if operator not in times else Word(f"{operator.text[0]}.", operator.span)
        for operator in operators
        if operator not in times or operator.text[0] in "icIC"
    ]
    letters = "".join(operator.text[:-1].lstrip("icIC") for operator in times)
    return tuple(kept), series_names(f"{letters}.", column, times[0].span)


def columns_named(word: Word, columns: Sequence[str] | None) -> list[str]:
    """The columns that a name, pattern or range names, in the data's order.

    Raises
    ------
    SemanticError
        If a pattern is to be resolved and no columns are known, or none fits.
    """
    text = word.text
    first, dash, last = (piece.strip() for piece in text.partition("-"))
    if not dash and not re.search(r"[*?~]", text):
        return [_unabbreviated(word, columns)]
    if columns is None:
        raise SemanticError(f"`{text}` stands for columns of the data; name the columns, or give the data", word.span)
    if dash:
        places = [list(columns).index(_known(name, word, columns)) for name in (first, last)]
        found = list(columns)[places[0] : places[1] + 1]
        if not found:
            raise SemanticError(f"in the data `{last}` stands before `{first}`", word.span)
        return found
    pattern = "".join({"*": ".*", "~": ".*", "?": "."}.get(c, re.escape(c)) for c in text)
    found = [name for name in columns if re.fullmatch(re.sub(r"(?:\.\*)+", ".*", pattern), name)]
    if not found or (len(found) > 1 and "~" in text):
        many = f"`{text}` must fit one column and fits {len(found)}" if found else f"no column fits `{text}`"
        raise SemanticError(many, word.span)
    return found


def _unabbreviated(word: Word, columns: Sequence[str] | None) -> str:
    """A column's name; Stata takes what only one name begins with for that name."""
    if columns is None or word.text in columns or word.text.startswith("_"):
        return word.text
    alike = [name for name in columns if name.startswith(word.text)]
    return alike[0] if len(alike) == 1 else word.text


def _known(name: str, word: Word, columns: Sequence[str]) -> str:
    if name not in columns:
        raise UnknownColumn(f"no column `{name}` in the data{nearest(name, columns)}", word.span)
    return name


def one_column(terms: Sequence[Term], columns: Sequence[str] | None, what: str) -> tuple[str, Span]:
    """The one plain column that must stand there."""
    if len(terms) == 1 and len(terms[0].parts) == 1:
        part = terms[0].parts[0]
        if part.name is not None and all(
            is_series(o.text) or re.fullmatch(r"c+o?", o.text[:-1]) for o in part.operators
        ):
            found = [
                name for column in columns_named(part.name, columns) for name in _in_time(column, part.operators)[1]
            ]
            if len(found) == 1:
                return found[0], part.span
    span = terms[0].span.join(terms[-1].span)
    raise FormulaSyntaxError(f"{what} is one variable's name", span)


# Operators

_BASE = re.compile(r"i?b(?:(\d+)|\(#?(\d+)\)|\((first|last|freq|none)\)|(n))(?:o\d*)?\.", re.IGNORECASE)
_RANKED = re.compile(r"i?b\(#(\d+)\)\.", re.IGNORECASE)
_LEVELS = re.compile(r"i?(\d+)(b|bn|o)?\.|i\(([\d\s/]+)\)\.", re.IGNORECASE)
_WITHOUT_ONE = re.compile(r"i?o\(?(\d+)\)?\.", re.IGNORECASE)
_OMITTED = re.compile(r"i?o(?:\d+|\([\d\s/]+\))\.", re.IGNORECASE)


def _variables(name: str, operators: tuple[Word, ...], span: Span, *, inside: bool) -> list[Variable]:
    """What the operators before a name make of it."""
    variables: list[Variable] = [Categorical(name, Base(), span) if inside else Continuous(name, span)]
    for operator in operators:
        text = operator.text
        if text in ("c.", "C.", "co."):
            variables = [Continuous(name, span)]
        elif text in ("i.", "I."):
            variables = [Categorical(name, Base(), span)]
        elif _BASE.fullmatch(text):
            variables = [Categorical(name, _base(operator), span)]
        elif found := _LEVELS.fullmatch(text):
            levels = [int(found[1])] if found[1] else _numbers(found[3], operator)
            variables = [Indicator(name, level, span) for level in levels]
            if found[2] and found[2].lower() in ("b", "o"):
                variables = []
        elif found := _WITHOUT_ONE.fullmatch(text):
            # The level that is left out is the one with no indicator, which is what a base is.
            variables = [Categorical(name, Base("value", int(found[1])), span)]
        elif _OMITTED.fullmatch(text) or text in ("o.", "io."):
            message = "several levels cannot be left out by `o.` here; name those that stay, as in `i(2 3).group`"
            raise UnsupportedError(message, operator.span)
        elif text in ("R.", "r."):
            message = "`R.` stands alone after a level and its colon, as in `|| school: R.class`"
            raise FormulaSyntaxError(message, operator.span)
        else:
            message = f"there is no operator `{text}`; there are `i.`, `c.`, `ib2.`, `ib(last).`, `ibn.` and `2.`"
            raise FormulaSyntaxError(message, operator.span)
    return variables


def _base(operator: Word) -> Base:
    found = _BASE.fullmatch(operator.text)
    assert found is not None
    value, ranked, named, none = found.groups()
    if ranked and _RANKED.fullmatch(operator.text):
        return Base("rank", int(ranked))
    if value or ranked:
        return Base("value", int(value or ranked))
    if none or named == "none":
        return Base("none")
    if named == "freq":
        message = "the most frequent level is known from the data only; name it, as in `ib2.group`"
        raise UnsupportedError(message, operator.span)
    return Base("last" if named == "last" else "first")


def _numbers(listed: str, operator: Word) -> list[int]:
    """`2 3 4` or `2/4`."""
    numbers: list[int] = []
    for piece in re.sub(r"\s*/\s*", "/", listed).split():
        ends = piece.split("/")
        if len(ends) > 2 or not all(ends) or any(len(end) > 6 for end in ends):
            raise FormulaSyntaxError(f"`{listed}` is no list of levels such as `2 3` or `2/4`", operator.span)
        levels = range(int(ends[0]), int(ends[-1]) + 1)
        if len(numbers) + len(levels) > _MOST_LEVELS:
            raise SemanticError(f"more than {_MOST_LEVELS:,} levels are not read", operator.span)
        numbers += levels
    return numbers
