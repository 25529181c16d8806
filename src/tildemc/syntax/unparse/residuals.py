"""How residuals go together, in languages that say it in their own ways, or not at all.

Each language writes what is nearest, and says what term here that means; in what the two differ is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tildemc.syntax.residuals import Residuals, is_residuals, read_residuals
from tildemc.syntax.rewrite import summands, total
from tildemc.syntax.tree import Argument, Binary, Call, Constant, Expr, Formula, Name, Number, Predictor, Tilde, deparse
from tildemc.syntax.unparse.parts import Saying

__all__ = [
    "as_group_term",
    "beside_arithmetic",
    "brms_residuals",
    "corresponding",
    "differing",
    "residuals_apart",
    "time_of",
    "without_residuals",
]

_MEANS = {
    "arma": "`sigma` is the sd of every residual", "arma_cov": "`sigma` is the sd of what a row brings anew",
    "arma_from_start": "the first row of a group goes with none before it, and `sigma` is the sd of what a row brings "
    "anew",
    "cosy": "the correlation is not below 0", "exchangeable": "the correlation may be below 0",
}  # fmt: skip
"""What else a structure means than others that are written for it."""
_STEPS = {True: "rows next to each other in time are one step apart", False: "times are as far apart as they say"}


def beside_arithmetic(main: Predictor) -> tuple[Expr, list[str]]:
    """The main formula in brms's `bf()`, and what stands there beside it: terms of residuals are no arithmetic."""
    if not main.curve:
        return main.right, []
    parts = summands(main.right)
    told = [part for part in parts if is_residuals(part)]
    said = [f"autocor = ~{deparse(total(told))}"] if told else []
    return total([part for part in parts if part not in told]), ["nl = TRUE", *said]


def residuals_apart(formula: Formula) -> tuple[Formula, list[Call]]:
    """The formula without its terms of residuals, and these."""
    first, *others = formula.predictors
    parts = summands(first.right)
    found = [part for part in parts if isinstance(part, Call) and is_residuals(part)]
    if not found:
        return formula, []
    kept = [part for part in parts if part not in found] or [Number(1.0)]
    return replace(formula, predictors=(replace(first, right=total(kept)), *others)), found


def without_residuals(formula: Formula, saying: Saying, elsewhere: str) -> Formula:
    """The formula without its terms of residuals, of which is told that a language has none."""
    plain, found = residuals_apart(formula)
    saying.unsaid += [f"`{deparse(term)}`: {elsewhere}" for term in found]
    return plain


def differing(term: Call, written: Call, language: str) -> list[str]:
    """In what a term differs from the one that a language's words mean."""
    meant, found = read_residuals(term), read_residuals(written)
    told = [_MEANS[found.structure]] if found.structure != meant.structure else []
    if found.points and meant.points and found.structure.startswith("arma") and _ranked(found) != _ranked(meant):
        told.append(_STEPS[_ranked(found)])
    if found.by is None and meant.by is not None:
        told.append(f"all levels of `{meant.by.text}` have the same")
    return [f"`{deparse(term)}`: in {language} {' and '.join(told)}"] if told else []


def _ranked(residuals: Residuals) -> bool:
    return residuals.ranked or residuals.leveled or any(isinstance(point, Call) for point in residuals.points)


def time_of(residuals: Residuals) -> Name | None:
    """The column of times: `t`, or the `t` of `as.integer(factor(t))` and of `factor(t)`."""
    match residuals.points:
        case (Name() as name,) | (Call("factor", (Argument(Name() as name),)),):
            return name
        case (Call("as.integer", (Argument(Call("factor", (Argument(Name() as name),))),)),):
            return name
        case _:
            return None


def corresponding(name: str, residuals: Residuals, *others: Argument, left: Expr | None = None) -> Call:
    """Nlme's `name(form = ~ t | g)`, of the same times and groups."""
    points: list[Expr] = list(residuals.points) or [Number(1.0)]
    inner: Expr = left or total(points)
    if residuals.group:
        inner = Binary("|", inner, joined(residuals.group, ":"))
    by = () if residuals.by is None else (Argument(residuals.by, "by"),)
    return Call(name, (Argument(Tilde(None, inner), "form"), *others, *by))


def as_group_term(name: str, residuals: Residuals) -> Call:
    """`residual(us(0 + factor(t) | g))`, of the same times and groups."""
    levels = Binary("+", Number(0.0), residuals.points[0])
    return Call("residual", (Argument(Call(name, (Argument(Binary("|", levels, joined(residuals.group, ":"))),))),))


def joined(group: Iterable[Name], operator: str) -> Expr:
    """`a:b`."""
    first, *others = group
    found: Expr = first
    for other in others:
        found = Binary(operator, found, other)
    return found


# brms

_BRMS = ("ar", "ma", "arma", "cosy", "unstr", "sar", "fcor")
_OF_BRMS = "brms has `ar()`, `ma()`, `arma()`, `cosy()`, `unstr()`, `sar()` and `fcor()`"


def brms_residuals(formula: Formula, saying: Saying) -> Formula:
    """The formula with its terms of residuals as brms has them."""
    first, *others = formula.predictors
    written: list[Expr] = []
    sds: list[Predictor] = []
    for part in summands(first.right):
        term = part if isinstance(part, Call) and is_residuals(part) else None
        found = part if term is None else _as_brms(term)
        written += [] if found is None else [found]
        if term is not None and found is None:
            saying.unsaid.append(f"`{deparse(term)}`: {_OF_BRMS}")
        elif term is not None and isinstance(found, Call) and found is not term:
            saying.unsaid += differing(term, found, "brms")
            sds += sds_by_time(term)
    if sds and any(predictor.parameter == "sigma" for predictor in others):
        saying.unsaid.append("an sd of each time's residuals beside what else `sigma` depends on")
        sds = []
    return replace(formula, predictors=(replace(first, right=total(written or [Number(1.0)])), *others, *sds))


def sds_by_time(term: Call) -> list[Predictor]:
    """The predictor of sigma by which each time has an sd of its own, of a structure that has such within."""
    found = read_residuals(term)
    time = time_of(found)
    if not found.spread or time is None:
        return []
    return [Predictor("sigma", Binary("+", Number(0.0), Call("factor", (Argument(time),))))]


def _as_brms(term: Call) -> Call | None:
    """The nearest that brms has."""
    found = read_residuals(term)
    if term.function in _BRMS:
        return term if found.by is None else None
    if found.known or found.metric != "euclidean":
        return None
    match found.structure:
        case "arma" if not found.spread:
            return _series(found)
        case "exchangeable" if not found.spread:
            return Call("cosy", _brms_places(found))
        case "unstr" if len(found.points) == 1:
            return Call("unstr", _brms_places(found))
        case _:
            return None


def _series(found: Residuals) -> Call:
    """`ar(t, g, p = 1, cov = TRUE)`: brms has covariances of first orders alone."""
    p, q = found.order
    name = "arma" if p and q else "ar" if p else "ma"
    orders = [Argument(Number(float(order)), letter) for letter, order in (("p", p), ("q", q)) if order]
    cov = (Argument(Constant(True), "cov"),) if max(p, q) == 1 else ()
    return Call(name, (*_brms_places(found), *orders, *cov))


def _brms_places(found: Residuals) -> tuple[Argument, ...]:
    time = time_of(found)
    times = () if time is None else (Argument(time, "time"),)
    return (*times, *((Argument(joined(found.group, ":"), "gr"),) if found.group else ()))
