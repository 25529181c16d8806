"""brms's priors in, PriorStatement out."""

from __future__ import annotations

from collections.abc import Mapping

from tildemc.errors import FormulaSyntaxError, SemanticError, nearest
from tildemc.span import Span
from tildemc.syntax.expression import parse_expression, unparenthesised
from tildemc.syntax.matching import Signature
from tildemc.syntax.priorclasses import CLASSES, PriorClass, class_of
from tildemc.syntax.rcall.stancode import NO_BOUNDS, Bounds, stan_prior
from tildemc.syntax.rcall.unbound import unbound
from tildemc.syntax.rewrite import moved, summands
from tildemc.syntax.several import owned
from tildemc.syntax.tree import (
    Argument,
    Binary,
    Call,
    Constant,
    Expr,
    Name,
    Number,
    PriorStatement,
    Text,
    Tilde,
    Unary,
    deparse,
)

__all__ = ["bound", "brms_priors"]

_ARGUMENTS = ("prior", "class", "coef", "group", "resp", "dpar", "nlpar", "lb", "ub", "check")
_MAKERS = ("prior", "set_prior", "prior_string", "prior_")
_WORDS = ("class", "coef", "group", "resp", "dpar", "nlpar")


def brms_priors(given: Expr, hyperparameters: Mapping[str, Bounds] = NO_BOUNDS) -> list[PriorStatement]:
    """The statements of `prior(normal(0, 1), class = b)`, `set_prior("…")`, and `c(…)` or sums of them.

    Parameters
    ----------
    given : Expr
    hyperparameters : mapping of str to Bounds
        Where those end that `stanvars` declares.

    Raises
    ------
    FormulaSyntaxError, SemanticError, UnsupportedError
        With the place in the text.
    """
    match unparenthesised(given):
        case Call("c" | "rbind" | "list", arguments):
            return [statement for a in arguments for statement in brms_priors(a.value, hyperparameters)]
        case Binary("+") as added:
            return [statement for part in summands(added) for statement in brms_priors(part, hyperparameters)]
        case Constant(None) | Call("empty_prior" | "brms::empty_prior", ()):
            return []
        case Call(function) as call if function.rpartition("::")[2] in _MAKERS:
            return _brms_prior(call, hyperparameters)
        case Call(function) as call if not _is_element(function):
            hint = nearest(function, _MAKERS) or "; priors are written `prior(normal(0, 1), class = b)`"
            raise FormulaSyntaxError(f"`{function}()` makes no prior{hint}", call.span)
        case other:
            example = "prior(normal(0, 1), class = b)"
            message = f"priors are written `{example}`"
            raise unbound(other, "prior", f"c({example})") or FormulaSyntaxError(message, other.span)


def _is_element(function: str) -> bool:
    """Whether a call is `p[[1]]` or its like."""
    return function in ("[", "[[", "$")


def _brms_prior(call: Call, hyperparameters: Mapping[str, Bounds]) -> list[PriorStatement]:
    given = bound(call, _ARGUMENTS)
    if "prior" not in given:
        raise FormulaSyntaxError("the density is missing, as in `prior(normal(0, 1), class = b)`", call.span)
    if isinstance(given["prior"], Text):
        found = stan_prior(given["prior"], hyperparameters)
        if found is not None:
            return [found]
    words = {name: _words(given[name]) for name in _WORDS if name in given}
    densities = _several(given["prior"])
    most = max([len(densities), *map(len, words.values())])
    # R repeats what is shorter: one density for several coefficients.
    each = [{name: own[k % len(own)] for name, own in words.items()} for k in range(most)]
    return [_of_class(own, {**given, "prior": densities[k % len(densities)]}, call) for k, own in enumerate(each)]


def _several(prior: Expr) -> list[Expr]:
    """The densities of `c("normal(0, 1)", "cauchy(0, 1)")`, or the one that stands there, with `~` before it or not."""
    match unparenthesised(prior):
        case Call("c", arguments) if arguments:
            return [argument.value for argument in arguments]
        case Tilde(None, right):
            return [right]
        case other:
            return [other]


def _of_class(words: Mapping[str, str], given: Mapping[str, Expr], call: Call) -> PriorStatement:
    target, kind, about = _brms_target(words, given, call)
    name, arguments = _density(given["prior"])
    if name in ("lkj_corr_cholesky", "lkj_corr"):
        name = "lkj"
    bounds = [(ours, given[theirs]) for theirs, ours in (("lb", "lower"), ("ub", "upper")) if theirs in given]
    if kind.positive:
        bounds = [(name, value) for name, value in bounds if (name, value) != ("lower", Number(0))]
    arguments += tuple(Argument(value, name, value.span) for name, value in bounds if not _is_unbounded(value))
    # brms measures predictors from their means, and has the intercept there.
    at_means = kind == CLASSES["Intercept"]
    return PriorStatement(target, about, name, arguments, call.span, call.span, given["prior"].span, at_means=at_means)


def _brms_target(
    words: Mapping[str, str], given: Mapping[str, Expr], call: Call
) -> tuple[str, PriorClass, tuple[Expr, ...] | None]:
    named, owner = words.get("class") or "b", words.get("dpar") or words.get("nlpar", "")
    kind = class_of(named)
    if kind is None:
        span = given["class"].span if "class" in given else call.span
        listed = nearest(named, CLASSES) or f"; there are {', '.join(CLASSES)}"
        raise SemanticError(f"there is no class `{named}` of parameters here{listed}", span)
    if kind == CLASSES["sd"] and words.get("coef") and not words.get("group"):
        raise SemanticError("a prior of one coefficient's sd names its `group` too", call.span)
    about = tuple(Text(words[name], call.span) for name in kind.about if words.get(name))
    return owned(kind.target, owner, words.get("resp", "")), kind, about or None


# Arguments


def bound(call: Call, names: tuple[str, ...]) -> dict[str, Expr]:
    """A call's arguments by their names, of which the beginnings will do."""
    signature = Signature(call.function, names, shortened=True, error=FormulaSyntaxError)
    return {name: argument.value for name, argument in signature.match(call.arguments, call.span).items()}


def _is_empty(expr: Expr) -> bool:
    return expr == Text("") or expr == Constant(None)


def _is_unbounded(expr: Expr) -> bool:
    """`NA`, and R's infinite numbers."""
    return _is_empty(expr) or expr in (Name("NA"), Name("Inf"), Unary("-", Name("Inf")))


def _words(expr: Expr) -> tuple[str, ...]:
    """A name, or those of `c("x", "z")`."""
    match expr:
        case Call("c", arguments) if arguments:
            return tuple(_word(argument.value) for argument in arguments)
        case other:
            return (_word(other),)


def _word(expr: Expr) -> str:
    """A name, with or without quotes."""
    match expr:
        case Name(text) | Text(text):
            return text
        case Tilde(None, named):
            return _word(named)
        case Constant(None):
            return ""
        case _:
            return deparse(expr)


def _density(given: Expr) -> tuple[str, tuple[Argument, ...]]:
    """The density's name and arguments, quoted or not."""
    span: Span | None = given.span
    expr = given
    if isinstance(given, Text):
        if not given.value.strip():
            return "flat", ()
        try:
            expr = moved(parse_expression(given.value), span)
        except FormulaSyntaxError as error:
            raise FormulaSyntaxError(f"the density cannot be read: {error.message}", span) from None
    match expr:
        case Call("std_normal", ()):
            return "normal", (Argument(Number(0.0, span)), Argument(Number(1.0, span)))
        case Call(function, arguments):
            return function, arguments
        case Name(text):
            return text, ()
        case _:
            raise FormulaSyntaxError("a density is a name and its arguments, as in `normal(0, 1)`", span)
