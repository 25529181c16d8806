"""What calls of R's packages have in common: families, responses, rows, codings, covariance structures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tildemc.syntax.family import FamilyName
from tildemc.syntax.rcall.families import OWN, REFUSED, STATS_LINKS
from tildemc.syntax.rewrite import rewritten, summands, total
from tildemc.syntax.structures import BARS, KNOWN, PAIRS, group_term, read_group
from tildemc.syntax.tree import (
    Argument,
    Binary,
    Call,
    Constant,
    Expr,
    Formula,
    Modifier,
    Name,
    Number,
    Predictor,
    Text,
    deparse,
)
from tildemc.syntax.unparse.parts import Saying, coding_unsaid
from tildemc.syntax.unparse.priors import prior_text
from tildemc.syntax.unparse.rlines import row_list
from tildemc.syntax.unparse.text import modifier_text

__all__ = [
    "FROM_ONE",
    "modelled",
    "numbers_unsaid",
    "plain_r",
    "priors_unsaid",
    "r_call",
    "r_family",
    "r_response",
    "r_subset",
    "structured",
]


FROM_ONE = Modifier("trunc", (Argument(Number(1.0), "lb"),))
"""brms's and our `y | trunc(lb = 1)`: glmmTMB has families for it."""
_DEFAULT_LINKS = {"binomial": "logit", "poisson": "log", **STATS_LINKS}


def numbers_unsaid(saying: Saying) -> None:
    """Note that rows are taken by number."""
    if saying.statement.row_numbers is not None:
        saying.unsaid.append(f"{saying.statement.row_numbers}: take them before")


def r_subset(saying: Saying) -> str | None:
    """`subset =` with a condition or with numbers of rows."""
    rows, numbers = saying.statement.rows, saying.statement.row_numbers
    listed = None if numbers is None else row_list(numbers)
    if rows is not None or listed is None:
        numbers_unsaid(saying)
        return None if rows is None else deparse(rows)
    return listed


def r_call(function: str, first: list[str], arguments: Mapping[str, str | None]) -> str:
    """`function(first, name = value)`, of the arguments that have one."""
    given = [f"{name} = {value}" for name, value in arguments.items() if value]
    return f"{function}({', '.join([*first, *given])})"


def modelled(predictor: Predictor) -> str:
    """`sigma ~ x`."""
    return f"{predictor.parameter} ~ {deparse(predictor.right)}"


def r_family(family: FamilyName, known: Mapping[str, str], saying: Saying, package: str) -> str:
    """A call of a family by what a package calls it."""
    name, link = family.name, family.link
    shown = known.get(name)
    if shown is None:
        saying.unsaid.append(f"the family {family if family.components else name}: {package} has none of that kind")
        if family.components or (package, name) in (*REFUSED, *OWN):
            return "gaussian()"
        return f'{name}(link = "{link}")' if link else f"{name}()"
    wanted = link or {"gamma": "log", "bernoulli": "logit", "binomial": "logit"}.get(name)
    return f'{shown}(link = "{wanted}")' if wanted and wanted != _DEFAULT_LINKS.get(shown) else f"{shown}()"


def r_response(formula: Formula, name: str, saying: Saying, *, likelihood_weights: bool) -> tuple[Formula, str | None]:
    """The formula without modifiers: trials go into `cbind()`, weights into an argument."""
    weights: str | None = None
    response = formula.response
    for modifier in formula.modifiers:
        value = modifier.arguments[0].value if modifier.arguments else None
        several = isinstance(response, Call) and response.function == "cbind"
        if modifier.function == "trials" and value is not None and not several:
            failures = Binary("-", value, response)
            response = Call("cbind", (Argument(response), Argument(failures)))
        elif modifier.function == "weights" and value is not None and likelihood_weights:
            weights = deparse(value)
        else:
            saying.unsaid.append(f"`{modifier_text(modifier)}` of the response")
    return replace(formula, response=response, modifiers=()), weights


def priors_unsaid(saying: Saying, package: str) -> None:
    """Note priors, of a package that has none."""
    saying.unsaid += [f"the prior `{prior_text(prior)}`: {package} has none" for prior in saying.statement.priors]


def plain_r(formula: Formula, saying: Saying, *, dummies: bool = True, plain: bool = True) -> Formula:
    """The formula with tildemc's and lme4's own functions in plain R; `plain` without brms's names of groups."""
    coding_unsaid((p.right for p in formula.predictors), saying)
    saying.unsaid += [f"the parameter `{given}`" for given in formula.fixed if plain]

    def change(expr: Expr) -> Expr | None:
        match expr:
            case Call("dummy", (Argument(column, None), Argument(Text() | Number() as value, None))):
                level = value if isinstance(value, Text) else Text(deparse(value))
                if dummies:
                    return Call("as.numeric", (Argument(Binary("==", column, level)),))
                return replace(expr, arguments=(Argument(column), Argument(level)))
            case Call("indicators", (Argument(column, None), *others)):
                names = [a.value for a in others if a.name is None]
                factors = [Call("factor", (Argument(name),)) for name in (column, *names)]
                whole: Expr = factors[0]
                for factor in factors[1:]:
                    whole = Binary(":", whole, factor)
                return whole
            case Call("relevel", (Argument(column, None), Argument(Number() as number, "ref"))):
                level = Text(deparse(number))
                return Call("relevel", (Argument(column), Argument(level, "ref")))
            case _:
                return None

    rights = [rewritten(p.right, change) for p in formula.predictors]
    rights = [_with_intercept(right) for right in rights] if plain else rights
    return replace(formula, predictors=tuple(map(_replaced, formula.predictors, rights)))


def structured(formula: Formula, saying: Saying, package: str, *, built: Sequence[str]) -> Formula:
    """The formula with covariance structures as a package has them: `built` as functions, lme4's with `hom`."""

    def change(expr: Expr) -> Expr | None:
        group = read_group(expr)
        if group is None:
            return None
        structure, bar, rank = group
        if structure == KNOWN and structure in built:
            return expr
        pair = PAIRS.get(structure, ())
        called = next((name for name in ("diag", *built) if name in pair), None)
        if package == "lme4" and called is not None and structure not in BARS.values():
            # Of those that lme4 takes to have one sd or several unless told, only `cs` says nothing if it has several.
            equal = () if structure == "cs" else (Argument(Constant(pair.index(structure) == 1), "hom"),)
            return Call(called, (Argument(bar), *equal))
        if structure in built or structure in BARS.values():
            return group_term(structure, bar.left, bar.right, bar.span, rank)
        saying.unsaid.append(f"the covariance structure `{structure}`: {package} has none of that kind")
        return group_term("us", bar.left, bar.right, bar.span)

    rights = [rewritten(predictor.right, change) for predictor in formula.predictors]
    return replace(formula, predictors=tuple(map(_replaced, formula.predictors, rights)))


def _replaced(predictor: Predictor, right: Expr) -> Predictor:
    return replace(predictor, right=right)


def _with_intercept(right: Expr) -> Expr:
    """What brms writes `0 + Intercept + x` is `x` to other packages."""
    parts = summands(right)
    if Number(0.0) not in parts or Name("Intercept") not in parts:
        return right
    return total([part for part in parts if part not in (Number(0.0), Name("Intercept"))] or [Number(1.0)])
