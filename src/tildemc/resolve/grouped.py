"""What stands on the right of a bar: a grouping factor, or brms's `gr(g, by = arm, id = "p")` and `mm(g1, g2)`."""

from __future__ import annotations

from dataclasses import dataclass

from tildemc.errors import SemanticError, UnsupportedError
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.matching import Signature
from tildemc.syntax.tree import Binary, Call, Constant, Expr, Name, Number, Text

__all__ = ["Grouping", "Members", "read_grouping"]


@dataclass(frozen=True, slots=True)
class Members:
    """The several groups of a row.

    Attributes
    ----------
    columns : tuple of Name
    weights : tuple of Expr
        Of each; none if all count alike.
    scaled : bool
        Whether a row's weights are divided by their sum.
    """

    columns: tuple[Name, ...]
    weights: tuple[Expr, ...] = ()
    scaled: bool = True


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
    members : Members or None
        Where a row has several groups; the factor is the first of them.
    known : Name or None
        The covariance between levels.
    """

    factor: Expr
    by: Name | None = None
    correlated: bool = True
    shared: Name | None = None
    members: Members | None = None
    known: Name | None = None


_OPTIONS = ("by", "cor", "id", "cov", "dist", "pw")
_OF_MEMBERS = ("weights", "scale", "by", "cor", "id", "cov", "dist")
_UNBUILT = {
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
        case Call("gr", span=span) as call:
            columns, given = _given(call, _OPTIONS)
            if not columns:
                raise SemanticError("`gr()` needs a grouping factor, as in `gr(g, by = arm)`", span)
            factor = columns[0]
            for column in columns[1:]:
                factor = Binary(":", factor, column, span)
            by, known = _by(given), _known(given)
            if by is not None and known is not None:
                raise UnsupportedError("`gr(…, by =, cov = )`, both at once, is not built yet", span)
            return Grouping(factor, by, _flag(given, "cor"), _shared(given, call), known=known)
        case Call("mm") as call:
            columns, given = _given(call, _OF_MEMBERS)
            members = _members(columns, given, call)
            for name in ("by", "cov"):
                if given.get(name, Constant(None)) != Constant(None):
                    raise UnsupportedError(f"`mm(…, {name} = )` is not built yet", given[name].span)
            return Grouping(members.columns[0], None, _flag(given, "cor"), _shared(given, call), members)
        case _:
            return Grouping(expr)


def _given(call: Call, options: tuple[str, ...]) -> tuple[list[Expr], dict[str, Expr]]:
    """The columns of a call, and its options by name."""
    named = [argument for argument in call.arguments if argument.name is not None]
    signature = Signature(call.function, ("...", *options), error=SemanticError)
    given = {name: found.value for name, found in signature.match(named, call.span).items()}
    return [argument.value for argument in call.arguments if argument.name is None], given


def _members(columns: list[Expr], given: dict[str, Expr], call: Call) -> Members:
    names = tuple(column for column in columns if isinstance(column, Name))
    if len(names) < len(columns) or len(names) < 2:
        raise SemanticError("`mm()` takes two columns of groups or more, as in `mm(g1, g2)`", call.span)
    if len(set(names)) < len(names):
        raise SemanticError("`mm()` has the same column twice", call.span)
    match given.get("weights"):
        case None | Constant(None):
            return Members(names, (), _flag(given, "scale"))
        case Call("cbind", arguments) if len(arguments) == len(names):
            return Members(names, tuple(argument.value for argument in arguments), _flag(given, "scale"))
        case other:
            raise SemanticError(
                f"`weights` has a column for each of the {len(names)} groups, as in "
                f"`weights = cbind({', '.join(f'w{k + 1}' for k in range(len(names)))})`",
                other.span,
            )


def _by(given: dict[str, Expr]) -> Name | None:
    match given.get("by"):
        case None | Constant(None):
            return None
        case Name() as name:
            return name
        case other:
            raise SemanticError("`by` is one column, as in `gr(g, by = arm)`", other.span)


def _known(given: dict[str, Expr]) -> Name | None:
    match given.get("cov"):
        case None | Constant(None):
            return None
        case Name() as name:
            return name
        case other:
            raise SemanticError("`cov` is the name of a matrix in `data2`, as in `gr(g, cov = A)`", other.span)


def _flag(given: dict[str, Expr], name: str) -> bool:
    match given.get(name):
        case None:
            return True
        case Constant(bool(value)):
            return value
        case other:
            raise SemanticError(f"`{name}` is TRUE or FALSE", other.span)


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
