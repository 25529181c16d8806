"""ModelSpec × Frame -> Design: a model's numbers for some data, the first or new."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tildemc.errors import DataError
from tildemc.model.design import AuxiliaryDesign, Design, GroupDesign, PredictorDesign
from tildemc.model.expr import Expr, columns_of
from tildemc.model.families import Family
from tildemc.model.spec import Column, Factor, ModelSpec, Predictor, Response
from tildemc.resolve.frame import Frame, label_of

__all__ = ["encode"]

Floats = NDArray[np.float64]


def encode(spec: ModelSpec, frame: Frame, *, response: bool = True) -> Design:
    """A model's numbers.

    Parameters
    ----------
    spec : ModelSpec
    frame : Frame
        Rows without missing values in what the model needs; a grouping's label may be missing.
    response : bool
        False for data to predict.

    Raises
    ------
    DataError
        For a value that is no finite number, or that the family's response cannot take; with its row.
    """
    known = spec.response
    trials = _optional(known.trials, "trials", frame)
    design = Design(
        _response(known, frame, spec.family, trials) if response else None,
        tuple(_predictor(predictor, frame) for predictor in spec.predictors),
        tuple(AuxiliaryDesign(None if a.by is None else _index(a.by, frame, needed=True)) for a in spec.auxiliaries),
        frame.rows,
        trials,
        _optional(known.weights, "weights", frame),
        _optional(known.se, "se", frame),
    )
    _check_companions(design, frame)
    return design


def numbers(columns: Sequence[Column], frame: Frame) -> Floats:
    """The columns' values, (n, len(columns))."""
    values = np.empty((len(frame), len(columns)), order="F")
    with np.errstate(all="ignore"):
        for j, column in enumerate(columns):
            values[:, j] = frame.evaluate(column.value)
            _check_finite(values[:, j], column.label, column.value, frame)
    return values


def _check_finite(values: Floats, label: str, expr: Expr, frame: Frame) -> None:
    bad = np.flatnonzero(~np.isfinite(values))
    if not len(bad):
        return
    row = int(bad[0])
    at = ", ".join(f"{name} = {label_of(frame.values(name)[row])}" for name in columns_of(expr))
    others = f", and in {len(bad) - 1} more" if len(bad) > 1 else ""
    raise DataError(f"`{label}` is not a finite number in row {int(frame.rows[row])} ({at}){others}")


def _predictor(predictor: Predictor, frame: Frame) -> PredictorDesign:
    offset = numbers(predictor.offsets, frame).sum(axis=1) if predictor.offsets else None
    groups = tuple(
        GroupDesign(numbers(grouping.columns, frame), _index(grouping.factor, frame))
        for grouping in predictor.groupings
    )
    return PredictorDesign(numbers(predictor.columns, frame), offset, groups)


def _index(factor: Factor, frame: Frame, *, needed: bool = False) -> NDArray[np.int64]:
    """Each row's level, -1 for a missing label."""
    missing = np.zeros(len(frame), dtype=bool)
    # Level by level over the columns: a combination is numbered by the combinations of the columns before it.
    number = np.zeros(len(frame), dtype=np.int64)
    numbered: dict[tuple[object, ...], int] = {(): 0}
    for j, name in enumerate(factor.columns):
        missing |= frame.missing(name)
        values = frame.values(name)
        place: dict[tuple[int, object], int] = {}
        following: dict[tuple[object, ...], int] = {}
        for key in factor.keys:
            prefix = key[: j + 1]
            following.setdefault(prefix, len(following))
            place[numbered[key[:j]], key[j]] = following[prefix]
        pairs = zip(number.tolist(), values.tolist(), strict=True)
        number = np.fromiter((place.get(pair, -1) for pair in pairs), dtype=np.int64, count=len(frame))
        numbered = following
    number[missing] = -1
    unknown = np.flatnonzero((number < 0) & (~missing | needed))
    if len(unknown):
        row = int(unknown[0])
        shown = ":".join(label_of(frame.values(name)[row]) for name in factor.columns)
        raise DataError(f"`{factor.label}` has no level {shown} (row {int(frame.rows[row])})")
    return number


def _optional(expr: Expr | None, label: str, frame: Frame) -> Floats | None:
    return None if expr is None else numbers((Column(label, expr),), frame)[:, 0]


def _response(response: Response, frame: Frame, family: Family, trials: Floats | None) -> Floats:
    y = numbers((Column(response.label, response.value),), frame)[:, 0]
    label = response.label
    if not len(y):
        return y
    match family.outcome:
        case "real" if len(y) > 1 and np.ptp(y) == 0:
            raise DataError(f"the response `{label}` is {label_of(y[0])} in every row: there is nothing to model")
        case "binary":
            _refuse_rows((y != 0) & (y != 1), y, frame, f"a bernoulli response is 0 or 1, but `{label}` is")
            if len(y) > 1 and np.ptp(y) == 0:
                raise DataError(f"the response `{label}` is {label_of(y[0])} in every row: there is nothing to model")
        case "count" | "proportion":
            whole = f"a {family.name} response is a whole number from 0 up, but `{label}` is"
            _refuse_rows((y < 0) | (y != np.floor(y)), y, frame, whole)
    if trials is not None:
        _refuse_rows(trials < y, y, frame, f"`{label}` is more than the trials where it is")
    return y


def _check_companions(design: Design, frame: Frame) -> None:
    if design.weights is not None:
        _refuse_rows(design.weights < 0, design.weights, frame, "weights are not negative, but here is one of")
    if design.se is not None:
        _refuse_rows(design.se <= 0, design.se, frame, "`se()` takes standard deviations greater than 0, not")
    if design.trials is not None:
        bad = (design.trials < 0) | (design.trials != np.floor(design.trials))
        _refuse_rows(bad, design.trials, frame, "trials are whole numbers, not")


def _refuse_rows(bad: NDArray[np.bool_], values: Floats, frame: Frame, sentence: str) -> None:
    rows = np.flatnonzero(bad)
    if len(rows):
        first = int(rows[0])
        others = f", and {len(rows) - 1} more like it" if len(rows) > 1 else ""
        raise DataError(f"{sentence} {label_of(values[first])} in row {int(frame.rows[first])}{others}")
