"""`recode x (1/3 = 0 "low") (4/max = 1) (. = 9)` in, arithmetic of its column out: the first rule that holds counts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce

from tildemc.errors import FormulaSyntaxError
from tildemc.syntax.rewrite import called
from tildemc.syntax.stata.functions import choice
from tildemc.syntax.stata.traced import Traced
from tildemc.syntax.tree import Binary, Expr, Name, Number, Unary

__all__ = ["columns_and_rules", "recoded"]

_RULE = re.compile(r'\(\s*([^()="]*?)\s*=\s*([^\s()"]+)\s*(?:"[^"]*"\s*)?\)|([^\s()=]+)\s*=\s*([^\s()]+)')
_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def columns_and_rules(main: Traced) -> tuple[Traced, Traced]:
    """The list of columns of a `recode`, and its rules.

    Raises
    ------
    FormulaSyntaxError
        If it has none.
    """
    first = _RULE.search(main.text)
    if first is None:
        raise FormulaSyntaxError("`recode` has rules, as in `recode x (1/3 = 0) (4/max = 1)`", main.span())
    return main.part(0, first.start()), main.part(first.start(), len(main.text))


def recoded(column: str, rules: Traced) -> Expr:
    """What a column's values become.

    Raises
    ------
    FormulaSyntaxError
        If a rule cannot be read.
    """
    name = Name(column, rules.span())
    found: list[tuple[Expr, Expr]] = []
    otherwise: Expr = name
    at = 0
    while at < len(rules.text):
        rule = _RULE.match(rules.text, at)
        if rule is None:
            raise FormulaSyntaxError("a rule is as `(1/3 = 0)` or `9 = .`", rules.span(at))
        place = 1 if rule[1] is not None else 3
        tested, value = rule[place], _value(rule[place + 1], name, rules.part(*rule.span(place + 1)))
        if tested in ("else", "*"):
            otherwise = value
        else:
            parts = [_part(part, name, rules.part(*rule.span(place))) for part in _parts(tested)]
            found.append((_any(parts), value))
        at = rule.end() + len(rules.text[rule.end() :]) - len(rules.text[rule.end() :].lstrip())
    return reduce(lambda rest, rule: choice(rule[0], rule[1], rest, rules.span()), reversed(found), otherwise)


def _parts(tested: str) -> list[str]:
    return re.sub(r"\s*/\s*", "/", tested).split()


def _value(text: str, name: Name, place: Traced) -> Expr:
    if text == "." or re.fullmatch(r"\.[a-z]", text):
        return Name("NA", place.span())
    return name if text == "*" else _number(text, place)


def _part(text: str, name: Name, place: Traced) -> Expr:
    span = place.span()
    lacks = called("is.na", name, span=span)
    there = Unary("!", lacks, span)
    if text in ("missing", "miss", "mis", ".") or re.fullmatch(r"\.[a-z]", text):
        return lacks
    if text in ("nonmissing", "nonmiss", "nonm"):
        return there
    low, ranged, high = text.partition("/")
    if not ranged:
        return Binary("&", there, Binary("==", name, _number(text, place), span), span)
    test: Expr = there
    for bound, operator, open_end in ((low, ">=", "min"), (high, "<=", "max")):
        if bound != open_end:
            test = Binary("&", test, Binary(operator, name, _number(bound, place), span), span)
    return test


def _number(text: str, place: Traced) -> Expr:
    if not _NUMBER.fullmatch(text):
        raise FormulaSyntaxError(f"`recode` is of numbers and ranges of them, not of `{text}`", place.span())
    value = float(text)
    return Unary("-", Number(-value, place.span()), place.span()) if value < 0 else Number(value, place.span())


def _any(tests: Sequence[Expr]) -> Expr:
    return reduce(lambda one, other: Binary("|", one, other, one.span), tests)
