"""The left of `~`: what is modelled, and what is known about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from tildemc.arrays import Label
from tildemc.errors import SemanticError, UnsupportedError, Unvarying, nearest
from tildemc.resolve.categories import sorted_into
from tildemc.resolve.expanded import Expanded
from tildemc.resolve.frame import Frame, as_float
from tildemc.resolve.hazards import FUNCTION, timed
from tildemc.resolve.lessons import values
from tildemc.resolve.meaning import arithmetic, meaning
from tildemc.resolve.several import several
from tildemc.resolve.values import NO_CODES, Category, Columns, no_number
from tildemc.spec.companions import COMPANIONS, Companion, columns_of
from tildemc.spec.expr import Apply, Const, Expr, Op, Var, walk
from tildemc.spec.families import FAMILIES, Family
from tildemc.spec.families.limits import UNKNOWN
from tildemc.spec.links import Link
from tildemc.spec.model import Response
from tildemc.spec.terms.product import Column, Levels
from tildemc.syntax import tree
from tildemc.syntax.statement import Statement
from tildemc.syntax.tree import deparse

__all__ = ["read_response", "unsaid_success"]


def read_response(
    formula: Expanded, family: Family, link: Link, columns: Columns, notes: list[str]
) -> tuple[Response, Family]:
    """The response, and the family: a binomial of single trials is a bernoulli, categories are those of the data.

    Raises
    ------
    SemanticError, UnsupportedError
        If the response cannot be one of this family.
    """
    known = _modifiers(formula, family, columns)
    expr = formula.response
    match expr:
        case tree.Call("cbind" | "bind" | "c", [_, _, *_]) if family.several is not None:
            _check_modifiers(known, family, formula)
            return several(expr, family, link, columns, known, notes)
        case _ if family.several is not None:
            message = f"{family} response is several columns, `cbind(a, b, c)`, and `{deparse(expr)}` is one"
            raise SemanticError(message, expr.span)
        case tree.Call("cbind", (tree.Argument(successes, None), tree.Argument(failures, None))):
            _check_modifiers(known, family, formula)
            return _counts(expr, successes, failures, family, columns, known), family
        case tree.Call("cbind" | "mvbind"):
            message = "`cbind(successes, failures)` is a response of trials; several responses are `mvbind(y1, y2) ~ x`"
            raise UnsupportedError(message, expr.span)
        case _:
            pass
    if family.values.successes and "trials" not in known.companions:
        if not family.single:
            raise SemanticError(
                f"{family} response needs its trials: `{deparse(expr)} | trials(n)`",
                formula.response.span,
            )
        notes.append(f"{family} response without `trials()` is read as one trial a row: a {family.single}")
        family = FAMILIES[family.single]
    _check_modifiers(known, family, formula)
    if family.values.categories:
        value, levels, family = sorted_into(expr, formula.modifiers, family, link, columns, notes)
        return Response(deparse(expr), value, None, known.companions, span=expr.span, levels=levels), family
    if family.values.binary:
        value, success = _binary(expr, columns)
        levels = _levels(expr, columns)
        return Response(deparse(expr), value, success, known.companions, span=expr.span, levels=levels), family
    value = _number(expr, family, columns)
    if ("cens", "open") in known.options:
        value, known = _with_open_ends(value, known)
    label = deparse(expr)
    if family.timed is not None:
        family = timed(family, expr, value, formula.modifiers, columns)
    return Response(label, value, None, known.companions, known.options, expr.span), family


def _with_open_ends(value: Expr, known: Response) -> tuple[Expr, Response]:
    """Intervals without one of their ends as what they are: responses that are more than the one, or at most the other.

    An end that is infinite, or has no value, is none.
    """
    code, end = known.companions["cens"], known.companions["y2"]
    begins, ends = (Apply("isfinite", (side,)) for side in (value, end.value))
    one_sided = as_float(Op("&", begins, Apply("not", (ends,)))) - as_float(Op("&", Apply("not", (begins,)), ends))
    known_ends = {
        "cens": replace(code, value=as_float(Op("&", begins, ends)) * code.value + one_sided),
        "y2": replace(end, value=Apply("where", (ends, end.value, value + 1))),
    }
    return Apply("where", (begins, value, end.value)), replace(known, companions={**known.companions, **known_ends})


def _number(expr: tree.Expr, family: Family, columns: Columns) -> Expr:
    value = meaning(expr, columns)
    if isinstance(value, Category) and value.truth is None and columns.coded:
        raise no_number(expr, columns)
    if isinstance(value, Category) and value.truth is None:
        hint = "; two levels are modelled by family `bernoulli`" if len(value.levels) == 2 else ""
        raise SemanticError(f"the response `{deparse(expr)}` is a factor, {family.name} needs numbers{hint}", expr.span)
    return arithmetic(expr, columns)


def _binary(expr: tree.Expr, columns: Columns) -> tuple[Expr, str]:
    """Where the response is its last level, or in Stata not zero; and what that is called."""
    value = meaning(expr, columns)
    if not isinstance(value, Category):
        number = arithmetic(expr, columns)
        if columns.coded and columns.learned(f"{deparse(expr)} != 0", number, values(_has_others)):
            return as_float(Op("!=", number, Const(0.0))), "any value but 0"
        return number, "1"
    if len(value.levels) == 1:
        only = value.levels[0].label
        raise Unvarying(f"a bernoulli response has two levels, `{deparse(expr)}` has one, {only!r}", expr.span)
    if len(value.levels) != 2:
        labels = ", ".join(level.label for level in value.levels[:6])
        raise SemanticError(
            f"a bernoulli response has two levels, `{deparse(expr)}` has {len(value.levels)}: {labels}"
            + (f"; {NO_CODES}" if columns.coded else ""),
            expr.span,
        )
    success = value.levels[-1]
    return as_float(success.indicator), success.label


def _levels(expr: tree.Expr, columns: Columns) -> Levels | None:
    value = meaning(expr, columns)
    return next(iter(value.known(deparse(expr))), None) if isinstance(value, Category) else None


def unsaid_success(statement: Statement, frame: Frame) -> tuple[str, ...]:
    """What other languages do not say of a binary response of Stata's: that every value but 0 is a success."""
    response = statement.formula.response
    if statement.syntax != "stata" or not (statement.family or "").startswith("bernoulli"):
        return ()
    named = isinstance(response, tree.Name) and response.text in frame.names
    if not named or not _has_others(frame.as_codes().distinct(deparse(response))):
        return ()
    return (f"a success is any value of `{deparse(response)}` but 0: make a column of it first",)


def _has_others(found: tuple[Label, ...]) -> bool:
    """Whether there are values beside 0 and 1."""
    return not set(found) <= {0, 1}


def _counts(
    expr: tree.Expr, successes: tree.Expr, failures: tree.Expr, family: Family, columns: Columns, known: Response
) -> Response:
    if not family.values.successes:
        message = "`cbind(successes, failures)` is a response of family `binomial`; several are `mvbind(a, b)`"
        raise SemanticError(message, expr.span)
    if "trials" in known.companions:
        raise SemanticError("`cbind()` gives the trials already; leave `trials()` out", expr.span)
    hit, miss = arithmetic(successes, columns), arithmetic(failures, columns)
    # As `cbind(k, n - k)` most people have n itself.
    total = miss.left if isinstance(miss, Op) and (miss.operator, miss.right) == ("-", hit) else hit + miss
    trials = Column(f"{deparse(successes)} + {deparse(failures)}", total, expr.span)
    return Response(deparse(expr), hit, None, {"trials": trials, **known.companions}, span=expr.span)


_ELSEWHERE = {
    "thres": "is not built yet; {} are",
    "cat": "is not built yet; {} are",
    "index": "is not built yet; {} are",
    **dict.fromkeys(
        ("vint", "vreal"),
        "gives numbers of each row to a family of one's own in Stan's code, which is not read: a `tildemc.Family` has "
        "parameters, and numbers of each row reach them by formulas, as in `bf(y ~ x, size ~ 0 + offset(log(n)))`",
    ),
}
"""Companions of brms's that are not read, and what is said of them."""


def _functions() -> tuple[str, ...]:
    """What formulas call companions."""
    return tuple(dict.fromkeys(companion.function for companion in COMPANIONS.values()))


def _modifiers(formula: Expanded, family: Family, columns: Columns) -> Response:
    """A Response that holds nothing but the modifiers."""
    found: dict[str, Column] = {}
    options: set[tuple[str, str]] = set()
    seen: set[str] = set()
    for modifier in formula.modifiers:
        name = modifier.function
        if (name == "thres" and family.values.categories) or (name == FUNCTION and family.timed is not None):
            continue
        if name == FUNCTION:
            takers = ", ".join(f.name for f in FAMILIES.values() if f.timed is not None)
            raise SemanticError(f"`{name}()` goes with the family {takers}, not with {family.name}", modifier.span)
        if name in _ELSEWHERE:
            raise UnsupportedError(f"`{name}()` {_ELSEWHERE[name].format(_listed())}", modifier.span)
        if name not in _functions():
            raise SemanticError(f"a response takes {_listed()}{nearest(name, _functions())}", modifier.span)
        if name in seen:
            raise SemanticError(f"`{name}()` stands twice", modifier.span)
        seen.add(name)
        found |= _arguments(modifier, formula, columns)
        options |= set(_options(modifier))
    return Response("", Const(0.0), None, found, frozenset(options))


def _options(modifier: tree.Modifier) -> Iterator[tuple[str, str]]:
    """The options of a modifier that are TRUE."""
    for argument in modifier.arguments:
        if argument.name and argument.name in COMPANIONS[columns_of(modifier.function)[0]].options:
            if not isinstance(argument.value, tree.Constant) or not isinstance(argument.value.value, bool):
                raise SemanticError(f"`{argument.name}` is TRUE or FALSE", argument.value.span)
            if argument.value.value:
                yield modifier.function, argument.name


def _arguments(modifier: tree.Modifier, formula: Expanded, columns: Columns) -> dict[str, Column]:
    """The columns that a modifier is told, by the names of their companions."""
    name = modifier.function
    names = columns_of(name)
    first = COMPANIONS[names[0]]
    given = [argument for argument in modifier.arguments if argument.name not in first.options]
    limits = {a.name: a.value for a in given if a.name in first.limits and a.name is not None}
    if limits and len(limits) == len(given):
        value = _limited(limits, first, formula.response, columns)
        return {names[0]: Column(deparse(tree.Call(name, modifier.arguments)), value, modifier.span)}
    places = iter(names)
    chosen: dict[str, tree.Expr] = {}
    for argument in given:
        own = next(places, None) if argument.name is None else argument.name
        if own not in names or own in chosen:
            shown = "one column or expression" if len(names) == 1 else " and ".join(f"`{name}`" for name in names)
            raise SemanticError(f"`{name}()` takes {shown}", modifier.span)
        chosen[own] = argument.value
    if not chosen or (not first.within and names[0] not in chosen):
        raise SemanticError(f"`{name}()` takes one column or expression", modifier.span)
    if (name, "open") in _options(modifier) and "y2" not in chosen:
        raise SemanticError("ends that are `open` are those of intervals, `cens(c, y2, open = TRUE)`", modifier.span)
    return {own: _companion(own, value, modifier, columns) for own, value in chosen.items()}


def _companion(name: str, value: tree.Expr, modifier: tree.Modifier, columns: Columns) -> Column:
    """A column beside the response; what it says in words as numbers."""
    words = COMPANIONS[name].words
    if words and isinstance(value, tree.Text):
        return Column(deparse(value), Const(_number_of(value.value, words, value)), modifier.span)
    found = meaning(value, columns) if words else None
    if isinstance(found, Category) and found.truth is None:
        numbers = tuple(_number_of(level.label, words, value) for level in found.levels)
        return Column(deparse(value), found.code(numbers), modifier.span)
    return Column(deparse(value), arithmetic(value, columns), modifier.span)


def _number_of(word: str, words: Mapping[str, float], place: tree.Expr) -> float:
    if word.lower() in words:
        return words[word.lower()]
    try:
        return float(word)
    except ValueError:
        listed = ", ".join(words)
        raise SemanticError(f"`{deparse(place)}` says {listed}, but here it is {word!r}", place.span) from None


def _limited(limits: Mapping[str, tree.Expr], record: Companion, response: tree.Expr, columns: Columns) -> Expr:
    """The numbers of rows whose response is at, or beyond, a limit."""
    y, total = arithmetic(response, columns), list[Expr]()
    for side, value in limits.items():
        number = record.limits[side]
        beyond = Op("<=" if number < 0 else ">=", y, arithmetic(value, columns))
        total.append(number * as_float(beyond))
    return total[0] if len(total) == 1 else total[0] + total[1]


def _listed() -> str:
    return ", ".join(f"`{name}()`" for name in _functions())


def _check_modifiers(known: Response, family: Family, formula: Expanded) -> None:
    read = {part.name for part in walk(family.log_density) if isinstance(part, Var)}
    missing = next((name for name in COMPANIONS if name in read - {"trials"} and name not in known.companions), None)
    if missing is not None:
        response = formula.response
        raise SemanticError(
            f"{family} response needs `{missing}()`: `{deparse(response)} | {missing}(c)`", response.span
        )
    for name in known.companions:
        if COMPANIONS[name].families and name not in family.modifiers:
            takers = ", ".join(f.name for f in FAMILIES.values() if name in f.modifiers)
            span = next(m.span for m in formula.modifiers if m.function == COMPANIONS[name].function)
            raise SemanticError(f"`{name}()` goes with the families {takers}, not with {family.name}", span)
        if COMPANIONS[name].ends and family.cdf is UNKNOWN:
            function = COMPANIONS[name].function
            span = next(m.span for m in formula.modifiers if m.function == function)
            raise SemanticError(
                f"`{function}()` needs the distribution function of {family}, `cdf=` of `tildemc.Family`", span
            )
        if not COMPANIONS[name].goes_with(family):
            function = COMPANIONS[name].function
            span = next(m.span for m in formula.modifiers if m.function == function)
            kind = "a response in categories" if family.values.categories else f"{family} response"
            raise UnsupportedError(f"`{function}()` of {kind} is not built", span)
