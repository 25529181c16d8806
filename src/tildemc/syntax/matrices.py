"""Matrices of numbers as R writes them in, `matrix(c(1, 0, -1), ncol = 1)`, `cbind(c(1, -1))`; their columns out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import add, mul, sub, truediv

from tildemc.errors import FormulaSyntaxError
from tildemc.limits import allowed
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.matching import Signature
from tildemc.syntax.tree import Argument, Binary, Call, Constant, Expr, Number, Text, Unary

__all__ = ["Matrix", "matrix_of", "numbers_of"]

_BINDING = ("cbind", "rbind")
_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {"+": add, "-": sub, "*": mul, "/": truediv}


@dataclass(frozen=True, slots=True)
class Matrix:
    """Numbers in columns, and what the columns are called where the text says so."""

    columns: tuple[tuple[float, ...], ...]
    names: tuple[str, ...] = ()

    @property
    def rows(self) -> tuple[tuple[float, ...], ...]:
        """The same numbers in rows."""
        return tuple(zip(*self.columns, strict=True))


def matrix_of(expr: Expr) -> Matrix | None:
    """The matrix that `matrix()`, `cbind()` or `rbind()` make of numbers; None for what is none of these.

    Raises
    ------
    FormulaSyntaxError
        If one of them is of something else than numbers, or of columns of different lengths.
    """
    match unparenthesised(expr):
        case Call("matrix") as call:
            return _filled(call)
        case Call(function, arguments) as call if function in _BINDING and arguments:
            each = [_numbers_in(argument.value, call) for argument in arguments if argument.name != "deparse.level"]
            if len({len(column) for column in each}) > 1:
                raise FormulaSyntaxError(f"what `{function}()` binds here is of one length", call.span)
            names = tuple(argument.name or "" for argument in arguments)
            if function == "cbind":
                return Matrix(tuple(each), names if any(names) else ())
            return Matrix(tuple(zip(*each, strict=True)))
        case Binary("/", left, Number(value)) if value and (whole := matrix_of(left)) is not None:
            return Matrix(tuple(tuple(number / value for number in column) for column in whole.columns), whole.names)
        case _:
            return None


def numbers_of(expr: Expr) -> tuple[float, ...] | None:
    """The numbers of `c(1, -1/2)`, `rep(0, 3)`, `1:3`, or one of them; None for what is something else."""
    match unparenthesised(expr):
        case Number(value):
            return (float(value),)
        case Unary("-" | "+" as sign, inner):
            found = numbers_of(inner)
            return None if found is None else tuple(-n if sign == "-" else n for n in found)
        case Binary(":", left, right):
            return _range(numbers_of(left), numbers_of(right))
        case Binary(operator, left, right) if operator in _ARITHMETIC:
            return _combined(_ARITHMETIC[operator], numbers_of(left), numbers_of(right))
        case Call("c", arguments):
            parts = [numbers_of(argument.value) for argument in arguments]
            return None if None in parts else tuple(n for part in parts for n in part or ())
        case Call("rep", (Argument(repeated), Argument(Number(times), None | "times"))):
            found = numbers_of(repeated)
            return None if found is None or len(found) * times > allowed().columns else found * int(times)
        case _:
            return None


def _range(low: Sequence[float] | None, high: Sequence[float] | None) -> tuple[float, ...] | None:
    if low is None or high is None or len(low) != 1 or len(high) != 1 or abs(high[0] - low[0]) > allowed().columns:
        return None
    step = 1 if high[0] >= low[0] else -1
    return tuple(low[0] + step * k for k in range(int(abs(high[0] - low[0])) + 1))


def _combined(
    operate: Callable[[float, float], float], left: Sequence[float] | None, right: Sequence[float] | None
) -> tuple[float, ...] | None:
    """Number by number; what is shorter begins again, as in R."""
    if not left or not right or (operate is truediv and 0.0 in right):
        return None
    longest = max(len(left), len(right))
    return tuple(operate(left[k % len(left)], right[k % len(right)]) for k in range(longest))


def _numbers_in(expr: Expr, call: Call) -> tuple[float, ...]:
    found = numbers_of(expr)
    if found is None:
        inside = "c(1, 0, -1, 0, 1, -1), ncol = 2" if call.function == "matrix" else "c(1, 0, -1), c(0, 1, -1)"
        message = f"`{call.function}()` is of numbers here, as in `{call.function}({inside})`"
        raise FormulaSyntaxError(message, expr.span or call.span)
    return found


def _filled(call: Call) -> Matrix:
    """`matrix(data, nrow, ncol, byrow, dimnames)`."""
    names = ("data", "nrow", "ncol", "byrow", "dimnames")
    signature = Signature("matrix", names, shortened=True, error=FormulaSyntaxError)
    given = {name: argument.value for name, argument in signature.match(call.arguments, call.span).items()}
    if "data" not in given:
        raise FormulaSyntaxError(
            "`matrix()` is of numbers here, as in `matrix(c(1, 0, -1, 0, 1, -1), ncol = 2)`", call.span
        )
    numbers = _numbers_in(given["data"], call)
    height, width = (_count(given.get(name)) for name in ("nrow", "ncol"))
    if height is None and width is None:
        height, width = len(numbers), 1
    height = height or -(-len(numbers) // (width or 1))
    width = width or -(-len(numbers) // height)
    if not numbers or height * width > allowed().columns or (height * width) % len(numbers):
        raise FormulaSyntaxError(f"{len(numbers)} numbers do not fill {height} rows and {width} columns", call.span)
    cells = [numbers[k % len(numbers)] for k in range(height * width)]
    if given.get("byrow") == Constant(True):
        columns = tuple(tuple(cells[j::width]) for j in range(width))
    else:
        columns = tuple(tuple(cells[j * height : (j + 1) * height]) for j in range(width))
    return Matrix(columns, _labels(given.get("dimnames"), width))


def _count(expr: Expr | None) -> int | None:
    match expr:
        case Number(value) if value >= 1:
            return int(value)
        case _:
            return None


def _labels(expr: Expr | None, width: int) -> tuple[str, ...]:
    """The second of `list(NULL, c("a", "b"))`."""
    match expr:
        case Call("list", (_, Argument(Call("c", texts)))) if len(texts) == width:
            return tuple(argument.value.value for argument in texts if isinstance(argument.value, Text))
        case Call("list", (_, Argument(Text(text)))) if width == 1:
            return (text,)
        case _:
            return ()
