"""Formula functions of text, as `substr(s, 1, 2)` and `tolower(s)`: of each different text, which are the levels."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from tildemc.errors import SemanticError
from tildemc.resolve.arguments import Arguments, Transform
from tildemc.resolve.levelled import as_text, category_of, number_by_level
from tildemc.resolve.values import Category, Quantity, Value, logical
from tildemc.spec.expr import Const, Op
from tildemc.syntax import tree

__all__ = ["TEXTS"]

Says = Callable[[str], str]


def _says(says: Callable[[Arguments], Says]) -> Callable[[Arguments], Value]:
    """A function from text to text: levels that become alike are one, in the order of their names."""

    def value(a: Arguments) -> Value:
        category = category_of(a, "x")
        function = says(a)
        return as_text(category, [function(level.label) for level in category.levels])

    return value


def _plain(function: Says) -> Transform:
    return Transform(("x",), 1, _says(lambda a: function))


def _part(first: str, last: str) -> Transform:
    """`substr(s, 1, 2)`: its letters from the first to the last, counted from 1."""

    def says(a: Arguments) -> Says:
        start, stop = _place(a, first, 1), _place(a, last, 1_000_000)
        return lambda text: text[max(0, start - 1) : max(0, stop)]

    return Transform(("x", first, last), 2, _says(says))


def _place(a: Arguments, name: str, default: int) -> int:
    match a.numbers(name):
        case ():
            return default
        case (number,) if number == int(number):
            return int(number)
        case _:
            raise SemanticError(f"`{name}` is one whole number", a.given[name].span)


def _length(a: Arguments) -> Value:
    category = category_of(a, "x")
    return Quantity((number_by_level(category, [float(len(level.label)) for level in category.levels]),))


def _pattern(a: Arguments) -> re.Pattern[str]:
    """A pattern of plain text, perhaps at an end: what else R's patterns may hold is not read as Python's."""
    match a.given["pattern"]:
        case tree.Text(text):
            pass
        case other:
            raise SemanticError('`pattern` is a text, as in `grepl("a", s)`', other.span)
    if a.flag("fixed", False):
        return re.compile(re.escape(text))
    start, end = text.startswith("^"), text.endswith("$")
    inside = text[start : len(text) - end]
    if re.search(r"[\\^$.|?*+()\[\]{}]", inside):
        raise SemanticError(
            "patterns are plain text here, with `^` before it or `$` behind it, or `fixed = TRUE`: make the column in "
            "the data, as by pandas's `str.contains` and `str.replace`",
            a.given["pattern"].span,
        )
    flags = re.IGNORECASE if a.flag("ignore.case", False) else re.NOFLAG
    return re.compile(f"{'^' * start}{re.escape(inside)}{'$' * end}", flags)


def _found(a: Arguments) -> Value:
    pattern = _pattern(a)
    return _where(a, lambda text: pattern.search(text) is not None)


def _ends(test: Callable[[str, str], bool], name: str) -> Transform:
    def value(a: Arguments) -> Value:
        match a.given[name]:
            case tree.Text(end):
                return _where(a, lambda text: test(text, end))
            case other:
                raise SemanticError(f"`{name}` is a text", other.span)

    return Transform(("x", name), 2, value)


def _where(a: Arguments, test: Callable[[str], bool]) -> Category:
    category = category_of(a, "x")
    code = category.code(tuple(float(test(level.label)) for level in category.levels))
    return logical(Op("==", code, Const(1.0)))


def _replaced(count: int) -> Callable[[Arguments], Says]:
    def says(a: Arguments) -> Says:
        pattern = _pattern(a)
        match a.given["replacement"]:
            case tree.Text(text) if "\\" not in text:
                return lambda found: pattern.sub(lambda _: text, found, count=count)
            case other:
                raise SemanticError("`replacement` is a plain text", other.span)

    return says


_SUBSTITUTES = ("pattern", "replacement", "x", "ignore.case", "perl", "fixed")


TEXTS: Mapping[str, Transform] = {
    "substr": _part("start", "stop"),
    "substring": _part("first", "last"),
    "str_sub": _part("start", "end"),
    "nchar": Transform(("x",), 1, _length),
    "str_length": Transform(("x",), 1, _length),
    "tolower": _plain(str.lower),
    "str_to_lower": _plain(str.lower),
    "toupper": _plain(str.upper),
    "str_to_upper": _plain(str.upper),
    "trimws": _plain(str.strip),
    "str_trim": _plain(str.strip),
    "grepl": Transform(("pattern", "x", "ignore.case", "perl", "fixed"), 2, _found),
    "str_detect": Transform(("x", "pattern"), 2, _found),
    "startsWith": _ends(str.startswith, "prefix"),
    "endsWith": _ends(str.endswith, "suffix"),
    "sub": Transform(_SUBSTITUTES, 3, _says(_replaced(1))),
    "gsub": Transform(_SUBSTITUTES, 3, _says(_replaced(0))),
}
"""By R's names."""
