"""What a person writes of a distribution -> arithmetic of its parameters: densities, means, draws; nothing is run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from math import pi

from tildemc.errors import SemanticError, nearest
from tildemc.resolve.reckoning import reckon
from tildemc.span import Span
from tildemc.spec.chance import Draw, Step
from tildemc.spec.expr import Apply, Const, Expr, Op, Var
from tildemc.spec.vocabulary import VOCABULARY, apply
from tildemc.syntax import tree
from tildemc.syntax.tree import deparse

__all__ = ["read_arithmetic", "read_draw"]

_MANY = 12
_PRODUCT = 20
"""Powers of up to so many factors are products."""

_MORE = {"log_choose": 2, "gamma_cdf": 2, "gamma_tail": 2, "beta_cdf": 3, "student_cdf": 2}
"""Functions whose derivative is not needed, or is left to PyTensor, and how many arguments they have."""
_SPELLED = {"lgamma": "log_gamma", "gammaln": "log_gamma", "lchoose": "log_choose", "ifelse": "where", "pow": "power",
            "log_sum_exp": "log_add_exp", "logaddexp": "log_add_exp"}  # fmt: skip
_COUNTS = {row.name: len(row.slopes) for row in VOCABULARY.values() if row.slopes and row.pymc} | _MORE
_ALSO = {
    name: row.name for row in VOCABULARY.values() for name in (row.r, *row.aliases) if name and row.name in _COUNTS
}
_NAMES = {**{name: name for name in _COUNTS}, **_ALSO, **_SPELLED}

_DRAWS = {
    "normal": 2, "lognormal": 2, "gamma": 2, "beta": 2, "exponential": 1, "weibull": 1, "uniform": 2, "laplace": 2,
    "logistic": 2, "standard_t": 1, "wald": 2, "vonmises": 2, "poisson": 1, "binomial": 2, "negative_binomial": 2,
    "geometric": 1,
}  # fmt: skip
"""What NumPy's generators draw, and how many arguments it takes."""
_COUNTED = {"binomial": (0,)}
"""Arguments that are whole numbers."""


def read_arithmetic(text: str, known: Collection[str], what: str) -> Expr:
    """The arithmetic of a text, in the names that are known.

    Parameters
    ----------
    text : str
        `log(mu) - mu * y`, with the functions of the vocabulary, comparisons, and `where(y < mu, 0, y)`.
    known : collection of str
    what : str
        What it is of, for an error.

    Raises
    ------
    FormulaSyntaxError, SemanticError
        With the place in the text.
    """
    return _Reading(known, what)(_parsed(text))


def read_draw(text: str, known: Collection[str]) -> Draw:
    """A draw as arithmetic of what NumPy's generators draw: `binomial(trials, beta(mu * phi, (1 - mu) * phi))`.

    Raises
    ------
    FormulaSyntaxError, SemanticError
        With the place in the text.
    """
    steps: dict[str, Step] = {}

    def drawn(call: tree.Call, arguments: list[Expr]) -> Expr:
        whole = _COUNTED.get(call.function, ())
        given = tuple(apply("integer", a) if k in whole else a for k, a in enumerate(arguments))
        name = f"drawn_{len(steps) + 1}"
        steps[name] = Step(call.function, given)
        return Var(name)

    value = _Reading(known, "draw", drawn)(_parsed(text))
    if not steps:
        listed = ", ".join(_DRAWS)
        raise SemanticError(f"nothing is drawn here; there are {listed}", Span(text, 0, len(text)))
    return Draw(value, steps)


def _parsed(text: str) -> tree.Expr:
    from tildemc.syntax.expression import parse_expression

    return parse_expression(text)


@dataclass(frozen=True)
class _Reading:
    """What names and calls mean."""

    known: Collection[str]
    what: str
    drawn: Callable[[tree.Call, list[Expr]], Expr] | None = None
    constants: Mapping[str, float] = field(default_factory=lambda: {"pi": pi})

    def __call__(self, expr: tree.Expr) -> Expr:
        return _powers(reckon(expr, self._part))

    def _part(self, expr: tree.Expr) -> Expr | None:
        match expr:
            case tree.Number() | tree.Parens() | tree.Unary("+" | "-") | tree.Binary("+" | "-" | "*" | "/" | "^"):
                return None
            case tree.Name(text) if text in self.known:
                return Var(text)
            case tree.Name(text) if text in self.constants:
                return Const(self.constants[text])
            case tree.Name(text, span):
                listed = ", ".join(self.known)
                message = f"the {self.what} knows no `{text}`; it has {listed}{nearest(text, self.known)}"
                raise SemanticError(message, span)
            case tree.Binary("<" | ">" | "<=" | ">=" as sign, left, right):
                one, other = self(left), self(right)
                return _compared(sign, one, other)
            case tree.Call(function) if self.drawn is not None and function in _DRAWS:
                return self.drawn(expr, self._arguments(expr, _DRAWS[function]))
            case tree.Call("abs"):
                # Twice the check function of the median, whose derivative is known.
                [inner] = self._arguments(expr, 1)
                return 2 * apply("check", inner, Const(0.5))
            case tree.Call(function) if function in ("lbeta", "betaln"):
                a, b = self._arguments(expr, 2)
                return apply("log_gamma", a) + apply("log_gamma", b) - apply("log_gamma", a + b)
            case tree.Call(function) if function in _NAMES:
                name = _NAMES[function]
                return _kept_digits(name, self._arguments(expr, _COUNTS[name]))
            case tree.Call(function, _, span):
                names = [*(_DRAWS if self.drawn else ()), *_NAMES, "lbeta", "abs"]
                listed = f"; there are {', '.join(names[:_MANY])} …"
                raise SemanticError(f"there is no function `{function}` here{nearest(function, names) or listed}", span)
            case _:
                raise SemanticError(f"`{deparse(expr)}` is no arithmetic of numbers", expr.span)

    def _arguments(self, call: tree.Call, count: int) -> list[Expr]:
        if len(call.arguments) != count or any(argument.name is not None for argument in call.arguments):
            shown = "one number" if count == 1 else f"{count} numbers"
            raise SemanticError(f"`{call.function}()` takes {shown}, without names", call.span)
        return [self(argument.value) for argument in call.arguments]


def _compared(sign: str, left: Expr, right: Expr) -> Expr:
    """1 where it is so, else 0."""
    match sign:
        case "<":
            return apply("less", left, right)
        case ">":
            return apply("less", right, left)
        case "<=":
            return 1 - apply("less", right, left)
        case _:
            return 1 - apply("less", left, right)


def _kept_digits(function: str, arguments: list[Expr]) -> Expr:
    """A function of what is written, by the one that keeps digits: a log of 1 - x, which links may know."""
    match function, arguments:
        case "log", [Op("-", Const(1), inner)]:
            return apply("log1p", -inner)
        case "log", [Op("+", Const(1), inner)]:
            return apply("log1p", inner)
        case _:
            return apply(function, *arguments)


def _product(base: Expr, power: int) -> Expr:
    """`base` so many times: of any number, where `power` is of positive ones alone."""
    if power < 2:
        return base if power else Const(1.0)
    half = _product(base, power // 2) if power > 3 else base
    return half**2 if power % 2 == 0 else half**2 * base


def _powers(expr: Expr) -> Expr:
    """Powers as products where they are small whole numbers, else by the function that has both derivatives."""
    match expr:
        case Op("**", base, Const(int() | float() as power)) if power == int(power) and abs(power) <= _PRODUCT:
            product = _product(_powers(base), abs(int(power)))
            return product if power > 0 else 1 / product
        case Op("**", base, exponent):
            return apply("power", _powers(base), _powers(exponent))
        case Op(symbol, left, right):
            return Op(symbol, _powers(left), _powers(right))
        case Apply(function, arguments):
            return Apply(function, tuple(map(_powers, arguments)))
        case _:
            return expr
