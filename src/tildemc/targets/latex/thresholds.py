"""Thresholds in equations: how those of a row are called, what they are made of, and their priors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tildemc.spec.priors import Prior
from tildemc.spec.terms.specific import Specific
from tildemc.spec.terms.thresholds import Thresholds
from tildemc.targets.latex.expression import word
from tildemc.targets.latex.predictor import in_row
from tildemc.targets.latex.symbols import Equation, Indices

__all__ = ["ThresholdNotation"]

_TAU, _DELTA, _GAMMA, _FREE = r"\tau", r"\delta", r"\gamma", r"\tau^{*}"


@dataclass(frozen=True)
class ThresholdNotation:
    """The thresholds of a model.

    Attributes
    ----------
    thresholds : Thresholds
    specific : Specific or None
        What moves each by itself.
    indices : Indices
    at_means : sequence of str
        The predictor's parts where the predictors have their means.
    """

    thresholds: Thresholds
    specific: Specific | None
    indices: Indices
    at_means: Sequence[str]

    @property
    def of_row(self) -> str:
        """Those of row i, in its distribution."""
        if self.specific is not None:
            return rf"{_TAU}_{{i}}"
        by = self.thresholds.by
        return _TAU if by is None else rf"{_TAU}_{{{self.indices(by)}[i]}}"

    def equations(self) -> Iterator[Equation]:
        """What the thresholds of a row are, and what those that have no priors are made of."""
        by = self.thresholds.by
        own, each = ("k", "") if by is None else (f"{self.indices(by)},k", self.indices.range(by))
        if self.specific is not None:
            of_row = f"{_TAU}_{{{'k' if by is None else f'{self.indices(by)}[i],k'}}}"
            parts = [
                rf"{_GAMMA}_{{{j},k}}\,{in_row(column)}" for j, column in enumerate(self.specific.columns, start=1)
            ]
            yield Equation(rf"{_TAU}_{{i,k}}", "=", " - ".join((of_row, *parts)))
        level = "" if by is None else f"{self.indices(by)}"
        match self.thresholds.spacing:
            case "equidistant":
                first = f"{level},1" if level else "1"
                delta = f"{_DELTA}_{{{level}}}" if level else _DELTA
                yield Equation(rf"{_TAU}_{{{own}}}", "=", rf"{_TAU}_{{{first}}} + (k - 1)\,{delta}{each}")
            case "sum_to_zero":
                mean = rf"\overline{{{_FREE}_{{{level}}}}}" if level else rf"\overline{{{_FREE}}}"
                moved = "".join(f" + {part}" for part in self.at_means) if self.thresholds.centred else ""
                yield Equation(rf"{_TAU}_{{{own}}}", "=", rf"{_FREE}_{{{own}}} - {mean}{moved}{each}")
            case _:
                pass

    def priors(self) -> list[tuple[str, Prior]]:
        """What each prior of a threshold or of a distance is of."""
        thresholds, found = self.thresholds, list[tuple[str, Prior]]()
        free = thresholds.spacing == "sum_to_zero"
        shift = "".join(f" - {part}" for part in self.at_means) if thresholds.centred and not free else ""
        levels = [""] if thresholds.by is None else [rf"{word(level)},\," for level in thresholds.by.levels]
        for level, cuts in zip(levels, thresholds.cuts, strict=True):
            symbol = _FREE if free else _TAU
            found += [(f"{symbol}_{{{level}{k}}}{shift}", prior) for k, prior in enumerate(cuts.prior_of, start=1)]
        for level, cuts in zip(levels, thresholds.cuts, strict=True):
            if cuts.delta is not None:
                found.append((f"{_DELTA}_{{{level.removesuffix(r',\,')}}}" if level else _DELTA, cuts.delta))
        return found

    def of_effects(self) -> list[tuple[str, Prior]]:
        """What each prior of effects on thresholds is of."""
        priors = () if self.specific is None else self.specific.coefficients
        return [(f"{_GAMMA}_{{{j},k}}", prior) for j, prior in enumerate(priors, start=1)]
