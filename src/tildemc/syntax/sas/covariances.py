"""`random` and `repeated` in, group terms and residual terms out: what SAS's types of covariance are here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tildemc.errors import FormulaSyntaxError, UnsupportedError, nearest
from tildemc.span import Span
from tildemc.syntax.sas.effects import INTERCEPT, Names, added, called, effect_term, given_names, joined, products
from tildemc.syntax.sas.written import Effect, Given, Option, Sentence
from tildemc.syntax.structures import group_term
from tildemc.syntax.tree import Argument, Binary, Call, Constant, Expr, Name, Number, Tilde

__all__ = ["Residuals", "random_terms", "residuals_of"]

_ALIASES = {"sub": "subject", "grp": "group", "gr": "group"}
_SHOWN = {
    *("solution", "s", "cl", "alpha", "g", "gc", "gci", "gcorr", "gi", "v", "vc", "vci", "vcorr", "vi", "nofullz"),
    *("r", "rc", "rci", "rcorr", "ri", "hlm", "hlps", "residual"),
}
"""Options that ask for something to be printed, or for another algorithm."""
_STRUCTURES = {
    "un": "us", "unr": "us", "chol": "us", "un(1)": "diag", "cs": "homcs", "csh": "cs", "ar(1)": "ar1",
    "arh(1)": "hetar1", "toep": "homtoep", "toeph": "toep",
}  # fmt: skip
"""SAS's types, and what glmmTMB calls each."""
_DISTANCES = {"exp": "corExp", "pow": "corExp", "gau": "corGaus", "lin": "corLin", "sph": "corSpher"}
"""SAS's types by distance, `sp(exp)(t)`, and nlme's class for each."""
_FACTORS = "fa0"
_INDEPENDENT = ("vc", "simple")


@dataclass(frozen=True, slots=True)
class Residuals:
    """The term of the main formula, and the columns whose levels have an sd each; None where nothing is said."""

    term: Expr | None = None
    by: Name | None = None


@dataclass(frozen=True, slots=True)
class _Type:
    """`type=`: its whole name, its family, and what stands in its parentheses."""

    name: str
    family: str
    groups: tuple[tuple[str, ...], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class _Said:
    """The options of a statement by name."""

    subject: tuple[Name, ...]
    group: tuple[Name, ...]
    type: _Type
    local: bool


def random_terms(sentence: Sentence, names: Names, place: Span) -> list[Expr]:
    """The group terms of a `random` statement.

    Parameters
    ----------
    sentence : Sentence
    names : Names
    place : Span
        Where the statement stands.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    said = _said(sentence, place)
    every = [product for effect in sentence.effects for product in products(effect)]
    if not every:
        raise FormulaSyntaxError("`random` names effects, as in `random int / subject=g`", place)
    if not said.subject:
        if said.type.family not in _INDEPENDENT:
            raise FormulaSyntaxError(f"`type={said.type.name}` is by subject: write `subject=`", said.type.span)
        return [_by_levels(product, (), said, names) for product in every]
    if said.type.family in _INDEPENDENT:
        return _independent(every, said, names)
    intercept = any(_is_intercept(product) for product in every)
    parts = [effect_term(product, names, levels=True) for product in every if not _is_intercept(product)]
    left = added(parts, place, intercept=intercept)
    if said.type.family == _FACTORS:
        return [group_term("rr", left, _factor(said.subject, said, names), place, _order(said.type))]
    return [group_term(_structure(said.type), left, _factor(said.subject, said, names), place)]


def _independent(every: Sequence[tuple[Name, ...]], said: _Said, names: Names) -> list[Expr]:
    """Effects with a variance each; all levels of a column share one."""
    plain = [p for p in every if _is_intercept(p) or not any(names.is_class(name) for name in p)]
    leveled = [p for p in every if p not in plain]
    found: list[Expr] = []
    if plain:
        span = plain[0][0].span
        assert span is not None
        parts = [effect_term(product, names) for product in plain if not _is_intercept(product)]
        intercept = any(_is_intercept(product) for product in plain)
        left = Number(1.0, span) if not parts else added(parts, span, intercept=intercept)
        structure = "diag" if len(plain) > 1 else "us"
        found.append(group_term(structure, left, _factor(said.subject, said, names), span))
    return [*found, *(_by_levels(product, said.subject, said, names) for product in leveled)]


def _by_levels(product: tuple[Name, ...], subject: tuple[Name, ...], said: _Said, names: Names) -> Expr:
    """`random a*x`: a slope of `x` for each level of `a`, within each subject."""
    levels = [name for name in product if names.is_class(name)]
    slopes = [name for name in product if not names.is_class(name)]
    span = product[0].span
    assert span is not None
    if not levels or _is_intercept(product):
        what = product[0].text
        message = f"`random {what}` without a subject is one number that varies: write `subject=`, or put `{what}` in "
        raise FormulaSyntaxError(f"{message}`class`", span)
    left = added([effect_term(slopes, names)], span, intercept=False) if slopes else Number(1.0, span)
    return group_term("us", left, _factor((*subject, *levels), said, names), span)


def _factor(subject: tuple[Name, ...], said: _Said, names: Names) -> Expr:
    """The group; with `group=`, one whose levels have a covariance for each level of that."""
    factor = joined(subject, names)
    if not said.group:
        return factor
    return called("gr", factor, Argument(_one(said.group, names), "by"))


def _is_intercept(product: tuple[Name, ...]) -> bool:
    return len(product) == 1 and product[0].text.lower() in INTERCEPT


# Residuals


def residuals_of(sentence: Sentence, names: Names, place: Span) -> Residuals:
    """What a `repeated` statement, or GLIMMIX's `random _residual_`, says of residuals.

    Raises
    ------
    FormulaSyntaxError, UnsupportedError
        With the place in the text.
    """
    said = _said(sentence, place)
    by = _one(said.group, names) if said.group else None
    if said.type.family in _INDEPENDENT or said.type.name == "toep(1)":
        return Residuals(None, by)
    if not said.subject:
        raise FormulaSyntaxError(f"`type={said.type.name}` is by subject: write `subject=`", said.type.span)
    time = _time(sentence.effects, names)
    group = joined(said.subject, names)
    if said.type.family == "sp":
        return Residuals(_by_distance(said, group, by, names, place), by)
    if said.local:
        raise UnsupportedError("`local` is built beside `type=sp(exp)(…)` and its kin alone", place)
    if said.type.name == "cs":
        return Residuals(_nlme("corCompSymm", Number(1.0, place), group, by), by)
    if said.type.name == "ar(1)":
        order = None if time is None else called("as.integer", called("factor", time))
        return Residuals(_nlme("corAR1", order or Number(1.0, place), group, by), by)
    if time is None:
        message = f"`type={said.type.name}` needs what tells a subject's rows apart, as in `repeated time / subject=id`"
        raise FormulaSyntaxError(message, said.type.span)
    if by is not None:
        raise UnsupportedError(f"`group=` beside `type={said.type.name}` is not built: all have one matrix", place)
    if said.type.family == "toep" and said.type.groups:
        numbers = called("as.integer", called("factor", time))
        lags = Argument(Number(float(_order(said.type) - 1)), "q")
        return Residuals(Call("toeplitz", (Argument(numbers, "time"), Argument(group, "gr"), lags), place))
    bar = Binary("|", added([called("factor", time)], place, intercept=False), group, place)
    return Residuals(called("residual", called(_structure(said.type), bar)))


def _by_distance(said: _Said, group: Expr, by: Name | None, names: Names, place: Span) -> Expr:
    """`sp(exp)(t)`, `sp(gau)(x y)`: correlations that fall with distance."""
    function, *columns = said.type.groups if said.type.groups else (("",),)
    if not columns or not function or function[0] not in _DISTANCES:
        known = ", ".join(f"`sp({name})(t)`" for name in _DISTANCES)
        message = f"`type={said.type.name}` is not built; by distance there are {known}"
        raise UnsupportedError(message, said.type.span)
    points = [names.column(Name(word, said.type.span)) for word in columns[0]]
    total_of = points[0] if len(points) == 1 else _sum(points)
    if len(points) == 1 and function[0] in ("exp", "pow") and not said.local:
        return _nlme("corCAR1", total_of, group, by)
    nugget = [Argument(Constant(True), "nugget", place)] if said.local else []
    return _nlme(_DISTANCES[function[0]], total_of, group, by, *nugget)


def _sum(points: Sequence[Expr]) -> Expr:
    found = points[0]
    for other in points[1:]:
        found = Binary("+", found, other, found.span)
    return found


def _nlme(name: str, left: Expr, group: Expr, by: Name | None, *others: Argument) -> Call:
    """`name(form = ~ left | group)`."""
    form = Tilde(None, Binary("|", left, group, left.span), left.span)
    own = () if by is None else (Argument(by, "by", by.span),)
    return Call(name, (Argument(form, "form", left.span), *others, *own), left.span)


def _time(effects: Sequence[Effect], names: Names) -> Name | None:
    """The column whose levels tell the rows of a subject apart."""
    found = [effect for effect in effects if effect.names[0].text.lower() != "_residual_"]
    if not found:
        return None
    (first, *others), span = found[0].names, found[0].span
    if others or len(found) > 1:
        raise UnsupportedError("rows of a subject are told apart by one column here: make one of these", span)
    if not names.is_class(first):
        message = f"`{first.text}` tells rows of a subject apart: put it in `class`, as SAS asks for"
        raise FormulaSyntaxError(message, first.span)
    return names.column(first)


# Options


def _said(sentence: Sentence, place: Span) -> _Said:
    found: dict[str, Option] = {}
    for option in sentence.options:
        name = _ALIASES.get(option.name, option.name)
        if name not in ("subject", "group", "type", "local") and name not in _SHOWN:
            hint = nearest(name, ("subject", "group", "type", "local"))
            raise UnsupportedError(f"the option `{option.name}` is not read here{hint}", option.span)
        found[name] = option
    for name in ("subject", "group"):
        if name in found and not found[name].value:
            raise FormulaSyntaxError(f"`{name}` names a column, as in `{name}=id`", found[name].span)
    subject, group, kind = (found[n].value if n in found else () for n in ("subject", "group", "type"))
    return _Said(given_names(subject), given_names(group), _type(kind, place), "local" in found)


def _type(value: Sequence[Given], place: Span) -> _Type:
    if not value:
        return _Type("vc", "vc", (), place)
    words = [f"{one.word}{''.join(f'({" ".join(group)})' for group in one.groups)}".lower() for one in value]
    first = value[0]
    if len(value) > 1:
        raise UnsupportedError(f"`type={'*'.join(words)}`, a product of two, is not built", first.span)
    groups = tuple(tuple(word if k else word.lower() for word in group) for k, group in enumerate(first.groups))
    return _Type(words[0], first.word.lower(), groups, first.span)


def _structure(kind: _Type) -> str:
    found = _STRUCTURES.get(kind.name)
    if found is None:
        known = ["vc", *_STRUCTURES, f"{_FACTORS}(q)", "sp(exp)(t)"]
        listed = nearest(kind.name, known) or f"; there are {', '.join(known)}"
        raise UnsupportedError(f"`type={kind.name}` is not built{listed}", kind.span)
    return found


def _order(kind: _Type) -> int:
    words = kind.groups[0] if kind.groups else ()
    if len(words) != 1 or not words[0].isdecimal() or int(words[0]) < 1:
        raise FormulaSyntaxError(f"`{kind.family}` takes a whole number, as in `type={kind.family}(2)`", kind.span)
    return int(words[0])


def _one(group: tuple[Name, ...], names: Names) -> Name:
    if len(group) > 1:
        raise UnsupportedError("`group=` takes one column here: make one of these", group[0].span)
    return names.column(group[0])
