"""Model -> facts: what a model is, for people (`render`) and for machines (`facts` is plain JSON)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypedDict

from tildemc.screen import continued, folded, wide, width
from tildemc.spec.addresses import targets
from tildemc.spec.covariance import COVARIANCES
from tildemc.spec.model import ModelSpec, Predictor
from tildemc.spec.parameters import names
from tildemc.spec.priors import Prior
from tildemc.spec.report import Report
from tildemc.spec.terms.address import Kind, Target
from tildemc.spec.terms.auxiliary import Auxiliary
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.process import GaussianProcess
from tildemc.spec.terms.product import INTERCEPT_LABEL
from tildemc.spec.terms.residual import PATH
from tildemc.spec.terms.smooth import Smooth
from tildemc.spec.terms.specific import Specific
from tildemc.spec.terms.thresholds import DELTA, Thresholds
from tildemc.targets.shared.told_residuals import ResidualFacts, residual_facts, residual_lines
from tildemc.visible import visible

if TYPE_CHECKING:
    from pandas import DataFrame

    from tildemc.page import Page, Section

__all__ = ["Facts", "facts", "page", "prior_frame", "prior_lines", "render"]

_MANY = 8
_THRESHOLDS = "Thresholds between categories"
_SPECIFIC = "Effects on each threshold"

ALIKE = {name for name, structure in COVARIANCES.items() if structure.alike}
"""Structures that the list of priors does not tell."""

_Known = dict[tuple[str, Kind, tuple[str, ...]], Target]
"""What a model's priors are of, by what tells one from another."""


class PriorFacts(TypedDict):
    """A prior: what it is of, its density, and whether the reader stated it."""

    target: str
    prior: str
    on_variance: bool
    stated: bool


class InterceptFacts(PriorFacts):
    """That of an intercept, maybe of that at the predictors' means."""

    at_means: bool


class TermFacts(TypedDict):
    """A term of the formula, the address of its coefficients' priors, and the labels of its columns."""

    term: str
    target: str
    columns: list[str]


class GroupFacts(TypedDict):
    """Effects by a factor; priors of sds by column, and of each correlated block's correlations.

    `among`: the columns that hold a row's groups, where it has several; `between`: the matrix of a known covariance.
    """

    factor: str
    levels: int
    among: list[str]
    between: str | None
    columns: list[str]
    covariance: list[str]
    sd: dict[str, PriorFacts]
    correlated: list[list[str]]
    cor: list[PriorFacts]


class SharedFacts(TypedDict):
    """Effects by a factor that belong to another parameter's, with which they are correlated."""

    factor: str
    owner: str
    columns: list[str]


class SmoothFacts(PriorFacts):
    """A prior of a smooth or a process: its text, and how many functions go with it."""

    smooth: str
    functions: int


class PredictorFacts(TypedDict):
    """A parameter that a formula models; priors of coefficients by column.

    `above`: that whose intercept is less, where intercepts increase.
    """

    parameter: str
    link: str
    intercept: InterceptFacts | None
    above: str | None
    terms: list[TermFacts]
    priors: dict[str, PriorFacts]
    offsets: list[str]
    smooths: list[SmoothFacts]
    monotonic: list[PriorFacts]
    groups: list[GroupFacts]
    shared: list[SharedFacts]


class SpecificFacts(TypedDict):
    """Effects on each threshold; priors by column, of its effects on all of them."""

    terms: list[TermFacts]
    priors: dict[str, PriorFacts]


class ByFacts(TypedDict):
    """The factor for each of whose levels a parameter has a value."""

    factor: str
    levels: list[str]


class AuxiliaryFacts(PriorFacts):
    """A parameter that no formula models; `residual` if it is what scatters a response on the real line."""

    parameter: str
    residual: bool
    by: ByFacts | None


class ResponseFacts(TypedDict):
    """The response, its name in the program, and which of two values counts as success."""

    label: str
    name: str
    success: str | None


class RowFacts(TypedDict):
    """How many rows there are, are used, are not asked for; and are left out, by the column that has no value."""

    data: int
    used: int
    outside: int
    missing: dict[str, int]
    unlabelled: dict[str, int]


class Facts(TypedDict):
    """Everything there is to say of a model, as JSON has it."""

    formula: str
    family: str
    link: str
    response: ResponseFacts
    rows: RowFacts
    unused_levels: dict[str, list[str]]
    thresholds: list[InterceptFacts]
    distances: list[PriorFacts]
    specific: SpecificFacts | None
    predictors: list[PredictorFacts]
    auxiliaries: list[AuxiliaryFacts]
    shares: list[PriorFacts]
    residual: ResidualFacts | None
    correlations: list[PriorFacts]
    names: dict[str, str]
    notes: list[str]


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
        },
        "unused_levels": {name: list(levels) for name, levels in report.unused_levels.items()},
        "thresholds": _thresholds(spec, priors),
        "distances": [] if spec.thresholds is None else _distances(spec.thresholds, priors),
        "specific": None if spec.specific is None else _specific(spec.specific, priors),
        "predictors": [_predictor(p, priors) for p in spec.predictors],
        "auxiliaries": [_auxiliary(a, priors, residual=a == spec.residual_sd) for a in spec.auxiliaries],
        "shares": [_prior(priors[shares.parameter, "shares", ()]) for shares in spec.shares],
        "residual": None if spec.residual is None else residual_facts(spec.residual),
        "correlations": [_prior(target) for target in priors.values() if target.parameter == PATH[0]],
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
        "monotonic": [
            _prior(known[owner, kind, (effect.label,)]) for effect in predictor.monotonic for kind in ("b", "shares")
        ],
        "groups": [_grouping(g, owner, known) for g in predictor.groups],
        "shared": [
            {"factor": s.factor.label, "owner": s.owner[0], "columns": list(s.labels)}
            for s in predictor.shared
            if s.owner[0] != owner
        ],
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
        "columns": list(grouping.labels),
        "covariance": [block.covariance.name for block in grouping.blocks],
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
    renamed |= {term.grouped_by.label: known.of(term).dim for term in spec.terms() if term.grouped_by is not None}
    return {label: name for label, name in renamed.items() if label != name}


# For people


def render(found: Facts) -> str:
    """The facts as text."""
    formula = [line.strip() for line in found["formula"].strip().splitlines()]
    shown = [piece for line in formula for piece in continued(line, rest="    ")]
    lines = [f"{found['family']} with {found['link']} link", "", *_rows(found)]
    if found["thresholds"]:
        lines += ["", _THRESHOLDS, *map(_line, (*found["thresholds"], *found["distances"]))]
    if found["specific"] is not None:
        lines += ["", _SPECIFIC, *_specific_lines(found["specific"])]
    for predictor in found["predictors"]:
        lines += ["", *_predictor_lines(predictor)]
    auxiliary = [line for a in found["auxiliaries"] for line in _auxiliary_lines(a)]
    auxiliary += [_line(shares) for shares in found["shares"]]
    if found["residual"] is not None:
        auxiliary += [*residual_lines(found["residual"]), *map(_line, found["correlations"])]
    if auxiliary:
        lines += ["", _rest_title(found), *auxiliary]
    shown += [piece for line in lines for piece in _fitted(line)]
    for note in _notes(found):
        shown += ["", *folded(note, "! ", "  ")]
    return visible("\n".join(shown))


def _notes(found: Facts) -> list[str]:
    """What a reader should know, of what has another name too."""
    renamed = (
        f"`{label}` is called `{name}` in the model, since `{label}` is something else there"
        for label, name in found["names"].items()
    )
    return [*found["notes"], *renamed]


def page(found: Facts) -> Page:
    """The facts as a page: what the rows are, and a table of priors for each part of the model."""
    from tildemc.page import Page

    told = [f"{found['family']} with {found['link']} link", *(line.strip() for line in _rows(found))]
    sections = [_section(_THRESHOLDS, (*found["thresholds"], *found["distances"]))]
    if found["specific"] is not None:
        sections.append(_section(_SPECIFIC, found["specific"]["priors"].values()))
    for predictor in found["predictors"]:
        intercept = [] if predictor["intercept"] is None else [predictor["intercept"]]
        sections.append(_section(_population_title(predictor), [*intercept, *predictor["priors"].values()]))
        sections.append(_section(_smooth_title(predictor), predictor["smooths"]))
        sections.append(_section(_MONOTONIC, predictor["monotonic"]))
        sections += [
            _section(_group_title(predictor, group), [*group["sd"].values(), *group["cor"]])
            for group in predictor["groups"]
        ]
    sections.append(_section(_rest_title(found), [*found["auxiliaries"], *found["shares"]]))
    return Page(found["formula"], told, [section for section in sections if section.rows], _notes(found))


def _section(title: str, priors: Iterable[PriorFacts]) -> Section:
    from tildemc.page import Section

    # One sd of several effects is said once.
    rows = {p["target"]: (p["prior"], "" if p["stated"] else "default") for p in priors}
    return Section(title, ("prior", ""), [*rows.items()], words=True)


def _fitted(line: str) -> list[str]:
    """The line in lines that fit the screen; of a prior, they are still its statement."""
    if wide(line) <= width():
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    target, tilde, density = line.strip().partition(" ~ ")
    if not tilde:
        return folded(target, indent, f"{indent}  ")
    about = continued(target, indent, f"{indent}    ")
    return [*about, *continued(f"~ {density}", f"{indent}  ", f"{indent}    ")]


def _rows(found: Facts) -> list[str]:
    rows = found["rows"]
    lines = [f"Rows: {rows['used']:,} of {rows['data']:,}"]
    if rows["outside"]:
        lines.append(f"  not asked for: {rows['outside']:,}")
    lines += [f"  left out for no value in {name}: {count:,}" for name, count in rows["missing"].items()]
    lines += [f"  left out for no label in {name}: {count:,}" for name, count in rows["unlabelled"].items()]
    success = found["response"]["success"]
    if success is not None:
        lines.append(f"Success: {found['response']['label']} is {success}")
    for name, levels in found["unused_levels"].items():
        lines.append(f"Levels of {name} that no row has, left out: {_listed(levels)}")
    return lines


def _listed(items: list[str], most: int = _MANY) -> str:
    shown = ", ".join(items[:most])
    return f"{shown}, … ({len(items)} in all)" if len(items) > most else shown


def prior_lines(found: Facts) -> list[str]:
    """The lines of `render` that say a prior."""
    lines = [*map(_line, (*found["thresholds"], *found["distances"]))]
    lines += [] if found["specific"] is None else _specific_lines(found["specific"])
    for predictor in found["predictors"]:
        if predictor["intercept"] is not None:
            lines.append(_line(predictor["intercept"]))
        for term in predictor["terms"]:
            lines += _term_priors(term, predictor["priors"])
        lines += map(_line, (*predictor["smooths"], *predictor["monotonic"]))
        for group in predictor["groups"]:
            lines += _group_priors(group)
    return [*lines, *map(_line, found["auxiliaries"]), *map(_line, found["shares"])]


def _predictor_lines(predictor: PredictorFacts) -> list[str]:
    lines = [_population_title(predictor)]
    if predictor["intercept"] is not None:
        lines.append(_line(predictor["intercept"]))
    if predictor["above"] is not None:
        lines.append(f"  its intercept is more than that of {predictor['above']}")
    for term in predictor["terms"]:
        columns = term["columns"]
        lines += [f"  {term['term']}: {_listed(columns)}"] if len(columns) > _MANY else []
        lines += _term_priors(term, predictor["priors"])
    if predictor["offsets"]:
        lines.append(f"  offset: {', '.join(predictor['offsets'])}")
    if predictor["monotonic"]:
        lines += ["", _MONOTONIC, *map(_line, predictor["monotonic"])]
    if predictor["smooths"]:
        lines += ["", _smooth_title(predictor), *map(_line, predictor["smooths"])]
    for group in predictor["groups"]:
        lines += ["", _group_title(predictor, group), *_group_priors(group)]
    lines += [
        f"  effects by {shared['factor']}, correlated with those on {shared['owner']}: {_listed(shared['columns'])}"
        for shared in predictor["shared"]
    ]
    return lines


def _rest_title(found: Facts) -> str:
    scattered = any(auxiliary["residual"] for auxiliary in found["auxiliaries"])
    return "Residual" if scattered or found["residual"] is not None else "Other parameters"


def _population_title(predictor: PredictorFacts) -> str:
    owner = predictor["parameter"]
    return f"Population effects on {owner if predictor['link'] == 'identity' else f'{predictor["link"]}({owner})'}"


def _group_title(predictor: PredictorFacts, group: GroupFacts) -> str:
    on = "" if predictor["parameter"] == "mu" else f" on {predictor['parameter']}"
    kinds = "".join(f", {COVARIANCES[name].title}" for name in dict.fromkeys(group["covariance"]) if name in ALIKE)
    several = f", each row in those of {', '.join(group['among'])}" if group["among"] else ""
    related = f", related as {group['between']} says" if group["between"] is not None else ""
    return f"Effects by {group['factor']}{on}: {group['levels']:,} levels{several}{related}{kinds}"


_MONOTONIC = "Monotonic effects: the mean effect of a step, and the steps' shares of all"


def _specific_lines(specific: SpecificFacts) -> list[str]:
    return [line for term in specific["terms"] for line in _term_priors(term, specific["priors"])]


def _smooth_title(predictor: PredictorFacts) -> str:
    on = "" if predictor["parameter"] == "mu" else f" on {predictor['parameter']}"
    sizes: dict[str, list[str]] = {}
    for part in (part for part in predictor["smooths"] if part["functions"]):
        sizes.setdefault(part["smooth"], []).append(str(part["functions"]))
    told = "; ".join(f"{text}, {' + '.join(parts)} functions" for text, parts in sizes.items())
    return f"Smooths{on}: {told}"


def _term_priors(term: TermFacts, priors: dict[str, PriorFacts]) -> list[str]:
    each = [priors[column] for column in term["columns"]]
    if len(each) <= _MANY:
        return [_line(prior) for prior in each]
    distinct = list(dict.fromkeys(prior["prior"] for prior in each))
    stated = all(prior["stated"] for prior in each)
    if len(distinct) == 1:
        return [_statement(term["target"], distinct[0], stated)]
    return [f"  {term['term']}, priors: {_listed(distinct, 4)}{_origin(stated)}"]


def _group_priors(group: GroupFacts) -> list[str]:
    # One sd of several effects is said once.
    return list(dict.fromkeys(_line(prior) for prior in (*group["sd"].values(), *group["cor"])))


def _auxiliary_lines(auxiliary: AuxiliaryFacts) -> list[str]:
    by, name = auxiliary["by"], auxiliary["parameter"]
    each = [] if by is None else [f"  one {name} for each {by['factor']}: {_listed(by['levels'])}"]
    return [*each, _line(auxiliary)]


def _line(prior: PriorFacts) -> str:
    return _statement(prior["target"], prior["prior"], prior["stated"])


def _statement(target: str, density: str, stated: bool) -> str:
    return f"  {target} ~ {density}{_origin(stated)}"


def _origin(stated: bool) -> str:
    return "" if stated else "  (default)"
