"""What stands on the right of a bar: a grouping factor, or brms's `gr(g, by = arm, cor = FALSE, id = "p")`."""

from __future__ import annotations

from dataclasses import dataclass

from tildemc.errors import SemanticError, UnsupportedError
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.matching import Signature
from tildemc.syntax.tree import Binary, Call, Constant, Expr, Name, Number, Text

__all__ = ["Grouping", "read_grouping"]


@dataclass(frozen=True, slots=True)
class Grouping:
    """How rows are grouped.

    Attributes
    ----------
    factor : Expr
    by : Name or None
        Each of its levels has a covariance of its own.
    correlated : bool
    shared : Name or None
        The ID by which effects of several terms are correlated.
    """

    factor: Expr
    by: Name | None = None
    correlated: bool = True
    shared: Name | None = None


_OPTIONS = ("by", "cor", "id", "cov", "dist", "pw")
_UNBUILT = {
    "cov": "a known covariance between levels",
    "pw": "weights of levels",
}


def read_grouping(expr: Expr) -> Grouping:
    """What a grouping says.

    Raises
    ------
    SemanticError, UnsupportedError
        With the place in the text.
    """
    match unparenthesised(expr):
        case Call("gr", arguments, span) as call:
            columns = [argument.value for argument in arguments if argument.name is None]
            named = [argument for argument in arguments if argument.name is not None]
            signature = Signature("gr", ("...", *_OPTIONS), error=SemanticError)
            given = {name: found.value for name, found in signature.match(named, span).items()}
            if not columns:
                raise SemanticError("`gr()` needs a grouping factor, as in `gr(g, by = arm)`", span)
            factor = columns[0]
            for column in columns[1:]:
                factor = Binary(":", factor, column, span)
            return Grouping(factor, _by(given), _flag(given), _shared(given, call))
        case Call("mm", _, span):
            raise UnsupportedError("multi-membership terms, `mm()`, are not built yet", span)
        case _:
            return Grouping(expr)


def _by(given: dict[str, Expr]) -> Name | None:
    match given.get("by"):
        case None | Constant(None):
            return None
        case Name() as name:
            return name
        case other:
            raise SemanticError("`by` is one column, as in `gr(g, by = arm)`", other.span)


def _flag(given: dict[str, Expr]) -> bool:
    match given.get("cor"):
        case None:
            return True
        case Constant(bool(value)):
            return value
        case other:
            raise SemanticError("`cor` is TRUE or FALSE", other.span)


def _shared(given: dict[str, Expr], call: Call) -> Name | None:
    """The ID; and a refusal of what is not built."""
    for name, what in _UNBUILT.items():
        if name in given and given[name] != Constant(None):
            raise UnsupportedError(f"`gr(…, {name} = )`, {what}, is not built yet", given[name].span)
    match given.get("dist"):
        case None | Text("gaussian"):
            pass
        case Text("student") as other:
            raise UnsupportedError('`gr(…, dist = "student")` is not built yet: effects are normal', other.span)
        case other:
            raise SemanticError('`dist` is "gaussian" or "student"', other.span)
    match given.get("id"):
        case None | Constant(None):
            return None
        case Text(text, span) | Name(text, span):
            return Name(text, span)
        case Number(value, span):
            return Name(f"{value:g}", span)
        case other:
            raise SemanticError('`id` is a name, as in `gr(g, id = "p")`', other.span or call.span)
