"""`prior({y:x}, normal(0, 10))` in, PriorStatement out: Stata's normal takes a variance, its gamma a scale."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tildemc.errors import FormulaSyntaxError, SemanticError, UnsupportedError, nearest
from tildemc.span import Span
from tildemc.syntax.expression import parse_expression
from tildemc.syntax.prior import parse_prior
from tildemc.syntax.rewrite import moved
from tildemc.syntax.stata.coding import Coded
from tildemc.syntax.stata.levels import Level
from tildemc.syntax.stata.varlist import Categorical, Continuous, Indicator, Product, products
from tildemc.syntax.stata.written import Given, Option, Parameter, Term
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name, Number, PriorStatement, Text, deparse

__all__ = ["Subject", "read_priors", "stata_defaults"]

Target = tuple[str, tuple[Expr, ...] | None]


@dataclass(frozen=True)
class Subject:
    """The model that the priors are about: what its parameters are called in Stata and here."""

    response: str
    fixed: Coded
    levels: Sequence[Level]
    residual: bool
    counts: bool
    columns: Sequence[str] | None


def read_priors(option: Option, subject: Subject) -> list[PriorStatement]:
    """The statements that one `prior(...)` makes.

    Raises
    ------
    FormulaSyntaxError, SemanticError, UnsupportedError
        With the place in the text.
    """
    given = [word for word in option.given or () if word.text != "," or word.parameter]
    parameters = [word.parameter for word in given if word.parameter is not None]
    densities = [word for word in given if word.parameter is None]
    if not parameters or len(densities) != 1:
        message = "a prior is a parameter in braces and a density, as in `prior({y:x}, normal(0, 100))`"
        raise FormulaSyntaxError(message, option.span)
    targets = [(parameter.span, found) for parameter in parameters for found in _targets(parameter, subject)]
    name, arguments = _density(densities[0])
    return [
        PriorStatement(target, about, name, arguments, option.span, span, densities[0].span)
        for span, (target, about) in targets
    ]


def stata_defaults(subject: Subject, *, coefficient_sd: float = 100, shape: str = "0.01, 0.01") -> list[PriorStatement]:
    """Stata's default priors of the parameters that the model has: normal coefficients, inverse-gamma variances.

    Of a covariance matrix, inverse Wishart with d + 1 degrees of freedom and scale I, there are what it makes of each
    variance and, for two effects, of their correlation.
    """
    texts = [f"b ~ normal(0, {coefficient_sd:g})"] if subject.fixed.terms else []
    texts += [f"Intercept ~ normal(0, {coefficient_sd:g})"] if subject.fixed.intercept else []
    texts += [f"var ~ inv_gamma({shape})"] if any(level.terms for level in subject.levels) else []
    for factor in dict.fromkeys(":".join(level.factor) for level in subject.levels if level.correlated):
        texts += [f"var({factor}) ~ inv_gamma(1, 0.5)", f"cor({factor}) ~ lkj(1)"]
    texts += [f"var(sigma) ~ inv_gamma({shape})"] if subject.residual else []
    texts += [f"shape ~ lognormal(0, {coefficient_sd:g})"] if subject.counts else []
    return [parse_prior(text) for text in texts]


# Parameters


def _targets(parameter: Parameter, subject: Subject) -> list[Target]:
    name, terms = parameter.name, parameter.terms
    words = [term.parts[0].name.text for term in terms or () if term.parts[0].name is not None]
    if name == f"e.{subject.response}" or (name == "sigma2" and terms is None):
        if not subject.residual:
            raise SemanticError("this model has no residual variance", parameter.span)
        return [("var", (Name("sigma"),))]
    if parameter.kind or "Sigma" in words:
        message = "a prior of a whole covariance matrix is not built; state `{U0:sigma2}` and `cor ~ lkj(2)`"
        raise UnsupportedError(message, parameter.span)
    if name.lstrip("U")[:1].isdigit() and name.startswith("U"):
        return [_variance(parameter, words, subject)]
    if name in ("lnalpha", "lndelta") or name.startswith("cut"):
        raise UnsupportedError(f"a prior of `{{{name}}}` is not built", parameter.span)
    if name != subject.response or terms is None:
        known = [f"{subject.response}:", f"e.{subject.response}:sigma2", "U0:sigma2"]
        hint = nearest(name, [subject.response]) if terms is not None else ""
        listed = ", ".join(f"`{{{text}}}`" for text in known)
        raise SemanticError(f"there is no parameter `{parameter.span}`{hint}; parameters are {listed}", parameter.span)
    if not terms:
        coefficients: list[Target] = [("b", None)] if subject.fixed.terms else []
        return coefficients + ([("Intercept", None)] if subject.fixed.intercept else [])
    return [target for term in terms for target in _coefficients(term, subject)]


def _variance(parameter: Parameter, words: list[str], subject: Subject) -> Target:
    """`{U0:sigma2}`: as many U as levels, then the number of the effect, 0 the constant."""
    if words != ["sigma2"]:
        message = "random effects have no prior of their own; state one of their variance, `{U0:sigma2}`"
        raise SemanticError(message, parameter.span)
    depth = parameter.name.count("U")
    found: list[tuple[Level, str]] = []
    known: list[str] = []
    counts: dict[int, int] = {}
    for level in subject.levels:
        for effect in level.effects:
            number = 0 if effect == "Intercept" else counts.setdefault(level.depth, 1)
            counts[level.depth] = counts.get(level.depth, 1) + (number > 0)
            known.append(f"{'U' * level.depth}{number}:sigma2")
            if level.depth == depth and parameter.name[depth:] == str(number):
                found.append((level, effect))
    if len(found) != 1:
        listed = ", ".join(f"`{{{name}}}`" for name in known) or "none"
        which = "several" if found else "no"
        raise SemanticError(f"there are {which} such effects; the variances here are {listed}", parameter.span)
    level, effect = found[0]
    if not level.factor:
        message = (
            f"state the prior of `_all`'s sd as a formula has it: `sds({deparse(level.terms[0])}) ~ exponential(1)`"
        )
        raise UnsupportedError(message, parameter.span)
    alone = sum(len(other.effects) for other in subject.levels if other.factor == level.factor) == 1
    about = (Text(":".join(level.factor)),) if alone else (Text(":".join(level.factor)), Text(effect))
    return "var", about


def _coefficients(term: Term, subject: Subject) -> list[Target]:
    if term.parts[0].name is not None and term.parts[0].name.text == "_cons":
        if not subject.fixed.intercept:
            raise SemanticError("this model has no constant", term.span)
        return [("Intercept", None)]
    wanted = products([term], subject.columns)
    return [("b", (Text(_label(product, subject.fixed, term.span), term.span),)) for product in wanted]


def _label(wanted: Product, fixed: Coded, span: Span) -> str:
    """The label that the coefficient has here: R's name of its column."""
    parts = {product: fixed.written(product) for product in fixed.products}
    order = list(dict.fromkeys(deparse(part.expr) for product in fixed.products for part in parts[product]))
    for product in fixed.products:
        levels = _matched(wanted, product)
        if levels is None:
            continue
        labels: dict[str, str] = {}
        for part in parts[product]:
            named = (levels[v.name] for v in part.variables if isinstance(v, Categorical))
            labels[deparse(part.expr)] = deparse(part.expr) + ":".join(named)
        return ":".join(labels[text] for text in sorted(labels, key=order.index))
    if any(isinstance(variable, Categorical) for variable in wanted):
        message = "name the level whose coefficient it is, as in `{y:2.group}`"
        raise UnsupportedError(message, span)
    raise SemanticError(f"the model has no coefficient `{span}`", span)


def _matched(wanted: Product, product: Product) -> dict[str, str] | None:
    """The levels by which `wanted` picks one column of `product`, if it does."""
    levels: dict[str, str] = {}
    if sorted(v.name for v in wanted) != sorted(v.name for v in product):
        return None
    for one in wanted:
        same = [other for other in product if other.name == one.name]
        match (one, same[0] if same else None):
            case (Indicator(name, level), Categorical()):
                levels[name] = str(level)
            case (Continuous(), Continuous()):
                pass
            case (Indicator(_, level), Indicator(_, other)) if level == other:
                pass
            case _:
                return None
    return levels


# Densities


@dataclass(frozen=True, slots=True)
class _Density:
    """A density of Stata's: its arguments, and the same density as it is written here."""

    arguments: tuple[str, ...]
    here: str
    convert: Callable[..., tuple[Expr, ...]]


def _same(*values: Expr) -> tuple[Expr, ...]:
    return values


_DENSITIES = {
    "normal": _Density(("mean", "variance"), "normal", lambda m, v: (m, _root(v))),
    "t": _Density(("mean", "squared scale", "df"), "student_t", lambda m, s, df: (df, m, _root(s))),
    "lognormal": _Density(("mean", "variance"), "lognormal", lambda m, v: (m, _root(v))),
    "gamma": _Density(("shape", "scale"), "gamma", lambda a, s: (a, _inverse(s))),
    "igamma": _Density(("shape", "scale"), "inv_gamma", _same),
    "exponential": _Density(("mean",), "exponential", lambda m: (_inverse(m),)),
    "uniform": _Density(("lower", "upper"), "uniform", _same),
    "beta": _Density(("shape", "shape"), "beta", _same),
    "cauchy": _Density(("location", "scale"), "cauchy", _same),
    "chi2": _Density(("df",), "gamma", lambda df: (Binary("/", df, Number(2)), Number(0.5))),
    "flat": _Density((), "flat", _same),
}
_NOT_BUILT = (
    "iwishart", "wishart", "mvnormal", "mvnormal0", "mvn", "mvn0", "zellnersg", "zellnersg0", "jeffreys", "laplace",
    "density", "logdensity", "bernoulli", "geometric", "index", "poisson", "pareto", "dirichlet",
)  # fmt: skip


def _density(word: Given) -> tuple[str, tuple[Argument, ...]]:
    if word.text in _NOT_BUILT:
        known = ", ".join(_DENSITIES)
        raise UnsupportedError(f"the density `{word.text}` is not built; there are {known}", word.span)
    if word.text not in _DENSITIES:
        known = ", ".join(_DENSITIES)
        hint = nearest(word.text, _DENSITIES) or f"; there are {known}"
        raise FormulaSyntaxError(f"there is no density `{word.text}`{hint}", word.span)
    record = _DENSITIES[word.text]
    values = _values(word)
    if len(values) != len(record.arguments):
        wanted = f"{word.text}({', '.join(record.arguments)})"
        raise FormulaSyntaxError(f"Stata writes this density `{wanted}`", word.span)
    return record.here, tuple(Argument(moved(value, word.span)) for value in record.convert(*values))


def _values(word: Given) -> list[Expr]:
    """The arguments between the commas."""
    pieces: list[list[Given]] = [[]]
    for inner in word.inner or ():
        if inner.text == ",":
            pieces.append([])
        else:
            pieces[-1].append(inner)
    values: list[Expr] = []
    for piece in pieces if word.inner else []:
        if not piece:
            raise FormulaSyntaxError("an argument is missing here", word.span)
        span = piece[0].span.join(piece[-1].span)
        try:
            values.append(parse_expression(str(span)))
        except FormulaSyntaxError as error:
            raise FormulaSyntaxError(f"`{span}` is no number: {error.message}", span) from None
    return values


def _root(value: Expr) -> Expr:
    if isinstance(value, Number) and value.value >= 0 and math.sqrt(value.value).is_integer():
        return Number(math.sqrt(value.value))
    return Call("sqrt", (Argument(value),))


def _inverse(value: Expr) -> Expr:
    if isinstance(value, Number) and value.value != 0 and (1 / value.value).is_integer():
        return Number(1 / value.value)
    return Binary("/", Number(1), value)
