"""R's formula algebra: a right-hand side -> its terms.

The rules are those of R's `terms.formula` (R Core Team, src/library/stats/src/model.c): a term is a set of variables,
numbered by first appearance, and the value of an expression is a list of terms. Where R would forget the terms on the
right of an empty left (`1 * x`), they are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tildemc.errors import SemanticError
from tildemc.limits import allowed, too_many
from tildemc.span import Span
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.tree import Binary, Call, Constant, Expr, Name, Number, Parens, Text, Unary, deparse, spine

__all__ = ["ALGEBRA", "BARS", "Interaction", "Terms", "bare_bar", "expand_terms", "work_out"]

ALGEBRA = {"+", "-", "*", "/", ":", "^", "%in%"}
BARS = {"|", "||"}

Found = dict[int, None]
"""Terms in order, each once: a bit for each of its variables."""

_REPEATED = 100
"""How many times the terms that there may be are made on the way to them."""


@dataclass(frozen=True, slots=True)
class Interaction:
    """Variables multiplied with each other, in the order of their numbers; one variable alone is a main effect.

    Attributes
    ----------
    variables : tuple of Expr
    names : tuple of str
        Their texts, by which they are known.
    """

    variables: tuple[Expr, ...]
    names: tuple[str, ...]

    @property
    def label(self) -> str:
        """R's label of the term."""
        return ":".join(self.names)


@dataclass(frozen=True, slots=True)
class Terms:
    """A sum of terms, sorted by order as R sorts them.

    `cell_means`: without an intercept the first factor has a column for each level.
    """

    intercept: bool
    interactions: tuple[Interaction, ...] = ()
    offsets: tuple[Expr, ...] = ()
    cell_means: bool = True


def expand_terms(right: Expr, columns: Sequence[str] = ()) -> Terms:
    """The terms of a right-hand side that has no group terms."""
    return work_out([right], [Name(name, span=None) for name in columns])


def work_out(summands: list[Expr], dot: Sequence[Name]) -> Terms:
    """The terms of a sum; `dot` is what `.` stands for."""
    return _Algebra(dot).terms(summands)


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
        self.made = 0

    def terms(self, summands: list[Expr]) -> Terms:
        found: Found = {}
        for before, after in pairwise(summands):
            taken = _unwrap_minus(after)
            _refuse_numbers("+" if taken is None else "-", before, after if taken is None else taken)
        for summand in summands:
            taken = _unwrap_minus(summand)
            if taken is not None:
                self._minus(found, taken)
            else:
                found.update(self.encode(summand))
                _check_count(found, summand)
        is_offset = [isinstance(v, Call) and v.function == "offset" for v in self.variables]
        offset_bits = sum(1 << i for i, yes in enumerate(is_offset) if yes)
        ordered = sorted((t for t in found if not t & offset_bits), key=int.bit_count)
        offsets = tuple(v for v, yes in zip(self.variables, is_offset, strict=True) if yes)
        return Terms(self.intercept, self._interactions(ordered, summands[0].span if summands else None), offsets)

    def _interactions(self, terms: list[int], span: Span | None) -> tuple[Interaction, ...]:
        names = list(self.numbers)
        found: list[Interaction] = []
        letters = 0
        for term in terms:
            numbers = list(_bits(term))
            letters += sum(len(names[i]) + 1 for i in numbers)
            if letters > allowed().letters:
                raise SemanticError(too_many("the text of these terms, multiplied out,", "letters"), span)
            found.append(Interaction(tuple(self.variables[i] for i in numbers), tuple(names[i] for i in numbers)))
        return tuple(found)

    def encode(self, expr: Expr) -> Found:
        match expr:
            case Constant(None):
                return {}
            case Number(value) | Constant(bool(value)):
                return self._constant(value, expr)
            case Text(span=span):
                raise SemanticError("a quoted text is no term; a column's name stands without quotes", span)
            case Name(".", span):
                return {bit: None for name in self.dot for bit in self._variable(Name(name.text, span))}
            case Parens(inner) | Unary("+", inner):
                return self.encode(inner)
            case Unary("-", inner):
                return self._minus({}, inner)
            case Binary(operator) if operator in ALGEBRA:
                return self._chain(expr)
            case Binary(operator, span=span) if operator in BARS:
                raise bare_bar(expr, span)
            case Call("by", _, span):
                raise SemanticError("`by()` stands alone and for a parameter other than mu: `sigma ~ by(arm)`", span)
            case _:
                return self._variable(expr)

    def _variable(self, expr: Expr) -> Found:
        text = deparse(expr)
        if text not in self.numbers:
            self.numbers[text] = len(self.variables)
            self.variables.append(expr)
        return {1 << self.numbers[text]: None}

    def _constant(self, value: float, expr: Expr) -> Found:
        if value not in (0, 1):
            raise _no_term(expr, f"x + {deparse(expr)}")
        self.intercept = (value == 1) != self.removing
        return {}

    def _chain(self, expr: Binary) -> Found:
        """`a + b * c - d`, from the left; it may be long."""
        first, nodes = spine(expr, ALGEBRA)
        _refuse_numbers(nodes[0].operator, first, nodes[0].right)
        found = self.encode(first)
        for node in nodes:
            _refuse_numbers(node.operator, node.left, node.right)
            match node.operator:
                case "+":
                    found.update(self.encode(node.right))
                case "-":
                    self._minus(found, node.right)
                case "^":
                    found = self._power(found, node)
                case operator:
                    found = self._combined(operator, found, self.encode(node.right), node)
            _check_count(found, node)
        return found

    def _minus(self, found: Found, taken: Expr) -> Found:
        self.removing = not self.removing
        removed = self.encode(taken)
        self.removing = not self.removing
        for term in removed:
            found.pop(term, None)
        return found

    def _power(self, terms: Found, node: Binary) -> Found:
        exponent = unparenthesised(node.right)
        if not isinstance(exponent, Number) or exponent.value != int(exponent.value) or exponent.value < 2:
            hint = f"for a power of a column write `I({deparse(node.left)}^{deparse(node.right)})`"
            raise SemanticError(f"`^` crosses terms: it takes a whole number from 2 up; {hint}", node.right.span)
        result = terms
        for _ in range(int(exponent.value) - 1):
            previous = result
            result = self._interact(result, terms, node)
            if list(result) == list(previous):
                break
        return result

    def _combined(self, operator: str, left: Found, right: Found, node: Binary) -> Found:
        match operator:
            case ":":
                return self._interact(left, right, node)
            case "*":
                return left | right | self._interact(left, right, node)
            case "/":
                self._count(len(left) + len(right), node)
                bits = _all_bits(left)
                return left | {term | bits: None for term in right}
            case _:
                pass
        assert operator == "%in%", operator
        self._count(len(left) + len(right), node)
        bits = _all_bits(right)
        return {term | bits: None for term in left}

    def _interact(self, left: Found, right: Found, node: Binary) -> Found:
        self._count(len(left) * len(right), node)
        found: Found = {}
        for a in left:
            found.update(dict.fromkeys(a | b for b in right))
            _check_count(found, node)
        return found

    def _count(self, terms: int, node: Binary) -> None:
        """Refuse to make terms without end, even if they are the same again and again."""
        self.made += terms
        if self.made > _REPEATED * allowed().terms:
            raise SemanticError(too_many("multiplied out, this", "terms"), node.span)


def _refuse_numbers(operator: str, left: Expr, right: Expr) -> None:
    """Refuse a number that is no intercept on either side of an operator, and say which arithmetic it may be."""
    for number in (left, right) if operator in "+-*:/" else (left,) if operator == "^" else ():
        inner = unparenthesised(number)
        if isinstance(inner, Number) and inner.value not in (0, 1):
            if isinstance(left, Binary) and left.operator in "+-" and operator in "+-":
                left = left.right
            raise _no_term(number, f"{deparse(left)}{_ARITHMETIC[operator]}{deparse(right)}")


_ARITHMETIC = {"+": " + ", "-": " - ", "*": " * ", ":": " * ", "/": " / ", "^": "^"}
"""What people mean by an operator of the algebra who write a number beside it."""


def _no_term(number: Expr, meant: str) -> SemanticError:
    said = f"a formula's only numbers are 0 and 1, the intercept; arithmetic stands within `I()`, as in `I({meant})`"
    return SemanticError(said, number.span)


def _unwrap_minus(summand: Expr) -> Expr | None:
    return summand.operand if isinstance(summand, Unary) and summand.operator == "-" else None


def _bits(term: int) -> Iterator[int]:
    """The numbers of a term's variables."""
    while term:
        lowest = term & -term
        yield lowest.bit_length() - 1
        term ^= lowest


def _all_bits(terms: Found) -> int:
    bits = 0
    for term in terms:
        bits |= term
    return bits


def _check_count(found: Found, expr: Expr) -> None:
    if len(found) > allowed().terms:
        raise SemanticError(too_many("multiplied out, this", "terms"), expr.span)
