"""Statement in, a Stata command out."""

from __future__ import annotations

from dataclasses import dataclass, field

from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.rewrite import summands
from tildemc.syntax.tree import (
    Argument,
    Binary,
    Call,
    Expr,
    Modifier,
    Name,
    Number,
    Predictor,
    Text,
    Unary,
    deparse,
)
from tildemc.syntax.unparse.parts import Converted, Saying, grouped, has_predictors, precision, split_family
from tildemc.syntax.unparse.priors import prior_text
from tildemc.syntax.unparse.stata_expr import stata_expression
from tildemc.syntax.unparse.stata_levels import Equation, arranged
from tildemc.syntax.unparse.stata_priors import stata_prior
from tildemc.syntax.unparse.text import modifier_text

__all__ = ["to_stata"]

# (family, link) -> command with levels, command without, what `meglm` calls it
_COMMANDS: dict[tuple[str, str], tuple[str, str]] = {
    ("gaussian", "identity"): ("mixed", "regress"),
    ("bernoulli", "logit"): ("melogit", "logit"),
    ("bernoulli", "probit"): ("meprobit", "probit"),
    ("bernoulli", "cloglog"): ("mecloglog", "cloglog"),
    ("binomial", "logit"): ("melogit", "melogit"),
    ("binomial", "probit"): ("meprobit", "meprobit"),
    ("binomial", "cloglog"): ("mecloglog", "mecloglog"),
    ("poisson", "log"): ("mepoisson", "poisson"),
    ("negbinomial", "log"): ("menbreg", "nbreg"),
    ("cumulative", "logit"): ("meologit", "ologit"),
    ("cumulative", "probit"): ("meoprobit", "oprobit"),
    ("gamma", "log"): ("meglm", "meglm"),
    ("gaussian", "log"): ("meglm", "meglm"),
}
_DEFAULT_LINKS = {"gaussian": "identity", "poisson": "log", "negbinomial": "log", "gamma": "log", "cumulative": "logit"}


@dataclass
class _Command:
    """The parts of a command, as they are found."""

    saying: Saying
    name: str = ""
    terms: list[str] = field(default_factory=list)
    weight: str = ""
    options: list[str] = field(default_factory=list)
    constant: bool = True


def to_stata(saying: Saying) -> Converted:
    """`mixed y x || g: x, covariance(unstructured)`."""
    statement = saying.statement
    formula = statement.formula
    main, *others = formula.predictors
    population, groups = grouped(main.right)
    equations = arranged(groups, saying, lambda term: _term(term, saying))
    command = _Command(saying)
    by_level = [p for p in others if isinstance(p.right, Call) and p.right.function == "by"]
    command.name = _name(command, bool(equations or by_level))
    _population(command, population)
    _modifiers(command, formula.modifiers)
    trials = _trials(formula.response)
    command.options += [f"binomial({trials})"] if trials else []
    if command.name in ("mixed", "regress") and any(o.startswith(("offset", "exposure")) for o in command.options):
        command.name = "meglm"
    for predictor in others:
        _sigma(command, predictor)
    return saying.done(_written(command, _response(formula.response, saying), equations))


def _name(command: _Command, levels: bool) -> str:
    family, link = split_family(command.saying.statement.family)
    link = link or _DEFAULT_LINKS.get(family, "logit")
    names = _COMMANDS.get((family, link))
    if names is None:
        command.saying.unsaid.append(f"the family {family} with link {link}")
        return "meglm"
    if names[0] == "meglm":
        command.options.append(f"family({family})" + ("" if family == "gamma" else f" link({link})"))
    return names[0] if levels else names[1]


def _response(response: Expr, saying: Saying) -> str:
    if isinstance(response, Name):
        return response.text
    match response:
        case Call("cbind", (Argument(Name(successes), None), Argument(_, None))):
            if _trials(response) is not None:
                return successes
            saying.unsaid.append(f"`{deparse(response)}`: make a column of the trials, and write `binomial(trials)`")
            return successes
    saying.unsaid.append(f"the response `{deparse(response)}`: make a column of it first")
    return "y"


def _trials(response: Expr) -> str | None:
    """The `n` of `cbind(s, n - s)`."""
    match response:
        case Call("cbind", (Argument(Name(successes)), Argument(Binary("-", Name(trials), Name(taken))))):
            return trials if successes == taken else None
    return None


def _population(command: _Command, population: list[Expr]) -> None:
    parts = [inner for part in population for inner in summands(_opened(part))]
    for part in parts:
        match part:
            case Number(value):
                command.constant = value == 1
            case Unary("-", Number(1.0)):
                command.constant = False
            case Binary("-", left, Number(1.0)):
                command.constant = False
                parts += summands(left)
            case Call("offset", (Argument(value, _),)):
                command.options.append(_offset(value, command.saying))
            case _:
                command.terms.append(_term(part, command.saying))
    if not command.constant:
        marked = [k for k, term in enumerate(command.terms) if term.startswith("i.") and "#" not in term]
        if marked and _coded_by_r(parts):
            command.terms[marked[0]] = "ibn." + command.terms[marked[0]][2:]
    command.terms = [term for term in command.terms if term]


def _coded_by_r(parts: list[Expr]) -> bool:
    """Whether the first factor has all its columns, as R gives it without an intercept."""
    return not any(isinstance(p, Call) and p.function == "indicators" for p in parts)


def _opened(part: Expr) -> Expr:
    return unparenthesised(part)


def _offset(value: Expr, saying: Saying) -> str:
    match value:
        case Name(text):
            return f"offset({text})"
        case Call("log", (Argument(Name(text), None),)):
            return f"exposure({text})"
    saying.unsaid.append(f"`offset({deparse(value)})`: make a column of it first")
    return ""


def _modifiers(command: _Command, modifiers: tuple[Modifier, ...]) -> None:
    for modifier in modifiers:
        value = modifier.arguments[0].value if modifier.arguments else None
        match modifier.function, value:
            case "trials", Name() | Number():
                command.options.append(f"binomial({deparse(value)})" if value is not None else "")
            case "weights", Name(text):
                command.weight = f"[fweight={text}]"
            case _:
                command.saying.unsaid.append(f"`{modifier_text(modifier)}` of the response")


def _sigma(command: _Command, predictor: Predictor) -> None:
    weight = precision(predictor)
    match predictor:
        case Predictor("sigma", Call("by", (Argument(Name(text), None),))) if command.name == "mixed":
            command.options.append(f"residuals(independent, by({text}))")
        case _ if isinstance(weight, Name) and command.name == "regress":
            command.weight = f"[aweight={weight.text}]"
        case _:
            shown = f"{predictor.parameter} ~ {deparse(predictor.right)}"
            command.saying.unsaid.append(f"`{shown}`: Stata has only residual variances by a factor's levels")


# Terms


def _term(term: Expr, saying: Saying) -> str:
    """A term as Stata writes it; empty, and noted, where it cannot."""
    inner = _opened(term)
    found = _single(inner, saying)
    if found is None:
        found = _product(inner, saying)
    if found is None:
        saying.unsaid.append(f"the term `{deparse(term)}`: make a column of it first")
        return ""
    return found


def _single(term: Expr, saying: Saying) -> str | None:
    """One variable alone."""
    match term:
        case Name(text):
            return f"i.{text}" if text in saying.factors else text
    return _marked(term, saying)


def _marked(term: Expr, saying: Saying) -> str | None:
    """One variable with its operator, as it stands on either side of `#`."""
    match term:
        case Name(text):
            return f"i.{text}" if text in saying.factors else f"c.{text}"
        case Call("factor" | "as.factor", (Argument(Name(text), None),)):
            return f"i.{text}"
        case Call("relevel", (Argument(inner, None), Argument(Number(value), "ref"))):
            name = _factor_name(inner)
            return f"ib{value:.0f}.{name}" if name else None
        case Call("relevel", (Argument(inner, None), Argument(Text(value), "ref"))) if value.isdigit():
            name = _factor_name(inner)
            return f"ib{value}.{name}" if name else None
        case Call("C", (Argument(Name(text), None), Argument(Name("SAS"), None))):
            return f"ib(last).{text}"
        case Call("C", (Argument(Name(text), None), Argument(Call(_, (Argument(Number(rank), "base"),)), None))):
            return f"ib(#{rank:.0f}).{text}"
        case Call("dummy", (Argument(Name(text), None), Argument(Text(level), None))) if level.isdigit():
            return f"{level}.{text}"
        case Call("indicators", arguments) if all(isinstance(a.value, Name) for a in arguments if a.name is None):
            bases = [a.value for a in arguments if a.name == "base"]
            operator = f"ib{deparse(bases[0])}." if bases else "i."
            return "#".join(f"{operator}{deparse(a.value)}" for a in arguments if a.name is None)
        case Call("I", (Argument(Binary("^", Name(text), Number(power)), None),)) if power in (2, 3, 4):
            return "#".join([f"c.{text}"] * int(power))
    return None


def _factor_name(expr: Expr) -> str | None:
    match expr:
        case Name(text) | Call("factor" | "as.factor", (Argument(Name(text), None),)):
            return text
    return None


def _product(term: Expr, saying: Saying) -> str | None:
    """`a:b` and `a*b`, from the left, which may be longer than Python recurses."""
    joints: list[str] = []
    sides: list[Expr] = []
    while isinstance(term, Binary) and term.operator in (":", "*"):
        joints.append("#" if term.operator == ":" else "##")
        sides.append(_opened(term.right))
        term = _opened(term.left)
    if not joints:
        return None
    shown = [_side(side, saying) for side in (term, *reversed(sides))]
    if None in shown:
        return None
    return "".join(f"{side}{joint}" for side, joint in zip(shown, [*reversed(joints), ""], strict=True))


def _side(side: Expr, saying: Saying) -> str | None:
    """What stands on one side of `#`."""
    if isinstance(side, Binary) and side.operator == "+":
        shown = [_side(_opened(part), saying) for part in summands(side)]
        return None if None in shown else f"({' '.join(text for text in shown if text)})"
    return _product(side, saying) or _marked(side, saying)


# The whole


def _written(command: _Command, response: str, equations: list[Equation]) -> str:
    statement = command.saying.statement
    words = [command.name, response, *command.terms]
    if statement.rows is not None:
        condition = stata_expression(statement.rows)
        if condition is None:
            command.saying.unsaid.append(f"the rows where `{deparse(statement.rows)}`")
        else:
            words += ["if", condition]
    if statement.row_range is not None:
        words += ["in", "{}/{}".format(*statement.row_range)]
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
        shown = None if elsewhere else stata_prior(prior, response, equations)
        if shown is None:
            command.saying.unsaid.append(f"the prior `{prior_text(prior)}`")
        else:
            priors.append(shown)
    return f"bayes, {' '.join(priors)}: {text}" if priors else text


def _comma(options: list[str] | tuple[str, ...]) -> str:
    return f", {' '.join(options)}" if options else ""


def _spaced(terms: tuple[str, ...]) -> str:
    return "".join(f" {term}" for term in terms)
