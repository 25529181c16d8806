"""Bambi's `priors={…}` in, prior statements out."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.syntax.expression import parse_expression
from tildemc.syntax.python.script import Script, known
from tildemc.syntax.rewrite import literal, moved
from tildemc.syntax.tree import Argument, Expr, Name, PriorStatement

__all__ = ["bambi_priors"]


def bambi_priors(
    node: ast.expr, bound: Mapping[str, ast.expr], script: Script, parameters: frozenset[str], owner: str = ""
) -> list[PriorStatement]:
    """The statements of `{"x": bmb.Prior("Normal", mu=0, sigma=1), "1|g": …, "sigma": …}`.

    Parameters
    ----------
    node : ast.expr
    bound : mapping
        What names stand for in the text.
    script : Script
    parameters : frozenset of str
        What may be a further parameter of the family rather than a column.
    owner : str
        Of a dictionary within: the parameter whose predictor it is of.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    node = known(node, bound)
    if not isinstance(node, ast.Dict):
        message = '`priors` is a dictionary, as in `{"x": bmb.Prior("Normal", mu=0, sigma=1)}`'
        raise FormulaSyntaxError(message, script.span(node))
    found: list[PriorStatement] = []
    for key, value in zip(node.keys, node.values, strict=True):
        key = None if key is None else known(key, bound)
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            raise FormulaSyntaxError("what a prior is about is a text in quotes", script.span(key or node))
        told = known(value, bound)
        if isinstance(told, ast.Dict):
            found += bambi_priors(told, bound, script, parameters, key.value)
        else:
            found.append(_statement(key, told, bound, script, parameters, owner))
    return found


def _statement(
    key: ast.Constant, value: ast.expr, bound: Mapping[str, ast.expr], script: Script, parameters: frozenset[str],
    owner: str,
) -> PriorStatement:  # fmt: skip
    label, span, prefix = str(key.value), script.span(key), f"{owner}." if owner else ""
    kind, bar, group = label.partition("|")
    name, given = _prior(value, bound, script)
    if bar or label == "group_specific":
        name, given = _of_sd(name, given, bound, script, value)
        about = tuple(_label(part.strip(), script, key) for part in (group, kind)) if bar else None
        if about is not None and about[1] in (Name("1"), parse_expression("1")):
            about = (about[0], Name("Intercept", span))
        target: tuple[str, tuple[Expr, ...] | None] = "sd", about
    elif label == "Intercept":
        target = "Intercept", None
    elif label == "common":
        target = "b", None
    elif label in parameters:
        target = label, None
    else:
        target = "b", (_label(label, script, key),)
    arguments = tuple(_number(each, bound, script) for each in given)
    where = script.span(value)
    at_means = label == "Intercept"
    return PriorStatement(f"{prefix}{target[0]}", target[1], name, arguments, where, span, where, at_means=at_means)


def _label(text: str, script: Script, key: ast.Constant) -> Expr:
    return moved(parse_expression(text), script.span(key))


def _prior(value: ast.expr, bound: Mapping[str, ast.expr], script: Script) -> tuple[str, list[ast.keyword]]:
    """The name and the arguments of `bmb.Prior("Normal", mu=0, sigma=1)`."""
    value = known(value, bound)
    match value:
        case ast.Call(ast.Attribute(attr="Prior") | ast.Name("Prior"), [ast.Constant(str(name))], given):
            if all(keyword.arg for keyword in given):
                return name, [keyword for keyword in given if keyword.arg != "auto_scale"]
        case _:
            pass
    message = 'a prior is written `bmb.Prior("Normal", mu=0, sigma=1)`'
    raise FormulaSyntaxError(message, script.span(value))


def _of_sd(
    name: str, given: list[ast.keyword], bound: Mapping[str, ast.expr], script: Script, place: ast.expr
) -> tuple[str, list[ast.keyword]]:
    """The prior of the sd of normal effects around zero."""
    by_name = {str(keyword.arg): known(keyword.value, bound) for keyword in given}
    centre = by_name.pop("mu", ast.Constant(0))
    zero = isinstance(centre, ast.Constant) and centre.value == 0
    if name != "Normal" or not zero or [*by_name] != ["sigma"] or not isinstance(by_name["sigma"], ast.Call):
        message = 'effects of groups are normal around zero: `bmb.Prior("Normal", mu=0, sigma=bmb.Prior(…))`'
        raise UnsupportedError(message, script.span(place))
    return _prior(by_name["sigma"], bound, script)


def _number(keyword: ast.keyword, bound: Mapping[str, ast.expr], script: Script) -> Argument:
    value = known(keyword.value, bound)
    sign = 1.0
    if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub):
        sign, value = -1.0, value.operand
    if isinstance(value, ast.Constant) and isinstance(value.value, int | float) and not isinstance(value.value, bool):
        span = script.span(keyword.value)
        return Argument(moved(literal(sign * value.value), span), keyword.arg, script.span(keyword))
    message = f"`{keyword.arg}` of a prior is a number here; give coefficients that differ a prior each"
    raise UnsupportedError(message, script.span(keyword.value))
