"""Statement in, a model of Bambi's out: `bmb.Model("y ~ x + (1 | g)", d, family="t")`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tildemc.errors import TildeError
from tildemc.syntax.expression import unparenthesised, walk
from tildemc.syntax.family import FamilyName
from tildemc.syntax.python.bambi import FAMILIES, OPPOSITE, Known
from tildemc.syntax.rcall.bars import terms_of
from tildemc.syntax.rewrite import summands, total
from tildemc.syntax.steps import Make
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
    Predictor,
    Text,
    Unary,
    deparse,
    spine,
)
from tildemc.syntax.unparse.bambi_priors import bambi_priors
from tildemc.syntax.unparse.groups import plain_groups
from tildemc.syntax.unparse.language import Language
from tildemc.syntax.unparse.parts import (
    Group,
    Saying,
    coding_unsaid,
    family_said,
    grouped,
    refuse_curves,
    refuse_several,
    terms_unsaid,
    with_level_sds,
)
from tildemc.syntax.unparse.python_expr import in_formula
from tildemc.syntax.unparse.python_lines import kept, numbered, python_lines
from tildemc.syntax.unparse.residuals import without_residuals
from tildemc.syntax.unparse.text import modifier_text

__all__ = ["LANGUAGE"]

_ORDERED = ("cumulative", "sratio")
_NO_RESIDUALS = "Bambi has none; brms has"


def _written(saying: Saying) -> str:
    statement = saying.statement
    refuse_several(statement.formula, "Bambi")
    refuse_curves(statement.formula, "Bambi")
    family = family_said(saying)
    if family.name == "binomial" and not _has_trials(statement.formula):
        # Single trials are a family of their own in Bambi.
        family = replace(family, name="bernoulli")
    known = FAMILIES.get(family.name)
    response = statement.formula.response
    if family.name in _ORDERED and not (isinstance(response, Name) and response.text in saying.factors):
        saying.unsaid.append(f"the order of `{deparse(response)}`: Bambi takes a column of ordered categories")
    if known is None:
        saying.unsaid.append(f"the family {family if family.components else family.name}: Bambi has none of that kind")
        known = Known("gaussian")
    formula = without_residuals(plain_groups(statement.formula, saying, "Bambi"), saying, _NO_RESIDUALS)
    formula = with_level_sds(formula, saying)
    coding_unsaid((predictor.right for predictor in formula.predictors), saying)
    saying.unsaid += [f"the parameter `{given}`" for given in formula.fixed]
    terms_unsaid((predictor.right for predictor in formula.predictors), saying, ("hsgp",))
    main, *others = formula.predictors
    texts = [f"{_response(formula, saying)} ~ {_right(main.right, saying)}"]
    texts += [_of_parameter(predictor, known, saying) for predictor in others]
    quoted = [f'"{text}"' for text in texts]
    shown = quoted[0] if len(quoted) == 1 else f"bmb.Formula({', '.join(quoted)})"
    arguments = [shown, _data(saying), *_family(family, known, saying)]
    priors = bambi_priors(saying, formula, known)
    arguments += [f"priors={priors}"] if priors else []
    if any(isinstance(step, Make) for step in statement.steps):
        # What is made may lack values, and Bambi refuses rows that do unless told.
        arguments.append("dropna=True")
    return f"bmb.Model({', '.join(arguments)})"


def _data(saying: Saying) -> str:
    """The data, of the rows that are asked for."""
    rows, numbers, data = saying.statement.rows, saying.statement.row_numbers, saying.statement.data or "d"
    data = data if data.isidentifier() else "d"
    chosen = kept(rows, data) if rows is not None else None
    chosen = numbered(numbers, data) if rows is None and numbers is not None else chosen
    if rows is not None and chosen is None:
        saying.unsaid.append(f"the rows where `{deparse(rows)}`")
    if numbers is not None and (rows is not None or chosen is None):
        saying.unsaid.append(f"{numbers}: take them before")
    return chosen or data


def _of_parameter(predictor: Predictor, known: Known, saying: Saying) -> str:
    theirs = known.parameters.get(predictor.parameter, predictor.parameter)
    if predictor.parameter in OPPOSITE:
        opposite = "Bambi's `psi` is the share without zeros, whose coefficients have the opposite sign"
        saying.unsaid.append(f"`{predictor.parameter}`: {opposite}")
    return f"{theirs} ~ {_right(predictor.right, saying)}"


def _family(family: FamilyName, known: Known, saying: Saying) -> list[str]:
    """`family="gamma"`, and a link that is not Bambi's own."""
    found = [] if known.name == "gaussian" else [f'family="{known.name}"']
    link = family.link or ({"gamma": "log"}.get(family.name))
    links = {} if link is None or link == known.link or _usual(family.name, link) else {"mu": _linked(link)}
    links |= {known.parameters.get(name, name): _linked(word) for name, word in family.links.items()}
    saying.unsaid += [f"`{option} = {value}` of the family" for option, value in family.options.items()]
    if family.reference is not None:
        saying.unsaid.append(f"comparing with `{family.reference}`: Bambi compares with the first category")
    unknown = {link for link in links.values() if link not in _LINKS}
    if unknown:
        saying.unsaid.append(f"the link {', '.join(sorted(unknown))}: Bambi has none of that kind")
        links = {name: link for name, link in links.items() if link not in unknown}
    if not links:
        return found
    if [*links] == ["mu"]:
        return [*found, f'link="{links["mu"]}"']
    return [*found, f"link={{{', '.join(f'"{name}": "{word}"' for name, word in links.items())}}}"]


_LINKS = ("identity", "log", "logit", "probit", "cloglog", "inverse", "inverse_squared")
_USUAL = {
    "identity": ("gaussian", "student", "laplace", "lognormal", "exgaussian", "asym_laplace", "von_mises",
                 "hurdle_lognormal"),
    "logit": ("bernoulli", "binomial", "beta", "beta_binomial", "cumulative", "sratio", "zero_inflated_binomial",
              "categorical", "multinomial"),
    "log": ("poisson", "negbinomial", "weibull", "exponential", "zero_inflated_poisson", "zero_inflated_negbinomial",
            "hurdle_poisson", "hurdle_negbinomial", "hurdle_gamma"),
}  # fmt: skip
"""The links that go without saying, by themselves."""


def _usual(family: str, link: str) -> bool:
    return family in _USUAL.get(link, ())


def _linked(link: str) -> str:
    return {"1/mu^2": "inverse_squared"}.get(link, link)


# Responses

_AROUND = {"trials": "p", "weights": "weighted", "trunc": "truncated", "cens": "censored"}
"""Functions around the response, for what is known of it."""


def _response(formula: Formula, saying: Saying) -> str:
    response, modifiers = formula.response, list(formula.modifiers)
    match response:
        case Call("cbind", (Argument(Name() as successes), Argument(Binary("-", trials, taken)))) if taken == successes:
            response, modifiers = successes, [Modifier("trials", (Argument(trials),)), *modifiers]
        case Binary("==", Name(name), Text() | Number() as level):
            shown = f"'{level.value}'" if isinstance(level, Text) else deparse(level)
            return f"{name}[{shown}]"
        case _:
            pass
    written = in_formula(response)
    if written is None:
        saying.unsaid.append(f"the response `{deparse(response)}`: make a column of it first")
        written = "y"
    told = [modifier for modifier in modifiers if _can_stand(modifier)]
    saying.unsaid += [f"`{modifier_text(m)}` of the response" for m in modifiers if m not in told[:1]]
    if not told:
        return written
    beside = [(argument.name, in_formula(argument.value)) for argument in told[0].arguments]
    arguments = [written, *(f"{name}={value}" if name else str(value) for name, value in beside)]
    return f"{_AROUND[told[0].function]}({', '.join(arguments)})"


def _has_trials(formula: Formula) -> bool:
    counts = isinstance(formula.response, Call) and formula.response.function == "cbind"
    return counts or any(modifier.function == "trials" for modifier in formula.modifiers)


def _can_stand(modifier: Modifier) -> bool:
    """Whether Bambi has it: of columns and numbers, and of censoring by codes."""
    names = ("lb", "ub") if modifier.function == "trunc" else (None,)
    return (
        modifier.function in _AROUND
        and (modifier.function == "trunc" or len(modifier.arguments) == 1)
        and all(a.name in names and isinstance(a.value, Name | Number | Unary) for a in modifier.arguments)
    )


# Terms


def _right(right: Expr, saying: Saying) -> str:
    population, groups = grouped(right)
    texts = [text for part in _written_out(population, saying) if (text := _term(part, saying)) is not None]
    texts += [text for group in groups if (text := _group(group, saying)) is not None]
    return " + ".join(texts or ["1"])


def _term(part: Expr, saying: Saying) -> str | None:
    for node in walk(part):
        if isinstance(node, Call) and node.function == "scale":
            saying.unsaid.append(f"`{deparse(node)}`: Bambi divides by the sd of n, and not of n - 1")
    if part == Name("Intercept"):
        saying.unsaid.append("`0 + Intercept`: Bambi has the intercept at the predictors' means")
        return None
    text = in_formula(part)
    if text is None:
        saying.unsaid.append(f"the term `{deparse(part)}`: make a column of it first")
    return text


def _written_out(parts: Sequence[Expr], saying: Saying) -> list[Expr]:
    """The terms; what takes terms away, and `%in%`, is worked out, for Bambi has neither."""
    parts = [part for part in parts if not (isinstance(part, Number) and part.value == 1.0 and len(parts) > 1)]
    unknown = [
        node
        for part in parts
        for node in spine(unparenthesised(part))[1]
        if node.operator in ("%in%", "-") and node.right != Number(1.0)
    ]
    if not unknown:
        return parts
    try:
        constant, terms = terms_of(total(list(parts)))
    except TildeError:
        saying.unsaid += [f"the term `{deparse(part)}`: write it out, joined by `+` and `:`" for part in parts]
        return [Number(1.0)]
    return [*([] if constant else [Number(0.0)]), *terms]


def _group(group: Group, saying: Saying) -> str | None:
    left = group.left.left if isinstance(group.left, Binary) and group.left.operator == "|" else group.left
    parts = [unparenthesised(part) for part in summands(left)]
    effects = [part for part in parts if not isinstance(part, Number)]
    constant = not any(part == Number(0.0) for part in parts) and not _without(left)
    several = len(effects) + constant > 1 or any(_is_levels(part, saying) for part in effects)
    factor = in_formula(group.factor)
    shown = in_formula(left)
    if factor is None or shown is None:
        whole = Binary("|", left, group.factor)
        saying.unsaid.append(f"the effects `{deparse(Parens(whole))}`: make columns of them first")
        return None
    if several and group.structure == "us":
        saying.unsaid.append(f"correlations of the effects by `{deparse(group.factor)}`: Bambi has none")
    elif several and group.structure != "diag":
        saying.unsaid.append(f"the covariance structure `{group.structure}`: Bambi has none of that kind")
    return f"({shown} | {factor})"


def _without(left: Expr) -> bool:
    """`x - 1`."""
    return any(node.operator == "-" and node.right == Number(1.0) for node in spine(left)[1])


def _is_levels(part: Expr, saying: Saying) -> bool:
    called = isinstance(part, Call) and part.function in ("factor", "as.factor", "C", "relevel")
    return called or (isinstance(part, Name) and part.text in saying.factors) or isinstance(part, Binary)


_READS = {
    ending: f'{{data}} = pd.read_{how}("{{file}}")'
    for ending, how in (("csv", "csv"), ("dta", "stata"), ("parquet", "parquet"))
}

LANGUAGE = Language(_written, python_lines, opens=_READS)
