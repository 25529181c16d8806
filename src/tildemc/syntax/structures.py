"""Covariance structures in the languages: what each calls them, and how a group term says which it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.tree import Argument, Binary, Call, Constant, Expr, Name, Number, Parens

__all__ = ["BARS", "KNOWN", "PAIRS", "STRUCTURES", "UNBUILT", "Structure", "Structured", "group_term", "read_group"]


@dataclass(frozen=True, slots=True)
class Structure:
    """What other languages call a structure of glmmTMB's.

    Attributes
    ----------
    stata : str or None
        In `covariance()`.
    nlme : tuple of str
        Classes of matrices.
    equal : str or None
        What it is with one sd for all effects, lme4's `hom = TRUE`.
    """

    stata: str | None = None
    nlme: tuple[str, ...] = ()
    equal: str | None = None


STRUCTURES = {
    "diag": Structure("independent", ("pdDiag",), equal="homdiag"),
    "us": Structure("unstructured", ("pdSymm", "pdLogChol", "pdNatural")),
    "homdiag": Structure("identity", ("pdIdent",)),
    "cs": Structure(equal="homcs"),
    "homcs": Structure("exchangeable", ("pdCompSymm",)),
    "ar1": Structure(),
    "hetar1": Structure(equal="ar1"),
    "toep": Structure(equal="homtoep"),
    "homtoep": Structure(),
    "ou": Structure(),
    "exp": Structure(),
    "gau": Structure(),
    "mat": Structure(),
    "rr": Structure(),
}
BARS = {"|": "us", "||": "diag"}
"""The structure that a bar alone says."""
PAIRS = {
    name: (structure, record.equal)
    for structure, record in STRUCTURES.items()
    if record.equal is not None
    for name in (structure, record.equal)
}
"""By the name of either, a structure and what it is with one sd."""
_MEANT = {
    "us": "un unstr unstructured symm pdsymm gen general",
    "diag": "independent vc idh pddiag",
    "homdiag": "id iid identity pdident",
    "cs": "hetcs csh het",
    "homcs": "compsymm exch exchangeable compound cosy pdcompsymm",
    "ar1": "ar autoregressive corar1",
    "hetar1": "arh1 ar1h",
    "toep": "toeplitz toeph",
    "ou": "car1 corcar1",
    "exp": "exponential corexp",
    "gau": "gaussian gauss corgaus",
    "mat": "matern",
    "rr": "fa factor_analytic reduced",
}
MEANT = {name: structure for structure, names in _MEANT.items() for name in names.split()}
MEANT |= {name.upper(): name for name in STRUCTURES} | {name.capitalize(): name for name in STRUCTURES}
"""What other packages and people call a structure."""
UNBUILT = frozenset({"equalto"})
"""glmmTMB's others."""
KNOWN = "propto"
"""glmmTMB's structure of levels whose covariance is known but for its size: `propto(0 + species | g, A)`."""


class Structured(NamedTuple):
    """A group term that says its structure: that, its bar, and of `rr(…, d = 3)` how many factors it says there are."""

    structure: str
    bar: Binary
    rank: int | None = None


def read_group(call: Expr) -> Structured | None:
    """`cs(1 + x | g)` in parts; None if it is no such term.

    Raises
    ------
    UnsupportedError, FormulaSyntaxError
        With the place in the text.
    """
    match call:
        case Call("propto", arguments, span):
            return Structured(KNOWN, _proportional(arguments, span))
        case Call(name, (Argument(inner, None), *others), span) if name in STRUCTURES or name in UNBUILT:
            bar = unparenthesised(inner)
            if not isinstance(bar, Binary) or bar.operator not in BARS:
                return None
            if name in UNBUILT:
                listed = ", ".join(STRUCTURES)
                raise UnsupportedError(f"the covariance structure `{name}` is not built; there are {listed}", span)
            if bar.operator == "||":
                raise FormulaSyntaxError(f"`{name}()` says how the effects vary: write one `|` in it", bar.span)
            if name == "rr":
                return Structured(name, bar, _rank(others))
            return Structured(_varying(name, others), bar)
        case _:
            return None


def _proportional(arguments: tuple[Argument, ...], span: Span | None) -> Binary:
    """`0 + species | gr(g, cov = A)`."""
    match arguments:
        case (Argument(inner, None), Argument(Name() as matrix, None)):
            bar = unparenthesised(inner)
            if isinstance(bar, Binary) and bar.operator == "|":
                known = Argument(matrix, "cov", matrix.span)
                group = Call("gr", (Argument(bar.right, None, bar.right.span), known), span)
                return Binary("|", bar.left, group, bar.span)
        case _:
            pass
    message = "`propto()` takes levels by group and a matrix in `data2`, as in `propto(0 + species | g, A)`"
    raise FormulaSyntaxError(message, span)


def _rank(others: list[Argument]) -> int | None:
    """What glmmTMB calls `d`, if it is said."""
    match others:
        case []:
            return None
        case [Argument(Number(d), "d" | None)] if d >= 1 and d == int(d):
            return int(d)
        case _:
            message = "`rr()` takes a group term and `d`, how many factors there are, as in `rr(0 + item | g, d = 2)`"
            raise FormulaSyntaxError(message, others[0].span or others[0].value.span)


def _varying(name: str, others: list[Argument]) -> str:
    """The structure with what else is said of it: lme4's `hom`."""
    for argument in others:
        match argument:
            case Argument(Constant(bool(equal)), "hom") if name in PAIRS:
                name = PAIRS[name][equal]
            case _:
                message = f"`{name}()` takes a group term, as in `{name}(1 + x | g)`, and nothing else"
                raise UnsupportedError(message, argument.span or argument.value.span)
    return name


def group_term(structure: str, left: Expr, factor: Expr, span: Span | None, rank: int | None = None) -> Expr:
    """`(left | factor)`, `(left || factor)`, or what says another structure."""
    for bar, plain in BARS.items():
        if plain == structure:
            return Parens(Binary(bar, left, factor, span), span)
    several = () if rank is None else (Argument(Number(float(rank)), "d"),)
    return Call(structure, (Argument(Binary("|", left, factor, span), None, span), *several), span)
