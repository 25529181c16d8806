"""Statement in, a call of Julia's MixedModels out; without group terms one of GLM's."""

from __future__ import annotations

from dataclasses import dataclass, field

from tildemc.errors import TildeError
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.family import FamilyName
from tildemc.syntax.julia.families import CODINGS, DISTRIBUTIONS, LINKS
from tildemc.syntax.rcall.bars import terms_of
from tildemc.syntax.rewrite import summands, total
from tildemc.syntax.tree import (
    Argument,
    Binary,
    Call,
    Expr,
    Formula,
    Modifier,
    Name,
    Number,
    Parens,
    Text,
    deparse,
    spine,
)
from tildemc.syntax.unparse.groups import plain_groups
from tildemc.syntax.unparse.julia_lines import FUNCTIONS, Unwritten, julia_lines, julia_name
from tildemc.syntax.unparse.language import Language
from tildemc.syntax.unparse.parts import (
    Group,
    Saying,
    coding_unsaid,
    family_said,
    grouped,
    precision,
    refuse_curves,
    refuse_several,
    terms_unsaid,
)
from tildemc.syntax.unparse.priors import prior_text
from tildemc.syntax.unparse.residuals import without_residuals
from tildemc.syntax.unparse.text import modifier_text

__all__ = ["LANGUAGE"]


@dataclass
class _Call:
    """The call as it is made: what is said beside the formula, and how columns are coded."""

    saying: Saying
    codings: dict[str, str] = field(default_factory=dict)

    def coded(self, column: Name, coding: str) -> str:
        """The column, of which is said in `contrasts` how it is coded."""
        told = self.codings.setdefault(column.text, coding)
        if told != coding:
            self.saying.unsaid.append(f"two codings of `{column.text}`: Julia has one for each column")
        return julia_name(column)


def _written(saying: Saying) -> str:
    """`fit(MixedModel, @formula(y ~ 1 + x + (1 + x | g)), d, Poisson())`."""
    statement = saying.statement
    refuse_several(statement.formula, "Julia's MixedModels")
    refuse_curves(statement.formula, "Julia's MixedModels")
    family = family_said(saying, {})
    formula = without_residuals(plain_groups(statement.formula, saying, "Julia"), saying, "Julia has none; nlme has")
    main, *others = formula.predictors
    coding_unsaid([main.right], saying)
    terms_unsaid([main.right], saying)
    saying.unsaid += [f"the parameter `{given}`" for given in formula.fixed]
    saying.unsaid += [f"the prior `{prior_text(prior)}`: MixedModels has none" for prior in statement.priors]
    call = _Call(saying)
    population, groups = grouped(main.right)
    texts = [*_population(population, call), *(text for group in groups if (text := _group(group, call)))]
    response, weights = _response(formula, family, saying)
    for predictor in others:
        weight = precision(predictor)
        if weight is not None and family.name == "gaussian" and groups and isinstance(weight, Name):
            weights = weight
        else:
            saying.unsaid.append(
                f"`{predictor.parameter} ~ {deparse(predictor.right)}`: MixedModels models the mean alone"
            )
    data = statement.data if statement.data and statement.data.isidentifier() else "d"
    given = [f"@formula({response} ~ {' + '.join(texts)})", data, *_distribution(family, saying)]
    named = [] if weights is None else [f"wts = {data}.{julia_name(weights)}"]
    codings = ", ".join(f":{name} => {coding}" for name, coding in call.codings.items())
    named += [f"contrasts = Dict({codings})"] if codings else []
    function = "fit(MixedModel, " if groups else "lm(" if len(given) == 2 else "glm("
    return f"{function}{', '.join(given)}{'; ' if named else ''}{', '.join(named)})"


def _distribution(family: FamilyName, saying: Saying) -> list[str]:
    """`Bernoulli(), ProbitLink()`, of what is no normal response."""
    found = {ours: (name, link) for name, (ours, link) in DISTRIBUTIONS.items()}.get(family.name)
    if found is None or family.components or family.name == "negbinomial":
        saying.unsaid.append(f"the family {family if family.components else family.name}: Julia has none of that kind")
        return []
    name, usual = found
    link = family.link or {"gamma": "log"}.get(family.name, usual)
    called = {ours: name for name, ours in LINKS.items()}.get(link)
    if called is None:
        saying.unsaid.append(f"the link {link}: Julia has none of that kind")
    if link == usual or called is None:
        return [] if family.name == "gaussian" else [f"{name}()"]
    return [f"{name}()", f"{called}()"]


def _response(formula: Formula, family: FamilyName, saying: Saying) -> tuple[str, Name | None]:
    """The response, and the column of trials: the response is a share of these."""
    response, modifiers = formula.response, formula.modifiers
    match response:
        case Call("cbind", (Argument(Name() as successes), Argument(Binary("-", Name() as n, taken)))) if (
            taken == successes
        ):
            response, modifiers = successes, (Modifier("trials", (Argument(n),)), *modifiers)
        case _:
            pass
    weights: Name | None = None
    for modifier in modifiers:
        match modifier:
            case Modifier("trials", (Argument(Name() as column),)) if family.name == "binomial":
                response, weights = Binary("/", response, column), column
            case _:
                saying.unsaid.append(f"`{modifier_text(modifier)}` of the response")
    try:
        return _arithmetic(response), weights
    except Unwritten:
        saying.unsaid.append(f"the response `{deparse(response)}`: make a column of it first")
        return "y", weights


# Terms


def _population(parts: list[Expr], call: _Call) -> list[str]:
    try:
        constant, terms = terms_of(total(parts or [Number(1.0)]))
    except TildeError:
        lost = [part for part in parts if not isinstance(part, Name | Number)]
        call.saying.unsaid += [f"the term `{deparse(part)}`: write it out, joined by `+` and `:`" for part in lost]
        constant, terms = terms_of(total([part for part in parts if part not in lost] or [Number(1.0)]))
    if not constant and Name("Intercept") in terms:
        constant, terms = True, [term for term in terms if term != Name("Intercept")]
    return [str(int(constant)), *(text for term in terms if (text := _term(term, call)))]


def _term(term: Expr, call: _Call) -> str | None:
    """A term; what it lacks is noted."""
    try:
        return _product(term, call)
    except Unwritten:
        call.saying.unsaid.append(f"the term `{deparse(term)}`: make a column of it first")
        return None


def _product(term: Expr, call: _Call) -> str:
    """`a & b`."""
    first, nodes = spine(unparenthesised(term), ":")
    return " & ".join(_variable(part, call) for part in (first, *(node.right for node in nodes)))


def _variable(part: Expr, call: _Call) -> str:
    match unparenthesised(part):
        case Call("factor" | "as.factor", (Argument(Name() as column, None),)):
            return call.coded(column, "DummyCoding()")
        case Call("relevel", (Argument(Call("factor", (Argument(Name() as column),))), Argument(base, "ref"))):
            return call.coded(column, f"DummyCoding(base={_level(base)})")
        case Call("C", (Argument(Name() as column, None), Argument(Name(coding) | Text(coding)))) if (
            coding in CODINGS.values()
        ):
            name = next(name for name, ours in CODINGS.items() if ours == coding)
            if coding == "sum":
                call.saying.unsaid.append(f"`{deparse(part)}`: Julia's leaves out the first level, and not the last")
            return call.coded(column, f"{name}()")
        case other:
            return _arithmetic(other)


def _level(base: Expr) -> str:
    match base:
        case Text(value) if not value.isdigit():
            return f'"{value}"'
        case Text(value):
            return value
        case Number():
            return deparse(base)
        case _:
            raise Unwritten


def _group(group: Group, call: _Call) -> str | None:
    left = group.left.left if isinstance(group.left, Binary) and group.left.operator == "|" else group.left
    effects = _population(summands(left), call)
    try:
        factor = _factor(group.factor)
    except Unwritten:
        call.saying.unsaid.append(f"the groups `{deparse(group.factor)}`: make a column of them first")
        return None
    shown = f"({' + '.join(effects)} | {factor})"
    if group.structure == "diag":
        return f"zerocorr{shown}"
    if group.structure != "us":
        structure = f"the covariance structure `{group.structure}`"
        call.saying.unsaid.append(f"{structure}: MixedModels has correlated and independent effects")
    return shown


def _factor(factor: Expr) -> str:
    first, nodes = spine(unparenthesised(factor), (":", "/"))
    parts = [first, *(node.right for node in nodes)]
    if not all(isinstance(part, Name) for part in parts):
        raise Unwritten
    found = julia_name(parts[0])
    for node in nodes:
        found += f" {'&' if node.operator == ':' else '/'} {julia_name(node.right)}"
    return found


def _arithmetic(expr: Expr) -> str:
    """What Julia works out row by row in a formula."""
    match expr:
        case Name():
            return julia_name(expr)
        case Number():
            return deparse(expr)
        case Parens(inner):
            return f"({_arithmetic(inner)})"
        case Call("I", (Argument(inner, None),)) if isinstance(inner, Binary) and inner.operator in "^/":
            return f"{_arithmetic(inner.left)}{inner.operator}{_arithmetic(inner.right)}"
        case Call(function, arguments) if function in FUNCTIONS:
            return f"{FUNCTIONS[function]}({', '.join(_arithmetic(a.value) for a in arguments)})"
        case Binary("+" | "-" | "*" | "/" | "^" as operator, left, right):
            return f"{_arithmetic(left)} {operator} {_arithmetic(right)}"
        case _:
            raise Unwritten


LANGUAGE = Language(_written, julia_lines, opens={"csv": '{data} = CSV.read("{file}", DataFrame)'})
