"""The data of a Python text in, what it calls them and what it does to them first out: pandas's methods.

What else stands for data is taken to be the data that the person gives: it is named in a note.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from tildemc.errors import FormulaSyntaxError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.frames import Frame
from tildemc.syntax.python.values import Values
from tildemc.syntax.steps import Complete, Keep, Make, RowNumbers, Step
from tildemc.syntax.tree import Argument, Call, Name

__all__ = ["changed", "frame_of"]

_READERS = ("read_csv", "read_parquet", "read_stata", "read_excel", "read_table", "read_feather", "read_spss")
_SAME = ("copy", "sort_values", "reset_index", "sort_index", "infer_objects", "convert_dtypes", "set_index")
"""Methods that change neither rows nor what the model's columns mean."""


_MODULES = ("pd", "np", "bmb", "sns", "plt", "az", "sm", "smf")
Place = Callable[[ast.expr], Span]


def frame_of(node: ast.expr, known: Mapping[str, Frame], place: Place) -> Frame:
    """What an expression that stands for data means.

    Raises
    ------
    UnsupportedError
        If it picks rows or makes columns in a way that cannot be said here.
    """
    match node:
        case ast.Name(name):
            return known.get(name, Frame(name))
        case ast.Call(ast.Attribute(ast.Name(), reader), [ast.Constant(str(path)), *_]) if reader in _READERS:
            return Frame(path, file=path)
        case ast.Subscript(ast.Attribute(inner, "loc" | "iloc" as how), index):
            frame = frame_of(inner, known, place)
            rows = index.elts[0] if isinstance(index, ast.Tuple) and index.elts else index
            return frame.then(*_picked(rows, how, _values(inner, place)))
        case ast.Subscript(inner, index):
            frame = frame_of(inner, known, place)
            if isinstance(index, ast.List) or (isinstance(index, ast.Constant) and frame.name is not None):
                return frame
            return frame.then(Keep(_values(inner, place).truth(index), place(index)))
        case ast.Call(ast.Attribute(inner, method)) if method in _SAME or method in _METHODS:
            frame = frame_of(inner, known, place)
            return frame if method in _SAME else _METHODS[method](frame, node, _values(inner, place))
        case _:
            return Frame(notes=(f"the data given here stand for `{_shown(node)}`",))


def changed(statement: ast.stmt, known: Mapping[str, Frame], place: Place) -> tuple[str, Frame] | None:
    """What a line does to data: `d["z"] = np.log(d["x"])`, `d = d[d.x > 1]`; None if it is about something else."""
    match statement:
        case ast.Assign([ast.Subscript(ast.Name(name), ast.Constant(str(column)))], value):
            values = Values(frozenset({name}), place)
            return name, _with(known.get(name, Frame(name)), column, value, values)
        case ast.Assign([ast.Attribute(ast.Name(name), column)], value) if name not in _MODULES:
            return name, _with(known.get(name, Frame(name)), column, value, Values(frozenset({name}), place))
        case ast.Assign([ast.Subscript(ast.Name(name), ast.List())]):
            return name, known.get(name, Frame(name)).told(
                f"taken to be done in the data given here: `{_line(statement)}`"
            )
        case ast.Assign([ast.Subscript(ast.Attribute(ast.Name(name), "loc"), ast.Tuple([rows, to]))], value):
            return name, _where(known.get(name, Frame(name)), (rows, to, value), Values(frozenset({name}), place))
        case ast.AugAssign(ast.Subscript(ast.Name(name), ast.Constant(str(column))) as target, operator, value):
            whole = ast.copy_location(ast.BinOp(target, operator, value), value)
            return name, _with(known.get(name, Frame(name)), column, whole, Values(frozenset({name}), place))
        case ast.Assign([ast.Name(name)], value) if _is_of_data(value, known):
            return name, frame_of(value, known, place)
        case ast.Assign([ast.Name(name)], ast.Call() | ast.Subscript() as value) if name in _names(value):
            # What it does is not known, so that the data given are what comes out of it.
            return name, Frame(name).told(f"the data given here stand for `{_shown(value)}`")
        case ast.Expr(ast.Call(ast.Attribute(ast.Name(name), method), keywords=keywords) as call):
            in_place = any(k.arg == "inplace" and isinstance(k.value, ast.Constant) and k.value.value for k in keywords)
            return (name, frame_of(call, known, place)) if in_place and method in _METHODS else None
        case _:
            return None


def _with(frame: Frame, column: str, value: ast.expr, values: Values) -> Frame:
    """The frame with a column more; one that formulas cannot say is taken to be in the data already."""
    try:
        made, by = values.grouped(value)
    except UnsupportedError:
        return frame.told(f"taken to be done in the data given here: `{column}` = `{_shown(value)}`")
    return frame.then(Make(column, made, by, values.place(value)))


def _where(frame: Frame, parts: tuple[ast.expr, ast.expr, ast.expr], values: Values) -> Frame:
    """`d.loc[d.x > 1, "z"] = 3`: a column where something holds."""
    rows, to, value = parts
    if not isinstance(to, ast.Constant):
        return frame.told(f"taken to be done in the data given here: `{_shown(to)}` where `{_shown(rows)}`")
    column = str(to.value)
    try:
        made = Call("ifelse", tuple(map(Argument, (values.certain(rows), values.value(value), Name(column)))))
    except UnsupportedError:
        return frame.told(f"taken to be done in the data given here: `{column}` where `{_shown(rows)}`")
    return frame.then(Make(column, made, (), values.place(value)))


def _dropped(frame: Frame, call: ast.Call, values: Values) -> Frame:
    """`drop(columns=…)`; rows by their labels are not read."""
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    axis = named.get("axis", call.args[1] if len(call.args) > 1 else None)
    if "columns" in named or (isinstance(axis, ast.Constant) and axis.value in (1, "columns")):
        return frame
    raise values.unread(call)


def _root(node: ast.expr) -> str | None:
    """The name that a chain of methods and brackets begins with."""
    if not isinstance(node, ast.Call | ast.Subscript):
        return None
    inner: ast.expr = node
    while isinstance(inner, ast.Call | ast.Subscript | ast.Attribute):
        inner = inner.func if isinstance(inner, ast.Call) else inner.value
    return inner.id if isinstance(inner, ast.Name) else None


def _names(node: ast.expr) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _line(statement: ast.stmt) -> str:
    return " ".join(ast.unparse(statement).split())


def _shown(node: ast.expr) -> str:
    return " ".join(ast.unparse(node).split())


def _is_of_data(node: ast.expr, known: Mapping[str, Frame]) -> bool:
    """Whether an expression is a frame that something is done to."""
    match node:
        case ast.Call(ast.Attribute(ast.Name(), reader)) if reader in _READERS:
            return True
        case ast.Call(ast.Attribute(inner, method)):
            return (method in _METHODS or method in _SAME) and _leads_to_name(inner)
        case ast.Subscript(inner):
            return _leads_to_name(inner) and not isinstance(node.slice, ast.Constant)
        case ast.Name(name):
            return name in known
        case _:
            return False


def _leads_to_name(node: ast.expr) -> bool:
    if isinstance(node, ast.Name):
        return node.id not in _MODULES
    root = _root(node.value if isinstance(node, ast.Attribute) else node)
    root = node.value.id if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) else root
    return root is not None and root not in _MODULES


def _values(frame: ast.expr, place: Place, *more: str) -> Values:
    names = {node.id for node in ast.walk(frame) if isinstance(node, ast.Name)}
    return Values(frozenset({*names, *more}), place)


def _picked(rows: ast.expr, how: str, values: Values) -> Iterator[Step]:
    match rows:
        case ast.Slice(None, None, None):
            return
        case ast.Slice(lower, upper, None) if how == "iloc":
            first, last = (None if end is None else _whole(end, values) for end in (lower, upper))
            # Python counts from 0, and its end is outside.
            low = 1 if first is None else first + 1 if first >= 0 else first
            high = -1 if last is None else last if last > 0 else last - 1
            yield Keep(RowNumbers(((low, high),)), values.place(lower or upper or rows))
        case _ if how == "loc":
            yield Keep(values.truth(rows), values.place(rows))
        case _:
            raise values.unread(rows)


def _whole(node: ast.expr, values: Values) -> int:
    match node:
        case ast.Constant(int(number)):
            return number
        case ast.UnaryOp(ast.USub(), ast.Constant(int(number))):
            return -number
        case _:
            raise values.unread(node)


# Methods


def _queried(frame: Frame, call: ast.Call, values: Values) -> Frame:
    match call.args:
        case [ast.Constant(str(text))]:
            span = values.place(call.args[0])
            try:
                node = ast.parse(text.strip(), mode="eval").body
            except SyntaxError:
                message = "this condition is not read: write it out, as in `x > 1 and g == 'a'`"
                raise FormulaSyntaxError(message, span) from None
            inside = Values(values.frame, lambda _: span, bare=True)
            return frame.then(Keep(inside.truth(node), span))
        case _:
            raise values.unread(call)


def _assigned(frame: Frame, call: ast.Call, values: Values) -> Frame:
    for keyword in call.keywords:
        value, reader = keyword.value, values
        if isinstance(value, ast.Lambda):
            own = [argument.arg for argument in value.args.args]
            value, reader = value.body, replace(values, frame=values.frame | {*own})
        frame = _with(frame, keyword.arg or "", value, reader)
    return frame


def _complete(frame: Frame, call: ast.Call, values: Values) -> Frame:
    subset = next((k.value for k in call.keywords if k.arg == "subset"), None)
    more = [k for k in call.keywords if k.arg not in ("subset", "inplace")]
    if call.args or more:
        raise values.unread(call)
    names = subset.elts if isinstance(subset, ast.List | ast.Tuple) else [] if subset is None else [subset]
    columns = tuple(Name(str(n.value), values.place(n)) for n in names if isinstance(n, ast.Constant))
    return frame.then(Complete(columns, values.place(call)))


def _renamed(frame: Frame, call: ast.Call, values: Values) -> Frame:
    columns = next((k.value for k in call.keywords if k.arg == "columns"), None)
    if not isinstance(columns, ast.Dict):
        raise values.unread(call)
    for old, new in zip(columns.keys, columns.values, strict=True):
        if not isinstance(old, ast.Constant) or not isinstance(new, ast.Constant):
            raise values.unread(call)
        frame = frame.then(Make(str(new.value), Name(str(old.value), values.place(old)), (), values.place(new)))
    return frame


def _ends(frame: Frame, call: ast.Call, values: Values) -> Frame:
    count = _whole(call.args[0], values) if call.args else 5
    if count < 1:
        raise values.unread(call)
    first = isinstance(call.func, ast.Attribute) and call.func.attr == "head"
    return frame.then(Keep(RowNumbers(((1, count) if first else (-count, -1),)), values.place(call)))


_METHODS: dict[str, Callable[[Frame, ast.Call, Values], Frame]] = {
    "query": _queried,
    "assign": _assigned,
    "dropna": _complete,
    "rename": _renamed,
    "head": _ends,
    "tail": _ends,
    "drop": _dropped,
}
"""What pandas's methods do to a frame, by name."""
