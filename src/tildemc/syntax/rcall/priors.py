"""brms's and rstanarm's priors in, PriorStatement out."""

from __future__ import annotations

from collections.abc import Mapping

from tildemc.errors import FormulaSyntaxError, SemanticError, UnsupportedError, nearest
from tildemc.span import Span
from tildemc.syntax.expression import parse_expression, unparenthesised
from tildemc.syntax.matching import Signature
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
    Unary,
    deparse,
)

__all__ = ["brms_priors", "rstanarm_priors"]

_MAKERS = {
    "prior": ("prior", "class", "coef", "group", "resp", "dpar", "nlpar", "lb", "ub"),
    "set_prior": ("prior", "class", "coef", "group", "resp", "dpar", "nlpar", "lb", "ub"),
    "prior_string": ("prior", "class", "coef", "group", "resp", "dpar", "nlpar", "lb", "ub"),
    "prior_": ("prior", "class", "coef", "group", "resp", "dpar", "nlpar", "lb", "ub"),
}
_CLASSES = (
    "b", "Intercept", "sd", "cor", "L", "sds", "sdgp", "lscale", "sigma", "shape", "nu", "phi", "zi", "hu", "zoi",
    "coi", "disc", "alpha", "beta", "kappa", "ndt", "xi", "quantile", "power", "bs", "bias", "simo", "theta", "delta",
    "df", "meanme", "sdme", "corme", "Lme", "ar", "ma", "cosy", "cortime", "Lcortime", "rescor", "Lrescor",
    "sdcar", "car", "rhocar", "errorsar",
)  # fmt: skip


def brms_priors(given: Expr) -> list[PriorStatement]:
    """The statements of `prior(normal(0, 1), class = b)`, `set_prior("…")`, and `c(…)` or sums of them.

    Raises
    ------
    FormulaSyntaxError, SemanticError, UnsupportedError
        With the place in the text.
    """
    match unparenthesised(given):
        case Call("c" | "rbind" | "list", arguments):
            return [statement for argument in arguments for statement in brms_priors(argument.value)]
        case Binary("+") as added:
            return [statement for part in summands(added) for statement in brms_priors(part)]
        case Constant(None):
            return []
        case Call(function) as call if function.rpartition("::")[2] in _MAKERS:
            return [_brms_prior(call)]
        case Call(function) as call:
            hint = nearest(function, _MAKERS) or "; priors are written `prior(normal(0, 1), class = b)`"
            raise FormulaSyntaxError(f"`{function}()` makes no prior{hint}", call.span)
        case other:
            raise FormulaSyntaxError("priors are written `prior(normal(0, 1), class = b)`", other.span)


def _brms_prior(call: Call) -> PriorStatement:
    given = _bound(call, _MAKERS[call.function.rpartition("::")[2]])
    if "prior" not in given:
        raise FormulaSyntaxError("the density is missing, as in `prior(normal(0, 1), class = b)`", call.span)
    words: dict[str, str] = {
        name: _word(given[name]) for name in ("class", "coef", "group", "resp", "dpar", "nlpar") if name in given
    }
    target, about = _brms_target(words, given, call)
    name, arguments = _density(given["prior"])
    if name in ("lkj_corr_cholesky", "lkj_corr"):
        name = "lkj"
    bounds = [(ours, given[theirs]) for theirs, ours in (("lb", "lower"), ("ub", "upper")) if theirs in given]
    if target.rpartition(".")[2] not in ("b", "Intercept", "delta", "meanme"):
        # Everything else but correlations is positive as it is.
        bounds = [(name, value) for name, value in bounds if (name, value) != ("lower", Number(0))]
    arguments += tuple(Argument(value, name, value.span) for name, value in bounds if not _is_unbounded(value))
    # brms measures predictors from their means, and has the intercept there.
    at_means = target.rpartition(".")[2] == "Intercept"
    return PriorStatement(target, about, name, arguments, call.span, call.span, given["prior"].span, at_means=at_means)


def _brms_target(
    words: Mapping[str, str], given: Mapping[str, Expr], call: Call
) -> tuple[str, tuple[Expr, ...] | None]:
    kind, owner = words.get("class") or "b", words.get("dpar") or words.get("nlpar", "")
    coef, group = words.get("coef", ""), words.get("group", "")
    # Components of a mixture have numbers.
    if kind.rstrip("0123456789") not in _CLASSES:
        span = given["class"].span if "class" in given else call.span
        listed = nearest(kind, _CLASSES) or f"; there are {', '.join(_CLASSES)}"
        raise SemanticError(f"there is no class `{kind}` of parameters here{listed}", span)
    kind = {"L": "cor", "Lcortime": "cortime", "Lme": "corme", "Lrescor": "rescor"}.get(kind, kind)
    of_group = kind in ("cor", "corme", "delta", "df")
    labels = [group, coef] if kind in ("sd", "Intercept") else [group] if of_group else [coef]
    if kind == "sd" and coef and not group:
        raise SemanticError("a prior of one coefficient's sd names its `group` too", call.span)
    about = tuple(Text(label, call.span) for label in labels if label)
    return owned(kind, owner, words.get("resp", "")), about or None


# rstanarm

_STANARM = {
    "normal": ("location", "scale", "autoscale"),
    "student_t": ("df", "location", "scale", "autoscale"),
    "cauchy": ("location", "scale", "autoscale"),
    "exponential": ("rate", "autoscale"),
}
_DEFAULTS = {"location": Number(0.0), "scale": Number(2.5), "df": Number(1.0), "rate": Number(1.0)}
_ORDER = {
    "normal": ("location", "scale"),
    "student_t": ("df", "location", "scale"),
    "cauchy": ("location", "scale"),
    "exponential": ("rate",),
}
_TARGETS = {
    "prior": "b",
    "prior_intercept": "Intercept",
    "prior_aux": "sigma",
    "prior_phi": "phi",
    "prior_z": "phi.b",
    "prior_intercept_z": "phi.Intercept",
}


def rstanarm_priors(given: Mapping[str, Expr], auxiliary: str = "sigma") -> list[PriorStatement]:
    """The statements of `prior =`, `prior_intercept =`, `prior_aux =` and what `stan_betareg` has of phi.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    if "prior_covariance" in given:
        message = "`prior_covariance` is not built; state sds and correlations: `sd ~ exponential(1)`, `cor ~ lkj(2)`"
        raise UnsupportedError(message, given["prior_covariance"].span)
    statements: list[PriorStatement] = []
    for argument, target in _TARGETS.items():
        if argument not in given:
            continue
        value = unparenthesised(given[argument])
        name, arguments = _rstanarm_density(value)
        shown = auxiliary if argument == "prior_aux" else target
        spans = value.span, value.span, value.span
        statements.append(PriorStatement(shown, None, name, arguments, *spans, at_means=target.endswith("Intercept")))
    return statements


def _rstanarm_density(value: Expr) -> tuple[str, tuple[Argument, ...]]:
    match value:
        case Constant(None):
            return "flat", ()
        case Call(function) as call if function.rpartition("::")[2] in _STANARM:
            name = function.rpartition("::")[2]
            given = _bound(call, _STANARM[name])
            if "autoscale" in given and given["autoscale"] != Constant(False):
                message = "a prior scaled by the data is not built; leave the prior out for tildemc's own, which is"
                raise UnsupportedError(message, given["autoscale"].span)
            vectors = [e for e in given.values() if isinstance(e, Call) and e.function == "c"]
            if vectors:
                message = "one prior for each coefficient is written `b(x) ~ normal(0, 1)`"
                raise UnsupportedError(message, vectors[0].span)
            values = [given.get(argument, _DEFAULTS[argument]) for argument in _ORDER[name]]
            values = [_DEFAULTS[a] if v == Constant(None) else v for a, v in zip(_ORDER[name], values, strict=True)]
            return name, tuple(Argument(moved(v, v.span or call.span)) for v in values)
        case Call("R2" | "rstanarm::R2", span=span):
            message = "rstanarm's `R2()` is a prior of the share of variance that all predictors explain, which is not "
            raise UnsupportedError(f"{message}built: state one of coefficients, `b ~ normal(0, 1)`", span)
        case Call(function, span=span):
            hint = nearest(function, _STANARM) or f"; there are {', '.join(_STANARM)}"
            raise UnsupportedError(f"the prior `{function}` is not built{hint}", span)
        case other:
            raise FormulaSyntaxError("a prior is a density such as `normal(0, 2.5)`, or NULL", other.span)


# Arguments


def _bound(call: Call, names: tuple[str, ...]) -> dict[str, Expr]:
    signature = Signature(call.function, names, error=FormulaSyntaxError)
    return {name: argument.value for name, argument in signature.match(call.arguments, call.span).items()}


def _is_empty(expr: Expr) -> bool:
    return expr == Text("") or expr == Constant(None)


def _is_unbounded(expr: Expr) -> bool:
    """`NA`, and R's infinite numbers."""
    return _is_empty(expr) or expr in (Name("NA"), Name("Inf"), Unary("-", Name("Inf")))


def _word(expr: Expr) -> str:
    """A name, with or without quotes."""
    match expr:
        case Name(text) | Text(text):
            return text
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
        case Call(function, arguments):
            return function, arguments
        case Name(text):
            return text, ()
        case _:
            raise FormulaSyntaxError("a density is a name and its arguments, as in `normal(0, 1)`", span)
