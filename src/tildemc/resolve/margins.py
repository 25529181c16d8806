"""The text of Stata's `margins` × a model -> which quantity it is of, and which rows it is averaged over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tildemc.errors import FormulaSyntaxError, SemanticError, UnsupportedError
from tildemc.spec.companions import companion_of
from tildemc.spec.expr import Col, Var
from tildemc.spec.model import ModelSpec
from tildemc.syntax.stata.contrasted import Crossed, Operator
from tildemc.syntax.stata.margins import MarginsText, Statistic, parse_margins
from tildemc.syntax.stata.written import Given

__all__ = ["Crossed", "MarginsAsked", "Operator", "Over", "Statistic", "outcome_of", "read_margins", "straight"]

Over = Literal["none", "all", "marginal"]
"""Which effects of groups there are: none, those of the rows' own levels, or all that there may be, averaged over."""

_KINDS = {**dict.fromkeys(("mu", "pr", "n", "ir"), "mean"), "xb": "linear", "fitted": "linear", "eta": "linear"}
_OVER: dict[str, Over] = {
    "fixedonly": "none", "fixed": "none", "fitted": "all", "eta": "all", "marginal": "marginal",
}  # fmt: skip
_READ = "`predict(mu)`, `predict(mu fixedonly)`, `predict(xb)`, `predict(fitted)` and `predict(pr outcome(2))`"


@dataclass(frozen=True, slots=True)
class MarginsAsked:
    """`margins` of a `kind` of prediction, `over` effects of groups, by the weights of the model; of one `outcome`."""

    kind: str
    text: MarginsText
    wts: str | None
    over: Over = "none"
    outcome: str = ""


def read_margins(text: str, spec: ModelSpec, columns: Sequence[str]) -> MarginsAsked:
    """What `margins` asks for of a model.

    Raises
    ------
    TildeError
        For what is not read.
    """
    found = parse_margins(text, columns)
    words = [word for word in found.predict if word.text.strip(",") != "outcome"]
    kinds = [word for word in words if word.text.strip(",") in _KINDS]
    for word in words:
        if word.text.strip(",") not in {*_KINDS, *_OVER} or len(kinds) > 1:
            raise UnsupportedError(f"`{found.predict_span}` is not read; {_READ} are", found.predict_span)
    kind = _KINDS[kinds[0].text.strip(",")] if kinds else "mean"
    asked: list[Over] = [_OVER[word.text.strip(",")] for word in words if word.text.strip(",") in _OVER]
    over: Over = asked[-1] if asked else "none" if kind == "linear" or straight(spec) else "marginal"
    return MarginsAsked(kind, found, _weights(spec), over if any(spec.groups()) else "none", _outcome(found, spec))


def straight(spec: ModelSpec) -> bool:
    """Whether the mean of the response is its linear predictor, whatever effects are averaged over."""
    predictor = spec.predictors[0]
    return spec.family.mean == Var(predictor.parameter) and isinstance(predictor.link.inverse, Var)


def _outcome(found: MarginsText, spec: ModelSpec) -> str:
    """The category that `outcome(2)` or `outcome(#2)` names; empty if it names none."""
    for word in found.predict:
        if word.text.strip(",") == "outcome":
            return outcome_of(word, spec)
    return ""


def outcome_of(word: Given, spec: ModelSpec) -> str:
    """The category that the parentheses name: a value, or `#2` for the second.

    Raises
    ------
    FormulaSyntaxError, SemanticError
        If they name none of the response's.
    """
    labels = () if spec.family.categories is None else spec.family.categories.labels
    if not labels:
        raise SemanticError("`outcome()` names a category, and the response has none", word.span)
    if word.inner is None or len(word.inner) != 1:
        raise FormulaSyntaxError("`outcome()` names one category, as in `outcome(2)` or `outcome(#2)`", word.span)
    text = word.inner[0].text.strip('"')
    if text in labels:
        return text
    place = text.removeprefix("#")
    if text.startswith("#") and place.isdecimal() and 0 < int(place) <= len(labels):
        return labels[int(place) - 1]
    raise SemanticError(f"the response has no category `{text}`; it has {', '.join(labels)}", word.span)


def _weights(spec: ModelSpec) -> str | None:
    """The column that rows were weighted by."""
    for name, column in spec.response.companions.items():
        if companion_of(name).weighs:
            if not isinstance(column.value, Col):
                raise UnsupportedError(f"margins are by weights that are a column, not `{column.label}`: make it one")
            return column.value.name
    return None
