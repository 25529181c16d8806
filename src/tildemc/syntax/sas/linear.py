"""Arithmetic in, its sum of products out: which parameter or random effect each column is multiplied by.

Also the links that arithmetic is the inverse of: `1/(1 + exp(-eta))`, `probnorm(eta)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, replace

from tildemc.syntax.expression import unparenthesised, walk
from tildemc.syntax.rewrite import number_of
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name, Number, Unary

__all__ = ["NotLinearError", "Product", "inverse_link", "plain", "products_of"]


class NotLinearError(Exception):
    """A parameter stands where a sum of products has none."""


@dataclass(frozen=True, slots=True)
class Product:
    """`-2 * b1 * x`: a number, the parameters and effects among its factors, and the others, of columns alone."""

    number: float
    names: tuple[str, ...] = ()
    columns: tuple[Expr, ...] = ()


def plain(expr: Expr) -> Expr:
    """The expression without parentheses, whose place in the tree says the same."""
    match unparenthesised(expr):
        case Unary("+", operand):
            return plain(operand)
        case Unary(operator, operand, span):
            return Unary(operator, plain(operand), span)
        case Binary(operator, left, right, span):
            return Binary(operator, plain(left), plain(right), span)
        case Call(function, arguments, span):
            return Call(function, tuple(replace(a, value=plain(a.value)) for a in arguments), span)
        case other:
            return other


def products_of(expr: Expr, of: Set[str]) -> list[Product]:
    """The products that an expression is a sum of.

    Parameters
    ----------
    expr : Expr
    of : set of str
        The parameters and random effects.

    Raises
    ------
    NotLinearError
        If one of them stands within a function, a power or below a line.
    """
    if not _holds(expr, of):
        value = number_of(expr)
        return [Product(1.0, (), (expr,)) if value is None else Product(value)]
    match expr:
        case Name(name):
            return [Product(1.0, (name,))]
        case Unary("-", operand):
            return [replace(each, number=-each.number) for each in products_of(operand, of)]
        case Binary("+", left, right):
            return [*products_of(left, of), *products_of(right, of)]
        case Binary("-", left, right):
            return [*products_of(left, of), *products_of(Unary("-", right), of)]
        case Binary("*", left, right):
            return [_joined(a, b) for a in products_of(left, of) for b in products_of(right, of)]
        case Binary("/", left, right) if not _holds(right, of):
            return [_divided(each, right) for each in products_of(left, of)]
        case _:
            raise NotLinearError


def _holds(expr: Expr, of: Set[str]) -> bool:
    return any(isinstance(node, Name) and node.text in of for node in walk(expr))


def _joined(one: Product, other: Product) -> Product:
    return Product(one.number * other.number, (*one.names, *other.names), (*one.columns, *other.columns))


def _divided(product: Product, by: Expr) -> Product:
    value = number_of(by)
    if value:
        return replace(product, number=product.number / value)
    return replace(product, columns=(*product.columns, Binary("/", Number(1.0), by, by.span)))


# Links


def inverse_link(expr: Expr) -> tuple[str, Expr]:
    """The link that an expression is the inverse of, and of what; of no other it is the identity of itself."""
    for link, matches in _INVERSES:
        for found in matches(expr):
            return link, found
    return "identity", expr


def _logistic(expr: Expr) -> Iterator[Expr]:
    match expr:
        case Binary("/", Number(1.0), below):
            for inner in _plus_one(below):
                yield _negative(inner)
        case Binary("/", Call("exp", (Argument(inner),)), below):
            yield from (inner for again in _plus_one(below) if again == inner)
        case Call("logistic", (Argument(inner),)):
            yield inner
        case _:
            pass


def _plus_one(expr: Expr) -> Iterator[Expr]:
    """The x of `1 + exp(x)`."""
    match expr:
        case Binary("+", Number(1.0), Call("exp", (Argument(inner),))) | Binary(
            "+", Call("exp", (Argument(inner),)), Number(1.0)
        ):
            yield inner
        case _:
            pass


def _negative(expr: Expr) -> Expr:
    return expr.operand if isinstance(expr, Unary) and expr.operator == "-" else Unary("-", expr, expr.span)


def _normal(expr: Expr) -> Iterator[Expr]:
    match expr:
        case Call("probnorm", (Argument(inner),)) | Call("cdf", (_, Argument(inner))):
            yield inner
        case _:
            pass


def _extreme(expr: Expr) -> Iterator[Expr]:
    match expr:
        case Binary("-", Number(1.0), Call("exp", (Argument(Unary("-", Call("exp", (Argument(inner),)))),))):
            yield inner
        case _:
            pass


def _exponential(expr: Expr) -> Iterator[Expr]:
    match expr:
        case Call("exp", (Argument(inner),)):
            yield inner
        case _:
            pass


_INVERSES: tuple[tuple[str, Callable[[Expr], Iterator[Expr]]], ...] = (
    ("logit", _logistic),
    ("probit", _normal),
    ("cloglog", _extreme),
    ("log", _exponential),
)
