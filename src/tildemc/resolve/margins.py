"""The text of Stata's `margins` × a model -> which quantity it is of, and which rows it is averaged over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tildemc.errors import UnsupportedError
from tildemc.spec.companions import companion_of
from tildemc.spec.expr import Col, Var
from tildemc.spec.model import ModelSpec
from tildemc.syntax.stata.margins import MarginsText, parse_margins

__all__ = ["MarginsAsked", "read_margins"]


@dataclass(frozen=True, slots=True)
class MarginsAsked:
    """`margins` of a `kind` of prediction, in which no group has an effect, by the weights of the model."""

    kind: str
    text: MarginsText
    wts: str | None


def read_margins(text: str, spec: ModelSpec, columns: Sequence[str]) -> MarginsAsked:
    """What `margins` asks for of a model.

    Raises
    ------
    TildeError
        For what is not read.
    """
    found = parse_margins(text, columns)
    words = {word for word in found.predict if word}
    fixed = bool(words & {"fixedonly", "fixed"}) or not any(spec.groups())
    rest = words - {"fixedonly", "fixed"}
    if rest == {"xb"}:
        return MarginsAsked("linear", found, _weights(spec))
    if rest - {"mu"}:
        listed = "`predict(xb)` and `predict(mu fixedonly)`"
        raise UnsupportedError(f"`{found.predict_span}` is not read; {listed} are", found.predict_span)
    predictor = spec.predictors[0]
    straight = spec.family.mean == Var(predictor.parameter) and isinstance(predictor.link.inverse, Var)
    if not fixed and not straight:
        raise UnsupportedError(
            "Stata averages over the effects of groups here, which is not built: `predict(mu fixedonly)` has them at "
            "zero, and `predict(xb)` is the linear prediction",
            found.predict_span,
        )
    return MarginsAsked("mean", found, _weights(spec))


def _weights(spec: ModelSpec) -> str | None:
    """The column that rows were weighted by."""
    for name, column in spec.response.companions.items():
        if companion_of(name).weighs:
            if not isinstance(column.value, Col):
                raise UnsupportedError(f"margins are by weights that are a column, not `{column.label}`: make it one")
            return column.value.name
    return None
