"""ModelSpec -> the formula of the model as it is now, for models that nobody wrote."""

from __future__ import annotations

from tildemc.spec.model import ModelSpec, Predictor

__all__ = ["written"]


def written(spec: ModelSpec) -> str:
    """The formula of a model as it is now; a covariance structure is left out."""
    beside = " + ".join(f"{name}({column.label})" for name, column in spec.response.companions.items())
    left = f"{spec.response.label} | {beside}" if beside else spec.response.label
    first, *others = spec.predictors
    lines = [f"{left} ~ {_right(first)}", *(f"{predictor.parameter} ~ {_right(predictor)}" for predictor in others)]
    lines += [f"{a.parameter} ~ by({a.by.label})" for a in spec.auxiliaries if a.by is not None]
    return "; ".join(lines)


def _right(predictor: Predictor) -> str:
    population = predictor.population
    parts = ["0"] if population.intercept is None else [] if population.products else ["1"]
    parts += [product.label for product in population.products]
    parts += [] if predictor.offset is None else [column.label for column in predictor.offset.columns]
    for effects in predictor.groups:
        for block in effects.blocks:
            labels = [product.label for product in block.products]
            inner = " + ".join(labels if labels[0] == "1" else ["0", *labels])
            parts.append(f"({inner} | {effects.factor.label})")
    return " + ".join(parts)
