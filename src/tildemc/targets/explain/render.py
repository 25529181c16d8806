"""The facts of a model for people: as text, and as a page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tildemc.screen import continued, folded, wide, width
from tildemc.targets.explain.records import (
    AuxiliaryFacts,
    Facts,
    GroupFacts,
    MeasuredFacts,
    PredictorFacts,
    PriorFacts,
    SpecificFacts,
    TermFacts,
)
from tildemc.targets.explain.residuals import residual_lines
from tildemc.visible import visible

if TYPE_CHECKING:
    from tildemc.page import Page, Section

__all__ = ["page", "prior_lines", "render"]

_MANY = 8
_THRESHOLDS = "Thresholds between categories"
_SPECIFIC = "Effects on each threshold"


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
    for measured in found["measured"]:
        lines += ["", _measured_title(measured), *map(_line, measured["priors"])]
    auxiliary = [line for a in found["auxiliaries"] for line in _auxiliary_lines(a)]
    auxiliary += [_line(shares) for shares in found["shares"]]
    if found["residual"] is not None:
        auxiliary += residual_lines(found["residual"])
    auxiliary += map(_line, found["correlations"])
    if auxiliary:
        lines += ["", _rest_title(found), *auxiliary]
    if found["hyperparameters"]:
        lines += ["", _HYPER, *map(_line, found["hyperparameters"])]
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
        sections.append(_section(_area_title(predictor), predictor["areas"]))
        sections.append(_section(_MONOTONIC, predictor["monotonic"]))
        sections.append(_section(_MEASURED, predictor["measured"]))
        sections += [_section(_group_title(predictor, group), _priors_of(group)) for group in predictor["groups"]]
    sections += [_section(_measured_title(measured), measured["priors"]) for measured in found["measured"]]
    rest = (*found["auxiliaries"], *found["shares"], *found["correlations"])
    sections.append(_section(_rest_title(found), rest))
    sections.append(_section(_HYPER, found["hyperparameters"]))
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
    if rows["unanswered"]:
        lines.append(f"  left out for none of {found['response']['label']}: {rows['unanswered']:,}")
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
        priors = (*predictor["smooths"], *predictor["areas"], *predictor["monotonic"], *predictor["measured"])
        lines += map(_line, priors)
        for group in predictor["groups"]:
            lines += _group_priors(group)
    lines += [_line(prior) for measured in found["measured"] for prior in measured["priors"]]
    rest = (*found["auxiliaries"], *found["shares"], *found["correlations"], *found["hyperparameters"])
    return [*lines, *map(_line, rest)]


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
    if predictor["measured"]:
        lines += ["", _MEASURED, *map(_line, predictor["measured"])]
    if predictor["smooths"]:
        lines += ["", _smooth_title(predictor), *map(_line, predictor["smooths"])]
    if predictor["areas"]:
        lines += ["", _area_title(predictor), *map(_line, predictor["areas"])]
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
    kinds = "".join(f", {kind}" for kind in dict.fromkeys(group["kinds"]))
    several = f", each row in those of {', '.join(group['among'])}" if group["among"] else ""
    related = f", related as {group['between']} says" if group["between"] is not None else ""
    counted = f", weighted by {group['weights']}" if group["weights"] is not None else ""
    tails = ", Student-t" if group["tails"] is not None else ""
    return f"Effects by {group['factor']}{on}: {group['levels']:,} levels{several}{related}{counted}{kinds}{tails}"


_HYPER = "Hyperparameters"
_MONOTONIC = "Monotonic effects: the mean effect of a step, and the steps' shares of all"


_MEASURED = "Effects of true values"


def _measured_title(measured: MeasuredFacts) -> str:
    each = zip(measured["variables"], measured["errors"], strict=True)
    told = " and ".join(f"{value}, measured with sd {error}" for value, error in each)
    of = "one a row" if measured["factor"] is None else f"one for each {measured['factor']}"
    together = ", correlated" if any(prior["target"].startswith("corme") for prior in measured["priors"]) else ""
    return f"True values of {told}: {measured['values']:,}, {of}{together}"


def _specific_lines(specific: SpecificFacts) -> list[str]:
    return [line for term in specific["terms"] for line in _term_priors(term, specific["priors"])]


def _smooth_title(predictor: PredictorFacts) -> str:
    on = "" if predictor["parameter"] == "mu" else f" on {predictor['parameter']}"
    sizes: dict[str, list[str]] = {}
    for part in (part for part in predictor["smooths"] if part["functions"]):
        sizes.setdefault(part["smooth"], []).append(str(part["functions"]))
    told = "; ".join(f"{text}, {' + '.join(parts)} functions" for text, parts in sizes.items())
    return f"Smooths{on}: {told}"


def _area_title(predictor: PredictorFacts) -> str:
    on = "" if predictor["parameter"] == "mu" else f" on {predictor['parameter']}"
    told = (f"{part['areas']}, {part['size']:,} areas, {part['borders']:,} borders" for part in predictor["areas"][:1])
    return f"Areas and their neighbours{on}: {'; '.join(told)}"


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
    return list(dict.fromkeys(map(_line, _priors_of(group))))


def _priors_of(group: GroupFacts) -> list[PriorFacts]:
    tails = [] if group["tails"] is None else [group["tails"]]
    return [*group["sd"].values(), *group["cor"], *tails]


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
