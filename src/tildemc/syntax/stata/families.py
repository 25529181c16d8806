"""A command and its options in, its likelihood out: the family, what is known of the response, other parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.expression import parse_expression
from tildemc.syntax.family import FamilyName
from tildemc.syntax.rewrite import moved
from tildemc.syntax.stata.equations import read_equation
from tildemc.syntax.stata.series import is_series, series_names
from tildemc.syntax.stata.tables import Estimator
from tildemc.syntax.stata.varlist import columns_named
from tildemc.syntax.stata.word import Word, known_name
from tildemc.syntax.stata.written import Given, Option
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Modifier, Name, Number, Predictor

__all__ = ["CANONICAL", "FAMILIES", "Likelihood", "column_or_number", "read_family"]


@dataclass(frozen=True, slots=True)
class Likelihood:
    """What in a command says the distribution of the response.

    Attributes
    ----------
    family : FamilyName
    modifiers : tuple of Modifier
        What it says of the response.
    predictors : tuple of Predictor
        Of other parameters than the mean.
    notes : tuple of str
        What a reader should know.
    span : Span or None
        What says the family.
    hazards : bool
        Whether Stata's coefficients are those of log hazards.
    """

    family: FamilyName
    modifiers: tuple[Modifier, ...] = ()
    predictors: tuple[Predictor, ...] = ()
    notes: tuple[str, ...] = ()
    span: Span | None = None
    hazards: bool = False


_CHANCES = ("logit", "probit", "cloglog")
FAMILIES = {
    "gaussian": ("gau", "gaussian", ("identity", "log", "inverse")),
    "bernoulli": ("be", "bernoulli", _CHANCES),
    "binomial": ("bi", "binomial", (*_CHANCES, "log", "identity", "loglog")),
    "gamma": ("gam", "gamma", ("log", "identity", "inverse")),
    "igaussian": ("ig", "inverse_gaussian", ("1/mu^2", "log", "identity", "inverse")),
    "nbinomial": ("nb", "negbinomial", ("log", "identity")),
    "ordinal": ("o", "cumulative", _CHANCES),
    "poisson": ("p", "poisson", ("log", "identity")),
}
"""How each may be shortened, its name here, and its links, the one it has in `meglm` first."""

CANONICAL = {"gamma": "inverse"}
"""The links that `glm` has instead."""

_LINKS = {"identity": "iden", "log": "log", "logit": "logit", "probit": "prob", "cloglog": "clog", "loglog": "logl",
          "reciprocal": "rec"}  # fmt: skip
_LINKS_HERE = {"reciprocal": "inverse"}
_SURVIVAL = {
    "exponential": "e",
    "weibull": "w",
    "loglogistic": "logl",
    "llogistic": "ll",
    "lognormal": "logn",
    "lnormal": "ln",
    "gompertz": "gom",
    "ggamma": "gg",
    "gamma": "gam",
}
_HERE = {"llogistic": "loglogistic", "lnormal": "lognormal"}
_PROPORTIONAL = ("exponential", "weibull", "gompertz")
"""Distributions whose hazards Stata models, unless it is told `time`."""


def read_family(
    estimator: Estimator,
    options: Mapping[str, Option],
    columns: Sequence[str] | None,
    span: Span,
    response: Name,
    kind: str = "",
) -> Likelihood:
    """The likelihood of a command.

    Parameters
    ----------
    estimator : Estimator
    options : mapping of str to Option
    columns : sequence of str or None
        The data's columns.
    span : Span
        The command's name.
    response : Name
        The first column of the response.
    kind : str
        The word before the response, where there is one.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    said = [options[name].span for name in ("family", "distribution", "dispersion") if name in options]
    found = replace(_likelihood(estimator, options, columns, response, span), span=said[0] if said else span)
    if estimator.kinds:
        found = replace(found, family=FamilyName(estimator.kinds[kind], None, {"hu": "probit"}), notes=(_SELECTED,))
    missing = [option for option in estimator.equations if option not in options and option != "scale"]
    if missing:
        raise FormulaSyntaxError(f"`{estimator.name}` needs `{missing[0]}()`, as in `{missing[0]}(x)`", span)
    equations = [(options[o], parameter) for o, parameter in estimator.equations.items() if o in options]
    predictors = tuple(read_equation(option, parameter, columns) for option, parameter in equations)
    return replace(found, predictors=predictors)


_SELECTED = (
    "`select()` models the probability of a response above the limit, `hu` that of a zero: its coefficients are "
    "Stata's with the other sign"
)


def _likelihood(
    estimator: Estimator, options: Mapping[str, Option], columns: Sequence[str] | None, response: Name, span: Span
) -> Likelihood:
    match estimator.says:
        case "family" | "canonical":
            return _chosen(options, columns, canonical=estimator.says == "canonical")
        case "survival":
            return _survival(estimator, options, span)
        case "command":
            return _of_command(estimator, options, columns, response)
        case never:
            assert_never(never)


def _of_command(
    estimator: Estimator, options: Mapping[str, Option], columns: Sequence[str] | None, response: Name
) -> Likelihood:
    family, link = estimator.family, estimator.link or None
    modifiers: tuple[Modifier, ...] = ()
    if "binomial" in options:
        family = "binomial"
        modifiers = (_trials(options["binomial"], _only(options["binomial"]), columns),)
    if "dispersion" in options:
        family = _dispersion(options["dispersion"], _only(options["dispersion"]).text)
    if "link" in options:
        link = known_name(_only(options["link"]), _LINKS, "link")
    links = {"zi": "probit"} if "probit" in options else {}
    if "slink" in options:
        links["phi"] = known_name(_only(options["slink"]), {"log": "log", "identity": "iden", "root": "root"}, "link")
    notes = (estimator.told,) if estimator.told else ()
    return Likelihood(
        FamilyName(family, link, links), (*modifiers, *_limits(estimator, options, columns, response)), notes=notes
    )


def _chosen(options: Mapping[str, Option], columns: Sequence[str] | None, *, canonical: bool) -> Likelihood:
    """`family(binomial 10) link(probit)`."""
    family = "gaussian"
    modifiers: tuple[Modifier, ...] = ()
    words: tuple[Given, ...] = ()
    if "family" in options:
        words = options["family"].given or ()
        if not words:
            raise FormulaSyntaxError("`family()` takes a family, as in `family(poisson)`", options["family"].span)
        family = known_name(words[0], {name: short for name, (short, _, _) in FAMILIES.items()}, "family")
    _, name, allowed = FAMILIES[family]
    if family == "binomial" and len(words) > 1:
        modifiers = (_trials(options["family"], words[1], columns),)
    if family == "nbinomial" and canonical:
        name = _shaped(options["family"], words[1:])
    elif family == "nbinomial" and len(words) > 1:
        name = _dispersion(options["family"], words[1].text)
    usual = CANONICAL.get(family, allowed[0]) if canonical else allowed[0]
    link = usual
    if "link" in options:
        word = _only(options["link"])
        link = known_name(word, _LINKS, "link")
        link = _LINKS_HERE.get(link, link)
        if link not in allowed:
            raise FormulaSyntaxError(f"family {family} has the links {', '.join(allowed)}, not `{link}`", word.span)
    return Likelihood(FamilyName(name, link if link != allowed[0] or "logit" in allowed else None), modifiers)


def _shaped(option: Option, words: Sequence[Given]) -> str:
    """The family of glm's `family(nbinomial)`, whose dispersion is 1, and of `family(nbinomial ml)`."""
    if not words:
        return "geometric"
    if words[0].text == "ml":
        return "negbinomial"
    raise UnsupportedError(
        "a fixed dispersion is a formula's, as in `bf(y ~ x, shape = 0.5)`; `family(nbinomial ml)` finds it",
        option.span,
    )


def _survival(estimator: Estimator, options: Mapping[str, Option], span: Span) -> Likelihood:
    for name in ("frailty", "shared", "ancillary", "strata"):
        if name in options:
            message = f"`{name}()` is not built; `mestreg` has normal effects of groups"
            raise UnsupportedError(message, options[name].span)
    if "distribution" not in options:
        message = f"`{estimator.name}` needs `distribution()`, as in `distribution(weibull)`"
        raise FormulaSyntaxError(message, span)
    word = _only(options["distribution"])
    chosen = known_name(word, _SURVIVAL, "distribution")
    if chosen == "ggamma" or (chosen == "gamma" and estimator.kind == "single"):
        raise UnsupportedError("the generalised gamma distribution is not built", word.span)
    hazards = chosen in _PROPORTIONAL and "time" not in options
    notes = [_HAZARDS] if hazards else []
    notes += [_MEANS] if chosen in ("weibull", "gamma") else []
    return Likelihood(FamilyName(_HERE.get(chosen, chosen)), notes=tuple(notes), hazards=hazards)


_HAZARDS = (
    "Stata's coefficients are of the log hazard; here they are of the log time: of the other sign, and of a weibull "
    "divided by its shape"
)
_MEANS = "the constant is that of the log of the mean time"


def _dispersion(option: Option, kind: str) -> str:
    if kind and "mean".startswith(kind):
        return "negbinomial"
    if len(kind) > 3 and "constant".startswith(kind):
        return "nbinom1"
    raise FormulaSyntaxError(f"the dispersion is `mean` or `constant`, not `{kind}`", option.span)


def _trials(option: Option, word: Given, columns: Sequence[str] | None) -> Modifier:
    value = column_or_number(word, columns)
    return Modifier("trials", (Argument(value, None, word.span),), option.span)


def _limits(
    estimator: Estimator, options: Mapping[str, Option], columns: Sequence[str] | None, response: Name
) -> tuple[Modifier, ...]:
    """`ll(0) ul(100)`: `cens(left = 0, right = 100)`, or `trunc(lb = 0, ub = 100)`."""
    said = [options[name] for name in ("ll", "ul") if name in options]
    match estimator.limits:
        case "cens":
            given = [_limit(option, {"ll": "left", "ul": "right"}, columns, response) for option in said]
        case "trunc":
            given = [_limit(option, _ENDS, columns) for option in said]
        case "above":
            # A count that is truncated at 0 is 1 or more.
            above = [_limit(option, _ENDS, columns) for option in said] or [Argument(Number(0.0), "lb")]
            given = [replace(limit, value=_one_more(limit.value)) for limit in above]
        case "zero":
            if any(_limit(option, _ENDS, columns).value != Number(0.0) for option in said):
                raise UnsupportedError("a limit other than `ll(0)` is not built", said[0].span)
            given = []
        case "":
            given = []
        case never:
            assert_never(never)
    function = "cens" if estimator.limits == "cens" else "trunc"
    return (Modifier(function, tuple(given), said[0].span if said else None),) if given else ()


_ENDS = {"ll": "lb", "ul": "ub"}


def _limit(
    option: Option, sides: Mapping[str, str], columns: Sequence[str] | None, response: Name | None = None
) -> Argument:
    """The limit of `ll(0)`; of `ll` alone the least of the response."""
    if not option.given and response is not None:
        extreme = "min" if option.name.text == "ll" else "max"
        observed = Call(extreme, (Argument(response, None, option.span),), option.span)
        return Argument(observed, sides[option.name.text], option.span)
    if not option.given:
        what = "smallest" if option.name.text == "ll" else "largest"
        message = f"`{option.name.text}` alone is the {what} response; write that number, as in `ll(0)`"
        raise UnsupportedError(message, option.span)
    word = _only(option)
    return Argument(column_or_number(word, columns), sides[option.name.text], word.span)


def _one_more(limit: Expr) -> Expr:
    match limit:
        case Number(value, span=span):
            return Number(value + 1, span)
        case _:
            return Binary("+", limit, Number(1.0), limit.span)


def column_or_number(word: Given, columns: Sequence[str] | None) -> Expr:
    """The column or number that is an option's argument."""
    if word.inner is None and word.text.replace("_", "a").isalnum() and not word.text[0].isdigit():
        (name,) = columns_named(Word(word.text, word.span), columns)
        return Name(name, word.span)
    operator, point, column = word.text.rpartition(".")
    if word.inner is None and is_series(f"{operator}{point}") and column.isidentifier():
        (name,) = columns_named(Word(column, word.span), columns)
        return Name(series_names(f"{operator}{point}", name, word.span)[0], word.span)
    try:
        value = parse_expression(word.text)
    except FormulaSyntaxError:
        value = Name("")
    negative = getattr(value, "operand", value)
    if word.inner is not None or not isinstance(negative, Number):
        raise FormulaSyntaxError(f"`{word.span}` is neither a variable nor a number", word.span)
    return moved(value, word.span)


def _only(option: Option) -> Given:
    words = option.given or ()
    if len(words) != 1:
        raise FormulaSyntaxError(f"`{option.name.text}()` takes one word", option.span)
    return words[0]
