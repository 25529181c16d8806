"""Give default priors their numbers: rstanarm's autoscaling on the link scale.

`s_y` is the response's sd where the link is the identity, else 1; `m_y` its mean on the link scale, less the mean
offset; `min_y` its least value; `n_y` how many rows there are; `s_x` the sd of a column, 1 for a column without spread.
Numbers of defaults are rounded to 4 significant digits, as people read them; what a person asks for is as exact as it
is in rstanarm.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import assert_never

import numpy as np

from tildemc.errors import PriorError
from tildemc.passes.rank import rank
from tildemc.spec.design import Numbers
from tildemc.spec.expr import (
    Apply,
    BasisValue,
    Col,
    Const,
    Expr,
    Index,
    Op,
    Recode,
    Var,
    evaluate,
    infix,
    substitute,
    walk,
)
from tildemc.spec.families import Family
from tildemc.spec.links import Link
from tildemc.spec.model import AnyTerm, ModelSpec, Predictor
from tildemc.spec.priors import SCALES, Prior, of_data, whitening
from tildemc.spec.responses import response_names, seen_by
from tildemc.spec.simplify import worked_out
from tildemc.spec.summary import Summary
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.population import Population
from tildemc.spec.terms.term import Path
from tildemc.spec.vocabulary import NUMPY

__all__ = ["scale_priors"]


def scale_priors(spec: ModelSpec, design: Numbers) -> ModelSpec:
    """The same model with numbers for the arguments of all default priors."""
    scales = _Known(spec, design)
    changed: dict[Path, AnyTerm] = {}
    for term in spec.terms():
        summary = scales.summary(term.path[0])
        whitened, spreads = _whitening(term, summary), term.spreads(summary.of(term))
        if isinstance(term, GroupEffects):
            known = _elsewhere(spec, term, scales)
            spreads = [known.get(label, (label, sd)) for label, sd in spreads]
        triples = zip(term.priors, term.owners, spreads, strict=True)
        numbered = [_number(prior, {**scales.of(owner), **whitened}, *own) for prior, owner, own in triples]
        changed[term.path] = term.with_priors(numbered)
    return spec.with_terms(changed)


def _elsewhere(spec: ModelSpec, group: GroupEffects, scales: _Known) -> dict[str, tuple[str, float]]:
    """By what a term calls effects on another parameter: the column that they are multiplied by there, and its sd."""
    _, *shared = spec.having(group)
    each = ((s, scales.summary(s.parameter).of(s).Z.spread) for s in shared if s.parameter != group.parameter)
    return {
        f"{s.parameter}_{label}": (label, float(sd))
        for s, spread in each
        for label, sd in zip([column.label for column in s.columns], spread, strict=True)
    }


class _Known:
    """What priors of a parameter's predictor are scaled by: of several responses, by the one that it is of."""

    def __init__(self, spec: ModelSpec, design: Numbers) -> None:
        whole = (spec, design.summary)
        self.default = whole
        self.models = dict.fromkeys((parameter.name for parameter in spec.family.parameters), whole)
        for name in response_names(spec):
            own, rows = seen_by(spec, design.whole("several responses"), name)
            self.models |= dict.fromkeys((parameter.name for parameter in own.family.parameters), (own, rows.summary))
        self.found: dict[str, Scales] = {}

    def summary(self, parameter: str) -> Summary:
        """The rows that a parameter's terms are of."""
        return self.models.get(parameter, self.default)[1]

    def of(self, parameter: str) -> Scales:
        """The scales of one parameter's terms; what a component of a mixture has is scaled by that."""
        spec, summary = self.models.get(parameter, self.default)
        component = spec.family.component(parameter)
        first = component.parameters[0].name
        if first not in self.found:
            predictor = spec.predictor(first) or spec.predictors[0]
            self.found[first] = _response_scales(spec, component, predictor, summary)
        return self.found[first]


@dataclass(frozen=True, slots=True)
class _Scale:
    """A number that priors are scaled by, and what it is of the data; nothing where it is 1 whatever these are."""

    value: float
    told: str = ""


Scales = Mapping[str, _Scale]


def _whitening(term: AnyTerm, summary: Summary) -> dict[str, _Scale]:
    """The entries of R⁻¹ of a predictor's columns, where a prior of its coefficients asks for them."""
    named = {part.name for prior in term.priors for a in prior.arguments for part in walk(a) if isinstance(part, Var)}
    if not isinstance(term, Population) or not any(map(of_data, named - SCALES)):
        return {}
    triangle = summary.of(term).triangle
    if triangle is None:
        raise PriorError("`R2()` is not built for so many columns: state a prior of coefficients, `b ~ normal(0, 1)`")
    # The first row and column are the intercept's: what is left is of the columns about their means.
    R = triangle[1:, 1:]
    p = R.shape[1]
    if len(R) < p or rank(R) < p:
        raise PriorError("`R2()` needs columns none of which follows from the others")
    inverse = np.linalg.inv(R[:p])
    return {whitening(j, k).name: _Scale(float(inverse[j, k])) for j in range(p) for k in range(j, p)}


def _response_scales(spec: ModelSpec, family: Family, predictor: Predictor, summary: Summary) -> dict[str, _Scale]:
    response, share = spec.response, summary.share
    link, offset = predictor.link, predictor.offset
    label = response.label if "trials" not in response.companions else "successes / trials"
    observed = {"m_y": _Scale(float(share.mean[0]), f"mean({label})"), "s_y": _Scale(share.spread[0], f"sd({label})")}
    middle = _on_link(_valued(family.location, observed), link, share.n)
    told = _told(family.location, observed)
    told = told if link.name == "identity" else f"{link.name}({told})"
    if offset is not None:
        middle -= float(summary.of(offset).moments.mean[0])
        told += "".join(f" - mean({column.label})" for column in offset.columns)
    spread = _Scale(1.0)
    if link.name == "identity" and not family.values.whole:
        spread = _Scale(_valued(family.spread, observed), _told(family.spread, observed))
    least = _Scale(float(summary.y.low[0]), f"min({response.label})")
    rows = _Scale(float(summary.y.n), "n")
    return {"m_y": _Scale(middle, told), "s_y": spread, "min_y": least, "n_y": rows}


def _on_link(mean: float, link: Link, n: int) -> float:
    """`mean` on the link scale; a mean at the edge of the link's domain is moved half an observation inside."""
    inside = 0.5 / n
    mean = min(max(mean, link.domain.lower + inside), link.domain.upper - inside)
    with np.errstate(divide="ignore"):
        found = evaluate(link.forward, lambda _: np.float64(mean), NUMPY)
    # The mean may be the one value that has no predictor, as 0 under `inverse`.
    return float(found if np.isfinite(found) else evaluate(link.forward, lambda _: 1.0, NUMPY))


def _number(prior: Prior, scales: Scales, column: str, sd: float) -> Prior:
    scales = {**scales, "s_x": _Scale(sd, f"sd({column})" if sd != 1 else "")}
    if prior.known or not any(part == Var(name) for a in prior.arguments for part in walk(a) for name in scales):
        return prior
    digits = 17 if prior.stated is not None or prior.follows else 4
    return replace(
        prior,
        arguments=tuple(_numbered(argument, scales, digits) for argument in prior.arguments),
        origin=f"{prior.distribution.name}({', '.join(_told(argument, scales) for argument in prior.arguments)})",
    )


def _numbered(argument: Expr, scales: Scales, digits: int) -> Expr:
    """The argument with numbers for the data's scales: one number, unless other quantities stand in it."""
    if any(isinstance(part, Var) and part.name not in scales for part in walk(argument)):
        return worked_out(substitute(argument, {Var(name): Const(scale.value) for name, scale in scales.items()}))
    return Const(float(f"{_valued(argument, scales):.{digits}g}"))


def _valued(argument: Expr, scales: Scales) -> float:
    return float(evaluate(argument, lambda name: scales[name.name].value, NUMPY))


def _told(argument: Expr, scales: Scales) -> str:
    """Arithmetic in scales as text: `2.5 · sd(y) / sd(x)`."""
    text = infix(_without_ones(argument, scales)).replace("*", "·")
    return re.sub(r"\b(?:m|s|min|n)_[xy]\b", lambda found: scales[found[0]].told or "1", text)


def _without_ones(argument: Expr, scales: Scales) -> Expr:
    match argument:
        case Op("*" | "/", left, Var(name)) if name in scales and not scales[name].told:
            return _without_ones(left, scales)
        case Op(operator, left, right):
            return Op(operator, _without_ones(left, scales), _without_ones(right, scales))
        case Const() | Col() | Var() | Apply() | Recode() | BasisValue() | Index():
            return argument
        case never:
            assert_never(never)
