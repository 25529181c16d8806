"""nlme's variance functions: the predictor of sigma that each means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tildemc.errors import FormulaSyntaxError, UnsupportedError, nearest
from tildemc.span import Span
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.rcall.unbound import unbound
from tildemc.syntax.rewrite import scaled_variance, total
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name, Number, Tilde, Unary, spine

__all__ = ["variance_structure"]

_JOINS = "`varComb` joins variance functions, as in `varComb(varIdent(form = ~ 1 | g), varExp(form = ~ x))`"


@dataclass(frozen=True, slots=True)
class _Form:
    """`form = ~ value | groups` of a variance function, and the coefficient that is fixed, if it is."""

    call: Call
    value: Expr
    groups: tuple[Name, ...]
    fixed: Expr | None = None


def variance_structure(value: Expr) -> Expr:
    """The predictor of sigma that `varIdent(form = ~ 1 | g)` and its like mean.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    match unparenthesised(value):
        case Call("varComb", arguments) as whole:
            parts = [unparenthesised(argument.value) for argument in arguments]
            if not parts:
                raise FormulaSyntaxError(
                    "`varComb` joins variance functions: `varComb(varIdent(…), varExp(…))`", whole.span
                )
            return total([Number(1.0, whole.span), *map(_term, parts)])
        case Call("varIdent") as whole:
            return _by(_form(whole))
        case Call() as whole if whole.function in _TERMS:
            term = _term(whole)
            return total([Number(1.0, whole.span), term]) if _is_offset(term) else term
        case Tilde(None, right, span):
            return _form_of_fixed(right, span)
        case Call(name, span=span):
            raise _unknown(name, span)
        case other:
            message = "weights of `lme()` and `gls()` are a variance function, as in `varIdent(form = ~ 1 | g)`"
            raise unbound(other, "varIdent(form = ~ 1 | g)") or FormulaSyntaxError(message, other.span)


def _term(part: Expr) -> Expr:
    """What a variance function adds to the log of sigma."""
    match part:
        case Call() as whole if whole.function in _TERMS:
            return _TERMS[whole.function](_form(whole))
        case Tilde(None, right, span):
            return _offset_of(_form_of_fixed(right, span))
        case Call(name, span=span):
            raise _unknown(name, span)
        case other:
            raise FormulaSyntaxError(
                "`varComb` joins variance functions, as in `varComb(varIdent(form = ~ 1 | g))`", other.span
            )


def _unknown(name: str, span: Span | None) -> FormulaSyntaxError | UnsupportedError:
    if name in ("varConstPower", "varConstProp"):
        listed = ", ".join(f"`{known}`" for known in _TERMS)
        return UnsupportedError(f"`{name}` is not built; {listed} and `varComb` are", span)
    return FormulaSyntaxError(f"`{name}` is no variance function{nearest(name, (*_TERMS, 'varComb'))}", span)


def _form(call: Call) -> _Form:
    """The parts of `form = ~ value | groups`."""
    form: Expr | None = None
    fixed: Expr | None = None
    for argument in call.arguments:
        if argument.name == "fixed":
            fixed = unparenthesised(argument.value)
        elif argument.name == "form" or isinstance(unparenthesised(argument.value), Tilde):
            form = unparenthesised(argument.value)
    match form:
        case Tilde(None, Binary("|", value, groups)):
            return _Form(call, unparenthesised(value), _grouped(groups), fixed)
        case Tilde(None, value):
            return _Form(call, unparenthesised(value), (), fixed)
        case _:
            message = f"`{call.function}` needs a formula, as in `{call.function}(form = ~ 1 | g)`"
            raise FormulaSyntaxError(message, call.span)


def _grouped(groups: Expr) -> tuple[Name, ...]:
    """`g`, or nlme's `a * b`: a level for each combination."""
    first, nodes = spine(unparenthesised(groups), "*:/")
    names = [part for part in (first, *(node.right for node in nodes)) if isinstance(part, Name)]
    if len(names) <= len(nodes):
        raise FormulaSyntaxError("the groups of a variance function are columns, `g` or `a * b`", groups.span)
    return tuple(names)


def _call(function: str, value: Expr, span: Span | None) -> Call:
    return Call(function, (Argument(value, None, value.span),), span)


def _joined(parts: tuple[Expr, ...], span: Span | None) -> Expr:
    """`a:b`."""
    found, *others = parts
    for other in others:
        found = Binary(":", found, other, span)
    return found


def _levels(form: _Form) -> tuple[Name, ...]:
    if form.value != Number(1.0) or not form.groups:
        raise FormulaSyntaxError("`varIdent` takes groups, as in `varIdent(form = ~ 1 | g)`", form.call.span)
    if form.fixed is not None:
        raise UnsupportedError("fixed ratios of `varIdent` are not built", form.fixed.span)
    return form.groups


def _by(form: _Form) -> Expr:
    return _call("by", _joined(_levels(form), form.call.span), form.call.span)


def _ident(form: _Form) -> Expr:
    span = form.call.span
    levels = [_call("factor", name, name.span) for name in _levels(form)]
    found: Expr = levels[0]
    for level in levels[1:]:
        found = Binary("*", found, level, span)
    return found


def _of_column(form: _Form, value: Callable[[Expr], Expr]) -> Expr:
    """A coefficient times a function of a column: one, one for each level, or a known one."""
    column = form.value
    if isinstance(column, Call) and column.function in ("fitted", "resid"):
        raise UnsupportedError("a variance that follows the fitted values is not built; name a column", column.span)
    if column == Number(1.0):
        raise FormulaSyntaxError(f"`{form.call.function}` needs a column, as in `form = ~ x`", form.call.span)
    found = value(column)
    if form.fixed is not None:
        if not isinstance(form.fixed, Number | Unary) or form.groups:
            raise UnsupportedError("`fixed` is one number, without groups", form.fixed.span)
        return _call("offset", Binary("*", form.fixed, found, form.call.span), form.call.span)
    levels = tuple(_call("factor", name, name.span) for name in form.groups)
    return _joined((found, *levels), form.call.span)


def _power(form: _Form) -> Expr:
    return _of_column(form, lambda column: _call("log", _call("abs", column, column.span), column.span))


def _exponential(form: _Form) -> Expr:
    return _of_column(form, lambda column: column)


def _form_of_fixed(value: Expr, span: Span | None) -> Expr:
    column = unparenthesised(value)
    if isinstance(column, Binary) and column.operator == "|":
        raise UnsupportedError("`varFixed` by group is not built", column.span)
    return scaled_variance(column, 0.5)


def _fixed(form: _Form) -> Expr:
    if form.groups:
        raise UnsupportedError("`varFixed` by group is not built", form.call.span)
    return _offset_of(_form_of_fixed(form.value, form.call.span))


def _offset_of(scaled: Expr) -> Expr:
    """The offset of `1 + offset(…)`."""
    assert isinstance(scaled, Binary)
    return scaled.right


def _is_offset(term: Expr) -> bool:
    return isinstance(term, Call) and term.function == "offset"


_TERMS: dict[str, Callable[[_Form], Expr]] = {
    "varIdent": _ident,
    "varFixed": _fixed,
    "varExp": _exponential,
    "varPower": _power,
}
