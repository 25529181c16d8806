"""A command that changes data in, the steps before the model that it comes to out."""

from __future__ import annotations

import re
from collections.abc import Callable

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.syntax.expression import unparenthesised, walk
from tildemc.syntax.ordered import is_ordered
from tildemc.syntax.rewrite import called
from tildemc.syntax.stata.clauses import Clauses, words_of
from tildemc.syntax.stata.egen import Values, egen
from tildemc.syntax.stata.expressions import number_or_none, truth
from tildemc.syntax.stata.functions import choice
from tildemc.syntax.stata.making import MAKING
from tildemc.syntax.stata.recode import columns_and_rules, recoded
from tildemc.syntax.stata.rows import read_range
from tildemc.syntax.stata.scene import Scene
from tildemc.syntax.stata.survival import stset
from tildemc.syntax.stata.word import Word
from tildemc.syntax.steps import Keep, Make, RowNumbers, Step
from tildemc.syntax.tree import Binary, Expr, Name, Number

__all__ = ["CHANGES", "MAKES", "changed"]

_TYPE = r"(?:(?:byte|int|long|float|double|str(?:\d+|L)?)\s+)?"
_NAME = r"([^\W\d]\w*)(?:\s*:\s*\w+)?\s*=(?!=)"
_ASSIGNED = re.compile(rf"{_TYPE}{_NAME}\s*(.*)$", re.DOTALL)
MAKES = re.compile(rf"(?:g\w*|egen|clonevar)\s+{_TYPE}{_NAME}")
"""A command that only makes a new column: data may have that already."""


def _assigned(written: Clauses, scene: Scene) -> tuple[str, Expr]:
    found = _ASSIGNED.match(written.main.text)
    if found is None:
        raise FormulaSyntaxError("a column is made as in `generate z = x^2`", written.line.span())
    return found[1], number_or_none(scene.value(written.main.part(*found.span(2))))


def _generate(written: Clauses, scene: Scene) -> tuple[Step, ...]:
    name, value = _assigned(written, scene)
    test = scene.condition(written)
    span = written.line.span()
    return (Make(name, value if test is None else choice(test, value, Name("NA", span), span), (), span),)


def _replace(written: Clauses, scene: Scene) -> tuple[Step, ...]:
    name, value = _assigned(written, scene)
    span = written.line.span()
    carried = called("lag", Name(name), Number(1.0))
    if value == carried and written.condition is not None:
        asked = unparenthesised(scene.value(written.condition))
        if asked in (called("missing", Name(name)), called("mi", Name(name)), Binary("==", Name(name), Name("."))):
            return (Make(name, called("locf", Name(name, span), span=span), (), span),)
    if is_ordered(value) and any(part == Name(name) for part in walk(value)):
        message = (
            f"`replace {name}` by rows of its own runs down the rows, one after the other: "
            f"`by id (t): replace {name} = {name}[_n-1] if missing({name})` is read, or `generate` another column"
        )
        raise UnsupportedError(message, value.span or span)
    test = scene.condition(written)
    return (Make(name, value if test is None else choice(test, value, Name(name, span), span), (), span),)


def _egen(written: Clauses, scene: Scene) -> tuple[Step, ...]:
    given = written.option("by", "by")
    by = scene.by if given is None else tuple(Name(word.text, word.span()) for word in words_of(given))
    return (egen(written, Values(scene.value, scene.named), scene.condition(written), by),)


def _recode(written: Clauses, scene: Scene) -> tuple[Step, ...]:
    listed, rules = columns_and_rules(written.main)
    columns = scene.named(listed)
    test = scene.condition(written)
    span = written.line.span()
    given, prefix = written.option("generate", "g"), written.option("prefix", "pre")
    names = columns if given is None else given.text.split()
    names = names if prefix is None else [f"{prefix.text}{column}" for column in columns]
    if len(names) != len(columns) or not columns:
        raise FormulaSyntaxError("`generate()` of `recode` has a name for each column", written.line.span())
    steps: list[Step] = []
    for name, column in zip(names, columns, strict=True):
        value = recoded(column, rules)
        kept = Name(column if given is None and prefix is None else "NA", span)
        steps.append(Make(name, value if test is None else choice(test, value, kept, span), (), span))
    return tuple(steps)


def _drop(written: Clauses, scene: Scene) -> tuple[Step, ...]:
    return _picked(written, scene, drop=True)


def _keep(written: Clauses, scene: Scene) -> tuple[Step, ...]:
    return _picked(written, scene, drop=False)


def _picked(written: Clauses, scene: Scene, *, drop: bool) -> tuple[Step, ...]:
    """Rows; a list of columns leaves those that the model needs."""
    span = written.line.span()
    if written.rows is not None:
        if written.condition is not None:
            raise UnsupportedError("rows are picked by `if` or by `in`, one after the other", span)
        numbers = read_range(Word(written.rows.text, written.rows.span()))
        return () if numbers is None else (Keep(RowNumbers(numbers.ranges, drop, numbers.span), span),)
    if written.condition is None:
        return ()
    return (Keep(truth(scene.value(written.condition), negated=drop), span),)


def _rename(written: Clauses, scene: Scene) -> tuple[Step, ...]:
    for name, change in (("lower", str.lower), ("upper", str.upper), ("proper", str.title)):
        if name in written.options and scene.columns is not None:
            named = scene.named(written.main)
            return tuple(_same(change(old), old, written) for old in named if change(old) not in scene.columns)
    lists = re.fullmatch(r"\(([^()]*)\)\s*\(([^()]*)\)|(\w+)\s+(\w+)", written.main.text)
    if lists is None:
        raise UnsupportedError("`rename` is read of names, as in `rename (a b) (x z)`", written.line.span())
    olds, news = (lists[1], lists[2]) if lists[1] is not None else (lists[3], lists[4])
    if len(olds.split()) != len(news.split()):
        raise FormulaSyntaxError("`rename` has a new name for each old one", written.line.span())
    return tuple(_same(new, old, written) for old, new in zip(olds.split(), news.split(), strict=True))


def _same(name: str, column: str, written: Clauses) -> Make:
    span = written.line.span()
    return Make(name, Name(column, span), (), span)


def _copied(written: Clauses, _scene: Scene) -> tuple[Step, ...]:
    """`encode s, gen(n)` and kin: a column has its labels and numbers here as it is."""
    given = written.option("generate", "g")
    if given is None:
        return ()
    columns, names = written.main.text.split(), given.text.split()
    if len(columns) != len(names):
        raise FormulaSyntaxError("`generate()` has a name for each column", written.line.span())
    return tuple(_same(name, column, written) for column, name in zip(columns, names, strict=True))


def _clone(written: Clauses, _scene: Scene) -> tuple[Step, ...]:
    name, _, column = (part.strip() for part in written.main.text.partition("="))
    return (_same(name, column, written),)


def _mvdecode(written: Clauses, scene: Scene) -> tuple[Step, ...]:
    given = written.option("mv", "mv")
    if given is None or not re.fullmatch(r"[-\d.\s]+", given.text):
        raise UnsupportedError("`mvdecode` is read as in `mvdecode x, mv(-9 99)`", written.line.span())
    columns = scene.named(written.main)
    rules = given.with_part(0, len(given.text), f"({given.text} = .)")
    return tuple(Make(column, recoded(column, rules), (), written.line.span()) for column in columns)


CHANGES: dict[str, Callable[[Clauses, Scene], tuple[Step, ...]]] = {
    "generate": _generate,
    "replace": _replace,
    "egen": _egen,
    "recode": _recode,
    "drop": _drop,
    "keep": _keep,
    "rename": _rename,
    "encode": _copied,
    "decode": _copied,
    "destring": _copied,
    "tostring": _copied,
    "clonevar": _clone,
    "mvdecode": _mvdecode,
    "stset": stset,
    **MAKING,
}
"""What Stata's commands do to data, by their full names."""


def changed(name: str, written: Clauses, scene: Scene) -> tuple[Step, ...]:
    """The steps that a command of that full name comes to.

    Raises
    ------
    TildeError
        If it is not read.
    """
    return tuple(settled for step in CHANGES[name](written, scene) for settled in scene.settled(step))
