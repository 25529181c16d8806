"""A pasted R call in, a Statement out: the model it means in its own package, and what was dropped on the way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tildemc.errors import FormulaSyntaxError, SemanticError, TildeError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.expression import parse_expression, unparenthesised
from tildemc.syntax.formula import formula_of
from tildemc.syntax.rcall.bars import random_terms, split_bars
from tildemc.syntax.rcall.families import family_of
from tildemc.syntax.rcall.functions import Fitter, bound, find_function
from tildemc.syntax.rcall.priors import brms_priors, rstanarm_priors
from tildemc.syntax.rcall.rows import read_rows
from tildemc.syntax.rcall.weights import Weighted, contrasted, read_weights, variance_structure
from tildemc.syntax.rewrite import respanned, summands, total
from tildemc.syntax.tree import (
    Argument,
    Call,
    Constant,
    Expr,
    Formula,
    Name,
    Number,
    Predictor,
    PriorStatement,
    Statement,
    Text,
    Tilde,
    deparse,
)
from tildemc.syntax.unparse.text import formula_text

__all__ = ["read_rcall"]

_BEFORE = re.compile(r"\s*(?:(?:library|require|suppressPackageStartupMessages)\([^\n]*\)\s*;?\s*\n\s*)*")
_ASSIGNED = re.compile(r"[A-Za-z.][\w.]*\s*(?:<<?-|=(?!=))\s*")


@dataclass
class _Reading:
    """What the parts of one reading share."""

    call: Call
    fitter: Fitter
    given: Mapping[str, Expr]
    notes: list[str] = field(default_factory=list)


def read_rcall(text: str) -> Statement:
    """The model that a call of lmer, glmer, lme, gls, glmmTMB, brm, stan_glmer and their like writes.

    Parameters
    ----------
    text : str
        One call, with or without `fit <-` and the package before it.

    Raises
    ------
    TildeError
        What is wrong, where in the text, and what would work.
    """
    call = _call(text)
    fitter = find_function(call)
    notes: list[str] = []
    reading = _Reading(call, fitter, bound(call, fitter, notes), notes)
    formula = _formula(reading, text)
    family = _family(reading)
    weighted = _weights(reading, formula, family)
    formula = replace(weighted.formula, predictors=(*weighted.formula.predictors, *weighted.sigma))
    formula, family = _glmmtmb(reading, formula, family)
    formula = contrasted(formula, reading.given.get("contrasts"))
    rows, numbers = read_rows(reading.given)
    return Statement(
        replace(formula, text=formula_text(formula)),
        "r",
        family,
        tuple(_priors(reading, family)),
        data=_data(reading),
        rows=rows,
        row_numbers=numbers,
        notes=tuple(dict.fromkeys(notes)),
        family_span=_family_span(reading),
    )


def _call(text: str) -> Call:
    """The call, past what is assigned and loaded; its places are those of the whole text."""
    begin = _BEFORE.match(text)
    start = begin.end() if begin else 0
    assigned = _ASSIGNED.match(text, start)
    start = assigned.end() if assigned else start
    end = len(text.rstrip().rstrip(";"))
    before = "".join(character if character == "\n" else " " for character in text[:start])
    blank = before + text[start:end] + " " * (len(text) - max(start, end))
    try:
        expr = unparenthesised(parse_expression(blank))
    except TildeError as error:
        raise type(error)(error.message, _retold(error.span, text)) from None
    if blank != text:
        expr = respanned(expr, lambda span: _retold(span, text))
    match expr:
        case Call():
            return expr
        case _:
            raise FormulaSyntaxError("an R call is needed, as in `lmer(y ~ x + (1 | g), data = d)`", expr.span)


def _retold(span: Span | None, text: str) -> Span | None:
    return None if span is None else Span(text, span.start, span.end)


# The formula


def _formula(reading: _Reading, text: str) -> Formula:
    """The formula as the function's package reads it, with `random =` and `offset =` in it."""
    first = reading.given[reading.fitter.formula]
    if isinstance(first, Name | Text):
        raise FormulaSyntaxError("write the formula itself here; what a name stands for is not known", first.span)
    statements, family = _without_family(first)
    if family is not None and "family" not in reading.given:
        reading.given = {**reading.given, "family": family}
    formula = formula_of(statements, text)
    main, *others = formula.predictors
    right = split_bars(main.right) if reading.fitter.split_bars else main.right
    parts = [right]
    if reading.fitter.name == "lme":
        if "random" not in reading.given:
            message = "`lme()` needs `random = ~ 1 | g` here; without groups write `gls()`"
            raise FormulaSyntaxError(message, reading.call.span)
        parts += random_terms(reading.given["random"])
    if "offset" in reading.given:
        value = reading.given["offset"]
        parts.append(Call("offset", (Argument(value, None, value.span),), value.span))
    return replace(formula, predictors=(replace(main, right=total(parts)), *others))


def _without_family(first: Expr) -> tuple[list[Expr], Expr | None]:
    """`bf(y ~ x, family = student())` or `bf(y ~ x) + student()`: the statements, and the family."""
    family: Expr | None = None
    parts = summands(unparenthesised(first))
    match parts:
        case [Call(function) as whole, *others] if function.rpartition("::")[2] in ("bf", "brmsformula"):
            named = [a for a in whole.arguments if a.name == "family"]
            family = named[0].value if named else None
            statements: list[Expr] = [replace(whole, arguments=tuple(a for a in whole.arguments if a.name != "family"))]
            for other in others:
                if isinstance(other, Call) and other.function in ("lf", "brms::lf"):
                    statements += [a.value for a in other.arguments if a.name is None]
                elif isinstance(other, Call) and not isinstance(other.arguments[:1], Tilde) and family is None:
                    family = other
                else:
                    raise UnsupportedError("write what belongs to the formula inside `bf(...)`", other.span)
            return statements, family
        case _:
            return [first], None


def _family(reading: _Reading) -> str:
    if "family" in reading.given:
        return family_of(reading.given["family"], reading.fitter.package)
    link = reading.given.get(reading.fitter.link)
    match link:
        case None:
            return reading.fitter.family
        case Name(name) | Text(name):
            return f"{reading.fitter.family}({_LINKS.get(name, name)})"
        case _:
            raise FormulaSyntaxError(f'`{reading.fitter.link}` is the name of a link, as in "probit"', link.span)


_LINKS = {"logistic": "logit"}
"""What MASS and rstanarm call links."""


def _family_span(reading: _Reading) -> Span | None:
    """What says the family: its own argument, zero inflation, or the function's name."""
    for name in ("ziformula", "family", reading.fitter.link):
        if name in reading.given and unparenthesised(reading.given[name]) != Tilde(None, Number(0.0)):
            return reading.given[name].span
    whole = reading.call.span
    return None if whole is None else Span(whole.text, whole.start, whole.start + len(reading.call.function))


def _weights(reading: _Reading, formula: Formula, family: str) -> Weighted:
    """What `weights =` and `correlation =` do in this package."""
    if "correlation" in reading.given or "autocor" in reading.given:
        value = reading.given.get("correlation", reading.given.get("autocor"))
        if value is not None and value != Constant(None):
            what = value.function if isinstance(value, Call) else deparse(value)
            message = f"residual correlation, `{what}`, is not built; random effects of time, `(1 + time | g)`, are"
            raise UnsupportedError(message, value.span)
    if "weights" not in reading.given or reading.given["weights"] == Constant(None):
        return Weighted(formula)
    value = reading.given["weights"]
    if reading.fitter.weights == "structure":
        return Weighted(formula, (Predictor("sigma", variance_structure(value), value.span),))
    return read_weights(value, reading.fitter, formula, family, reading.notes)


# glmmTMB's other formulas

_DISPERSION = {
    "gaussian": "sigma",
    "student": "sigma",
    "lognormal": "sigma",
    "negbinomial": "shape",
    "nbinom1": "shape",
    "gamma": "shape",
}


_WITHOUT_ZEROS = ("gamma", "lognormal")


def _glmmtmb(reading: _Reading, formula: Formula, family: str) -> tuple[Formula, str]:
    predictors = list(formula.predictors)
    zero = _one_sided(reading.given.get("ziformula"), "ziformula")
    if zero is not None and zero != Number(0.0):
        # Of responses that have no zeros of their own glmmTMB's second formula models all of them.
        own = family.startswith("truncated_") or family.partition("(")[0] in _WITHOUT_ZEROS
        predictors.append(Predictor("hu" if own else "zi", zero, zero.span))
        family = f"{'hurdle' if own else 'zero_inflated'}_{family.removeprefix('truncated_')}"
    spread = _one_sided(reading.given.get("dispformula"), "dispformula")
    if spread == Number(0.0):
        message = "`dispformula = ~ 0` fixes the residual variance at zero, which is not built"
        raise UnsupportedError(message, spread.span if spread else None)
    if spread is not None and spread != Number(1.0):
        base = re.sub("^(zero_inflated|hurdle|truncated)_", "", family.partition("(")[0])
        parameter = _DISPERSION.get(base, "phi")
        predictors.append(Predictor(parameter, spread, spread.span))
        if parameter == "sigma":
            reading.notes.append(
                "`dispformula` models log sigma, as glmmTMB has since 1.1.9; up to 1.1.8 it was the log variance, "
                "and coefficients were twice as large"
            )
    return replace(formula, predictors=tuple(predictors)), family


def _one_sided(value: Expr | None, name: str) -> Expr | None:
    match None if value is None else unparenthesised(value):
        case None:
            return None
        case Tilde(None, right):
            return unparenthesised(right)
        case other:
            raise FormulaSyntaxError(f"`{name}` is a formula without a left side, as in `{name} = ~ x`", other.span)


# The rest


def _priors(reading: _Reading, family: str) -> list[PriorStatement]:
    if reading.fitter.package == "brms":
        return brms_priors(reading.given["prior"]) if "prior" in reading.given else []
    if reading.fitter.package == "rstanarm":
        return rstanarm_priors(reading.given, "sigma" if family.startswith("gaussian") else "shape")
    return []


def _data(reading: _Reading) -> str | None:
    match reading.given.get("data"):
        case None:
            return None
        case Name(text) | Call("subset", (Argument(Name(text), None), *_)):
            return text
        case other:
            raise SemanticError("`data` is the name of a data frame; prepare it first, as in `data = d`", other.span)
