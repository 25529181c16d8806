"""A command and its options in, the family's text out, with what is known of the response."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tildemc.errors import FormulaSyntaxError
from tildemc.span import Span
from tildemc.syntax.expression import parse_expression
from tildemc.syntax.rewrite import moved
from tildemc.syntax.stata.tables import Estimator
from tildemc.syntax.stata.varlist import columns_named
from tildemc.syntax.stata.word import Word, known_name
from tildemc.syntax.stata.written import Given, Option
from tildemc.syntax.tree import Argument, Expr, Modifier, Name, Number

__all__ = ["Likelihood", "column_or_number", "read_family"]


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The family's text, the modifiers that it brings, and what in the command says it."""

    family: str
    modifiers: tuple[Modifier, ...] = ()
    span: Span | None = None


_FAMILIES = {
    "gaussian": ("gau", ("identity", "log")),
    "bernoulli": ("be", ("logit", "probit", "cloglog")),
    "binomial": ("bi", ("logit", "probit", "cloglog")),
    "gamma": ("gam", ("log",)),
    "nbinomial": ("nb", ("log",)),
    "ordinal": ("o", ("logit", "probit", "cloglog")),
    "poisson": ("p", ("log",)),
}
_LINKS = {"identity": "iden", "log": "log", "logit": "logit", "probit": "prob", "cloglog": "clog"}
_NAMES = {"nbinomial": "negbinomial", "ordinal": "cumulative"}
_SURVIVAL = {
    "exponential": "e",
    "weibull": "w",
    "loglogistic": "logl",
    "llogistic": "ll",
    "lognormal": "logn",
    "lnormal": "ln",
    "gamma": "gam",
}


def read_family(
    estimator: Estimator, options: Mapping[str, Option], columns: Sequence[str] | None, span: Span
) -> Likelihood:
    """The likelihood of a command.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    said = [options[name].span for name in ("family", "distribution", "dispersion") if name in options]
    return replace(_likelihood(estimator, options, columns, span), span=said[0] if said else span)


def _likelihood(
    estimator: Estimator, options: Mapping[str, Option], columns: Sequence[str] | None, span: Span
) -> Likelihood:
    if estimator.name == "meglm":
        return _chosen(options, columns)
    if estimator.name == "mestreg":
        return Likelihood(_survival(options, span))
    family = estimator.family
    modifiers: tuple[Modifier, ...] = ()
    if "binomial" in options:
        family = "binomial"
        modifiers = (_trials(options["binomial"], _only(options["binomial"]), columns),)
    if "dispersion" in options:
        family = _dispersion(options["dispersion"], _only(options["dispersion"]).text)
    if "ll" in options or "ul" in options:
        modifiers = (_censored(options, columns),)
    return Likelihood(family_text(family, estimator.link), modifiers)


def family_text(family: str, link: str) -> str:
    """`bernoulli(probit)`."""
    return f"{family}({link})" if link else family


def _chosen(options: Mapping[str, Option], columns: Sequence[str] | None) -> Likelihood:
    """`family(binomial 10) link(probit)`."""
    family = "gaussian"
    modifiers: tuple[Modifier, ...] = ()
    words: tuple[Given, ...] = ()
    if "family" in options:
        words = options["family"].given or ()
        if not words:
            raise FormulaSyntaxError("`family()` takes a family, as in `family(poisson)`", options["family"].span)
        shortest = {name: short for name, (short, _) in _FAMILIES.items()}
        family = known_name(words[0], shortest, "family")
    if family == "binomial" and len(words) > 1:
        modifiers = (_trials(options["family"], words[1], columns),)
    name = _NAMES.get(family, family)
    if family == "nbinomial" and len(words) > 1:
        name = _dispersion(options["family"], words[1].text)
    allowed = _FAMILIES[family][1]
    if "link" not in options:
        return Likelihood(family_text(name, allowed[0] if "logit" in allowed else ""), modifiers)
    word = _only(options["link"])
    link = known_name(word, _LINKS, "link")
    if link not in allowed:
        raise FormulaSyntaxError(f"family {family} has the links {', '.join(allowed)}, not `{link}`", word.span)
    default = link == allowed[0] and "logit" not in allowed
    return Likelihood(family_text(name, "" if default else link), modifiers)


def _survival(options: Mapping[str, Option], span: Span) -> str:
    if "distribution" not in options:
        raise FormulaSyntaxError("`mestreg` needs `distribution()`, as in `distribution(weibull)`", span)
    chosen = known_name(_only(options["distribution"]), _SURVIVAL, "distribution")
    # Hazards and times that may be censored: of the same names as families of a mean, and not these.
    return "survival_" + {"llogistic": "loglogistic", "lnormal": "lognormal"}.get(chosen, chosen)


def _dispersion(option: Option, kind: str) -> str:
    if kind and "mean".startswith(kind):
        return "negbinomial"
    if len(kind) > 3 and "constant".startswith(kind):
        return "nbinom1"
    raise FormulaSyntaxError(f"the dispersion is `mean` or `constant`, not `{kind}`", option.span)


def _trials(option: Option, word: Given, columns: Sequence[str] | None) -> Modifier:
    value = column_or_number(word, columns)
    return Modifier("trials", (Argument(value, None, word.span),), option.span)


def _censored(options: Mapping[str, Option], columns: Sequence[str] | None) -> Modifier:
    """`ll(0) ul(100)`: `cens(left = 0, right = 100)`."""
    given: list[Argument] = []
    for name, side in (("ll", "left"), ("ul", "right")):
        if name in options and options[name].given:
            word = _only(options[name])
            given.append(Argument(column_or_number(word, columns), side, word.span))
    span = options["ll" if "ll" in options else "ul"].span
    return Modifier("cens", tuple(given), span)


def column_or_number(word: Given, columns: Sequence[str] | None) -> Expr:
    """The column or number that is an option's argument."""
    if word.inner is None and word.text.replace("_", "a").isalnum() and not word.text[0].isdigit():
        (name,) = columns_named(Word(word.text, word.span), columns)
        return Name(name, word.span)
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
