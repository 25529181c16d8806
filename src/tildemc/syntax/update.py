"""A formula and a change of it in, as R's `update` writes them, the changed formula out: `. ~ . + z - x`.

`.` stands for what was there, on either side of `~`; a response that is left out stays.
"""

from __future__ import annotations

from dataclasses import replace

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.syntax.expression import expr_of, read, unparenthesised, walk
from tildemc.syntax.formula import parse_formula, response_of
from tildemc.syntax.rewrite import rewritten
from tildemc.syntax.tree import Binary, Expr, Formula, Name, Number, Parens, Predictor, Tilde, Unary, deparse, spine
from tildemc.syntax.unparse.parts import grouped
from tildemc.syntax.unparse.text import formula_text

__all__ = ["updated"]

Signed = tuple[str, Expr]
"""The `+` or `-` before a summand, and the summand."""

_DOT = Name(".")


def updated(formula: Formula, change: str) -> Formula:
    """What becomes of a formula.

    Parameters
    ----------
    formula : Formula
    change : str
        `~ . + z`, `log(.) ~ .`, `~ . - (1 | g); sigma ~ . + z`: a statement for each parameter that changes. A whole
        formula puts itself in the place of the old one.

    Raises
    ------
    FormulaSyntaxError
        If it is no formula.
    """
    if formula.others:
        raise UnsupportedError("a change of several responses' formulas is not built: write the whole formula anew")
    found = formula
    for position, statement in enumerate(map(expr_of, read("formula", change))):
        match unparenthesised(statement):
            case Tilde(left, right):
                found = _stated(found, left, right) if position == 0 else _of_parameter(found, left, right)
            case other:
                message = "a change of a formula has `~`, as in `~ . + z`, where `.` is what was there"
                raise FormulaSyntaxError(message, other.span)
    return parse_formula(formula_text(found))


def _stated(formula: Formula, left: Expr | None, right: Expr) -> Formula:
    """The formula changed by the first statement: of the response, or of a parameter that has a formula already."""
    if isinstance(left, Name) and left.text in {p.parameter for p in formula.predictors[1:]}:
        return _of_parameter(formula, left, right)
    response, modifiers = formula.response, formula.modifiers
    if left is not None:
        new, stated = response_of(left)
        response, modifiers = _filled(new, response), stated or (modifiers if _has_dot(new) else ())
    first, *others = formula.predictors
    changed = replace(first, right=_right(right, first.right, curve=first.curve))
    return replace(formula, response=response, modifiers=modifiers, predictors=(changed, *others))


def _of_parameter(formula: Formula, left: Expr | None, right: Expr) -> Formula:
    """The formula changed by `sigma ~ . + z`; a parameter that had no formula has an intercept."""
    if not isinstance(left, Name):
        span = right.span if left is None else left.span
        raise FormulaSyntaxError("after the first statement, a parameter's name alone stands on the left of `~`", span)
    olds = {predictor.parameter: predictor for predictor in formula.predictors}
    old = olds.get(left.text, Predictor(left.text, Number(1.0)))
    olds[left.text] = replace(old, right=_right(right, old.right, curve=old.curve))
    return replace(formula, predictors=tuple(olds.values()))


def _right(new: Expr, old: Expr, *, curve: bool) -> Expr:
    """The terms of `new`, where `.` stands for those of `old`."""
    if curve:
        if _has_dot(new):
            raise FormulaSyntaxError(
                "what is arithmetic has no terms that `.` could stand for: write all of it", new.span
            )
        return new
    known = _summands(old)
    found: list[Signed] = []
    for sign, part in _summands(new):
        if part == _DOT:
            found += known if sign == "+" else [("-", Parens(old))]
        elif _has_dot(part):
            # A product has no group terms: they stand beside it, as they were.
            population = _joined([summand for summand in known if not _is_group(summand)])
            found += [(sign, _filled(part, Parens(population))), *filter(_is_group, known)]
        else:
            found = _with(found, sign, part)
    return _joined(found)


def _with(found: list[Signed], sign: str, part: Expr) -> list[Signed]:
    """The summands with one more, or one less; a number speaks of the intercept, and the last one counts."""
    text = deparse(part)
    rest = [(s, p) for s, p in found if s != "+" or deparse(p) != text]
    if isinstance(part, Number) or len(rest) == len(found):
        return [*found, (sign, part)]
    return rest if sign == "-" else found


def _summands(expr: Expr) -> list[Signed]:
    first, nodes = spine(expr, "+-")
    begin = ("-", first.operand) if isinstance(first, Unary) and first.operator == "-" else ("+", first)
    return [begin, *((node.operator, node.right) for node in nodes)]


def _joined(parts: list[Signed]) -> Expr:
    """The sum; `1` where nothing is left."""
    if not parts:
        return Number(1.0)
    (sign, result), *others = parts
    result = Unary("-", result) if sign == "-" else result
    for operator, part in others:
        result = Binary(operator, result, part)
    return result


def _is_group(summand: Signed) -> bool:
    return bool(grouped(summand[1])[1])


def _has_dot(expr: Expr) -> bool:
    return any(part == _DOT for part in walk(expr))


def _filled(expr: Expr, old: Expr) -> Expr:
    return rewritten(expr, lambda part: old if part == _DOT else None)
