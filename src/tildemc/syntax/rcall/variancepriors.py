"""MCMCglmm's priors: inverse Wishart of variances, `list(V =, nu =)`, with `alpha.V` parameter-expanded.

With V of k rows, a variance has the inverse gamma density of shape (nu - k + 1) / 2 and scale nu V / 2. Parameter
expansion multiplies the effects by a normal number: for a mean of zero, their sd is then half-t of nu - k + 1 degrees
of freedom and scale √(alpha.V V nu / (nu - k + 1)) (Gelman, 2006, Bayesian Analysis 1, 515-534).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tildemc.errors import FormulaSyntaxError, UnsupportedError, nearest
from tildemc.span import Span
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.rcall.unbound import unbound
from tildemc.syntax.rewrite import literal
from tildemc.syntax.tree import Argument, Binary, Call, Constant, Expr, Number, PriorStatement, Text, Unary, deparse

__all__ = ["VariancePrior", "coefficient_priors", "listed", "variance_priors"]


@dataclass(frozen=True)
class VariancePrior:
    """`list(V = 1, nu = 0.002)`.

    Attributes
    ----------
    V : float
        The entries of its diagonal.
    size : int
        How many rows it has.
    nu : float
    fixed : bool
        Whether the variance is V.
    expanded : float or None
        The variance of the number that the effects are multiplied by; None if by none.
    span : Span or None
    """

    V: float
    size: int
    nu: float
    fixed: bool
    expanded: float | None
    span: Span | None

    @staticmethod
    def of(value: Expr) -> VariancePrior:
        """Read one."""
        given = listed(value, "a prior of variances")
        names = ("V", "nu", "n", "fix", "alpha.mu", "alpha.V")
        for name, argument in given.items():
            if name not in names:
                raise UnsupportedError(f"`{name}` of a prior is not built{nearest(name, names)}", argument.span)
        if "V" not in given:
            raise FormulaSyntaxError("`V` is missing, as in `list(V = 1, nu = 0.002)`", value.span)
        V, size = _alike(given["V"])
        expanded = _alike(given["alpha.V"])[0] if "alpha.V" in given else None
        if "alpha.mu" in given and _alike(given["alpha.mu"])[0] != 0:
            raise UnsupportedError("`alpha.mu` other than 0 is not built", given["alpha.mu"].span)
        # Versions up to 1.10 wrote `n`.
        nu = _alike(given.get("nu", given.get("n", Number(0.0))))[0]
        fixed = "fix" in given and _alike(given["fix"])[0] != 0
        if fixed and size > 1 and _alike(given["fix"])[0] != 1:
            raise UnsupportedError("a covariance that is known in part is not built", given["fix"].span)
        return VariancePrior(V, size, nu, fixed, expanded, value.span)


def variance_priors(
    prior: VariancePrior, parameter: str, labels: tuple[str, ...], notes: list[str], *, correlated: bool = False
) -> Iterator[PriorStatement]:
    """The statements of one: of `parameter`, or of the effects that `labels` address.

    Parameters
    ----------
    prior : VariancePrior
    parameter : str
        "sigma", or empty.
    labels : tuple of str
        The grouping factor, and the effect's if it has one.
    notes : list of str
        Gets what differs.
    correlated : bool
        Whether the effects have one covariance matrix.
    """
    shown = parameter or f"the effects by {labels[0]}"
    about = tuple(Text(label, prior.span) for label in labels)
    nu = prior.nu - (prior.size - 1 if correlated else 0)

    def statement(kind: str, density: str, *values: float) -> PriorStatement:
        arguments = tuple(Argument(literal(value)) for value in values)
        # `sigma` is the residual sd, `var(sigma)` its square.
        own = (Text(parameter, prior.span),) if parameter and kind == "var" else about or None
        target = parameter if parameter and kind == "sd" else kind
        return PriorStatement(target, own, density, arguments, prior.span, prior.span, prior.span)

    if prior.fixed:
        yield statement("sd", "constant", prior.V**0.5)
    elif nu <= 0:
        notes.append(f"the prior of {shown} is improper in MCMCglmm: the default here is proper, and holds")
    elif prior.expanded is not None:
        yield statement("sd", "student_t", nu, 0.0, (prior.expanded * prior.V * prior.nu / nu) ** 0.5)
    else:
        yield statement("var", "inv_gamma", nu / 2, prior.nu * prior.V / 2)
    if correlated and prior.size > 1 and not prior.fixed:
        notes.append(
            f"the inverse Wishart prior of {shown} stands here as that of each variance; correlations have `lkj(1)`"
        )
        yield PriorStatement("cor", about[:1], "lkj", (Argument(Number(1.0)),), prior.span, prior.span, prior.span)


def coefficient_priors(value: Expr) -> list[PriorStatement]:
    """`B = list(mu = 0, V = diag(3) * 10)`: normal, alike for all coefficients, the intercept among them."""
    given = listed(value, "B")
    mean = _alike(given.get("mu", Number(0.0)))[0]
    variance = _alike(given["V"])[0] if "V" in given else None
    if variance is None or not variance > 0:
        raise FormulaSyntaxError("`B` has a variance, as in `B = list(mu = 0, V = 10)`", value.span)
    arguments = Argument(literal(mean)), Argument(literal(variance**0.5))
    spans = value.span, value.span, value.span
    return [PriorStatement(target, None, "normal", arguments, *spans) for target in ("b", "Intercept")]


def listed(value: Expr | None, what: str) -> Mapping[str, Expr]:
    """The parts of `list(a = 1, b = 2)` by name, those without one by their numbers."""
    match None if value is None else unparenthesised(value):
        case None | Constant(None):
            return {}
        case Call("list", arguments):
            return {argument.name or str(k): argument.value for k, argument in enumerate(arguments, start=1)}
        case other:
            example = "list(R = list(V = 1, nu = 0.002), G = list(G1 = list(V = 1, nu = 0.002)))"
            example = "list(animal = Ainv)" if what == "ginverse" else example
            message = f"`{what}` is written out here, as in `{what} = {example}`"
            raise unbound(other, what, example) or FormulaSyntaxError(message, other.span)


def _alike(expr: Expr) -> tuple[float, int]:
    """The number on the diagonal of `2`, `diag(2) * 10`, `c(1, 1)`, `rep(0, 3)`, and how many rows there are."""
    values = _values(unparenthesised(expr))
    if values is None:
        raise UnsupportedError(f"`{deparse(expr)}` is no number here; write it out, as `diag(2) * 0.5`", expr.span)
    if len(set(values)) != 1:
        raise UnsupportedError("variances of one term with unlike priors are not built: state them apart", expr.span)
    return values[0], len(values)


def _values(expr: Expr) -> list[float] | None:
    """The numbers of a vector, or on a matrix's diagonal."""
    match expr:
        case Number(value):
            return [value]
        case Constant(bool(value)):
            return [float(value)]
        case Unary("-", inner):
            found = _values(unparenthesised(inner))
            return None if found is None else [-value for value in found]
        case Call("diag", (Argument(Number(size), None),)) if 1 <= size < 1e3:
            return [1.0] * int(size)
        case Call("diag", (Argument(inner, None),)):
            return _values(unparenthesised(inner))
        case Call("rep", (Argument(inner, None), Argument(Number(size), None))) if 1 <= size < 1e3:
            found = _values(unparenthesised(inner))
            return None if found is None else found * int(size)
        case Call("c", arguments) if arguments:
            each = [_values(unparenthesised(argument.value)) for argument in arguments]
            return None if None in each else [value for found in each for value in found or ()]
        case Binary("*" | "/" | "+" | "-" | "^" as operator, left, right):
            return _each(operator, _values(unparenthesised(left)), _values(unparenthesised(right)))
        case _:
            return None


def _each(operator: str, left: list[float] | None, right: list[float] | None) -> list[float] | None:
    if left is None or right is None or 1 not in (len(left), len(right)):
        return None
    pairs = [(a, b) for a in left for b in right]
    try:
        match operator:
            case "*":
                return [a * b for a, b in pairs]
            case "/":
                return [a / b for a, b in pairs]
            case "+":
                return [a + b for a, b in pairs]
            case "-":
                return [a - b for a, b in pairs]
            case _:
                return [float(a**b) for a, b in pairs]
    except (ArithmeticError, TypeError):
        return None
