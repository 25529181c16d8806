"""Terms that say how residuals go together: brms's `ar(t, g)`, nlme's `corAR1(form = ~ t | g)`, a group term's own.

One table says how each is written; what is read is a `Residuals`, the same whichever language it is in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tildemc.errors import FormulaSyntaxError, SemanticError, UnsupportedError
from tildemc.span import Span, span_field
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.matching import Signature
from tildemc.syntax.rewrite import number_of
from tildemc.syntax.structures import BARS
from tildemc.syntax.tree import Argument, Binary, Call, Constant, Expr, Name, Number, Text, Tilde, Unary, deparse, spine

__all__ = ["NLME", "RESIDUALS", "Residuals", "bar_of", "is_residuals", "levels_alone", "read_residuals", "with_group"]


@dataclass(frozen=True, slots=True)
class Residuals:
    """How residuals go together.

    Attributes
    ----------
    structure : str
    order : (int, int)
        How far autoregression, and moving averages or bands, reach.
    points : tuple of Expr
        Where rows stand; none for the order of the data.
    ranked : bool
        Whether only the order of places counts.
    leveled : bool
        Whether places are levels.
    group : tuple of Name
        Columns whose combinations rows go together by; none for all rows.
    by : Name or None
        What each level of has coefficients of its own.
    known : tuple of float
        The coefficients, where they are not estimated.
    metric : str
    spread : bool
        Whether each place has an sd of its own.
    group_term : bool
        Whether the text has a group term for it.
    matrix : Name or None
        A matrix beside the data that says how rows go together.
    """

    structure: str
    order: tuple[int, int] = (0, 0)
    points: tuple[Expr, ...] = ()
    ranked: bool = False
    leveled: bool = False
    group: tuple[Name, ...] = ()
    by: Name | None = None
    known: tuple[float, ...] = ()
    metric: str = "euclidean"
    spread: bool = False
    group_term: bool = False
    matrix: Name | None = None
    label: str = field(default="", compare=False)
    span: Span | None = span_field()


@dataclass(frozen=True, slots=True)
class _Spelling:
    """A function that says a structure: its arguments in order, and what a call of it means."""

    arguments: tuple[str, ...]
    read: Callable[[_Call], Residuals]


@dataclass(frozen=True, slots=True)
class _Call:
    """A call with its arguments by name."""

    call: Call
    given: dict[str, Argument]

    @property
    def name(self) -> str:
        return self.call.function.rpartition("::")[2]

    def value(self, name: str) -> Expr | None:
        """What is given for an argument, None for nothing, `NA` and `NULL`."""
        found = self.given.get(name)
        value = None if found is None else unparenthesised(found.value)
        return None if value in (Name("NA"), Constant(None)) else value

    def whole(self, name: str, default: int) -> int:
        """A whole number from 0."""
        match self.value(name):
            case None:
                return default
            case Number(value) if value >= 0 and value == int(value):
                return int(value)
            case other:
                raise FormulaSyntaxError(
                    f"`{name}` of `{self.name}()` is a whole number, as in `{name} = 1`", other.span
                )

    def true(self, name: str) -> bool:
        """Whether an argument is TRUE."""
        match self.value(name):
            case None:
                return False
            case Constant(bool(value)):
                return value
            case other:
                raise FormulaSyntaxError(f"`{name}` of `{self.name}()` is TRUE or FALSE", other.span)

    def numbers(self, name: str) -> tuple[float, ...]:
        """`0.3` or `c(0.3, 0.2)`."""
        value = self.value(name)
        match value:
            case None:
                return ()
            case Call("c", arguments):
                parts = [unparenthesised(argument.value) for argument in arguments]
            case other:
                parts = [other]
        found = [number_of(part) for part in parts]
        if any(number is None for number in found):
            assert value is not None
            raise FormulaSyntaxError(f"`{name}` of `{self.name}()` is given in numbers", value.span)
        return tuple(number for number in found if number is not None)

    def column(self, name: str) -> Name | None:
        """One column."""
        match self.value(name):
            case None:
                return None
            case Name() as column:
                return column
            case other:
                raise FormulaSyntaxError(f"`{name}` of `{self.name}()` is a column", other.span)

    def group(self, name: str) -> tuple[Name, ...]:
        """`g`, or combinations `a:b`."""
        value = self.value(name)
        return () if value is None else _grouped(value)


def _grouped(value: Expr) -> tuple[Name, ...]:
    """`g`, `a:b`, or nlme's `a/b`, whose rows go together by both."""
    first, nodes = spine(unparenthesised(value), ":/")
    parts = [first, *(node.right for node in nodes)]
    if not all(isinstance(part, Name) for part in parts):
        raise FormulaSyntaxError("rows go together by a column or a combination of columns, `a:b`", value.span)
    return tuple(part for part in parts if isinstance(part, Name))


# brms


def _series(call: _Call) -> Residuals:
    """`ar()`, `ma()`, `arma()`."""
    order = (call.whole("p", 1) if call.name != "ma" else 0, call.whole("q", 1) if call.name != "ar" else 0)
    if order == (0, 0) or (call.name == "arma" and 0 in order) or max(order) > _MOST:
        message = f"`{call.name}()` reaches back over at least one row, and {_MOST} at most"
        raise FormulaSyntaxError(message, call.call.span)
    time = call.value("time")
    structure = "arma_cov" if call.true("cov") else "arma_from_start"
    if structure == "arma_cov" and max(order) > 1:
        message = "`cov = TRUE` takes orders of 1 alone, as in brms; leave it out, or write `corARMA(p = 2)`"
        raise UnsupportedError(message, call.call.span)
    return _told(call, structure, order=order, points=() if time is None else (time,), ranked=True)


def _cosy(call: _Call) -> Residuals:
    time = call.value("time")
    return _told(call, "cosy", points=() if time is None else (time,), ranked=True)


def _unstr(call: _Call) -> Residuals:
    time = call.value("time")
    if time is None or not call.group("gr"):
        raise FormulaSyntaxError("`unstr()` needs times and groups, as in `unstr(time, id)`", call.call.span)
    return _told(call, "unstr", points=(time,), leveled=True)


def _bands(call: _Call) -> Residuals:
    """`toeplitz(t, g, q)`, of Stata: correlations by lag up to `q`."""
    time = call.value("time")
    order = (0, call.whole("q", 1))
    if not 1 <= order[1] <= _MOST:
        raise FormulaSyntaxError(f"`toeplitz()` has at least one lag, and {_MOST} at most", call.call.span)
    return _told(call, "toep", order=order, points=() if time is None else (time,))


def _banded(call: _Call) -> Residuals:
    """`banded(t, g, q)`, of Stata: an sd for each level of `t`, and correlations of levels up to `q` apart."""
    time, reach = call.value("time"), call.whole("q", -1)
    if time is None or not call.group("gr") or reach == 0:
        message = "`banded()` needs times, groups, and bands if not all, as in `banded(time, id, q = 1)`"
        raise FormulaSyntaxError(message, call.call.span)
    return _told(call, "banded", order=(0, reach), points=(time,), leveled=True, spread=True)


def _fcor(call: _Call) -> Residuals:
    """`fcor(M)`: covariances that are known but for their size."""
    return _told(call, "fcor", matrix=_matrix(call))


def _sar(call: _Call) -> Residuals:
    """`sar(M)`, of the responses themselves, and `sar(M, type = "error")`."""
    match call.value("type"):
        case None | Text("lag"):
            return _told(call, "lagsar", matrix=_matrix(call))
        case Text("error"):
            return _told(call, "errorsar", matrix=_matrix(call))
        case other:
            raise FormulaSyntaxError('`type` of `sar()` is "lag" or "error"', other.span)


def _matrix(call: _Call) -> Name:
    found = call.column("M")
    if found is None:
        message = f"`{call.name}()` names a matrix in `data2`, as in `{call.name}(M)`"
        raise FormulaSyntaxError(message, call.call.span)
    return found


def _told(call: _Call, structure: str, **more: object) -> Residuals:
    group, by = call.group("gr"), call.column("by")
    return Residuals(structure, group=group, by=by, label=deparse(call.call), span=call.call.span, **more)  # type: ignore[arg-type]


_MOST = 20
"""The highest order."""

_BRMS = {
    "ar": _Spelling(("time", "gr", "p", "cov", "by"), _series),
    "ma": _Spelling(("time", "gr", "q", "cov", "by"), _series),
    "arma": _Spelling(("time", "gr", "p", "q", "cov", "by"), _series),
    "cosy": _Spelling(("time", "gr", "by"), _cosy),
    "unstr": _Spelling(("time", "gr", "by"), _unstr),
    "toeplitz": _Spelling(("time", "gr", "q", "by"), _bands),
    "banded": _Spelling(("time", "gr", "q", "by"), _banded),
    "sar": _Spelling(("M", "type"), _sar),
    "fcor": _Spelling(("M",), _fcor),
}

# nlme


def _nlme(call: _Call) -> Residuals:
    structure, metric = NLME[call.name], "euclidean"
    points, group = _form(call)
    order = (0, 0)
    match call.name:
        case "corAR1":
            order = (1, 0)
        case "corARMA":
            order = (call.whole("p", 0), call.whole("q", 0))
            if order == (0, 0) or max(order) > _MOST:
                raise FormulaSyntaxError(f"`corARMA()` needs an order, `p = 1`, of {_MOST} at most", call.call.span)
        case "corExp" | "corGaus" | "corLin" | "corSpher":
            order = (0, int(call.true("nugget")))
            metric = _metric(call)
        case _:
            pass
    known = call.numbers("value") if call.true("fixed") else ()
    if call.true("fixed") and not known:
        raise FormulaSyntaxError(f"`fixed = TRUE` needs `value`, at which `{call.name}()` stays", call.call.span)
    if structure == "exchangeable":
        # Rows that are equally correlated have no order.
        points = ()
    if len(points) > 1 and structure not in ("exp", "gau", "lin", "spher"):
        raise FormulaSyntaxError(f"`{call.name}()` takes one column of times", points[1].span)
    return Residuals(
        structure, order, points, leveled=structure == "unstr", group=group, by=call.column("by"), known=known,
        metric=metric, label=deparse(call.call), span=call.call.span,
    )  # fmt: skip


def _metric(call: _Call) -> str:
    match call.value("metric"):
        case None:
            return "euclidean"
        case Text(given):
            found = [metric for metric in ("euclidean", "maximum", "manhattan") if metric.startswith(given)]
            if len(found) == 1:
                return found[0]
        case _:
            pass
    span = call.given["metric"].span
    raise FormulaSyntaxError('`metric` is "euclidean", "maximum" or "manhattan"', span)


def _form(call: _Call) -> tuple[tuple[Expr, ...], tuple[Name, ...]]:
    """The columns and the groups of `form = ~ t | g`."""
    match call.value("form"):
        case None | Tilde(None, Number(1.0)):
            return (), ()
        case Tilde(None, Binary("|", left, right)):
            group = _grouped(right)
        case Tilde(None, right):
            left, group = right, ()
        case other:
            raise FormulaSyntaxError(f"`form` is a formula, as in `{call.name}(form = ~ t | g)`", other.span)
    first, nodes = spine(unparenthesised(left), "+")
    points = tuple(part for part in (first, *(node.right for node in nodes)) if part != Number(1.0))
    return points, group


NLME = {
    "corAR1": "arma", "corCAR1": "car", "corARMA": "arma", "corCompSymm": "exchangeable", "corSymm": "unstr",
    "corExp": "exp", "corGaus": "gau", "corLin": "lin", "corSpher": "spher",
}  # fmt: skip
"""nlme's classes, and the structure of each."""

_SPATIAL = ("value", "form", "nugget", "metric", "fixed", "by")
_NLME = {
    name: _Spelling(
        ("value", "form", "p", "q", "fixed", "by") if name == "corARMA"
        else _SPATIAL if structure in ("exp", "gau", "lin", "spher") else ("value", "form", "fixed", "by"),
        _nlme,
    )
    for name, structure in NLME.items()
}  # fmt: skip


def with_group(expr: Expr, group: Expr) -> Expr:
    """A correlation of nlme's by that group, unless it names its own: what `lme()` makes of it."""
    match expr:
        case Call(name, arguments) if name.rpartition("::")[2] in NLME:
            call = _matched(expr, _NLME[name.rpartition("::")[2]])
            form = call.value("form")
            if isinstance(form, Tilde) and isinstance(form.right, Binary) and form.right.operator == "|":
                return expr
            left = form.right if isinstance(form, Tilde) else Number(1.0, expr.span)
            said = Argument(Tilde(None, Binary("|", left, group, expr.span), expr.span), "form", expr.span)
            others = tuple(a for a in arguments if a is not call.given.get("form"))
            return Call(name, (*_named(others, call), said), expr.span)
        case _:
            return expr


def _named(arguments: tuple[Argument, ...], call: _Call) -> tuple[Argument, ...]:
    """The arguments by their names."""
    names = {id(argument): name for name, argument in call.given.items()}
    return tuple(Argument(a.value, names[id(a)], a.span) for a in arguments)


# A group term in the place of residuals


def _group_term(call: _Call) -> Residuals:
    """`residual(us(0 + factor(t) | g))`: glmmTMB's group term without noise beside it."""
    found = bar_of(call.given["term"].value)
    if found is None:
        message = "a residual is a group term of one column's levels, as in `residual(ar1(0 + factor(t) | g))`"
        raise FormulaSyntaxError(message, call.call.span)
    name, bar = found
    structure, spread = _GROUP_TERMS[name]
    times = levels_alone(bar.left)
    if times is None:
        message = "residuals take the levels of one column, without an intercept: `0 + factor(t)`"
        raise SemanticError(message, bar.left.span)
    order = (1, 0) if structure == "arma" else (0, -1) if structure == "toep" else (0, 0)
    return Residuals(
        structure, order, (times,), leveled=True, group=_grouped(bar.right), spread=spread, group_term=True,
        label=deparse(call.call), span=call.call.span,
    )  # fmt: skip


def bar_of(term: Expr) -> tuple[str, Binary] | None:
    """The structure and the bar of a group term that could be the residuals'."""
    match unparenthesised(term):
        case Binary("|" | "||") as bar:
            return BARS[bar.operator], bar
        case Call(name, (Argument(inner, None),)) if name in _GROUP_TERMS:
            within = unparenthesised(inner)
            return (name, within) if isinstance(within, Binary) and within.operator == "|" else None
        case _:
            return None


def levels_alone(left: Expr) -> Expr | None:
    """The `f` of `0 + f`, `f + 0` or `f - 1`, whose levels have an effect each; None for anything else."""
    match unparenthesised(left):
        case Binary("+", Number(0.0), part) | Binary("+", Unary("-", Number(1.0)), part):
            found = part
        case Binary("+", part, Number(0.0)) | Binary("-", part, Number(1.0)):
            found = part
        case _:
            return None
    return found if isinstance(found, Name | Call) else None


_GROUP_TERMS = {
    "us": ("unstr", True), "diag": ("diag", True), "homdiag": ("diag", False), "cs": ("exchangeable", True),
    "homcs": ("exchangeable", False), "ar1": ("arma", False), "hetar1": ("arma", True), "toep": ("toep", True),
    "homtoep": ("toep", False),
}  # fmt: skip
"""glmmTMB's structures: that of the residuals, and whether each level has an sd of its own."""

RESIDUALS = {**_BRMS, **_NLME, "residual": _Spelling(("term",), _group_term)}
"""The functions that say how residuals go together."""


def is_residuals(expr: Expr) -> bool:
    """Whether a term is one of these."""
    return isinstance(expr, Call) and expr.function.rpartition("::")[2] in RESIDUALS


def read_residuals(call: Call) -> Residuals:
    """What such a term says.

    Raises
    ------
    FormulaSyntaxError, SemanticError, UnsupportedError
        With the place in the text.
    """
    spelling = RESIDUALS[call.function.rpartition("::")[2]]
    return spelling.read(_matched(call, spelling))


def _matched(call: Call, spelling: _Spelling) -> _Call:
    name = call.function.rpartition("::")[2]
    needed = ("term",) if "term" in spelling.arguments else ()
    signature = Signature(name, spelling.arguments, needed, error=FormulaSyntaxError)
    return _Call(call, signature.match(call.arguments, call.span))
