"""Weights and contrasts of R calls: what they make of a formula."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tildemc.errors import FormulaSyntaxError, SemanticError, UnsupportedError, nearest
from tildemc.span import Span
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.family import FamilyName
from tildemc.syntax.matrices import matrix_of, numbers_of
from tildemc.syntax.rcall.families import of_trials
from tildemc.syntax.rcall.functions import Fitter
from tildemc.syntax.rcall.unbound import unbound
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
    PriorStatement,
    Text,
    deparse,
)

__all__ = ["Weighted", "contrasted", "read_weights"]


@dataclass(frozen=True, slots=True)
class Weighted:
    """A formula with its weights in it, and what they say of sigma."""

    formula: Formula
    sigma: tuple[Predictor, ...] = ()
    priors: tuple[PriorStatement, ...] = ()


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


# Contrasts


def contrasted(formula: Formula, contrasts: Expr | None) -> tuple[Formula, tuple[Name, ...]]:
    """`contrasts = list(f = "contr.sum")`: every `f` of the population and group terms becomes `C(f, sum)`.

    Returns
    -------
    Formula, tuple of Name
        The formula, and the columns that must be factors.

    Raises
    ------
    FormulaSyntaxError, SemanticError
        With the place in the text.
    """
    if contrasts is None or contrasts == Constant(None):
        return formula, ()
    match unparenthesised(contrasts):
        case Call("list", arguments) if all(argument.name for argument in arguments):
            chosen = {argument.name or "": argument for argument in arguments}
        case other:
            example = 'list(f = "contr.sum")'
            message = f"contrasts are written `contrasts = {example}`"
            raise unbound(other, "contrasts", example) or FormulaSyntaxError(message, other.span)
    used: set[str] = set()

    def change(expr: Expr) -> Expr | None:
        match expr:
            case Binary("|" | "||" as bar, left, right, span):
                return Binary(bar, rewritten(left, change), right, span)
            case Name(text, span) if text in chosen:
                used.add(text)
                return Call("C", (Argument(expr, None, span), *_coding(chosen[text], span)), span)
            case Call("C" | "by" | "gr" | "mm"):
                return expr
            case _:
                return None

    predictors = tuple(replace(p, right=rewritten(p.right, change)) for p in formula.predictors)
    for name, argument in chosen.items():
        if name not in used:
            raise SemanticError(f"the formula has no `{name}` to take contrasts{nearest(name, used)}", argument.span)
    return replace(formula, predictors=predictors), tuple(Name(name, a.span) for name, a in chosen.items())


_CONTRASTS = ("treatment", "sum", "helmert", "poly", "SAS", "sdif")


def _coding(argument: Argument, span: Span | None) -> tuple[Argument, ...]:
    """What stands beside the factor in `C(f, sum)`, or in `C(f, cbind(c(1, 0, -1)), 1)`, which has no column more."""
    match argument.value:
        case Name(text) | Text(text) | Call(text, ()):
            name = text.rpartition("::")[2].removeprefix("contr.")
            if name in _CONTRASTS:
                return (Argument(Name(name, span), None, span),)
            absent = unbound(argument.value, "contrasts", "cbind(c(1, 0, -1), c(0, 1, -1))")
            if absent is not None and not text.startswith("contr."):
                raise absent
            known = ", ".join(f"contr.{contrast}" for contrast in _CONTRASTS)
            raise SemanticError(f"there are no contrasts `{text}` here; there are {known}", argument.span)
        case Call(text) as call if text.startswith("contr."):
            return (Argument(call, None, span),)
        case other:
            matrix, numbers = matrix_of(other), numbers_of(other)
            if matrix is not None:
                return Argument(other, None, span), Argument(Number(float(len(matrix.columns))), None, span)
            if numbers is not None:
                return (Argument(other, None, span),)
            message = 'contrasts are given by name, as in `f = "contr.sum"`, or as numbers, `f = cbind(c(1, 0, -1))`'
            raise SemanticError(message, other.span)
