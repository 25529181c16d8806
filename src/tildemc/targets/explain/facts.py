"""Model -> facts: what a model is, as JSON has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tildemc.spec.addresses import targets
from tildemc.spec.model import ModelSpec, Predictor
from tildemc.spec.parameters import names
from tildemc.spec.priors import Prior
from tildemc.spec.report import Report
from tildemc.spec.terms.address import Kind, Target
from tildemc.spec.terms.auxiliary import Auxiliary
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.hyperparameter import PATH as HYPER
from tildemc.spec.terms.measured import MEASURED, Measured
from tildemc.spec.terms.process import GaussianProcess
from tildemc.spec.terms.product import INTERCEPT_LABEL
from tildemc.spec.terms.rescor import PATH as RESCOR
from tildemc.spec.terms.residual import PATH
from tildemc.spec.terms.smooth import Smooth
from tildemc.spec.terms.specific import Specific
from tildemc.spec.terms.thresholds import DELTA, Thresholds
from tildemc.targets.explain.records import (
    AuxiliaryFacts,
    ByFacts,
    Facts,
    GroupFacts,
    InterceptFacts,
    MeasuredFacts,
    PredictorFacts,
    PriorFacts,
    SmoothFacts,
    SpecificFacts,
)
from tildemc.targets.explain.residuals import residual_facts

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["facts", "prior_frame"]

_Known = dict[tuple[str, Kind, tuple[str, ...]], Target]
"""What a model's priors are of, by what tells one from another."""


def facts(spec: ModelSpec, report: Report) -> Facts:
    """Everything there is to say of a model, as JSON has it."""
    known = names(spec)
    priors = {target.key: target for target in targets(spec)}
    response = spec.response
    return {
        "formula": spec.formula,
        "family": spec.family.called,
        "link": spec.link.name,
        "response": {"label": response.label, "name": known.response, "success": response.success},
        "rows": {
            "data": report.rows,
            "used": report.used,
            "outside": 0 if report.selection is None else report.selection.outside,
            "missing": dict(report.missing),
            "unlabelled": dict(report.unlabelled),
            "unanswered": report.unanswered,
        },
        "unused_levels": {name: list(levels) for name, levels in report.unused_levels.items()},
        "thresholds": _thresholds(spec, priors),
        "distances": [] if spec.thresholds is None else _distances(spec.thresholds, priors),
        "specific": None if spec.specific is None else _specific(spec.specific, priors),
        "predictors": [_predictor(p, priors) for p in spec.predictors],
        "auxiliaries": [_auxiliary(a, priors, residual=_scatters(a, spec)) for a in spec.auxiliaries],
        "shares": [_prior(priors[shares.parameter, "shares", ()]) for shares in spec.shares],
        "measured": [_measured(measured, priors) for measured in spec.measured],
        "residual": None if spec.residual is None else residual_facts(spec.residual),
        "correlations": [_prior(target) for target in priors.values() if target.parameter in (PATH[0], RESCOR[0])],
        "hyperparameters": [_prior(priors[HYPER, "hyperparameter", (h.name,)]) for h in spec.hyperparameters],
        "names": _renamed(spec),
        "notes": list(report.notes),
    }


def prior_frame(spec: ModelSpec) -> DataFrame:
    """Of each prior its target, its density, whether it was stated, and where its numbers come from."""
    from tildemc.table import Table

    rows = [(t.address, t.density, t.prior.stated is not None, _source(t.prior)) for t in targets(spec)]
    return Table(rows, columns=["target", "prior", "stated", "source"])


def _source(prior: Prior) -> str:
    return prior.stated or prior.origin or "the same for all data"


def _predictor(predictor: Predictor, known: _Known) -> PredictorFacts:
    owner, population, offset = predictor.parameter, predictor.population, predictor.offset
    return {
        "parameter": owner,
        "link": predictor.link.name,
        "intercept": None if population.intercept is None else _intercept(known[owner, "Intercept", ()]),
        "above": population.above or None,
        "terms": [
            {"term": t.label, "target": population.address(t), "columns": [c.label for c in t.columns]}
            for t in population.products
        ],
        "priors": {c.label: _prior(known[owner, "b", (c.label,)]) for c in population.columns},
        "offsets": [] if offset is None else [column.label for column in offset.columns],
        "smooths": [
            *(_smooth(s, _prior(known[owner, "sds", (s.called,)])) for s in predictor.smooths),
            *(fact for process in predictor.processes for fact in _process(process, owner, known)),
        ],
        "areas": [
            {"areas": a.text, "size": len(a.loadings), "borders": a.borders, **_prior(known[owner, kind, ()])}
            for a in predictor.areas
            for kind, _ in zip(_OF_AREAS, a.priors, strict=False)
        ],
        "monotonic": [
            _prior(known[owner, kind, (effect.label,)])
            for effect in predictor.monotonic
            for kind in (("b", "shares") if effect.owner is None else ("b",))
        ],
        "measured": [_prior(known[owner, "b", (effect.label,)]) for effect in predictor.measured],
        "groups": [_grouping(g, owner, known) for g in predictor.groups],
        "shared": [
            {"factor": s.factor.label, "owner": s.owner[0], "columns": list(s.labels)}
            for s in predictor.shared
            if s.owner[0] != owner
        ],
    }


_OF_AREAS: tuple[Kind, ...] = ("sdcar", "car")


def _measured(measured: Measured, known: _Known) -> MeasuredFacts:
    labels = [variable.label for variable in measured.variables]
    own = [target for target in known.values() if target.parameter == MEASURED]
    return {
        "variables": [variable.value.label for variable in measured.variables],
        "errors": [variable.noise.label for variable in measured.variables],
        "values": measured.size,
        "factor": None if measured.factor is None else measured.factor.label,
        "priors": [_prior(target) for target in own if target.labels[0] in (*labels, measured.label)],
    }


def _smooth(smooth: Smooth, prior: PriorFacts) -> SmoothFacts:
    return {"smooth": smooth.text, "functions": smooth.width, **prior}


def _process(process: GaussianProcess, owner: str, known: _Known) -> Iterator[SmoothFacts]:
    """The prior of its sd, with which its functions are counted, and those of its length scales."""
    own = [target for target in known.values() if target.parameter == owner and target.labels[:1] == (process.label,)]
    for number, target in enumerate(target for target in own if target.kind in ("sdgp", "lscale")):
        yield {"smooth": process.text, "functions": 0 if number else process.width, **_prior(target)}


def _thresholds(spec: ModelSpec, known: _Known) -> list[InterceptFacts]:
    """The thresholds' priors: of all together where they have one."""
    if spec.thresholds is None:
        return []
    own = [labels for parameter, kind, labels in known if (parameter, kind) == ("mu", "Intercept")]
    return _together([_intercept(known["mu", "Intercept", labels]) for labels in own], INTERCEPT_LABEL)


def _distances(thresholds: Thresholds, known: _Known) -> list[PriorFacts]:
    """The priors of the distances between thresholds: of all together where they have one."""
    if thresholds.spacing != "equidistant":
        return []
    groups = [()] if thresholds.by is None else [(level,) for level in thresholds.by.levels]
    return _together([_prior(known[DELTA, "parameter", group]) for group in groups], DELTA)


def _together[F: PriorFacts](each: list[F], target: str) -> list[F]:
    """Of parameters with one prior, that of all of them."""
    if len({prior["prior"] for prior in each}) > 1:
        return each
    each[0]["target"] = target
    return each[:1]


def _specific(specific: Specific, known: _Known) -> SpecificFacts:
    return {
        "terms": [
            {"term": t.label, "target": specific.address(t), "columns": [c.label for c in t.columns]}
            for t in specific.products
        ],
        "priors": {c.label: _prior(known["mu", "b", (c.label,)]) for c in specific.columns},
    }


def _intercept(target: Target) -> InterceptFacts:
    return {**_prior(target), "at_means": target.prior.at_means}


def _prior(target: Target) -> PriorFacts:
    prior = target.prior
    stated = prior.stated is not None
    return {"target": target.address, "prior": target.density, "on_variance": prior.on_variance, "stated": stated}


def _grouping(grouping: GroupEffects, owner: str, known: _Known) -> GroupFacts:
    factor = grouping.factor.label
    correlated = [block for block in grouping.blocks if block.correlated]
    return {
        "factor": factor,
        "levels": len(grouping.factor.levels),
        "among": list(grouping.factor.among),
        "between": None if grouping.between is None else grouping.between.name,
        "weights": None if grouping.weights is None else grouping.weights.column,
        "tails": None if grouping.tails is None else _prior(known[owner, "df", (factor,)]),
        "columns": list(grouping.labels),
        "covariance": [block.covariance.name for block in grouping.blocks],
        "kinds": [block.covariance.title for block in grouping.blocks if block.covariance.alike],
        "sd": {
            column.label: _prior(known[owner, "sd", (factor, *(c.label for c in columns))])
            for block in grouping.blocks
            for columns in block.sd_columns
            for column in columns
        },
        "correlated": [list(block.labels) for block in correlated],
        "cor": [
            _prior(
                known[owner, "cor", (factor, *block.labels)]
                if shape.correlation
                else known[owner, "shape", (shape.name, factor, *block.labels)]
            )
            for block in correlated
            for shape in block.shapes
        ],
    }


def _scatters(auxiliary: Auxiliary, spec: ModelSpec) -> bool:
    """Whether it is the residual sd, or that of one of several responses."""
    record = spec.family.parameter(auxiliary.parameter)
    return auxiliary == spec.residual_sd or (bool(spec.responses) and record is not None and record.residual)


def _auxiliary(auxiliary: Auxiliary, known: _Known, *, residual: bool) -> AuxiliaryFacts:
    by: ByFacts | None = (
        None if auxiliary.by is None else {"factor": auxiliary.by.label, "levels": list(auxiliary.by.levels)}
    )
    own = known[auxiliary.parameter, "parameter", ()]
    return {"parameter": auxiliary.parameter, "residual": residual, "by": by, **_prior(own)}


def _renamed(spec: ModelSpec) -> dict[str, str]:
    """What could not keep its name, because something else has it already."""
    known = names(spec)
    renamed = {spec.response.label: known.response}
    renamed |= {term.grouped_by.label: known.dim(term) for term in spec.terms() if term.grouped_by is not None}
    return {label: name for label, name in renamed.items() if label != name}
