"""Families made of families: without zeros, with more of them than they have, with zeros that are a matter apart.

Each function takes a record and returns one, with a density, distribution functions, moments and draws of its own, so
that whatever reads records reads these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import inf

from tildemc.spec.chance import Draw, Quantile, Step
from tildemc.spec.expr import OPERATORS, Apply, Const, Expr, Op, Var, substitute
from tildemc.spec.families.parameter import FamilyParameter
from tildemc.spec.families.records import Family
from tildemc.spec.families.symbols import exact, mu, y
from tildemc.spec.links import PROBABILITY_LINKS
from tildemc.spec.priors import default
from tildemc.spec.support import REAL, UNIT
from tildemc.spec.vocabulary import VOCABULARY, apply

__all__ = [
    "at_zero", "cut_at_ends", "hurdle", "hurdle_categories", "zero_inflated", "zero_one_inflated", "zero_truncated",
]  # fmt: skip

ZERO, ONE = Const(0.0), Const(1.0)
NEVER = Const(-inf)
_FAR = Const(-1e30)
"""The log of no probability beside another, a number so that their sum has a slope."""
_NEGATIVE, _POSITIVE = apply("less", y, ZERO), apply("less", ZERO, y)


def zero_truncated(family: Family, name: str) -> Family:
    """Counts of a family without its zeros, as where nothing is seen of what did not occur."""
    none = at_zero(family.log_density)
    some, log_some = -apply("expm1", none), apply("log1mexp", none)
    above, mean = family.tail / some, family.middle / some
    # The smaller of the two probabilities has the digits.
    below = _where(apply("less", above, Const(0.5)), 1 - above, (family.cdf - apply("exp", none)) / some)
    seen = apply("less", y, ONE)
    log_above, log_below = family.log_above - log_some, family.log_below
    log_below = log_below + apply("log1mexp", none - log_below) - log_some
    return replace(
        _made_of(family, name, f"Zero-truncated {family.title}", rf"{family.latex}_{{>0}}"),
        values=replace(family.values, lower=1.0, told="a whole number from 1 up"),
        log_density=family.log_density - log_some,
        cdf=_where(seen, ZERO, below), tail=_where(seen, ONE, above),
        log_cdf=_where(seen, NEVER, exact(log_below, log_above)), log_tail=_where(seen, ZERO, log_above),
        partial=_scaled(family.partial, 1 / some), square=_scaled(family.square, 1 / some),
        partial_square=_scaled(family.partial_square, 1 / some),
        mean=family.mean / some, middle=mean, variance=(family.variance + family.middle**2) / some - mean**2,
        draw=Draw(Var("drawn"), {"drawn": Quantile(family.cdf, family.tail, ZERO, whole=True)}),
    )  # fmt: skip


def zero_inflated(family: Family, name: str) -> Family:
    """Counts of a family, or other responses that have zeros, and with probability `zi` nothing to count.

    Lambert (1992), Zero-inflated Poisson regression, with an application to defects in manufacturing, Technometrics 34.
    """
    zi = Var("zi")
    counted = apply("log1p", -zi) + family.log_density
    none = apply("log_add_exp", apply("log", zi), apply("log1p", -zi) + at_zero(family.log_density))
    made = _made_of(family, name, f"Zero-inflated {family.title}", rf"\mathrm{{ZI}}{family.latex}")
    return _with_zeros(family, made, "zi", _where(y, counted, none))


def hurdle(family: Family, name: str, zero: str = "hu") -> Family:
    """Zeros with a probability of their own, and otherwise the responses of a family that has none.

    Mullahy (1986), Specification and testing of some modified count data models, Journal of Econometrics 33.

    Parameters
    ----------
    family : Family
        A count is `zero_truncated` first.
    name : str
    zero : str
        What the probability of a zero is called.
    """
    share = Var(zero)
    other = substitute(family.log_density, {y: _where(y, y, Const(family.values.inner))})
    made = replace(
        _made_of(family, name, f"{family.title} hurdle", rf"\mathrm{{Hurdle}}{family.latex}"),
        values=replace(family.values, lower=0.0, told="a whole number from 0 up")
        if family.values.whole
        else replace(family.values, told=f"0 or {family.values.told}", atoms=(0.0,)),
    )
    density = _where(y, apply("log1p", -share) + other, apply("log", share))
    return _with_zeros(family, made, zero, density)


def hurdle_categories(family: Family, name: str, zero: str = "hu") -> Family:
    """Ordered categories, and one before them all that has a probability of its own.

    Parameters
    ----------
    family : Family
        Of the categories from 1 up.
    name : str
    zero : str
        What the probability of the first category, 0, is called.
    """
    categories, share = family.categories, Var(zero)
    assert categories is not None
    made = hurdle(family, name, zero)
    match family.native["p"]:
        case Apply("columns", each):
            native = {"p": apply("columns", share, *((1 - share) * chance for chance in each))}
        case chances:
            raise AssertionError(chances)
    return replace(
        made,
        values=replace(family.values, lower=0.0, told="a category, counted from 0"),
        law=rf"\Pr(y = 0) = {zero}, \quad \Pr(y \le k \mid y > 0): {family.law}",
        categories=replace(
            categories, labels=("0", *categories.labels), latent=None,
            chances=(share, *((1 - share) * chance for chance in categories.chances)),
        ),
        pymc="Categorical", native=native, observed=y, simple=None,
    )  # fmt: skip


def zero_one_inflated(family: Family, name: str) -> Family:
    """Shares of a family, or with probability `zoi` one of the ends: 1 with probability `coi`, else 0.

    Ospina & Ferrari (2012), A general class of zero-or-one inflated beta regression models, Computational Statistics
    and Data Analysis 56.
    """
    log_zoi, coi = apply("log", Var("zoi")), Var("coi")
    made = replace(
        _made_of(family, name, f"Zero-one-inflated {family.title}", rf"\mathrm{{ZOI}}{family.latex}"),
        parameters=(*family.parameters, _probability("zoi"), _probability("coi")),
    )
    none, all_ = log_zoi + apply("log1p", -coi), log_zoi + apply("log", coi)
    return _with_ends(family, made, none, apply("log1p", -Var("zoi")), all_)


def cut_at_ends(family: Family, name: str) -> Family:
    """Shares of a family, 0 where a line is below `cutzero`, and 1 where it is more than exp(`cutone`) above that.

    Kubinec (2023), Ordered beta regression: a parsimonious, well-fitting model for continuous data with lower and upper
    bounds, Political Analysis 31: the line is logistic about the logit of `mu`.
    """
    above = apply("log", mu) - apply("log1p", -mu) - Var("cutzero")
    beyond = above - apply("exp", Var("cutone"))
    between = apply("log_sigmoid", above) + apply("log_sigmoid", -beyond) + apply("log_cloglog", Var("cutone"))
    made = replace(
        _made_of(family, name, f"Ordered {family.title}", rf"\mathrm{{Ordered}}{family.latex}"),
        parameters=(*family.parameters, _cut("cutzero", -2.0), _cut("cutone", 1.4)),
    )
    return _with_ends(family, made, apply("log_sigmoid", -above), between, apply("log_sigmoid", beyond))


def at_zero(expr: Expr) -> Expr:
    """`expr` at a response of 0, without the parts of it that are nothing there, and so without their rounding."""
    match expr:
        case Var("y"):
            return ZERO
        case Op(symbol, left, right):
            return _simple(Op(symbol, at_zero(left), at_zero(right)))
        case Apply(function, arguments):
            return _simple(Apply(function, tuple(map(at_zero, arguments))))
        case _:
            return expr


def _simple(expr: Expr) -> Expr:
    match expr:
        case Op(symbol, Const(left), Const(right)):
            return Const(OPERATORS[symbol](left, right))
        case Op("*", left, right) if ZERO in (left, right):
            return ZERO
        case Op("/", left, _) if left == ZERO:
            return ZERO
        case Op("+" | "-", left, right) if right == ZERO:
            return left
        case Op("+", left, right) if left == ZERO:
            return right
        case Op("-", left, right) if left == ZERO:
            return -right
        case Apply("log_gamma", (Const(1),)):
            return ZERO
        case Apply(function, arguments):
            place = VOCABULARY[function].vanishes if function in VOCABULARY else None
            return ZERO if place is not None and arguments[place] == ZERO else expr
        case _:
            return expr


def _where(condition: Expr, yes: Expr, no: Expr) -> Expr:
    return apply("where", condition, yes, no)


def _scaled(moment: Expr | None, share: Expr, more: Expr = ZERO) -> Expr | None:
    """A share of a moment, and what is beside it, if that is known."""
    return None if moment is None else share * moment if more == ZERO else share * moment + more


def _cut(name: str, typical: float) -> FamilyParameter:
    """A number on a line."""
    prior = default("student_t", 3.0, 0.0, 2.5)
    return FamilyParameter(name, REAL, ("identity",), prior, prior, typical)


def _probability(name: str) -> FamilyParameter:
    """A parameter beside those of the family, with brms's priors."""
    return FamilyParameter(
        name, UNIT, PROBABILITY_LINKS, default("beta", 1.0, 1.0), default("logistic", 0.0, 1.0), typical=0.2
    )


def _made_of(family: Family, name: str, title: str, latex: str) -> Family:
    """A record whose fields are to change, without what is known of the family alone."""
    return replace(
        family, name=name, title=title, latex=latex, made_of=family.made_of or family.name, notation=family.written,
        pymc="", native={}, native_by_link={}, aliases=(), single="", chances=None, adds="",
    )  # fmt: skip


def _with_zeros(family: Family, made: Family, zero: str, log_density: Expr) -> Family:
    """A family with zeros, of the probability `zero`, beside its own responses."""
    share = Var(zero)
    kept = 1 - share
    # Where a response is below all of the family's own, its distribution functions may be no numbers.
    own = 1 - _NEGATIVE if family.values.whole or family.values.atoms else _POSITIVE
    bounded = family.values.lower > -inf
    guarded: Mapping[Expr, Expr] = {y: _where(own, y, Const(family.values.inner))} if bounded else {}
    cdf, tail = substitute(family.cdf, guarded), substitute(family.tail, guarded)
    below, above = (_where(own, cdf, ZERO), _where(own, tail, ONE)) if bounded else (cdf, tail)
    log_share, log_kept = apply("log", share), apply("log1p", -share)
    log_below, log_above = (log_kept + substitute(log, guarded) for log in (family.log_below, family.log_above))
    if bounded:
        log_below, log_above = _where(own, log_below, _FAR), _where(own, log_above, log_kept)
    log_below = apply("log_add_exp", _where(_NEGATIVE, _FAR, log_share), log_below)
    log_above = apply("log_add_exp", _where(_NEGATIVE, log_share, _FAR), log_above)
    centre = family.centre
    if at_zero(centre) != ZERO:
        centre = _where(y, substitute(centre, {y: _where(y, y, Const(family.values.inner))}), ZERO)
    return replace(
        made,
        parameters=(*family.parameters, _probability(zero)),
        notation=(*family.written, share),
        log_density=log_density,
        cdf=share * (1 - _NEGATIVE) + kept * below, tail=share * _NEGATIVE + kept * above,
        log_cdf=exact(log_below, log_above), log_tail=exact(log_above, log_below),
        # Zeros add nothing to it.
        partial=_scaled(family.partial, kept), square=_scaled(family.square, kept),
        partial_square=_scaled(family.partial_square, kept),
        mean=kept * family.mean,
        centre=centre, middle=kept * family.middle,
        variance=kept * (family.variance + share * family.middle**2),
        draw=family.draw.then(
            _where(Var("zero"), ZERO, family.draw.value), {"zero": Step("binomial", (Const(1), share))}
        ),
    )  # fmt: skip


def _with_ends(family: Family, made: Family, log_none: Expr, log_between: Expr, log_all: Expr) -> Family:
    """A family of shares with 0 and 1 beside its own responses, given the logs of what each of the three has."""
    none, kept, all_ = (apply("exp", log) for log in (log_none, log_between, log_all))
    inside = y * (1 - y)
    guarded: Mapping[Expr, Expr] = {y: _where(inside, y, Const(0.5))}
    mean, one = all_ + kept * family.mean, apply("less", y, ONE)
    below = none + kept * _where(_POSITIVE, substitute(family.cdf, guarded), ZERO)
    above = all_ + kept * _where(_POSITIVE, substitute(family.tail, guarded), ONE)
    log_below = apply(
        "log_add_exp", log_none, _where(_POSITIVE, log_between + substitute(family.log_below, guarded), _FAR)
    )
    log_own = _where(_POSITIVE, log_between + substitute(family.log_above, guarded), log_between)
    log_above = apply("log_add_exp", log_all, log_own)
    share = Var("share")
    end = _where(apply("less", share, none), ZERO, ONE)
    own = apply("less", none, share) * apply("less", all_, 1 - share)
    return replace(
        made,
        values=replace(family.values, told="a number from 0 to 1", atoms=(0.0, 1.0)),
        notation=(*family.written, *(Var(p.name) for p in made.parameters[len(family.parameters):])),
        log_density=_where(inside, log_between + substitute(family.log_density, guarded), _where(y, log_all, log_none)),
        cdf=_where(_NEGATIVE, ZERO, _where(one, below, ONE)), tail=_where(_NEGATIVE, ONE, _where(one, above, ZERO)),
        log_cdf=_where(_NEGATIVE, NEVER, _where(one, exact(log_below, log_above), ZERO)),
        log_tail=_where(_NEGATIVE, ZERO, _where(one, exact(log_above, log_below), NEVER)),
        partial=_scaled(family.partial, kept), square=_scaled(family.square, kept, all_),
        partial_square=_scaled(family.partial_square, kept),
        mean=mean, middle=mean,
        variance=all_ + kept * (family.variance + family.mean**2) - mean**2,
        draw=family.draw.then(_where(own, family.draw.value, end), {"share": Step("random", ())}),
    )  # fmt: skip
