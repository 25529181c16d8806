"""Commands of statistics that make columns, `xtile`, `mkspline`, `winsor2`, `center`, in; their steps out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.syntax.rewrite import called
from tildemc.syntax.stata.clauses import Clauses
from tildemc.syntax.stata.expressions import number_or_none
from tildemc.syntax.stata.functions import choice, quantile
from tildemc.syntax.stata.loops import numbers_of
from tildemc.syntax.stata.scene import Scene
from tildemc.syntax.steps import Make, Step
from tildemc.syntax.tree import Binary, Expr, Name, Number, Parens

__all__ = ["MAKING"]

_NEW = re.compile(r"(\w+)\s*=\s*(.*)$", re.DOTALL)


def _only(written: Clauses, command: str, *known: str) -> None:
    """Refuse options that are not read."""
    for name in written.options:
        if not any(option.startswith(name) for option in known):
            raise UnsupportedError(f"`{name}` of `{command}` is not read: make the column first", written.line.span())


def _says(written: Clauses, option: str) -> bool:
    return any(option.startswith(name) for name in written.options)


def _numbers(written: Clauses, option: str, shortest: str) -> list[float]:
    given = written.option(option, shortest)
    return [] if given is None else [float(number) for number in numbers_of(given)]


def _asked(value: Expr, written: Clauses, scene: Scene) -> Expr:
    """A value in the rows of `if`."""
    test = scene.condition(written)
    return value if test is None else choice(test, value, Name("NA"), written.line.span())


def _number(value: float) -> Expr:
    return Parens(Binary("-", Number(0.0), Number(-value))) if value < 0 else Number(value)


def _where(x: Expr, value: Expr) -> Expr:
    """A value in the rows where x has one."""
    return choice(called("is.na", x), Name("NA"), value)


def _xtile(written: Clauses, scene: Scene) -> tuple[Step, ...]:
    """`xtile q = x, nquantiles(4)`: the number of the interval between quantiles that a value is in."""
    found = _NEW.match(written.main.text)
    if found is None:
        raise FormulaSyntaxError("`xtile` is as in `xtile q = x, nquantiles(4)`", written.line.span())
    _only(written, "xtile", "nquantiles", "nq")
    many = int((_numbers(written, "nquantiles", "n") or [2.0])[0])
    value = _asked(number_or_none(scene.value(written.main.part(*found.span(2)))), written, scene)
    made: Expr = Number(1.0)
    for k in range(1, many):
        above = choice(Binary(">", value, quantile(value, k / many)), Number(1.0), Number(0.0))
        made = Binary("+", made, above)
    return (Make(found[1], _where(value, made), scene.by, written.line.span()),)


def _center(written: Clauses, scene: Scene) -> tuple[Step, ...]:
    """`center age bmi, prefix(c_)`: less the mean, and divided by the sd where `standardize` says so."""
    _only(written, "center", "prefix", "generate", "standardize", "replace", "double", "casewise")
    columns, named = scene.named(written.main), written.option("generate", "g")
    prefix = written.option("prefix", "p")
    if named is not None and len(named.text.split()) != len(columns):
        raise FormulaSyntaxError("`generate()` of `center` has a name for each column", written.line.span())
    before = "" if _says(written, "replace") else "c_" if prefix is None else prefix.text
    names = named.text.split() if named is not None else [f"{before}{column}" for column in columns]
    steps: list[Step] = []
    for name, column in zip(names, columns, strict=True):
        value = _asked(Name(column, written.main.span()), written, scene)
        made: Expr = Binary("-", value, called("mean", value))
        made = Binary("/", Parens(made), called("sd", value)) if _says(written, "standardize") else made
        steps.append(Make(name, made, scene.by, written.line.span()))
    return tuple(steps)


def _winsor2(written: Clauses, scene: Scene) -> tuple[Step, ...]:
    """`winsor2 x, cuts(1 99) replace`: what is beyond these percentiles is them; by `trim` it is nothing."""
    _only(written, "winsor2", "cuts", "suffix", "replace", "trim", "by")
    low, high = _numbers(written, "cuts", "c") or [1.0, 99.0]
    suffix, by = written.option("suffix", "s"), written.option("by", "by")
    after = ("_tr" if _says(written, "trim") else "_w") if suffix is None else suffix.text
    groups = scene.by if by is None else tuple(Name(word, by.span()) for word in by.text.split())
    steps: list[Step] = []
    for column in scene.named(written.main):
        value = _asked(Name(column, written.main.span()), written, scene)
        least, most = quantile(value, low / 100), quantile(value, high / 100)
        made = _where(value, called("pmin", called("pmax", value, least), most))
        if _says(written, "trim"):
            inside = Binary("&", Binary(">=", value, least), Binary("<=", value, most))
            made = choice(inside, value, Name("NA"))
        name = column if _says(written, "replace") else f"{column}{after}"
        steps.append(Make(name, made, groups, written.line.span()))
    return tuple(steps)


def _mkspline(written: Clauses, scene: Scene) -> tuple[Step, ...]:
    """`mkspline a 40 b 60 c = age`: a piece between knots each; `mkspline r = age, cubic knots(20 40 60)`."""
    before, equals, column = written.main.text.partition("=")
    words, x = before.split(), Name(column.strip(), written.main.span())
    knots, cubic = _numbers(written, "knots", "k"), _says(written, "cubic")
    message = "`mkspline` is read as in `mkspline a 40 b 60 c = age` and `mkspline r = age, cubic knots(30 50 70)`"
    if not equals or not re.fullmatch(r"\w+", x.text) or written.condition is not None:
        raise FormulaSyntaxError(message, written.line.span())
    if cubic and len(words) == 1 and len(knots) > 2:
        _only(written, "mkspline", "cubic", "knots")
        return tuple(
            Make(f"{words[0]}{k}", _where(x, value), (), x.span) for k, value in enumerate(_cubic(x, knots), 1)
        )
    edges = [float(word) for word in words[1::2] if re.fullmatch(r"-?\d+\.?\d*", word)]
    if cubic or len(words) != 2 * len(edges) + 1 or not edges:
        raise UnsupportedError(message, written.line.span())
    _only(written, "mkspline", "marginal")
    made = _beyond(x, edges) if _says(written, "marginal") else _pieces(x, edges)
    return tuple(Make(name, _where(x, value), (), x.span) for name, value in zip(words[::2], made, strict=True))


def _pieces(x: Name, edges: Sequence[float]) -> list[Expr]:
    """How far x is into each interval."""
    middle = [
        Binary("-", called("pmax", called("pmin", x, _number(high)), _number(low)), _number(low))
        for low, high in pairwise(edges)
    ]
    last = Binary("-", called("pmax", x, _number(edges[-1])), _number(edges[-1]))
    return [called("pmin", x, _number(edges[0])), *middle, last]


def _beyond(x: Name, edges: Sequence[float]) -> list[Expr]:
    """X, and how far it is beyond each knot."""
    return [x, *(called("pmax", Binary("-", x, _number(edge)), Number(0.0)) for edge in edges)]


def _cubic(x: Name, knots: Sequence[float]) -> list[Expr]:
    """Restricted cubic splines, linear beyond the last knots (Harrell 2001, Regression Modeling Strategies, 2.4.4)."""
    first, *_, before, last = knots
    wide = last - before

    def cubed(knot: float) -> Expr:
        return Binary("^", called("pmax", Binary("-", x, _number(knot)), Number(0.0)), Number(3.0))

    found: list[Expr] = [x]
    for knot in knots[:-2]:
        falls = Binary("*", _number((last - knot) / wide), cubed(before))
        rises = Binary("*", _number((before - knot) / wide), cubed(last))
        cube = Parens(Binary("+", Binary("-", cubed(knot), falls), rises))
        found.append(Binary("/", cube, Number((last - first) ** 2)))
    return found


def _tabulate(written: Clauses, scene: Scene) -> tuple[Step, ...]:
    """`tabulate g, generate(d)`: d1, d2 and so on for the levels in order, as far as the text names them."""
    given = written.option("generate", "g")
    if given is None:
        return ()
    (column,) = scene.named(written.main)
    named = re.findall(rf"\b{re.escape(given.text)}(\d{{1,3}})\b", written.line.source)
    code = called("as.integer", called("factor", Name(column, written.main.span())))
    steps: list[Step] = []
    for k in range(1, max(map(int, named), default=0) + 1):
        has = choice(Binary("==", code, Number(float(k))), Number(1.0), Number(0.0))
        steps.append(Make(f"{given.text}{k}", has, (), given.span()))
    return tuple(steps)


def _carryforward(written: Clauses, scene: Scene) -> tuple[Step, ...]:
    """`carryforward x, replace`: the last value that was there, down the rows."""
    _only(written, "carryforward", "generate", "replace")
    columns, named = scene.named(written.main), written.option("generate", "g")
    names = columns if named is None else named.text.split()
    if len(names) != len(columns) or written.condition is not None:
        raise UnsupportedError("`carryforward` is read as in `carryforward x, generate(z)`", written.line.span())
    span = written.line.span()
    return tuple(
        Make(name, called("locf", Name(column, span), span=span), scene.by, span)
        for name, column in zip(names, columns, strict=True)
    )


MAKING: Mapping[str, Callable[[Clauses, Scene], tuple[Step, ...]]] = {
    "xtile": _xtile,
    "mkspline": _mkspline,
    "winsor2": _winsor2,
    "center": _center,
    "tabulate": _tabulate,
    "carryforward": _carryforward,
}
"""By their full names."""
