"""A call such as `s(x, k = 6)`: its variables and its options, as mgcv has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tildemc.errors import SemanticError, UnsupportedError, nearest
from tildemc.syntax import tree
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.tree import deparse

__all__ = ["SMOOTHS", "SmoothCall", "read_call"]

SMOOTHS: Mapping[str, tuple[str, ...]] = {
    "s": ("k", "fx", "bs", "m", "by", "xt", "id", "sp", "pc"),
    "t2": ("k", "bs", "m", "d", "by", "xt", "id", "sp", "full", "ord", "pc"),
    "gp": ("by", "k", "cov", "iso", "gr", "cmc", "scale", "c"),
    "hsgp": ("m", "c", "L", "by", "cov", "share_cov", "scale", "iso", "drop_first", "centered"),
    "ridge": (),
    "te": ("k", "bs", "m", "d", "by", "fx", "np", "xt", "id", "sp", "pc"),
}
"""The functions that make smooths and processes, and their options."""

_UNBUILT = {
    "xt": "options of a basis are not built",
    "sp": "a fixed smoothing parameter is not built; a prior on `sds` says how smooth a function is",
    "pc": "a point through which the function goes is not built",
    "L": "a boundary is not built; `c` says how far it is beyond the inputs",
    "drop_first": "a basis without its first function is not built",
    "centered": "how coefficients are sampled is the engines' own",
    "full": "penalties that do not depend on the null spaces' bases are not built",
    "ord": "a choice among the tensor product's parts is not built",
}


@dataclass(frozen=True, slots=True)
class SmoothCall:
    """A smooth as written.

    Attributes
    ----------
    call : tree.Call
    variables : tuple of tree.Expr
    options : mapping of str to tree.Expr
    """

    call: tree.Call
    variables: tuple[tree.Expr, ...]
    options: Mapping[str, tree.Expr]

    @property
    def function(self) -> str:
        """`s`, `ridge`, or `t2`, by which `te` goes too."""
        return self.call.function if self.call.function in ("s", "ridge") else "t2"

    @property
    def text(self) -> str:
        """As written."""
        return str(self.call.span) if self.call.span else deparse(self.call)

    @property
    def label(self) -> str:
        """mgcv's: `s(x,z)`."""
        return f"{self.function}({','.join(map(deparse, self.variables))})"

    def flag(self, name: str, default: bool = False) -> bool:
        """TRUE or FALSE."""
        match self.options.get(name):
            case None:
                return default
            case tree.Constant(bool(value)):
                return value
            case other:
                raise SemanticError(f"`{name}` is TRUE or FALSE", other.span)

    def texts(self, name: str) -> tuple[str, ...]:
        """One text or several; none where it is not given."""
        parts = self.parts(name)
        for part in parts:
            if not isinstance(part, tree.Text):
                raise SemanticError(f'`{name}` is a text, as in `bs = "cr"`', part.span)
        return tuple(part.value for part in parts if isinstance(part, tree.Text))

    def wholes(self, name: str) -> tuple[int | None, ...]:
        """One whole number or several, NA and negative ones for none; none where it is not given."""
        return tuple(self._whole(name, part) for part in self.parts(name))

    def _whole(self, name: str, part: tree.Expr) -> int | None:
        match part:
            case tree.Number(value) if value == int(value):
                return int(value)
            case tree.Unary("-", tree.Number()) | tree.Name("NA"):
                return None
            case other:
                raise SemanticError(f"`{name}` is a whole number", other.span or self.call.span)

    def parts(self, name: str) -> tuple[tree.Expr, ...]:
        """What `c()` holds, or the one value; none where it is not given."""
        match self.options.get(name):
            case None | tree.Constant(None) | tree.Name("NA"):
                return ()
            case tree.Call("c", arguments):
                return tuple(unparenthesised(argument.value) for argument in arguments)
            case expr:
                return (unparenthesised(expr),)


def read_call(call: tree.Call) -> SmoothCall:
    """The variables and the options of a smooth.

    Raises
    ------
    SemanticError, UnsupportedError
        For an option that there is not, or that is not built.
    """
    known = SMOOTHS[call.function]
    variables = tuple(argument.value for argument in call.arguments if argument.name is None)
    options: dict[str, tree.Expr] = {}
    for argument in call.arguments:
        if argument.name is None:
            continue
        span = argument.span or argument.value.span
        if argument.name not in known:
            listed = nearest(argument.name, known) or (f"; it has {', '.join(known)}" if known else "")
            raise SemanticError(f"`{call.function}()` has no `{argument.name}`{listed}", span)
        if argument.name in options:
            raise SemanticError(f"`{argument.name}` is given twice", span)
        off = argument.value in (tree.Constant(None), tree.Constant(False))
        if argument.name in _UNBUILT and not off:
            raise UnsupportedError(f"`{argument.name}` of `{call.function}()`: {_UNBUILT[argument.name]}", span)
        options[argument.name] = argument.value
    if not variables:
        raise SemanticError(f"`{call.function}()` is of at least one column, as in `s(x)`", call.span)
    return SmoothCall(call, variables, options)
