"""Statement in, a call of brms's `brm()` out."""

from __future__ import annotations

from dataclasses import replace

from tildemc.syntax.family import FamilyName
from tildemc.syntax.rcall.families import BRMS
from tildemc.syntax.several import response_names
from tildemc.syntax.tree import (
    Argument,
    Binary,
    Call,
    Constant,
    Expr,
    Formula,
    Modifier,
    Name,
    Parens,
    PriorStatement,
    Text,
    Unary,
    deparse,
)
from tildemc.syntax.unparse.groups import matrices
from tildemc.syntax.unparse.language import Language
from tildemc.syntax.unparse.parts import (
    SMOOTHS,
    Saying,
    cut_by_group,
    family_said,
    has_predictors,
    of_curves,
    refuse_followed_mean,
    terms_unsaid,
    with_level_sds,
)
from tildemc.syntax.unparse.priors import brms_lacks, brms_prior, prior_text
from tildemc.syntax.unparse.residuals import beside_arithmetic, brms_residuals
from tildemc.syntax.unparse.rlines import R_READS, r_lines
from tildemc.syntax.unparse.rparts import FROM_ONE, numbers_unsaid, plain_r, r_call, structured
from tildemc.syntax.unparse.text import cells_text, left_text, statement_text

__all__ = ["LANGUAGE"]

_TERMS = (*SMOOTHS, "gp", "mo", "me", "cs", "car")
"""Terms that not every language has, and brms does."""


def _written(saying: Saying) -> str:
    """`brm(bf(y ~ x, sigma ~ z), data = d, family = student())`."""
    statement, formula = saying.statement, saying.statement.formula
    if formula.others:
        each = [_bf(saying.of(own)) for own in formula.each]
        several = [f"bf({', '.join([*parts, f'family = {_brms_family(own, saying)}'])})" for parts, own in each]
        told = [] if formula.rescor is None else [f"set_rescor({deparse(Constant(formula.rescor))})"]
        shown, family = " + ".join([*several, *told]), FamilyName("gaussian")
        if not formula.complete:
            saying.unsaid.append("rows that lack some of several responses: brms leaves them out")
    else:
        parts, family = _bf(saying)
        shown = parts[0] if len(parts) == 1 else f"bf({', '.join(parts)})"
    priors: list[str] = []
    for prior in statement.priors:
        predictors = any(has_predictors(own, prior) for own in formula.each)
        nonlinear = prior.target.rpartition(".")[0] in of_curves(formula)
        prior = _raw(prior, predictors=predictors) if nonlinear else prior
        lacking = brms_lacks(prior, predictors=predictors)
        if lacking is None:
            grouped, responses = cut_by_group(formula), response_names(formula)
            priors.append(brms_prior(prior, grouped=grouped, nonlinear=nonlinear, responses=responses))
        else:
            saying.unsaid.append(f"the prior `{prior_text(prior)}`: {lacking}")
    arguments = {"family": None if family == FamilyName("gaussian") else _brms_family(family, saying)}
    arguments["prior"] = f"c({', '.join(priors)})" if len(priors) > 1 else priors[0] if priors else None
    beside = [f"{name} = {name}" for own in formula.each for name in matrices(own)]
    arguments["data2"] = f"list({', '.join(beside)})" if beside else None
    return r_call("brm", [shown, f"data = {_data(saying)}"], arguments)


def _bf(saying: Saying) -> tuple[list[str], FamilyName]:
    """What stands in `bf()`, and the family."""
    refuse_followed_mean(saying.statement.formula, "brms")
    formula = brms_residuals(_trials_from_counts(saying.statement.formula), saying)
    formula = with_level_sds(plain_r(formula, saying, plain=False), saying)
    formula = _with_codes(structured(formula, saying, "brms", built=()), saying)
    formula, family = _zero_truncated(formula, family_said(saying))
    main, *others = formula.predictors
    terms_unsaid((predictor.right for predictor in formula.predictors), saying, _TERMS)
    right, beside = beside_arithmetic(main)
    parts = [f"{left_text(formula)} ~ {deparse(right)}", *map(statement_text, others), *map(str, formula.fixed)]
    parts += cells_text(main)
    return [*parts, *beside], family


def _raw(prior: PriorStatement, *, predictors: bool) -> PriorStatement:
    """The intercept of a non-linear formula's parameter is one of its coefficients in brms, or the only one."""
    owner, _, kind = prior.target.rpartition(".")
    if kind != "Intercept":
        return prior
    return replace(prior, target=f"{owner}.b", target_arguments=(Text("Intercept"),) if predictors else None)


def _with_codes(formula: Formula, saying: Saying) -> Formula:
    """What brms's `cens()` knows: limits of the response become codes; it has no intervals with open ends."""
    found: list[Modifier] = []
    for modifier in formula.modifiers:
        limits = {a.name: a.value for a in modifier.arguments if modifier.function == "cens" and a.name is not None}
        left, right = (
            Parens(Binary(compared, formula.response, limits[side])) if side in limits else None
            for side, compared in (("left", "<="), ("right", ">="))
        )
        arguments = tuple(argument for argument in modifier.arguments if argument.name != "open")
        if len(arguments) < len(modifier.arguments):
            saying.unsaid.append("`open = TRUE`: brms has no intervals without an end")
        elif left is not None:
            arguments = (Argument(Unary("-", left) if right is None else Binary("-", right, left)),)
        elif right is not None:
            arguments = (Argument(right),)
        found.append(replace(modifier, arguments=arguments))
    return replace(formula, modifiers=tuple(found))


def _brms_family(family: FamilyName, saying: Saying) -> str:
    if family.components:
        each = [_brms_family(component, saying) for component in family.components]
        truncated = (component.name for component in family.components if component.name.startswith("truncated_"))
        saying.unsaid += [f"the family {name} within a mixture: brms has none of that kind" for name in truncated]
        order = {None: [], True: ['order = "mu"'], False: ['order = "none"']}[family.order]
        return f"{family.name}({', '.join([*each, *order])})"
    called = BRMS.get(family.name, family.name)
    if not called:
        saying.unsaid.append(f"the family {family.name}: brms has none of that kind")
    # R's own `Gamma()` has another link where none is said.
    link = family.link or {"gamma": "log"}.get(family.name)
    links = [f'"{link}"'] if link else []
    links += [f'link_{parameter} = "{link}"' for parameter, link in family.links.items()]
    links += [f'{option} = "{value}"' for option, value in family.options.items()]
    links += [] if family.reference is None else [f"refcat = {deparse(Text(family.reference))}"]
    return f"{called or family.name}({', '.join(links)})"


def _zero_truncated(formula: Formula, family: FamilyName) -> tuple[Formula, FamilyName]:
    """GlmmTMB's `truncated_poisson` is brms's `y | trunc(lb = 1)` with the family poisson."""
    name = family.name.removeprefix("truncated_")
    if name == family.name:
        return formula, family
    return replace(formula, modifiers=(*formula.modifiers, FROM_ONE)), replace(family, name=name)


def _data(saying: Saying) -> str:
    statement = saying.statement
    numbers_unsaid(saying)
    data = deparse(Name(statement.data or "d"))
    return data if statement.rows is None else f"subset({data}, {deparse(statement.rows)})"


def _trials_from_counts(formula: Formula) -> Formula:
    """`cbind(s, s_and_f - s)` is `s | trials(s_and_f)` in brms."""
    match formula.response:
        case Call("cbind", (Argument(successes, None), Argument(failures, None))):
            total: Expr = Binary("+", successes, failures)
            if isinstance(failures, Binary) and failures.operator == "-" and failures.right == successes:
                total = failures.left
            known = (Modifier("trials", (Argument(total),)), *formula.modifiers)
            return replace(formula, response=successes, modifiers=known)
        case _:
            return formula


LANGUAGE = Language(_written, r_lines, opens=R_READS)
