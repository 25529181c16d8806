"""Statement in, a call of nlme's `lme()` out; without group terms `gls()`."""

from __future__ import annotations

from itertools import pairwise

from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.residuals import NLME, Residuals, read_residuals
from tildemc.syntax.rewrite import total
from tildemc.syntax.structures import STRUCTURES
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name, Number, Predictor, deparse, spine
from tildemc.syntax.unparse.groups import plain_groups
from tildemc.syntax.unparse.language import Language
from tildemc.syntax.unparse.parts import (
    Group,
    Saying,
    family_said,
    grouped,
    precision,
    refuse_curves,
    refuse_several,
    terms_unsaid,
    with_level_sds,
)
from tildemc.syntax.unparse.residuals import corresponding, differing, residuals_apart, time_of
from tildemc.syntax.unparse.rlines import R_READS, r_lines
from tildemc.syntax.unparse.rparts import modelled, plain_r, priors_unsaid, r_call, r_response, r_subset

__all__ = ["LANGUAGE"]


def _written(saying: Saying) -> str:
    """`lme(y ~ x, data = d, random = ~ x | g, correlation = corAR1(form = ~ t | g))`."""
    statement = saying.statement
    refuse_several(statement.formula, "nlme's `lme()`")
    refuse_curves(statement.formula, "nlme's `lme()`")
    family = family_said(saying)
    if (family.name, family.link) not in (("gaussian", None), ("gaussian", "identity")):
        saying.unsaid.append(f"the family {family}: nlme has normal responses alone; lme4 and glmmTMB have others")
    formula, terms = residuals_apart(plain_groups(statement.formula, saying, "nlme"))
    formula = with_level_sds(plain_r(formula, saying), saying)
    formula, _ = r_response(formula, family.name, saying, likelihood_weights=False)
    main, *others = formula.predictors
    variances: list[str] = []
    for predictor in others:
        _variance(predictor, variances, saying)
    terms_unsaid((main.right,), saying)
    priors_unsaid(saying, "nlme")
    population, groups = grouped(main.right)
    arguments: dict[str, str | None] = {"random": _random(groups, saying)}
    arguments["correlation"] = next((c for term in terms if (c := _correlation(term, variances, saying))), None)
    several = f"varComb({', '.join(variances)})"
    arguments["weights"] = several if len(variances) > 1 else variances[0] if variances else None
    arguments["subset"] = r_subset(saying)
    shown = f"{deparse(formula.response)} ~ {deparse(total(population or [Number(1.0)]))}"
    function = "lme" if arguments["random"] else "gls"
    return r_call(function, [shown, f"data = {deparse(Name(statement.data or 'd'))}"], arguments)


def _variance(predictor: Predictor, variances: list[str], saying: Saying) -> None:
    weight = precision(predictor)
    if weight is not None:
        variances.append(f"varFixed(~{deparse(Binary('/', Number(1.0), weight))})")
        return
    match predictor:
        case Predictor("sigma", Binary("+", Number(0.0), level)):
            name = time_of(Residuals("", points=(level,)))
            if name is not None and (isinstance(level, Call) or name.text in saying.factors):
                variances.append(f"varIdent(form = ~ 1 | {deparse(name)})")
                return
        case _:
            pass
    saying.unsaid.append(f"`{modelled(predictor)}`: nlme has variances by the levels of a factor, and `varFixed()`")


# Group terms


def _random(groups: list[Group], saying: Saying) -> str | None:
    """`~ x | a/b`, or a list by level."""
    levels: dict[tuple[str, ...], list[str]] = {}
    for group in groups:
        for factor in _factors(group.factor, saying):
            shown = _effects(group, saying)
            levels.setdefault(factor, []).append(shown)
    chain = sorted(levels, key=len)
    nested = all(one == other[: len(one)] for one, other in pairwise(chain))
    if not nested or len({len(factor) for factor in chain}) < len(chain):
        saying.unsaid.append("groups that are not nested in each other: nlme has nested ones alone; lme4 has others")
        chain = chain[:1]
    listed: list[str] = []
    above: tuple[str, ...] = ()
    for factor in chain:
        new = [name for name in factor if name not in above]
        if len(new) > 1:
            # A level without effects of its own is none of nlme's.
            joined = ":".join(factor)
            saying.unsaid.append(f"groups by `{joined}` alone: make a column of the combinations first")
        above = factor
        each = levels[factor]
        own = each[0] if len(each) == 1 else f"pdBlocked(list({', '.join(each)}))"
        listed.append(f"{deparse(Name(new[-1]))} = {own}")
    if len(listed) == 1 and listed[0].partition(" = ")[2].startswith("~"):
        name, _, effects = listed[0].partition(" = ")
        return f"{effects} | {name}"
    return f"list({', '.join(listed)})" if listed else None


def _factors(factor: Expr, saying: Saying) -> list[tuple[str, ...]]:
    """`a/b` is `a` and `a:b`."""
    first, nodes = spine(unparenthesised(factor), (":", "/"))
    parts = [first, *(node.right for node in nodes)]
    if not all(isinstance(part, Name) for part in parts):
        saying.unsaid.append(f"the grouping factor `{deparse(factor)}`: make a column of it first")
        return []
    names = [part.text for part in parts if isinstance(part, Name)]
    found: list[tuple[str, ...]] = [(names[0],)]
    for node, name in zip(nodes, names[1:], strict=True):
        joined = tuple(dict.fromkeys((*found[-1], name)))
        found = [*found, joined] if node.operator == "/" else [*found[:-1], joined]
    return found


def _effects(group: Group, saying: Saying) -> str:
    """`~ x`, or `pdDiag(~ x)`."""
    left = group.left.left if isinstance(group.left, Binary) and group.left.operator == "|" else group.left
    shown = f"~ {deparse(left)}"
    if group.structure == "us" or left == Number(1.0):
        return shown
    classes = STRUCTURES[group.structure].nlme if group.structure in STRUCTURES else ()
    if not classes:
        saying.unsaid.append(f"the covariance structure `{group.structure}`: nlme has none of that kind")
        return shown
    return f"{classes[0]}({shown})"


# Residuals


def _correlation(term: Call, variances: list[str], saying: Saying) -> str | None:
    """`corAR1(form = ~ t | g)`; what else is said of each time's variance goes with the variances."""
    found = read_residuals(term)
    written = term if term.function in NLME and found.by is None else _class(found)
    if written is None:
        saying.unsaid.append(f"`{deparse(term)}`: nlme has {', '.join(f'`{name}()`' for name in NLME)}")
        return None
    saying.unsaid += [] if written is term else differing(term, written, "nlme")
    time = time_of(found)
    if found.spread and time is not None:
        variances.append(f"varIdent(form = ~ 1 | {deparse(time)})")
    return deparse(written)


def _class(found: Residuals) -> Call | None:
    """The class of nlme's that says it."""
    p, q = found.order
    time = time_of(found)
    number = None if time is None else Call("as.integer", (Argument(Call("factor", (Argument(time),))),))
    left = number if found.leveled else None
    match found.structure:
        case "arma" | "arma_cov" | "arma_from_start":
            orders = [Argument(Number(float(order)), letter) for letter, order in (("p", p), ("q", q)) if order]
            plain = (p, q) == (1, 0)
            return corresponding("corAR1" if plain else "corARMA", found, *([] if plain else orders), left=left)
        case "exchangeable" | "cosy":
            return corresponding("corCompSymm", found)
        case "unstr" if number is not None:
            return corresponding("corSymm", found, left=number)
        case _:
            return None


LANGUAGE = Language(_written, r_lines, opens=R_READS)
