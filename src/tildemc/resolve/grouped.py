"""What stands on the right of a bar: a grouping factor, or brms's `gr(g, by = arm, id = "p")` and `mm(g1, g2)`."""

from __future__ import annotations

from dataclasses import dataclass

from tildemc.errors import SemanticError, UnsupportedError
from tildemc.span import Span
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
    by : tuple of Name
        For each of the columns one whose levels have covariances of their own; none if there is one for all.
    """

    columns: tuple[Name, ...]
    weights: tuple[Expr, ...] = ()
    scaled: bool = True
    by: tuple[Name, ...] = ()


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
    student : bool
        Whether effects are Student-t.
    weights : Name or None
        How much each level counts.
    """

    factor: Expr
    by: Name | None = None
    correlated: bool = True
    shared: Name | None = None
    members: Members | None = None
    known: Name | None = None
    student: bool = False
    weights: Name | None = None


_OPTIONS = ("by", "cor", "id", "cov", "dist", "pw")
_OF_MEMBERS = ("weights", "scale", "by", "cor", "id", "cov", "pw", "dist")


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
            _refuse_beside_cov(given, span)
            return Grouping(
                factor, _by(given), _flag(given, "cor"), _shared(given, call), known=_known(given),
                student=_student(given), weights=_weights(given),
            )  # fmt: skip
        case Call("mm") as call:
            columns, given = _given(call, _OF_MEMBERS)
            members = _members(columns, given, call)
            for name in ("cov", "pw"):
                if given.get(name, Constant(None)) != Constant(None):
                    raise UnsupportedError(f"`mm(…, {name} = )` is not built yet", given[name].span)
            return Grouping(
                members.columns[0], None, _flag(given, "cor"), _shared(given, call), members, student=_student(given)
            )
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
    by = _by_of_members(given, names)
    match given.get("weights"):
        case None | Constant(None):
            return Members(names, (), _flag(given, "scale"), by)
        case Call("cbind", arguments) if len(arguments) == len(names):
            return Members(names, tuple(argument.value for argument in arguments), _flag(given, "scale"), by)
        case other:
            raise SemanticError(
                f"`weights` has a column for each of the {len(names)} groups, as in "
                f"`weights = cbind({', '.join(f'w{k + 1}' for k in range(len(names)))})`",
                other.span,
            )


def _by_of_members(given: dict[str, Expr], names: tuple[Name, ...]) -> tuple[Name, ...]:
    match given.get("by"):
        case None | Constant(None):
            return ()
        case Call("cbind", arguments):
            columns = tuple(a.value for a in arguments if isinstance(a.value, Name))
            if len(columns) == len(arguments) == len(names):
                return columns
        case _:
            pass
    columns_of_by = ", ".join(f"by{k + 1}" for k in range(len(names)))
    message = f"`by` has a column for each of the {len(names)} groups, as in `by = cbind({columns_of_by})`"
    raise SemanticError(message, given["by"].span)


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


def _refuse_beside_cov(given: dict[str, Expr], span: Span | None) -> None:
    """Related levels are of one kind, and count alike."""
    others = [name for name in ("by", "pw") if given.get(name, Constant(None)) != Constant(None)]
    others += ["dist"] if _student(given) else []
    if _known(given) is not None and others:
        raise UnsupportedError(f"`gr(…, cov =, {others[0]} = )`, both at once, is not built yet", span)


def _weights(given: dict[str, Expr]) -> Name | None:
    match given.get("pw"):
        case None | Constant(None):
            return None
        case Name() as name:
            return name
        case other:
            raise SemanticError("`pw` is a column with one weight for each group, as in `gr(g, pw = w)`", other.span)


def _student(given: dict[str, Expr]) -> bool:
    """Whether `dist` says so."""
    match given.get("dist"):
        case None | Text("gaussian"):
            return False
        case Text("student"):
            return True
        case other:
            raise SemanticError('`dist` is "gaussian" or "student"', other.span)


def _shared(given: dict[str, Expr], call: Call) -> Name | None:
    match given.get("id"):
        case None | Constant(None):
            return None
        case Text(text, span) | Name(text, span):
            return Name(text, span)
        case Number(value, span):
            return Name(f"{value:g}", span)
        case other:
            raise SemanticError('`id` is a name, as in `gr(g, id = "p")`', other.span or call.span)
