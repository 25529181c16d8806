"""Statement in, a Stata command out."""

from __future__ import annotations

from dataclasses import dataclass, field

from tildemc.syntax.tree import (
    Argument,
    Binary,
    Call,
    Expr,
    Modifier,
    Name,
    Number,
    Predictor,
    deparse,
)
from tildemc.syntax.unparse.groups import plain_groups
from tildemc.syntax.unparse.language import Language
from tildemc.syntax.unparse.parts import (
    Saying,
    grouped,
    has_predictors,
    precision,
    refuse_curves,
    refuse_several,
)
from tildemc.syntax.unparse.priors import prior_text
from tildemc.syntax.unparse.residuals import residuals_apart
from tildemc.syntax.unparse.stata_commands import choose
from tildemc.syntax.unparse.stata_expr import is_stata_name, stata_expression
from tildemc.syntax.unparse.stata_levels import Equation, arranged
from tildemc.syntax.unparse.stata_lines import stata_condition, stata_lines
from tildemc.syntax.unparse.stata_priors import stata_prior
from tildemc.syntax.unparse.stata_residuals import level_with_residuals, stata_residuals
from tildemc.syntax.unparse.stata_terms import level_of, opened, stata_sum
from tildemc.syntax.unparse.text import modifier_text

__all__ = ["LANGUAGE"]


@dataclass
class _Command:
    """The parts of a command, as they are found."""

    saying: Saying
    name: str = ""
    terms: list[str] = field(default_factory=list)
    weight: str = ""
    options: list[str] = field(default_factory=list)
    constant: bool = True


def _to_stata(saying: Saying) -> str:
    """`mixed y x || g: x, covariance(unstructured)`."""
    statement = saying.statement
    formula, terms = residuals_apart(plain_groups(statement.formula, saying, "Stata"))
    refuse_several(formula, "Stata's `mixed` and its kin")
    refuse_curves(formula, "Stata's `mixed` and its kin")
    main, *others = formula.predictors
    saying.unsaid += [f"the parameter `{given}`" for given in formula.fixed]
    population, groups = grouped(main.right)
    equations = arranged(groups, saying)
    by_level = [p for p in others if p.parameter == "sigma" and level_of(p.right, saying) is not None]
    chosen = choose(saying, formula, levels=bool(equations or by_level or terms))
    command = _Command(saying, chosen.name, options=list(chosen.options))
    _population(command, population)
    _modifiers(command, tuple(m for m in formula.modifiers if m not in chosen.said))
    trials = _trials(formula.response)
    counted = chosen.name != "meglm" or any(option.startswith("family(") for option in chosen.options)
    if trials and not counted:
        # `binomial()` of a command without a family is refused.
        saying.unsaid.append(f"`{deparse(formula.response)}`: the trials `{trials}`")
    command.options += [f"binomial({trials})"] if trials and counted else []
    if command.name in ("mixed", "regress") and any(o.startswith(("offset", "exposure")) for o in command.options):
        command.name = "meglm"
    by = level_of(by_level[0].right, saying) if by_level else None
    for term in terms:
        option = stata_residuals(term, by, saying) if command.name == "mixed" else None
        levels = level_with_residuals(equations, term, saying) if option else None
        equations = equations if levels is None else levels
        command.options += [] if option is None or levels is None else [option]
    for predictor in others:
        if predictor in by_level and any(option.startswith("residuals(") for option in command.options):
            continue
        if predictor.parameter in chosen.equations and not grouped(predictor.right)[1]:
            command.options.append(_equation(chosen.equations[predictor.parameter], predictor.right, saying))
        else:
            _sigma(command, predictor)
    lacking = [o for o in chosen.equations.values() if not any(said.startswith(f"{o}(") for said in command.options)]
    command.options += [f"{option}(_cons)" for option in lacking]
    response = _response(formula.response, saying) if chosen.response is None else chosen.response
    return _apart(saying, _written(command, response, equations))


def _equation(option: str, right: Expr, saying: Saying) -> str:
    """`inflate(x, noconstant)`."""
    found = stata_sum(opened(grouped(right)[0]), saying)
    return f"{option}({' '.join(found.terms) or '_cons'}{'' if found.constant else ', noconstant'})"


def _response(response: Expr, saying: Saying) -> str:
    if isinstance(response, Name) and is_stata_name(response.text):
        return response.text
    match response:
        case Call("cbind", (Argument(Name(successes), None), Argument(_, None))):
            if _trials(response) is not None:
                return successes
            saying.unsaid.append(f"`{deparse(response)}`: make a column of the trials, and write `binomial(trials)`")
            return successes
        case _:
            pass
    saying.unsaid.append(f"the response `{deparse(response)}`: make a column of it first")
    return "y"


def _trials(response: Expr) -> str | None:
    """The `n` of `cbind(s, n - s)`."""
    match response:
        case Call("cbind", (Argument(Name(successes)), Argument(Binary("-", Name(trials), Name(taken))))):
            return trials if successes == taken else None
        case _:
            return None


def _population(command: _Command, population: list[Expr]) -> None:
    parts: list[Expr] = []
    for part in opened(population):
        match part:
            case Call("offset", (Argument(value, _),)):
                command.options.append(_offset(value, command.saying))
            case _:
                parts.append(part)
    found = stata_sum(parts, command.saying)
    command.terms, command.constant = list(found.terms), found.constant


def _offset(value: Expr, saying: Saying) -> str:
    match value:
        case Name(text) if is_stata_name(text):
            return f"offset({text})"
        case Call("log", (Argument(Name(text), None),)) if is_stata_name(text):
            return f"exposure({text})"
        case _:
            pass
    saying.unsaid.append(f"`offset({deparse(value)})`: make a column of it first")
    return ""


def _modifiers(command: _Command, modifiers: tuple[Modifier, ...]) -> None:
    for modifier in modifiers:
        value = modifier.arguments[0].value if modifier.arguments else None
        match modifier.function, value:
            case "trials", Name(text) if not is_stata_name(text):
                command.saying.unsaid.append(f"the column `{text}`: Stata has no such names")
            case "trials", _ if command.name not in ("melogit", "meprobit", "mecloglog"):
                command.saying.unsaid.append(f"`{modifier_text(modifier)}` of the response")
            case "trials", Name() | Number():
                command.options.append(f"binomial({deparse(value)})" if value is not None else "")
            case "weights", Name(text) if is_stata_name(text):
                command.weight = f"[fweight={text}]"
            case _:
                command.saying.unsaid.append(f"`{modifier_text(modifier)}` of the response")


def _sigma(command: _Command, predictor: Predictor) -> None:
    weight = precision(predictor)
    by = level_of(predictor.right, command.saying) if predictor.parameter == "sigma" else None
    if by is not None and command.name == "mixed":
        command.options.append(f"residuals(independent, by({by}))")
    elif isinstance(weight, Name) and command.name == "regress" and is_stata_name(weight.text):
        command.weight = f"[aweight={weight.text}]"
    else:
        shown = f"{predictor.parameter} ~ {deparse(predictor.right)}"
        command.saying.unsaid.append(f"`{shown}`: Stata has only residual variances by a factor's levels")


# The whole


def _written(command: _Command, response: str, equations: list[Equation]) -> str:
    statement = command.saying.statement
    words = [command.name, *([response] if response else []), *command.terms]
    if statement.rows is not None:
        # Of Stata's own `if` is read what it says of values that are there.
        own = statement.syntax == "stata"
        condition = stata_expression(statement.rows) if own else stata_condition(statement.rows)
        if condition is None:
            command.saying.unsaid.append(f"the rows where `{deparse(statement.rows)}`")
        else:
            words += ["if", condition]
    numbers = statement.row_numbers
    if numbers is not None and not numbers.others and len(numbers.ranges) == 1:
        words += ["in", "{}/{}".format(*numbers.ranges[0])]
    elif numbers is not None:
        command.saying.unsaid.append(f"{numbers}: Stata has one range of rows")
    words += [command.weight] if command.weight else []
    fixed = ["noconstant"] if not command.constant else []
    options = [option for option in [*command.options, *statement.display] if option]
    offsets = [option for option in options if option.startswith(("offset", "exposure"))]
    rest = [option for option in options if option not in offsets]
    if not equations:
        text = " ".join(words) + _comma([*fixed, *offsets, *rest])
    else:
        levels = [f"|| {e.level}:{_spaced(e.terms)}{_comma(e.options)}" for e in equations[:-1]]
        last = equations[-1]
        levels.append(f"|| {last.level}:{_spaced(last.terms)}{_comma([*last.options, *rest])}")
        text = " ".join([" ".join(words) + _comma([*fixed, *offsets]), *levels])
    priors: list[str] = []
    for prior in statement.priors:
        elsewhere = prior.at_means and has_predictors(statement.formula, prior)
        terms = [*command.terms, *(["_cons"] if command.constant else [])]
        shown = None if elsewhere else stata_prior(prior, response, terms, equations)
        if shown is None:
            command.saying.unsaid.append(f"the prior `{prior_text(prior)}`")
        else:
            priors.append(shown)
    return f"bayes, {' '.join(priors)}: {text}" if priors else text


def _comma(options: list[str] | tuple[str, ...]) -> str:
    return f", {' '.join(options)}" if options else ""


def _spaced(terms: tuple[str, ...]) -> str:
    return "".join(f" {term}" for term in terms)


def _apart(saying: Saying, text: str) -> str:
    """`bysort g: mixed y x`."""
    by = saying.statement.by
    return f"bysort {' '.join(by)}: {text}" if by else text


LANGUAGE = Language(
    _to_stata, stata_lines, apart=True, opens={"dta": 'use "{file}"', "csv": 'import delimited "{file}"'}
)
