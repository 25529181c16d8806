"""`stset t, failure(d == 1)` in, the columns `_t` and `_d` that survival commands take out."""

from __future__ import annotations

import re
from functools import reduce

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.rewrite import called
from tildemc.syntax.stata.clauses import Clauses
from tildemc.syntax.stata.expressions import number, truth
from tildemc.syntax.stata.functions import choice
from tildemc.syntax.stata.loops import numbers_of
from tildemc.syntax.stata.scene import Scene
from tildemc.syntax.stata.traced import Traced
from tildemc.syntax.steps import Keep, Make, Step
from tildemc.syntax.tree import Binary, Expr, Name, Number, Parens, Unary

__all__ = ["stset"]

_READ = ("failure", "scale", "origin", "noshow")
_REFUSED = {
    "id": "leave it out if each has one record; several records of one, each from where the one before ends, are not "
    "built",
    "enter": "late entry is a truncation of times, which is not built",
    "exit": "make the times and failures as they are by then: `generate` them before",
    "time0": "late entry is a truncation of times, which is not built",
}
_VALUES = re.compile(r"(\w+)\s*==\s*([-\d.\s/()]+)$")


def stset(written: Clauses, scene: Scene) -> tuple[Step, ...]:
    """The times and failures, of the rows that are asked for.

    Raises
    ------
    UnsupportedError
        If an option is not read.
    """
    span = written.line.span()
    for name in written.options:
        if not any(known.startswith(name) for known in _READ):
            why = next((said for full, said in _REFUSED.items() if full.startswith(name)), "make `_t` and `_d` first")
            raise UnsupportedError(f"`{name}()` of `stset` is not read: {why}", span)
    if "[" in written.main.text:
        message = "weights of `stset` are not read: write them in the command, as in `stcox x [pw=w]`"
        raise UnsupportedError(message, written.main.span(written.main.text.index("[")))
    time: Expr = scene.value(written.main)
    origin, scale = written.option("origin", "o"), written.option("scale", "s")
    if origin is not None:
        time = Binary("-", _bound(time), _bound(_origin(origin, scene)), span)
    if scale is not None:
        time = Binary("/", _bound(time), _bound(number(scene.value(scale))), span)
    asked = None if written.condition is None else truth(scene.value(written.condition))
    rows = () if asked is None else (Keep(asked, span),)
    died = Make("_d", _failed(written.option("failure", "f"), scene, written), (), span)
    return (*rows, Make("_t", time, (), span), died)


def _bound(value: Expr) -> Expr:
    return value if isinstance(value, Name | Number) else Parens(value, value.span)


def _origin(given: Traced, scene: Scene) -> Expr:
    """`origin(time entry)`, `origin(entry)`."""
    found = re.match(r"time\s+(?=\S)", given.text)
    if "==" in given.text:
        message = "`origin()` at an event of several records is not read: make the times first"
        raise UnsupportedError(message, given.span())
    return number(scene.value(given if found is None else given.part(found.end(), len(given.text))))


def _failed(given: Traced | None, scene: Scene, written: Clauses) -> Expr:
    """1 where the event is: of a column without values what is neither 0 nor missing, else what is listed."""
    span = written.line.span()
    if given is None:
        return Number(1.0, span)
    listed = _VALUES.match(given.text)
    if listed is not None:
        column = Name(listed[1], given.span(*listed.span(1)))
        values = [float(value) for value in numbers_of(given.part(*listed.span(2)))]
        tests: list[Expr] = [Binary("==", column, Number(value), span) for value in values]
        same = reduce(lambda one, two: Binary("|", one, two, span), tests)
        there = Unary("!", called("is.na", column, span=span), span)
        return choice(
            Binary("&", there, same if len(tests) == 1 else Parens(same), span), Number(1.0), Number(0.0), span
        )
    test = unparenthesised(scene.value(given))
    if not isinstance(test, Name):
        raise FormulaSyntaxError("`failure()` is as in `failure(died)` or `failure(status == 1 2)`", given.span())
    there = Unary("!", called("is.na", test, span=span), span)
    return choice(there, number(Binary("!=", test, Number(0.0, span), span)), Number(0.0, span), span)
