"""Prior statements in, the entries of Bambi's `priors={…}` out."""

from __future__ import annotations

from collections.abc import Mapping

from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.python.bambi import OPPOSITE, Known
from tildemc.syntax.python.densities import HALVES, PYMC
from tildemc.syntax.rewrite import summands
from tildemc.syntax.tree import Argument, Formula, Number, PriorStatement, Unary, deparse
from tildemc.syntax.unparse.parts import Saying, grouped, has_predictors
from tildemc.syntax.unparse.priors import prior_text
from tildemc.syntax.unparse.python_expr import in_formula
from tildemc.syntax.unparse.text import unquoted

__all__ = ["bambi_priors"]

_ALL = {"b": "common", "sd": "group_specific"}
"""What Bambi calls all coefficients, and the effects of all groups."""
_CLASSES = {name for table in (PYMC, HALVES) for name, _ in table.values()}
"""PyMC's names of densities."""


def bambi_priors(saying: Saying, formula: Formula, family: Known) -> str | None:
    """`{"x": bmb.Prior("Normal", mu=0, sigma=1), "sigma": {…}}`; what Bambi has not is noted."""
    whole: dict[str, str] = {}
    within: dict[str, dict[str, str]] = {}
    for prior in saying.statement.priors:
        owner, _, kind = prior.target.rpartition(".")
        lacking = _lacking(prior, formula)
        found = {} if lacking else _entries(prior, kind, owner or "mu", formula, family)
        if not found:
            saying.unsaid.append(f"the prior `{prior_text(prior)}`: {lacking or 'Bambi has none of that kind'}")
        (within.setdefault(family.parameters.get(owner, owner), {}) if owner else whole).update(found)
    whole |= {parameter: _dictionary(entries) for parameter, entries in within.items() if entries}
    return _dictionary(whole) if whole else None


def _dictionary(entries: Mapping[str, str]) -> str:
    return f"{{{', '.join(f'"{key}": {value}' for key, value in entries.items())}}}"


def _lacking(prior: PriorStatement, formula: Formula) -> str | None:
    kind = prior.target.rpartition(".")[2]
    if kind == "Intercept" and has_predictors(formula, prior) and not prior.at_means:
        return "Bambi's holds at the predictors' means, this one where they are 0"
    if kind in ("cor", "var"):
        return "Bambi has no correlations of effects, and sds for variances"
    if prior.target.rpartition(".")[0] in OPPOSITE:
        return "Bambi's `psi` is the share without zeros"
    return None


def _entries(prior: PriorStatement, kind: str, owner: str, formula: Formula, family: Known) -> dict[str, str]:
    """By what Bambi calls it, its prior."""
    about = [unquoted(argument) for argument in prior.target_arguments or ()]
    density = _density(prior, positive=kind not in ("b", "Intercept"))
    if density is None:
        return {}
    match kind, about:
        case "Intercept", []:
            return {"Intercept": density}
        case "b" | "sd", []:
            return {_ALL[kind]: density if kind == "b" else _of_effects(density)}
        case "b", [label]:
            return {label: density}
        case "sd", [group]:
            return {f"{effect}|{group}": _of_effects(density) for effect in _effects(group, owner, formula)}
        case "sd", [group, effect]:
            return {f"{'1' if effect == 'Intercept' else effect}|{group}": _of_effects(density)}
        case _, [] if kind in OPPOSITE:
            return _opposite(prior)
        case _, []:
            return {family.parameters.get(kind, kind): density}
        case _:
            return {}


def _of_effects(density: str) -> str:
    return f'bmb.Prior("Normal", mu=0, sigma={density})'


def _opposite(prior: PriorStatement) -> dict[str, str]:
    """The prior of the share without zeros, of a beta one of that of zeros."""
    given = dict(zip(("alpha", "beta"), prior.arguments, strict=False))
    given |= {argument.name: argument for argument in prior.arguments if argument.name is not None}
    if prior.distribution.lower() != "beta" or [*given] != ["alpha", "beta"]:
        return {}
    swapped = (Argument(given["beta"].value, "alpha"), Argument(given["alpha"].value, "beta"))
    return {"psi": f'bmb.Prior("Beta", {", ".join(map(_shown, swapped))})'}


def _effects(group: str, owner: str, formula: Formula) -> list[str]:
    """The effects of a group, as Bambi labels them."""
    rights = [predictor.right for predictor in formula.predictors if predictor.parameter == owner]
    terms = [term for right in rights for term in grouped(right)[1] if deparse(term.factor) == group]
    parts = [unparenthesised(part) for term in terms for part in summands(term.left)]
    left = [part for part in parts if not isinstance(part, Number)]
    constant = [Number(1.0)] if any(Number(0.0) not in summands(term.left) for term in terms) else []
    return [written for part in (*constant, *left) if (written := in_formula(part)) is not None]


def _density(prior: PriorStatement, *, positive: bool) -> str | None:
    """`bmb.Prior("Normal", mu=0, sigma=1)`; of what is above zero a density about 0 is one folded there."""
    named = {argument.name: argument for argument in prior.arguments if argument.name is not None}
    if prior.distribution in _CLASSES and len(named) == len(prior.arguments) and all(map(_is_number, prior.arguments)):
        return f'bmb.Prior("{prior.distribution}", {", ".join(map(_shown, prior.arguments))})'
    name = prior.distribution.removeprefix("half_")
    if named or name not in PYMC or not all(_is_number(argument) for argument in prior.arguments):
        return None
    values = list(prior.arguments)
    called, arguments = PYMC[name]
    if name != prior.distribution or (positive and name in HALVES):
        if name == prior.distribution:
            place = {"student_t": 1}.get(name, 0)
            if values[place].value != Number(0.0):
                return None
            del values[place]
        called, arguments = HALVES[name]
    if len(values) != len(arguments):
        return None
    told = [_shown(Argument(value.value, name)) for value, name in zip(values, arguments, strict=True)]
    return f'bmb.Prior("{called}", {", ".join(told)})'


def _is_number(argument: Argument) -> bool:
    value = argument.value.operand if isinstance(argument.value, Unary) else argument.value
    return isinstance(value, Number)


def _shown(argument: Argument) -> str:
    return f"{argument.name}={deparse(argument.value)}"
