"""Values that a text lists, `c(1, 2)`, `letters[1:3]`, `levels(f)[2:1]`, `quantile(x, 0:4/4)` -> these values.

They are written out, or learned of the data: no row has values of its own here.
"""

from __future__ import annotations

import math
import string
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle, islice

import numpy as np

from tildemc.arrays import Label, Values
from tildemc.errors import SemanticError
from tildemc.limits import allowed, too_many
from tildemc.resolve.lessons import Lesson, whole
from tildemc.resolve.values import Category, Reader, number_of
from tildemc.spec.columns import label_of, own_types
from tildemc.spec.expr import columns_of, evaluate
from tildemc.spec.vocabulary import NUMPY
from tildemc.syntax import tree
from tildemc.syntax.tree import Argument, Call, deparse

__all__ = ["as_texts", "listed_values", "one_number"]

Listed = tuple[Label, ...]

CONSTANTS: Mapping[str, Listed] = {
    "letters": tuple(string.ascii_lowercase),
    "LETTERS": tuple(string.ascii_uppercase),
    "Inf": (math.inf,),
    "NaN": (math.nan,),
}
"""Names of values that R has without data."""


def listed_values(expr: tree.Expr, reader: Reader) -> Listed | None:
    """What `expr` lists; None if it is no list of values that are known, but of each row's.

    Parameters
    ----------
    expr : Expr
    reader : Reader
        Of expressions, for what is learned of columns.

    Raises
    ------
    TildeError
        If it lists something that is not there, or too much.
    """
    found = _listed(expr, reader)
    if found is not None and len(found) > allowed().columns:
        raise SemanticError(too_many(f"`{deparse(expr)}`", "columns", len(found)), expr.span)
    return found


def as_texts(values: Sequence[Label]) -> tuple[str, ...]:
    """Values as R makes text of them."""
    return tuple(value if isinstance(value, str) else label_of(value) for value in values)


def _listed(expr: tree.Expr, reader: Reader) -> Listed | None:
    match expr:
        case tree.Parens(inner):
            return _listed(inner, reader)
        case tree.Number(value) | tree.Text(value) | tree.Constant(bool(value)):
            return (value,)
        case tree.Constant(None):
            return ()
        case tree.Name(name):
            return CONSTANTS.get(name) if name not in reader.columns.names else None
        case tree.Unary("-", inner):
            return _by_element(lambda x: -x, [inner], expr, reader)
        case tree.Binary(":", left, right):
            return _range(left, right, reader)
        case tree.Binary(operator, left, right) if operator in _ARITHMETIC:
            return _by_element(_ARITHMETIC[operator], [left, right], expr, reader)
        case tree.Call(function, arguments) if function.rpartition("::")[2] in _LISTS:
            return _LISTS[function.rpartition("::")[2]](expr, arguments, reader)
        case tree.Call():
            return _one(expr, reader)
        case _:
            return None


_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y if y else math.copysign(math.inf, x) if x else math.nan,
    "^": lambda x, y: x**y,
    "%%": lambda x, y: x % y if y else math.nan,
    "%/%": lambda x, y: x // y if y else math.inf,
}


def _by_element(
    computes: Callable[..., float], sides: Sequence[tree.Expr], whole_text: tree.Expr, reader: Reader
) -> Listed | None:
    """Arithmetic of lists, the shorter repeated, as R has it."""
    each = [_listed(side, reader) for side in sides]
    if any(values is None for values in each):
        # A mean and a multiple of a standard deviation are one number, too.
        return _one(whole_text, reader)
    lists = [_numbers(values or (), side) for values, side in zip(each, sides, strict=True)]
    if not all(lists):
        return ()
    longest = max(map(len, lists))
    return tuple(computes(*values) for values in zip(*(islice(cycle(v), longest) for v in lists), strict=True))


def _numbers(values: Listed, expr: tree.Expr) -> list[float]:
    if any(isinstance(value, str) for value in values):
        raise SemanticError(f"`{deparse(expr)}` is text where numbers are needed", expr.span)
    return [float(value) for value in values]


def one_number(expr: tree.Expr, reader: Reader) -> float | None:
    """A number that is the same in every row, as `2 * sd(x)`; None for what differs by row."""
    value = reader.meaning(expr)
    if isinstance(value, Category) or len(value.columns) != 1 or columns_of(value.columns[0]):
        return None
    return float(evaluate(value.columns[0], lambda column: math.nan, NUMPY))


def _one(expr: tree.Expr, reader: Reader) -> Listed | None:
    number = one_number(expr, reader)
    return None if number is None else (number,)


def _range(left: tree.Expr, right: tree.Expr, reader: Reader) -> Listed | None:
    ends = [_listed(side, reader) for side in (left, right)]
    match ends:
        case [(first, *_), (last, *_)] if not isinstance(first, str) and not isinstance(last, str):
            count = int(abs(last - first) + 1e-10) + 1
            if count > allowed().columns:
                shown = f"`{deparse(left)}:{deparse(right)}`"
                raise SemanticError(too_many(shown, "columns", count), left.span)
            step = 1 if last >= first else -1
            return tuple(float(first + step * k) for k in range(count))
        case _:
            return None


def _named(arguments: Sequence[Argument], *names: str) -> dict[str, tree.Expr]:
    """Arguments by name, those without one in the order of these names."""
    found = {argument.name: argument.value for argument in arguments if argument.name is not None}
    free = [name for name in names if name not in found]
    positional = [argument.value for argument in arguments if argument.name is None]
    return found | dict(zip(free, positional, strict=False))


def _c(_call: Call, arguments: Sequence[Argument], reader: Reader) -> Listed | None:
    parts = [_listed(argument.value, reader) for argument in arguments]
    if any(part is None for part in parts):
        return None
    values = tuple(value for part in parts for value in part or ())
    return as_texts(values) if any(isinstance(value, str) for value in values) else values


def _seq(call: Call, arguments: Sequence[Argument], reader: Reader) -> Listed | None:
    given = _named(arguments, "from", "to", "by", "length.out")
    numbers: dict[str, float] = {}
    for name, expr in given.items():
        match _listed(expr, reader):
            case (value,) if not isinstance(value, str):
                numbers[{"length": "length.out", "len": "length.out"}.get(name, name)] = float(value)
            case _:
                return None
    first, last = numbers.get("from", 1.0), numbers.get("to")
    if last is None or not set(numbers) <= {"from", "to", "by", "length.out"}:
        return None
    if "length.out" in numbers:
        count = int(numbers["length.out"])
        step = (last - first) / (count - 1) if count > 1 else 0.0
    else:
        step = numbers.get("by", 1.0 if last >= first else -1.0)
        if step == 0 or (last - first) / step < 0:
            raise SemanticError("`by` of `seq()` leads away from its end", call.span)
        count = int((last - first) / step + 1e-10) + 1
    if count > allowed().columns:
        raise SemanticError(too_many(f"`{deparse(call)}`", "columns", count), call.span)
    return tuple(first + step * k for k in range(count))


def _seq_len(_call: Call, arguments: Sequence[Argument], reader: Reader) -> Listed | None:
    return None if len(arguments) != 1 else _range(tree.Number(1.0), arguments[0].value, reader)


def _rep(call: Call, arguments: Sequence[Argument], reader: Reader) -> Listed | None:
    given = _named(arguments, "x", "times", "each")
    parts = {name: _listed(expr, reader) for name, expr in given.items()}
    values, times, each = parts.get("x"), parts.get("times", (1.0,)), parts.get("each", (1.0,))
    if not values or not times or not each or len(times) != 1 or not set(parts) <= {"x", "times", "each"}:
        return None
    (many,), (in_turn,) = _numbers(times, call), _numbers(each, call)
    if len(values) * many * in_turn > allowed().columns:
        raise SemanticError(too_many(f"`{deparse(call)}`", "columns", int(len(values) * many * in_turn)), call.span)
    return tuple(value for value in values for _ in range(int(in_turn))) * int(many)


def _reversed(_call: Call, arguments: Sequence[Argument], reader: Reader) -> Listed | None:
    values = _listed(arguments[0].value, reader) if arguments else None
    return None if values is None else values[::-1]


def _sorted(_call: Call, arguments: Sequence[Argument], reader: Reader) -> Listed | None:
    given = _named(arguments, "x", "decreasing")
    values = _listed(given.get("x", tree.Constant(None)), reader)
    if values is None:
        return None
    found = sorted(values, key=lambda value: (isinstance(value, str), value))
    return tuple(found[::-1] if given.get("decreasing") == tree.Constant(True) else found)


def _levels(_call: Call, arguments: Sequence[Argument], reader: Reader) -> Listed | None:
    """The levels of a factor, as text."""
    value = reader.as_given(arguments[0].value) if arguments else None
    return tuple(level.label for level in value.levels) if isinstance(value, Category) else None


def _unique(call: Call, arguments: Sequence[Argument], reader: Reader) -> Listed | None:
    """The different values, in the order in which rows have them."""
    if len(arguments) != 1:
        return None
    (argument,) = arguments
    values = _listed(argument.value, reader)
    if values is not None:
        return tuple(dict.fromkeys(values))
    found = reader.as_given(argument.value)
    key = deparse(call)
    if isinstance(found, Category):
        labels = [level.label for level in found.levels]
        code = found.code(tuple(float(k) for k in range(len(labels))))
        return reader.columns.learned(
            key, code, whole(lambda values: tuple(labels[int(k)] for k in dict.fromkeys(values.tolist())))
        )
    return reader.columns.learned(key, number_of(found, argument.value, reader.columns), _APPEARING)


def _appearing(values: Values) -> Listed:
    return own_types(dict.fromkeys(values.tolist()))


_APPEARING: Lesson[list[Values], Listed] = whole(_appearing)


def _quantiles(call: Call, arguments: Sequence[Argument], reader: Reader) -> Listed | None:
    """R's default, type 7, which is NumPy's."""
    given = _named(arguments, "x", "probs")
    if not set(given) <= {"x", "probs", "na.rm", "names"} or "x" not in given:
        return None
    probs = _listed(given["probs"], reader) if "probs" in given else (0.0, 0.25, 0.5, 0.75, 1.0)
    if probs is None:
        return None
    shares = _numbers(probs, call)
    if not all(0 <= share <= 1 for share in shares):
        raise SemanticError("`quantile()` is of shares between 0 and 1, as in `quantile(x, 0.25)`", call.span)
    x = number_of(reader.meaning(given["x"]), given["x"], reader.columns)

    def learn(values: Values) -> Listed:
        return tuple(np.quantile(np.asarray(values, dtype=float), shares).tolist())

    return reader.columns.learned(deparse(call), x, whole(learn))


def _extremes(_call: Call, arguments: Sequence[Argument], reader: Reader) -> Listed | None:
    """`range(x)`."""
    ends = [one_number(Call(name, tuple(arguments)), reader) for name in ("min", "max")]
    return None if None in ends else tuple(end for end in ends if end is not None)


def _pasted(_call: Call, arguments: Sequence[Argument], reader: Reader) -> Listed | None:
    """`paste0("g", 1:3)`."""
    joined = {"paste": " ", "paste0": ""}[_call.function]
    for argument in arguments:
        match argument:
            case Argument(tree.Text(text), "sep"):
                joined = text
            case _:
                pass
    parts = [_listed(argument.value, reader) for argument in arguments if argument.name is None]
    if not parts or any(not part for part in parts):
        return None
    texts = [as_texts(part or ()) for part in parts]
    longest = max(map(len, texts))
    return tuple(joined.join(row) for row in zip(*(islice(cycle(t), longest) for t in texts), strict=True))


def _picked(call: Call, arguments: Sequence[Argument], reader: Reader) -> Listed | None:
    """`letters[1:3]`, `levels(f)[-1]`."""
    if len(arguments) != 2:
        return None
    values, places = (_listed(argument.value, reader) for argument in arguments)
    if values is None or places is None:
        return None
    chosen = [int(place) for place in _numbers(places, call)]
    if any(abs(place) > len(values) for place in chosen):
        raise SemanticError(f"`{deparse(call)}`: there are {len(values)} of these", call.span)
    if chosen and all(place < 0 for place in chosen):
        return tuple(value for k, value in enumerate(values, start=1) if -k not in chosen)
    if any(place < 0 for place in chosen):
        raise SemanticError(f"`{deparse(call)}`: places are all above zero, or all below", call.span)
    return tuple(values[place - 1] for place in chosen if place)


_LISTS: Mapping[str, Callable[[Call, Sequence[Argument], Reader], Listed | None]] = {
    "c": _c,
    "seq": _seq,
    "seq_len": _seq_len,
    "rep": _rep,
    "rev": _reversed,
    "sort": _sorted,
    "levels": _levels,
    "unique": _unique,
    "quantile": _quantiles,
    "range": _extremes,
    "paste": _pasted,
    "paste0": _pasted,
    "[": _picked,
}
"""R's functions of lists, by name."""
