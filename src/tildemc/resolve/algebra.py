"""R's formula algebra: a right-hand side -> its terms.

The rules are those of R's `terms.formula` (R Core Team, src/library/stats/src/model.c): a term is a set of variables,
numbered by first appearance, and the value of an expression is a list of terms. Where R would forget the terms on the
right of an empty left (`1 * x`), they are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tildemc.errors import SemanticError
from tildemc.span import Span
from tildemc.syntax.tree import Binary, Call, Constant, Expr, Name, Number, Parens, Text, Unary, deparse

__all__ = ["ALGEBRA", "BARS", "Interaction", "Terms", "bare_bar", "expand_terms", "unparenthesised", "work_out"]

ALGEBRA = {"+", "-", "*", "/", ":", "^", "%in%"}
BARS = {"|", "||"}


@dataclass(frozen=True, slots=True)
class Interaction:
    """Variables multiplied with each other, in the order of their numbers; one variable alone is a main effect."""

    variables: tuple[Expr, ...]

    @property
    def label(self) -> str:
        """R's label of the term."""
        return ":".join(deparse(variable) for variable in self.variables)


@dataclass(frozen=True, slots=True)
class Terms:
    """A sum of terms, sorted by order as R sorts them."""

    intercept: bool
    interactions: tuple[Interaction, ...] = ()
    offsets: tuple[Expr, ...] = ()


def expand_terms(right: Expr, columns: Sequence[str] = ()) -> Terms:
    """The terms of a right-hand side that has no group terms."""
    return work_out([right], [Name(name, span=None) for name in columns])


def work_out(summands: list[Expr], dot: Sequence[Name]) -> Terms:
    """The terms of a sum; `dot` is what `.` stands for."""
    return _Algebra(dot).terms(summands)


def unparenthesised(expr: Expr) -> Expr:
    """`expr` without the parentheses around it."""
    while isinstance(expr, Parens):
        expr = expr.inner
    return expr


def bare_bar(bar: Binary, span: Span | None) -> SemanticError:
    """`y ~ x + 1 | g`, where R's precedence takes all of `x + 1` to vary by g."""
    factor = deparse(bar.right)
    match bar.left:
        case Binary("+", left, Number(1)):
            meant = f"`{deparse(left)} + (1 | {factor})`"
        case Number(1):
            meant = f"`(1 | {factor})`"
        case left:
            shown = deparse(left)
            meant = f"`{shown} + (1 | {factor})`, or `({shown} | {factor})` for effects of {shown} that vary too"
    return SemanticError(f"a group term needs parentheses: write {meant}", span)


class _Algebra:
    """One run over one right-hand side; `intercept` is whatever was last said about it."""

    def __init__(self, dot: Sequence[Name]) -> None:
        self.dot = dot
        self.numbers: dict[str, int] = {}
        self.variables: list[Expr] = []
        self.intercept = True
        self.removing = False

    def terms(self, summands: list[Expr]) -> Terms:
        found: list[int] = []
        for summand in summands:
            taken = _unwrap_minus(summand)
            found = self._minus(found, taken) if taken is not None else _unique(found + self.encode(summand))
        is_offset = [isinstance(v, Call) and v.function == "offset" for v in self.variables]
        offset_bits = sum(1 << i for i, yes in enumerate(is_offset) if yes)
        ordered = sorted((t for t in found if not t & offset_bits), key=int.bit_count)
        offsets = tuple(v for v, yes in zip(self.variables, is_offset, strict=True) if yes)
        return Terms(self.intercept, tuple(self._interaction(t) for t in ordered), offsets)

    def _interaction(self, term: int) -> Interaction:
        return Interaction(tuple(v for i, v in enumerate(self.variables) if term >> i & 1))

    def encode(self, expr: Expr) -> list[int]:
        match expr:
            case Constant(None):
                return []
            case Number(value) | Constant(bool(value)):
                return self._constant(value, expr)
            case Text(span=span):
                raise SemanticError("a quoted text is no term; a column's name stands without quotes", span)
            case Name(".", span):
                return [bits for name in self.dot for bits in self._variable(Name(name.text, span))]
            case Parens(inner) | Unary("+", inner):
                return self.encode(inner)
            case Unary("-", inner):
                return self._minus([], inner)
            case Binary("+" | "-"):
                return self._sum(expr)
            case Binary(operator, left, right) if operator in _COMBINE:
                return _unique(_COMBINE[operator](self.encode(left), self.encode(right)))
            case Binary("^", base, power):
                return self._power(base, power)
            case Binary(operator, span=span) if operator in BARS:
                raise bare_bar(expr, span)
            case Call("by", _, span):
                raise SemanticError("`by()` stands alone and for a parameter other than mu: `sigma ~ by(arm)`", span)
            case _:
                return self._variable(expr)

    def _variable(self, expr: Expr) -> list[int]:
        text = deparse(expr)
        if text not in self.numbers:
            self.numbers[text] = len(self.variables)
            self.variables.append(expr)
        return [1 << self.numbers[text]]

    def _constant(self, value: float, expr: Expr) -> list[int]:
        if value not in (0, 1):
            hint = f"for a column plus {deparse(expr)} write `I(x + {deparse(expr)})`"
            raise SemanticError(f"a formula's only numbers are 0 and 1, the intercept; {hint}", expr.span)
        self.intercept = (value == 1) != self.removing
        return []

    def _sum(self, expr: Binary) -> list[int]:
        """A chain of `+` and `-`, from the left, without recursion: it may be long."""
        chain: list[tuple[str, Expr]] = []
        head: Expr = expr
        while isinstance(head, Binary) and head.operator in "+-":
            chain.append((head.operator, head.right))
            head = head.left
        found = self.encode(head)
        for sign, part in reversed(chain):
            found = self._minus(found, part) if sign == "-" else _unique(found + self.encode(part))
        return found

    def _minus(self, found: list[int], taken: Expr) -> list[int]:
        self.removing = not self.removing
        removed = set(self.encode(taken))
        self.removing = not self.removing
        return [term for term in found if term not in removed]

    def _power(self, base: Expr, power: Expr) -> list[int]:
        exponent = unparenthesised(power)
        if not isinstance(exponent, Number) or exponent.value != int(exponent.value) or exponent.value < 2:
            hint = f"for a power of a column write `I({deparse(base)}^{deparse(power)})`"
            raise SemanticError(f"`^` crosses terms: it takes a whole number from 2 up; {hint}", power.span)
        terms = self.encode(base)
        result = terms
        for _ in range(int(exponent.value) - 1):
            previous = result
            result = _unique(_interact(result, terms))
            if result == previous:
                break
        return result


def _unwrap_minus(summand: Expr) -> Expr | None:
    return summand.operand if isinstance(summand, Unary) and summand.operator == "-" else None


def _unique(terms: list[int]) -> list[int]:
    return list(dict.fromkeys(terms))


def _all_bits(terms: list[int]) -> int:
    bits = 0
    for term in terms:
        bits |= term
    return bits


def _interact(left: list[int], right: list[int]) -> list[int]:
    return [a | b for a in left for b in right]


def _cross(left: list[int], right: list[int]) -> list[int]:
    return left + right + _interact(left, right)


def _within(left: list[int], right: list[int]) -> list[int]:
    bits = _all_bits(right)
    return [term | bits for term in left]


def _nest(left: list[int], right: list[int]) -> list[int]:
    bits = _all_bits(left)
    return left + [term | bits for term in right]


_COMBINE: dict[str, Callable[[list[int], list[int]], list[int]]] = {
    ":": _interact,
    "*": _cross,
    "%in%": _within,
    "/": _nest,
}
