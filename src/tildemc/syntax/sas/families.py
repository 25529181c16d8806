"""`dist=` and `link=` of PROC GLIMMIX in, a family out."""

from __future__ import annotations

from dataclasses import dataclass

from tildemc.errors import FormulaSyntaxError, UnsupportedError, nearest
from tildemc.span import Span
from tildemc.syntax.family import FamilyName
from tildemc.syntax.sas.written import Option

__all__ = ["DISTRIBUTIONS", "LINKS", "Distribution", "distribution_of"]


@dataclass(frozen=True, slots=True)
class _Row:
    """A distribution: the family here, and the link that SAS gives it by itself."""

    family: str
    link: str


_NORMAL = _Row("gaussian", "identity")
_BINARY, _BINOMIAL, _NEGBIN = _Row("bernoulli", "logit"), _Row("binomial", "logit"), _Row("negbinomial", "log")
DISTRIBUTIONS = {
    **dict.fromkeys(("normal", "gaussian", "norm", "n", "g"), _NORMAL),
    **dict.fromkeys(("binary", "bernoulli"), _BINARY),
    **dict.fromkeys(("binomial", "bin", "b"), _BINOMIAL),
    **dict.fromkeys(("poisson", "poi", "p"), _Row("poisson", "log")),
    **dict.fromkeys(("negbin", "negbinomial", "nb"), _NEGBIN),
    **dict.fromkeys(("gamma", "gam"), _Row("gamma", "log")),
    "beta": _Row("beta", "logit"),
    **dict.fromkeys(("lognormal", "logn"), _Row("lognormal", "identity")),
    **dict.fromkeys(("exponential", "expo"), _Row("exponential", "log")),
    **dict.fromkeys(("invgauss", "ig", "igaussian"), _Row("inverse_gaussian", "1/mu^2")),
    **dict.fromkeys(("tcentral", "t", "studentt"), _Row("student", "identity")),
    **dict.fromkeys(("multinomial", "mult", "multi"), _Row("cumulative", "logit")),
}
LINKS = {
    "identity": "identity", "id": "identity", "log": "log", "logit": "logit", "probit": "probit",
    "normit": "probit", "cll": "cloglog", "cloglog": "cloglog", "comploglog": "cloglog", "recip": "inverse",
    "reciprocal": "inverse", "inverse": "inverse", "pow(-2)": "1/mu^2", "power(-2)": "1/mu^2",
    "cumlogit": "logit", "clogit": "logit", "cumprobit": "probit", "cprobit": "probit", "cumcll": "cloglog",
    "ccll": "cloglog",
}  # fmt: skip
_GENERAL = ("glogit", "genlogit")
"""The link of categories without an order."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """A family, whether its response is one of two values, what is to be said of it, and what says it."""

    family: FamilyName
    of_events: bool = False
    notes: tuple[str, ...] = ()
    span: Span | None = None


def distribution_of(dist: Option | None, link: Option | None, trials: bool, procedure: str) -> Distribution:
    """The family that `dist=` and `link=` name.

    Parameters
    ----------
    dist, link : Option or None
    trials : bool
        Whether the response is `events/trials`, which are binomial by themselves.
    procedure : str

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    for option in (dist, link):
        if option is not None and procedure == "mixed":
            message = f"`proc mixed` is of normal responses and has no `{option.name}=`; `proc glimmix` has"
            raise FormulaSyntaxError(message, option.span)
    span = dist.span if dist is not None else None if link is None else link.span
    row = _row(dist, trials)
    if trials and row is _BINARY:
        row = _BINOMIAL
    if row is _BINOMIAL and not trials:
        row = _BINARY
    word = "" if link is None else _word(link)
    if word in _GENERAL and row.family == "cumulative":
        message = "`link=glogit` compares with the last category unless told otherwise; here it is the first"
        return Distribution(FamilyName("categorical"), notes=(message,), span=span)
    notes: tuple[str, ...] = ()
    if row.family == "cumulative":
        notes = (
            "the coefficients have the opposite sign of SAS's: SAS adds the predictor to the thresholds, and here it "
            "is taken from them",
        )
    if row.family == "student":
        notes = ("SAS holds the degrees of freedom of `dist=t` at a number; here they are estimated",)
    return Distribution(FamilyName(row.family, _link(link, row.link)), row is _BINARY, notes, span)


def _row(dist: Option | None, trials: bool) -> _Row:
    if dist is None:
        return _BINOMIAL if trials else _NORMAL
    word = _word(dist)
    if word not in DISTRIBUTIONS:
        known = [*DISTRIBUTIONS]
        listed = nearest(word, known) or f"; there are {', '.join(name for name in known if len(name) > 3)}"
        raise UnsupportedError(f"`dist={word}` is not built{listed}", dist.span)
    return DISTRIBUTIONS[word]


def _link(link: Option | None, usual: str) -> str:
    if link is None:
        return usual
    word = _word(link)
    if word not in LINKS:
        listed = nearest(word, LINKS) or f"; there are {', '.join(LINKS)}"
        raise UnsupportedError(f"`link={word}` is not built{listed}", link.span)
    return LINKS[word]


def _word(option: Option) -> str:
    if not option.value:
        raise FormulaSyntaxError(f"`{option.name}` needs a name, as in `{option.name}=…`", option.span)
    first = option.value[0]
    return f"{first.word}{''.join(f'({" ".join(group)})' for group in first.groups)}".lower()
