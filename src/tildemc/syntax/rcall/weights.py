"""Weights, variance structures and contrasts of R calls: what they make of a formula."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tildemc.errors import FormulaSyntaxError, SemanticError, UnsupportedError, nearest
from tildemc.span import Span
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.family import FamilyName
from tildemc.syntax.rcall.families import of_trials
from tildemc.syntax.rcall.functions import Fitter
from tildemc.syntax.rewrite import rewritten, scaled_variance
from tildemc.syntax.tree import (
    Argument,
    Binary,
    Call,
    Constant,
    Expr,
    Formula,
    Modifier,
    Name,
    Number,
    Predictor,
    Text,
    Tilde,
    deparse,
)

__all__ = ["Weighted", "contrasted", "read_weights", "variance_structure"]


@dataclass(frozen=True, slots=True)
class Weighted:
    """A formula with its weights in it, and what they say of sigma."""

    formula: Formula
    sigma: tuple[Predictor, ...] = ()


def read_weights(value: Expr, fitter: Fitter, formula: Formula, family: FamilyName, notes: list[str]) -> Weighted:
    """`weights = w` in the meaning of the function's package."""
    if fitter.weights == "precision" and family.name == "gaussian":
        notes.append(
            f"weights of `{fitter.name}()` divide the residual variance: `sigma` is that of a row of weight 1, "
            "and its prior is on the log scale"
        )
        return Weighted(formula, (Predictor("sigma", scaled_variance(value, -0.5), value.span),))
    if fitter.name in ("lm", "glm") and family.name == "gaussian":
        return Weighted(formula, (Predictor("sigma", scaled_variance(value, -0.5), value.span),))
    if of_trials(family):
        return Weighted(_proportion(formula, value, notes))
    notes.append(f"weights of `{fitter.name}()` multiply the log-likelihood")
    return Weighted(_with_modifier(formula, Modifier("weights", (Argument(value, None, value.span),), value.span)))


def _proportion(formula: Formula, trials: Expr, notes: list[str]) -> Formula:
    """`s / n ~ x, weights = n` is `s | trials(n) ~ x`."""
    notes.append("weights of a binomial response are its numbers of trials")
    response = unparenthesised(formula.response)
    match response:
        case Call("cbind", span=span):
            raise UnsupportedError("`cbind(successes, failures)` with weights is not built", span)
        case Binary("/", successes, total) if deparse(unparenthesised(total)) == deparse(unparenthesised(trials)):
            counted = successes
        case _:
            product = Binary("*", formula.response, trials, formula.response.span)
            counted = Call("I", (Argument(product, None, product.span),), product.span)
    known = Modifier("trials", (Argument(trials, None, trials.span),), trials.span)
    return _with_modifier(replace(formula, response=counted), known)


def _with_modifier(formula: Formula, modifier: Modifier) -> Formula:
    return replace(formula, modifiers=(*formula.modifiers, modifier))


def _call(function: str, value: Expr, span: Span | None) -> Call:
    return Call(function, (Argument(value, None, value.span),), span)


# nlme's variance functions


def variance_structure(value: Expr) -> Expr:
    """The predictor of sigma that `varIdent(form = ~ 1 | g)` and its like mean.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    match unparenthesised(value):
        case Call(function, span=span) as call if function in _STRUCTURES:
            return _STRUCTURES[function](_form(call), span)
        case Call("varConstPower" | "varConstProp" | "varComb" as name, span=span):
            raise UnsupportedError(f"`{name}` is not built; {_listed()} are", span)
        case Tilde(None, right, span):
            return _fixed(right, span)
        case Call(name, span=span):
            raise FormulaSyntaxError(f"`{name}` is no variance function{nearest(name, _STRUCTURES)}", span)
        case other:
            message = "weights of `lme()` and `gls()` are a variance function, as in `varIdent(form = ~ 1 | g)`"
            raise FormulaSyntaxError(message, other.span)


def _listed() -> str:
    return ", ".join(f"`{name}`" for name in _STRUCTURES)


def _form(call: Call) -> Expr:
    """The right side of `form = ~ …`."""
    form: Expr | None = None
    for argument in call.arguments:
        if argument.name == "fixed":
            raise UnsupportedError("fixed values of a variance function are not built", argument.span)
        if argument.name == "form" or isinstance(unparenthesised(argument.value), Tilde):
            form = unparenthesised(argument.value)
    match form:
        case Tilde(None, right):
            return right
        case _:
            message = f"`{call.function}` needs a formula, as in `{call.function}(form = ~ 1 | g)`"
            raise FormulaSyntaxError(message, call.span)


def _ident(form: Expr, span: Span | None) -> Expr:
    match form:
        case Binary("|", Number(1.0), Name() as name):
            return _call("by", name, span)
        case Binary("|", Number(1.0), other):
            message = "one sd for each combination of columns is not built: make one column of them first"
            raise UnsupportedError(message, other.span)
        case _:
            raise FormulaSyntaxError("`varIdent` takes groups, as in `varIdent(form = ~ 1 | g)`", form.span or span)


def _plain(form: Expr, function: str) -> Expr:
    for_all = unparenthesised(form)
    if isinstance(for_all, Binary) and for_all.operator == "|":
        raise UnsupportedError(f"`{function}` by group is not built", for_all.span)
    if isinstance(for_all, Call) and for_all.function in ("fitted", "resid"):
        raise UnsupportedError("a variance that follows the fitted values is not built; name a column", for_all.span)
    return for_all


def _fixed(form: Expr, span: Span | None) -> Expr:
    return scaled_variance(_plain(form, "varFixed"), 0.5)


def _exponential(form: Expr, span: Span | None) -> Expr:
    return _plain(form, "varExp")


def _power(form: Expr, span: Span | None) -> Expr:
    return _call("log", _call("abs", _plain(form, "varPower"), span), span)


_STRUCTURES: dict[str, Callable[[Expr, Span | None], Expr]] = {
    "varIdent": _ident,
    "varFixed": _fixed,
    "varExp": _exponential,
    "varPower": _power,
}


# Contrasts


def contrasted(formula: Formula, contrasts: Expr | None) -> Formula:
    """`contrasts = list(f = "contr.sum")`: every `f` of the population and group terms becomes `C(f, sum)`.

    Raises
    ------
    FormulaSyntaxError, SemanticError
        With the place in the text.
    """
    if contrasts is None or contrasts == Constant(None):
        return formula
    match unparenthesised(contrasts):
        case Call("list", arguments) if all(argument.name for argument in arguments):
            chosen = {argument.name or "": argument for argument in arguments}
        case other:
            raise FormulaSyntaxError('contrasts are written `contrasts = list(f = "contr.sum")`', other.span)
    used: set[str] = set()

    def change(expr: Expr) -> Expr | None:
        match expr:
            case Binary("|" | "||" as bar, left, right, span):
                return Binary(bar, rewritten(left, change), right, span)
            case Name(text, span) if text in chosen:
                used.add(text)
                coded = Argument(Name(_contrast(chosen[text]), span), None, span)
                return Call("C", (Argument(expr, None, span), coded), span)
            case Call("C" | "by" | "gr" | "mm"):
                return expr
            case _:
                return None

    predictors = tuple(replace(p, right=rewritten(p.right, change)) for p in formula.predictors)
    for name, argument in chosen.items():
        if name not in used:
            raise SemanticError(f"the formula has no `{name}` to take contrasts{nearest(name, used)}", argument.span)
    return replace(formula, predictors=predictors)


_CONTRASTS = ("treatment", "sum", "helmert", "poly", "SAS")


def _contrast(argument: Argument) -> str:
    match argument.value:
        case Name(text) | Text(text) | Call(text, ()):
            name = text.rpartition("::")[2].removeprefix("contr.")
            if name in _CONTRASTS:
                return name
            known = ", ".join(f"contr.{contrast}" for contrast in _CONTRASTS)
            raise SemanticError(f"there are no contrasts `{text}` here; there are {known}", argument.span)
        case other:
            raise SemanticError('contrasts are given by name, as in `f = "contr.sum"`', other.span)
