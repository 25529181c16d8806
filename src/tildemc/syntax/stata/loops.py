"""The head of a loop in, its macro and the values that it goes through out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.syntax.stata.macros import Macros
from tildemc.syntax.stata.traced import Traced
from tildemc.syntax.stata.varlist import columns_named
from tildemc.syntax.stata.word import Word

__all__ = ["LOOPS", "Loop", "loop_of", "numbers_of"]

LOOPS = ("foreach", "forvalues")

_MOST = 1_000
"""Turns that are written out."""
_FOREACH = re.compile(r"foreach\s+(\w+)\s+(?:in\s+(?P<list>.*)|of\s+(?P<kind>\w+)\s+(?P<of>.*))$", re.DOTALL)
_FORVALUES = re.compile(r"forv\w*\s+(\w+)\s*=\s*(.*)$", re.DOTALL)
_NUMBER = r"-?\d+(?:\.\d+)?"
_STEPS = re.compile(rf"({_NUMBER})\s*(?:/\s*({_NUMBER})|[(\[]({_NUMBER})[)\]]\s*({_NUMBER}))?")
_TO = re.compile(rf"({_NUMBER})\s+({_NUMBER})\s+(?:to|:)\s*({_NUMBER})")


@dataclass(frozen=True, slots=True)
class Loop:
    """The macro of a loop, and the values that it has in turn."""

    macro: str
    values: tuple[str, ...]


def loop_of(head: Traced, macros: Macros, columns: Sequence[str] | None) -> Loop | None:
    """The loop that a block is; None if it is none.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError, SemanticError
        If the text does not say what it goes through.
    """
    each, count = _FOREACH.match(head.text), _FORVALUES.match(head.text)
    if each is not None:
        place = "list" if each["list"] is not None else "of"
        listed = _listed(head.part(each.start(place), each.end(place)), each["kind"] or "in", macros, columns)
        return Loop(each[1], _few(listed, head))
    if count is not None:
        over = macros.expanded(head.part(count.start(2), count.end(2)))
        return Loop(count[1], _few(numbers_of(over), head))
    if head.text.split()[0] in LOOPS or head.text.startswith("forv"):
        raise FormulaSyntaxError("a loop is `foreach v in a b {` or `forvalues i = 1/3 {`", head.span())
    return None


def _listed(words: Traced, kind: str, macros: Macros, columns: Sequence[str] | None) -> list[str]:
    if kind in ("local", "global"):
        mark = ("`", "'") if kind == "local" else ("${", "}")
        words = words.with_part(0, len(words.text), words.text.strip().join(mark)) if words.text.strip() else words
        return macros.expanded(words).text.split()
    words = macros.expanded(words)
    if kind in ("numlist", "num"):
        return numbers_of(words)
    if kind.startswith("var"):
        found: list[str] = []
        for word in re.finditer(r"\S+", words.text):
            place = words.span(*word.span())
            found += columns_named(Word(word.group(), place), columns)
        return found
    if kind not in ("in", "newlist", "new"):
        raise UnsupportedError(f"`foreach … of {kind}` is not read", words.span())
    return [quoted or word for quoted, word in re.findall(r'"([^"]*)"|(\S+)', words.text)]


def numbers_of(words: Traced) -> list[str]:
    """The numbers of `1/3`, `0(5)20`, `1 2 to 9` and `1 4 9`."""
    found: list[float] = []
    at = 0
    text = words.text.rstrip()
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        to, steps = _TO.match(text, at), _STEPS.match(text, at)
        if to is not None:
            first, second, last = map(float, to.groups())
            found += _from(first, second - first, last, words)
        elif steps is not None:
            low, high, step, end = steps.groups()
            found += _from(float(low), float(step or 1), float(high or end or low), words)
        else:
            raise FormulaSyntaxError("numbers are listed as in `1/3`, `0(5)20` or `1 4 9`", words.span(at))
        at = (to or steps).end()  # type: ignore[union-attr]
    return [f"{number:.12g}" for number in found]


def _from(first: float, step: float, last: float, words: Traced) -> list[float]:
    if step == 0:
        raise FormulaSyntaxError("a step of 0 leads nowhere", words.span())
    count = int((last - first) / step + 1e-9) + 1
    if count > _MOST:
        raise UnsupportedError(f"a loop of {count:,} turns is not written out; {_MOST:,} are the most", words.span())
    return [first + k * step for k in range(max(0, count))]


def _few(values: list[str], head: Traced) -> tuple[str, ...]:
    if len(values) > _MOST:
        message = f"a loop of {len(values):,} turns is not written out; {_MOST:,} are the most"
        raise UnsupportedError(message, head.span())
    return tuple(values)
