"""Statement in, a call of brm, lmer, glmer or glmmTMB out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tildemc.syntax.expression import walk
from tildemc.syntax.family import FamilyName
from tildemc.syntax.rcall.bars import split_bars
from tildemc.syntax.rcall.families import BRMS, DISPERSION, GLMMTMB, LME4, OWN, REFUSED, STATS_LINKS, without_zeros
from tildemc.syntax.rewrite import rewritten, summands, total
from tildemc.syntax.several import response_names
from tildemc.syntax.structures import BARS, KNOWN, PAIRS, STRUCTURES, group_term, read_group
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
    Parens,
    Predictor,
    PriorStatement,
    Text,
    Unary,
    deparse,
)
from tildemc.syntax.unparse.groups import matrices, plain_groups
from tildemc.syntax.unparse.parts import (
    Converted,
    Saying,
    coding_unsaid,
    cut_by_group,
    family_said,
    grouped,
    has_predictors,
    of_curves,
    precision,
    refuse_curves,
    refuse_followed_mean,
    refuse_several,
    terms_unsaid,
    with_level_sds,
    without_bars,
)
from tildemc.syntax.unparse.priors import brms_lacks, brms_prior, prior_text
from tildemc.syntax.unparse.residuals import beside_arithmetic
from tildemc.syntax.unparse.text import left_text, modifier_text, statement_text

__all__ = ["to_brms", "to_glmmtmb", "to_lme4"]


_FROM_ONE = Modifier("trunc", (Argument(Number(1.0), "lb"),))


def to_brms(saying: Saying) -> Converted:
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
    return saying.done(_call("brm", [shown, f"data = {_data(saying)}"], arguments))


def _bf(saying: Saying) -> tuple[list[str], FamilyName]:
    """What stands in `bf()`, and the family."""
    refuse_followed_mean(saying.statement.formula, "brms")
    formula = with_level_sds(_coded(_trials_from_counts(saying.statement.formula), saying, plain=False), saying)
    formula = _with_codes(_structured(formula, saying, "brms", built=()), saying)
    formula, family = _zero_truncated(formula, family_said(saying))
    main, *others = formula.predictors
    terms_unsaid((predictor.right for predictor in formula.predictors), saying, "brms")
    right, beside = beside_arithmetic(main)
    parts = [f"{left_text(formula)} ~ {deparse(right)}", *map(statement_text, others), *map(str, formula.fixed)]
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
    return replace(formula, modifiers=(*formula.modifiers, _FROM_ONE)), replace(family, name=name)


def _data(saying: Saying) -> str:
    statement = saying.statement
    _numbers_unsaid(saying)
    data = deparse(Name(statement.data or "d"))
    return data if statement.rows is None else f"subset({data}, {deparse(statement.rows)})"


def _numbers_unsaid(saying: Saying) -> None:
    if saying.statement.row_numbers is not None:
        saying.unsaid.append(f"{saying.statement.row_numbers}: take them before")


def _subset(saying: Saying) -> str | None:
    """`subset =` with a condition or with numbers of rows."""
    rows, numbers = saying.statement.rows, saying.statement.row_numbers
    if rows is not None or numbers is None or any(end < 0 for ends in numbers.ranges for end in ends):
        _numbers_unsaid(saying)
        return None if rows is None else deparse(rows)
    shown = [f"{first}:{last}" if first != last else f"{first}" for first, last in numbers.ranges]
    listed = f"c({', '.join(shown)})" if len(shown) > 1 or (numbers.others and ":" in shown[0]) else shown[0]
    return f"-{listed}" if numbers.others else listed


# lme4

_DEFAULT_LINKS = {"binomial": "logit", "poisson": "log", **STATS_LINKS}


def to_lme4(saying: Saying) -> Converted:
    """`lmer(y ~ x + (1 | g), data = d)`; without group terms `lm` or `glm`."""
    statement = saying.statement
    refuse_several(statement.formula, "lme4")
    refuse_curves(statement.formula, "lme4")
    family = family_said(saying, {})
    name, link = family.name, family.link
    formula = _coded(plain_groups(statement.formula, saying, "lme4"), saying, dummies=False)
    formula = _structured(formula, saying, "lme4", built=("cs", "ar1"))
    _independent_factors(formula, saying)
    main, *others = formula.predictors
    arguments: dict[str, str | None] = {}
    for predictor in others:
        weight = precision(predictor)
        if weight is not None and name == "gaussian":
            arguments["weights"] = deparse(weight)
        else:
            saying.unsaid.append(f"`{_statement(predictor)}`: lme4 models the mean alone")
    formula, weights = _response(formula, name, saying, likelihood_weights=name != "gaussian")
    arguments["weights"] = weights or arguments.get("weights")
    _priors_unsaid(saying, "lme4")
    terms_unsaid((main.right,), saying, "lme4")
    single = without_bars(main.right)
    right = split_bars(main.right)
    if name == "gaussian" and link in (None, "identity"):
        function = "lm" if single else "lmer"
    elif name == "negbinomial" and link in (None, "log"):
        function = "glm.nb" if single else "glmer.nb"
    else:
        function = "glm" if single else "glmer"
        arguments = {"family": _r_family(family, LME4, saying, "lme4"), **arguments}
    arguments["subset"] = _subset(saying)
    shown = f"{deparse(formula.response)} ~ {deparse(right)}"
    return saying.done(_call(function, [shown, f"data = {deparse(Name(statement.data or 'd'))}"], arguments))


def _independent_factors(formula: Formula, saying: Saying) -> None:
    """lme4 keeps a factor's levels correlated under `||`."""
    for group in grouped(formula.predictors[0].right)[1]:
        if group.structure != "diag":
            continue
        for node in walk(group.left):
            called = isinstance(node, Call) and node.function in ("factor", "as.factor", "C", "relevel", "ordered")
            if called or (isinstance(node, Name) and node.text in saying.factors):
                saying.unsaid.append(f"independent effects of the levels of `{deparse(node)}`: lme4 correlates them")
                break


# glmmTMB

_TMB_LINKS = {**dict.fromkeys(DISPERSION.values(), "log"), "zi": "logit", "hu": "logit"}
"""The links of all but the mean."""


def to_glmmtmb(saying: Saying) -> Converted:
    """`glmmTMB(y ~ x + (1 | g), data = d, dispformula = ~ z)`."""
    statement = saying.statement
    refuse_several(statement.formula, "glmmTMB")
    refuse_curves(statement.formula, "glmmTMB")
    named = family_said(saying, _TMB_LINKS)
    plain, zero = without_zeros(named)
    # Zeros of a family that glmmTMB has not are no `ziformula`: the whole is what it cannot say.
    family, zero = (plain, zero) if plain.name in GLMMTMB else (named, None)
    formula = with_level_sds(_coded(plain_groups(statement.formula, saying, "glmmTMB"), saying), saying)
    formula = _structured(formula, saying, "glmmTMB", built=(*STRUCTURES, KNOWN))
    main, *others = formula.predictors
    formula, family = _from_one(formula, family)
    shown_family = _r_family(family, GLMMTMB, saying, "glmmTMB")
    arguments: dict[str, str | None] = {"family": None if shown_family == "gaussian()" else shown_family}
    arguments["ziformula"] = "~ 1" if zero else None
    dispersion = DISPERSION.get(family.name.removeprefix("truncated_"))
    for predictor in others:
        if predictor.parameter == dispersion:
            arguments["dispformula"] = f"~ {deparse(predictor.right)}"
        elif predictor.parameter == zero:
            arguments["ziformula"] = f"~ {deparse(predictor.right)}"
        else:
            saying.unsaid.append(f"`{_statement(predictor)}`: glmmTMB has no formula for `{predictor.parameter}`")
    formula, arguments["weights"] = _response(formula, family.name, saying, likelihood_weights=True)
    terms_unsaid((predictor.right for predictor in formula.predictors), saying, "glmmTMB")
    _priors_unsaid(saying, "glmmTMB")
    arguments["subset"] = _subset(saying)
    shown = f"{deparse(formula.response)} ~ {deparse(main.right)}"
    return saying.done(_call("glmmTMB", [shown, f"data = {deparse(Name(statement.data or 'd'))}"], arguments))


def _from_one(formula: Formula, family: FamilyName) -> tuple[Formula, FamilyName]:
    """Brms's `y | trunc(lb = 1)` with the family poisson is glmmTMB's `truncated_poisson`."""
    truncated = f"truncated_{family.name}"
    others = tuple(m for m in formula.modifiers if m.function != "trunc" or m.arguments != _FROM_ONE.arguments)
    if truncated not in GLMMTMB or len(others) == len(formula.modifiers):
        return formula, family
    return replace(formula, modifiers=others), replace(family, name=truncated)


# What they share


def _call(function: str, first: list[str], arguments: Mapping[str, str | None]) -> str:
    given = [f"{name} = {value}" for name, value in arguments.items() if value]
    return f"{function}({', '.join([*first, *given])})"


def _statement(predictor: Predictor) -> str:
    return f"{predictor.parameter} ~ {deparse(predictor.right)}"


def _r_family(family: FamilyName, known: Mapping[str, str], saying: Saying, package: str) -> str:
    name, link = family.name, family.link
    shown = known.get(name)
    if shown is None:
        saying.unsaid.append(f"the family {family if family.components else name}: {package} has none of that kind")
        if family.components or (package, name) in (*REFUSED, *OWN):
            return "gaussian()"
        return f'{name}(link = "{link}")' if link else f"{name}()"
    wanted = link or {"gamma": "log", "bernoulli": "logit", "binomial": "logit"}.get(name)
    return f'{shown}(link = "{wanted}")' if wanted and wanted != _DEFAULT_LINKS.get(shown) else f"{shown}()"


def _response(formula: Formula, name: str, saying: Saying, *, likelihood_weights: bool) -> tuple[Formula, str | None]:
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


def _priors_unsaid(saying: Saying, package: str) -> None:
    saying.unsaid += [f"the prior `{prior_text(prior)}`: {package} has none" for prior in saying.statement.priors]


def _coded(formula: Formula, saying: Saying, *, dummies: bool = True, plain: bool = True) -> Formula:
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


def _structured(formula: Formula, saying: Saying, package: str, *, built: Sequence[str]) -> Formula:
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
