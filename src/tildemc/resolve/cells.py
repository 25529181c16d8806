"""Cells: what the values of a column are that a frame holds as objects of Python."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from decimal import Decimal

import numpy as np

from tildemc.arrays import Label
from tildemc.errors import DataError
from tildemc.spec.columns import Content

__all__ = ["as_python", "content"]

_LARGEST = int(sys.float_info.max)
_CONTENTS: tuple[tuple[Content, tuple[type, ...]], ...] = (
    ("text", (str,)),
    ("truth", (bool, np.bool_)),
    ("number", (int, float, np.integer, np.floating, Decimal)),
)


def _content_of(value: object) -> Content | None:
    return next((content for content, types in _CONTENTS if isinstance(value, types)), None)


def content(values: Iterable[object], name: str, place: Callable[[int], str] | None = None) -> Content:
    """What all of the values are; text if there are none.

    Parameters
    ----------
    values : iterable
    name : str
        The column's.
    place : callable, optional
        Where the value at a position is.

    Raises
    ------
    DataError
        If they are true and false and something else, or of a kind that no model has.
    """
    found: dict[Content | None, tuple[int, object]] = {}
    for at, value in enumerate(values):
        found.setdefault(_content_of(value), (at, value))
    if None in found:
        at, value = found[None]
        where = f" in {place(at)}" if place else ""
        raise DataError(
            f"column `{name}` holds values of type {type(value).__name__}{where}; "
            "make numbers or text of it before it goes into a model"
        )
    if len(found) > 1 and "truth" in found:
        at, value = next(where for content, where in found.items() if content != "truth")
        where = f" in {place(at)}" if place else ""
        raise DataError(
            f"column `{name}` mixes true and false with other values, such as {value!r}{where}: make text of all of "
            "them, or say what stands for no value: na=[…]"
        )
    return "mixed" if len(found) > 1 else next((content for content in found if content is not None), "text")


def as_python(value: object, name: str) -> Label:
    """A value of a column as Python's own.

    Raises
    ------
    DataError
        If it is a number that no float64 comes near, or of a kind that no model has.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, int | Decimal) and value == value and not -_LARGEST <= value <= _LARGEST:
        raise DataError(f"column `{name}` holds a number that is too large to compute with")
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, str | bool | int | float):
        return value
    content([value], name)
    raise AssertionError(f"{value!r} is of a kind that models have, and of none of Python's own types")
