"""ModelSpec -> the formula of the model as it is now, for models that nobody wrote."""

from __future__ import annotations

from tildemc.spec.model import ModelSpec, Predictor
from tildemc.spec.terms.address import is_plain

__all__ = ["written"]


def written(spec: ModelSpec) -> str:
    """The formula of a model as it is now."""
    beside = " + ".join(_companion(spec, name) for name in spec.response.companions)
    left = f"{spec.response.label} | {beside}" if beside else spec.response.label
    first, *others = spec.predictors
    lines = [f"{left} ~ {_right(first)}", *(f"{predictor.parameter} ~ {_right(predictor)}" for predictor in others)]
    lines += [f"{a.parameter} ~ by({_quoted(a.by.label)})" for a in spec.auxiliaries if a.by is not None]
    return "; ".join(lines)


def _companion(spec: ModelSpec, name: str) -> str:
    """`se(s, sigma = TRUE)`."""
    chosen = [f"{option} = TRUE" for owner, option in sorted(spec.response.options) if owner == name]
    return f"{name}({', '.join([spec.response.companions[name].label, *chosen])})"


def _right(predictor: Predictor) -> str:
    population = predictor.population
    parts = ["0"] if population.intercept is None else [] if population.products else ["1"]
    parts += [product.label for product in population.products]
    parts += [] if predictor.offset is None else [column.label for column in predictor.offset.columns]
    for effects in predictor.groups:
        for block in effects.blocks:
            labels = [product.label for product in block.products]
            inner = " + ".join(labels if labels[0] == "1" else ["0", *labels])
            structure = "" if block.covariance.name == "us" or len(block.columns) == 1 else block.covariance.name
            factor = ":".join(_quoted(name) for name in effects.factor.columns)
            parts.append(f"{structure}({inner} | {factor})")
    return " + ".join(parts)


def _quoted(name: str) -> str:
    return name if is_plain(name) else f"`{name}`"
