"""Model -> facts: what a model is, for people (`render`) and for machines (`facts` is plain JSON)."""

from __future__ import annotations

from typing import Any

from tildemc.model.parameters import names
from tildemc.model.priors import Prior
from tildemc.model.report import Report
from tildemc.model.spec import Auxiliary, Grouping, Intercept, ModelSpec, Predictor
from tildemc.visible import visible

__all__ = ["facts", "render"]

_MANY = 8


def facts(spec: ModelSpec, report: Report) -> dict[str, Any]:
    """Everything there is to say of a model, as JSON has it."""
    known = names(spec)
    response = spec.response
    return {
        "formula": spec.formula,
        "family": spec.family.name,
        "link": spec.predictors[0].link.name,
        "response": {"label": response.label, "name": known.response, "success": response.success},
        "rows": {
            "data": report.rows,
            "used": report.used,
            "outside": 0 if report.selection is None else report.selection.outside,
            "missing": dict(report.missing),
            "unlabelled": dict(report.unlabelled),
        },
        "unused_levels": {name: list(levels) for name, levels in report.unused_levels.items()},
        "predictors": [_predictor(p) for p in spec.predictors],
        "auxiliaries": [_auxiliary(a) for a in spec.auxiliaries],
        "names": _renamed(spec),
        "notes": list(report.notes),
    }


def _predictor(predictor: Predictor) -> dict[str, Any]:
    return {
        "parameter": predictor.parameter,
        "link": predictor.link.name,
        "intercept": _intercept(predictor.intercept),
        "terms": [{"term": t.label, "columns": [c.label for c in t.columns]} for t in predictor.terms],
        "priors": {c.label: _prior(p) for c, p in zip(predictor.columns, predictor.priors, strict=True)},
        "offsets": [offset.label for offset in predictor.offsets],
        "groups": [_grouping(g) for g in predictor.groupings],
    }


def _intercept(intercept: Intercept | None) -> dict[str, Any] | None:
    return None if intercept is None else {**_prior(intercept.prior), "at_means": intercept.at_means}


def _prior(prior: Prior) -> dict[str, Any]:
    return {"prior": str(prior), "on_variance": prior.on_variance, "stated": prior.stated is not None}


def _grouping(grouping: Grouping) -> dict[str, Any]:
    return {
        "factor": grouping.factor.label,
        "levels": len(grouping.factor.levels),
        "columns": [column.label for column in grouping.columns],
        "sd": {c.label: _prior(p) for c, p in zip(grouping.columns, grouping.sd_priors, strict=True)},
        "correlated": [[c.label for c in block.columns] for block in grouping.blocks if block.correlated],
        "cor": [
            _prior(block.covariance.correlation)
            for block in grouping.blocks
            if block.correlated and hasattr(block.covariance, "correlation")
        ],
    }


def _auxiliary(auxiliary: Auxiliary) -> dict[str, Any]:
    by = None if auxiliary.by is None else {"factor": auxiliary.by.label, "levels": list(auxiliary.by.levels)}
    return {"parameter": auxiliary.parameter, "by": by, **_prior(auxiliary.prior)}


def _renamed(spec: ModelSpec) -> dict[str, str]:
    """What could not keep its name, because something else has it already."""
    known = names(spec)
    renamed = {spec.response.label: known.response}
    for predictor, named in zip(spec.predictors, known.predictors, strict=True):
        renamed |= {g.factor.label: n.dim for g, n in zip(predictor.groupings, named.groups, strict=True)}
    return {label: name for label, name in renamed.items() if label != name}


# For people


def render(found: dict[str, Any]) -> str:
    """The facts as text."""
    lines = [found["formula"].strip(), f"{found['family']} with {found['link']} link", "", *_rows(found)]
    for predictor in found["predictors"]:
        lines += ["", *_predictor_lines(predictor)]
    auxiliary = [_auxiliary_line(a) for a in found["auxiliaries"]]
    if auxiliary:
        lines += ["", "Residual" if found["family"] in ("gaussian", "student") else "Other parameters", *auxiliary]
    lines += [f"\n! {note}" for note in found["notes"]]
    for label, name in found["names"].items():
        lines.append(f"\n! `{label}` is called `{name}` in the model, since `{label}` is something else there")
    return visible("\n".join(lines))


def _rows(found: dict[str, Any]) -> list[str]:
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


def _predictor_lines(predictor: dict[str, Any]) -> list[str]:
    owner = predictor["parameter"]
    scale = owner if predictor["link"] == "identity" else f"{predictor['link']}({owner})"
    lines = [f"Population effects on {scale}"]
    intercept = predictor["intercept"]
    if intercept is not None:
        where = " at the predictors' means" if intercept["at_means"] and predictor["terms"] else ""
        lines.append(_line("Intercept", intercept, where))
    for term in predictor["terms"]:
        lines += _term_lines(term, predictor["priors"])
    if predictor["offsets"]:
        lines.append(f"  offset: {', '.join(predictor['offsets'])}")
    for group in predictor["groups"]:
        lines += ["", *_group_lines(group, owner)]
    return lines


def _term_lines(term: dict[str, Any], priors: dict[str, Any]) -> list[str]:
    columns = term["columns"]
    if len(columns) <= _MANY:
        return [_line(column, priors[column]) for column in columns]
    distinct = list(dict.fromkeys(priors[column]["prior"] for column in columns))
    origin = "" if all(priors[column]["stated"] for column in columns) else "  (default)"
    return [f"  {term['term']}: {_listed(columns)}", f"    ~ {_listed(distinct, 4)}{origin}"]


def _group_lines(group: dict[str, Any], owner: str) -> list[str]:
    on = "" if owner == "mu" else f" on {owner}"
    lines = [f"Effects by {group['factor']}{on}: {group['levels']:,} levels"]
    lines += [_line(f"{_spread(prior)}({column})", prior) for column, prior in group["sd"].items()]
    for columns, prior in zip(group["correlated"], group["cor"], strict=True):
        lines.append(_line(f"cor({', '.join(columns)})", prior))
    return lines


def _auxiliary_line(auxiliary: dict[str, Any]) -> str:
    by = auxiliary["by"]
    each = "" if by is None else f", one for each {by['factor']}: {_listed(by['levels'])}"
    name = auxiliary["parameter"]
    return _line(f"var({name})" if auxiliary["on_variance"] else name, auxiliary, each)


def _spread(prior: dict[str, Any]) -> str:
    return "var" if prior["on_variance"] else "sd"


def _line(name: str, prior: dict[str, Any], note: str = "") -> str:
    origin = "" if prior["stated"] else "  (default)"
    return f"  {name} ~ {prior['prior']}{note}{origin}"
