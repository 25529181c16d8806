"""Formula -> Expanded: R's formula algebra worked out, term by term. Needs the data's column names for `.` only.

The rules are those of R's `terms.formula` (R Core Team, src/library/stats/src/model.c), which keeps a formula's
terms as sets of variables numbered by first appearance; brms's reading is taken for group terms.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tildemc.errors import SemanticError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.tree import (
    Argument,
    Binary,
    Call,
    Constant,
    Expr,
    Formula,
    Modifier,
    Name,
    Number,
    Parens,
    Predictor,
    Text,
    Unary,
    deparse,
)

__all__ = ["Bar", "Expanded", "ExpandedPredictor", "Interaction", "Terms", "expand", "expand_terms"]

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


@dataclass(frozen=True, slots=True)
class Bar:
    """`(terms | factor)`: effects that vary by the combinations of `factor`'s columns."""

    terms: Terms
    factor: tuple[Name, ...]
    correlated: bool
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ExpandedPredictor:
    """What one parameter depends on: population terms, group terms, or (`by`) nothing but a level."""

    parameter: str
    terms: Terms
    bars: tuple[Bar, ...] = ()
    by: Name | None = None
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Expanded:
    """A formula with its algebra worked out."""

    response: Expr
    modifiers: tuple[Modifier, ...]
    predictors: tuple[ExpandedPredictor, ...]
    text: str
    notes: tuple[str, ...] = ()


def expand(formula: Formula, columns: Sequence[str]) -> Expanded:
    """Work out a formula's algebra.

    Parameters
    ----------
    formula : Formula
    columns : sequence of str
        The data's column names in order, for `.`.

    Raises
    ------
    SemanticError, UnsupportedError
        With the place in the text.
    """
    notes: list[str] = []
    predictors = tuple(_predictor(p, formula.response, columns, notes) for p in formula.predictors)
    return Expanded(formula.response, formula.modifiers, predictors, formula.text, tuple(notes))


def _predictor(predictor: Predictor, response: Expr, columns: Sequence[str], notes: list[str]) -> ExpandedPredictor:
    by = _by(predictor)
    if by is not None:
        return ExpandedPredictor(predictor.parameter, Terms(intercept=False), by=by, span=predictor.span)
    population, bars = _split_bars(predictor.right)
    dot = [Name(name, span=None) for name in columns if name not in _names(response)]
    terms = _Algebra(dot).terms(population)
    label = deparse(response)
    kept = tuple(i for i in terms.interactions if label not in [deparse(v) for v in i.variables])
    if len(kept) < len(terms.interactions):
        notes.append(f"the response {label} stood on the right-hand side too and was left out there")
    terms = Terms(terms.intercept, kept, terms.offsets)
    groups = tuple(group for bar in bars for group in _expand_bar(bar, dot))
    return ExpandedPredictor(predictor.parameter, terms, groups, span=predictor.span)


def _by(predictor: Predictor) -> Name | None:
    """The `g` of `parameter ~ by(g)`."""
    match _unwrap(predictor.right):
        case Call("by", (Argument(Name() as name, None),)) if predictor.parameter != "mu":
            return name
        case Call("by", _, span) if predictor.parameter != "mu":
            raise SemanticError("`by()` takes one column, as in `sigma ~ by(arm)`", span)
    return None


def expand_terms(right: Expr, columns: Sequence[str] = ()) -> Terms:
    """Work out the algebra of a right-hand side that has no group terms."""
    return _Algebra([Name(name, span=None) for name in columns]).terms([right])


def _unwrap(expr: Expr) -> Expr:
    while isinstance(expr, Parens):
        expr = expr.inner
    return expr


def _names(expr: Expr) -> set[str]:
    """The names in an expression."""
    match expr:
        case Name(text):
            return {text}
        case Call(_, arguments):
            return {name for argument in arguments for name in _names(argument.value)}
        case Unary(_, inner) | Parens(inner):
            return _names(inner)
        case Binary(_, left, right):
            return _names(left) | _names(right)
        case _:
            return set()


# Group terms


def _split_bars(right: Expr) -> tuple[list[Expr], list[Binary]]:
    """The summands that are population terms, and those that are group terms."""
    summands: list[Expr] = []
    bars: list[Binary] = []
    pending = [right]
    while pending:
        expr = pending.pop()
        match expr:
            case Binary("+", left, following):
                pending += [following, left]
            case Parens(inner) if isinstance(_unwrap(inner), Binary) and _has_bar(inner):
                bar = _unwrap(inner)
                if isinstance(bar, Binary) and bar.operator in BARS:
                    bars.append(bar)
                else:
                    pending.append(bar)
            case Binary(operator, span=span) if operator in BARS:
                raise _bare_bar(expr, span)
            case Binary("-", left, _) if _has_bar(left) and not _has_bar(expr.right):
                # `x + (1 | g) - 1`: what is taken away concerns the population terms alone.
                pending += [Unary("-", expr.right, expr.right.span), left]
            case _ if _has_bar(expr):
                raise SemanticError("a group term can only be added, as in `x + (1 | g)`", _first_bar(expr).span)
            case _:
                summands.append(expr)
    return summands, bars


def _bare_bar(bar: Binary, span: Span | None) -> SemanticError:
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


def _has_bar(expr: Expr) -> bool:
    stack: list[Expr] = [expr]
    while stack:
        part = stack.pop()
        match part:
            case Binary(operator) if operator in BARS:
                return True
            case Binary(operator, left, right) if operator in ALGEBRA:
                stack += [left, right]
            case Parens(inner) | Unary(_, inner):
                stack.append(inner)
    return False


def _first_bar(expr: Expr) -> Binary:
    match expr:
        case Binary(operator) if operator in BARS:
            return expr
        case Binary(_, left, right):
            return _first_bar(left if _has_bar(left) else right)
        case Parens(inner) | Unary(_, inner):
            return _first_bar(inner)
    raise AssertionError(expr)


def _expand_bar(bar: Binary, dot: list[Name]) -> list[Bar]:
    """`(x | a/b)` -> `(x | a)`, `(x | a:b)`."""
    left = bar.left
    if isinstance(left, Binary) and left.operator in BARS:
        # `(x | ID | g)`: with one term per ID this is `(x | g)`.
        raise UnsupportedError(
            "effects correlated across formulas by an ID are not built yet; write `(… | g)`", left.right.span
        )
    if isinstance(left, Binary | Parens | Unary) and _has_bar(left):
        raise SemanticError("a group term inside a group term", _first_bar(left).span)
    terms = _Algebra(dot).terms([left])
    if terms.offsets:
        raise SemanticError("an offset belongs outside of group terms", terms.offsets[0].span)
    if not terms.intercept and not terms.interactions:
        raise SemanticError("this group term has no effects: write at least `(1 | …)`", bar.span)
    factors = _Algebra([]).terms([_plain_group(bar.right)]).interactions
    if not factors:
        raise SemanticError("the grouping factor must be a column, as in `(1 | school)`", bar.right.span)
    return [Bar(terms, tuple(_group_name(v) for v in f.variables), bar.operator == "|", bar.span) for f in factors]


def _plain_group(factor: Expr) -> Expr:
    """`gr(g)` is `g`."""
    match _unwrap(factor):
        case Call("gr", (Argument(inner, None),)):
            return inner
        case Call("gr", (Argument(_, None), *_, Argument(_, name)), span):
            raise UnsupportedError(f"`gr(…, {name} = )` is not built yet; `gr(g)` and `(… | g)` are", span)
        case Call("mm", _, span):
            raise UnsupportedError("multi-membership terms, `mm()`, are not built yet", span)
    return factor


def _group_name(variable: Expr) -> Name:
    match variable:
        case Name():
            return variable
        case Call("factor" | "as.factor", (Argument(Name(text), None),), span):
            raise SemanticError(f"a grouping factor is a factor in any case: write `{text}`", span)
    raise SemanticError("a grouping factor is a column or a combination of columns, `a:b` or `a/b`", variable.span)


# The algebra: a term is a bit set over the variables, an expression's value is a list of terms


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
                raise _bare_bar(expr, span)
            case Call("by", _, span):
                raise SemanticError("`by()` stands alone and for a parameter other than mu: `sigma ~ by(arm)`", span)
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
        exponent = _unwrap(power)
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
