"""Lines of Julia that change data in, what they do out: DataFrames, DataFramesMeta, and columns made by broadcasting.

`df.z = log.(df.x)`, `df = @rsubset(df, :x > 1)`, `@rtransform!(df, :z = log(:x))`, `dropmissing(df, [:x])`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tildemc.errors import TildeError, UnsupportedError
from tildemc.span import Span
from tildemc.syntax.expression import unparenthesised
from tildemc.syntax.frames import Frame
from tildemc.syntax.julia.families import FUNCTIONS, STATISTICS
from tildemc.syntax.julia.parse import parse_julia
from tildemc.syntax.pieces import closed, pieces
from tildemc.syntax.rewrite import rewritten
from tildemc.syntax.steps import Complete, Keep, Make
from tildemc.syntax.tree import Argument, Binary, Call, Expr, Name

__all__ = ["frames_before"]

_TO = r"^[^\S\n]*(?:(?P<to>[^\W\d]\w*)\s*=\s*)?"
_COLUMN = re.compile(
    r"^[^\S\n]*(?P<frame>[^\W\d]\w*)(?:\.|\[[!:],\s*:)(?P<column>[^\W\d]\w*)\]?\s*\.?=(?!=)", re.MULTILINE
)
_CALLED = re.compile(
    _TO + r"(?P<call>@r?subset!?|@r?transform!?|dropmissing!?|subset!?|filter!?|transform!?|unique!?|first|last)\s*\(",
    re.MULTILINE,
)
_READ = re.compile(_TO + r"(?:DataFrame\s*\(\s*)?CSV\.(?:read|File)\s*\(\s*\"(?P<file>[^\"\n]+)\"", re.MULTILINE)
_GROUPED = re.compile(
    r"groupby\(\s*(?P<frame>\w+)\s*,\s*\[?(?P<by>[:\w,\s]+?)\]?\s*\)\s*,\s*:(?P<of>\w+)\s*=>\s*(?P<what>\w+)\s*=>\s*"
    r":(?P<column>\w+)\s*\)"
)
_DOTS = re.compile(r"\.(?=\s*(?:[-+*/^<>=!&|]|\())")
_SYMBOL = re.compile(r":([^\W\d]\w*)")
_CALLS = {**FUNCTIONS, **STATISTICS, "ismissing": "is.na", "ifelse": "ifelse"}


_PICKED = re.compile(
    r"^[^\S\n]*(?P<to>[^\W\d]\w*)\s*=\s*(?P<frame>[^\W\d]\w*)\[(?P<rows>[^\n\[\]]*[<>=][^\n\[\]]*),\s*:\]", re.MULTILINE
)
_OTHER = re.compile(r"^[^\S\n]*(?P<to>[^\W\d]\w*)\s*=(?!=)\s*(?P<value>[^\n]*)$", re.MULTILINE)


def frames_before(text: str, end: int) -> dict[str, Frame]:
    """The data by the place where a call stands.

    Raises
    ------
    UnsupportedError
        For a line that picks rows in a way that is not read.
    """
    found: dict[str, Frame] = {}
    lines: dict[int, tuple[re.Match[str], Change]] = {}
    for pattern, change in _CHANGES:
        for match in pattern.finditer(text, 0, end):
            lines.setdefault(match.start(), (match, change))
    for _, (match, change) in sorted(lines.items()):
        change(text, match, found)
    return found


def _read(_text: str, match: re.Match[str], frames: dict[str, Frame]) -> None:
    if match["to"]:
        frames[match["to"]] = Frame(match["file"], file=match["file"])


def _column(text: str, match: re.Match[str], frames: dict[str, Frame]) -> None:
    """`df.z = log.(df.x)`."""
    name, column = match["frame"], match["column"]
    place = Span(text, match.end(), _end_of_line(text, match.end()))
    frames[name] = _with(frames.get(name, Frame(name)), name, column, place)


def _with(frame: Frame, name: str, column: str, place: Span) -> Frame:
    """The frame with a column more; one that is not read is taken to be in the data already."""
    try:
        return frame.then(Make(column, _value(place, name), (), place))
    except TildeError:
        return frame.told(f"taken to be done in the data given here: `{column}` = `{str(place).strip()}`")


def _called(text: str, match: re.Match[str], frames: dict[str, Frame]) -> None:
    """A function of a frame, whose result is bound or which changes it in place."""
    whole = Span(text, match.start("call"), closed(text, match.end()))
    function = match["call"].removesuffix("!").removeprefix("@").removeprefix("r")
    within = _GROUPED.match(text, match.end())
    if function == "transform" and within is not None:
        _grouped(match, within, frames, whole)
        return
    parts = pieces(text, match.end(), whole.end - 1)
    filtered = re.match(r"\s*\(?\s*([^\W\d]\w*)\s*\)?\s*->", str(parts[0])) if function == "filter" else None
    name = str(parts[-1 if function == "filter" else 0]).strip()
    target = match["to"] or (name if match["call"].endswith("!") else "")
    if not target or not name.isidentifier():
        return
    frame = frames.get(name, Frame(name))
    if filtered is not None:
        condition = Span(text, parts[0].start + filtered.end(), parts[0].end)
        frame = frame.then(Keep(_value(condition, filtered[1]), condition))
    elif function == "dropmissing":
        columns = tuple(Name(found[1], whole) for found in _SYMBOL.finditer(str(whole)))
        frame = frame.then(Complete(columns, whole))
    elif match["call"].startswith("@"):
        for part in parts[1:]:
            frame = _macro(frame, function, part, name)
    else:
        message = f"`{match['call']}` of data is read as `@rsubset(df, :x > 1)` and `@rtransform(df, :z = log(:x))`"
        raise UnsupportedError(f"{message}: prepare the data first; everything else of this text is read", whole)
    frames[target] = frame


def _macro(frame: Frame, function: str, part: Span, name: str) -> Frame:
    """What stands in `@rsubset()` or `@rtransform()`."""
    if function == "subset":
        return frame.then(Keep(_value(part, name), part))
    found = re.match(r"\s*:([^\W\d]\w*)\s*=(?!=)", str(part))
    if found is None:
        raise UnsupportedError("a column is made as in `@rtransform(df, :z = log(:x))`", part)
    return _with(frame, name, found[1], Span(part.text, part.start + found.end(), part.end))


def _grouped(match: re.Match[str], within: re.Match[str], frames: dict[str, Frame], whole: Span) -> None:
    """`transform(groupby(df, :g), :x => mean => :m)`."""
    name = within["frame"]
    if within["what"] not in STATISTICS:
        raise UnsupportedError(f"`{within['what']}` of groups is not read: make the column first", whole)
    by = tuple(Name(found[1], whole) for found in _SYMBOL.finditer(within["by"]))
    value = Call(STATISTICS[within["what"]], (Argument(Name(within["of"], whole)),), whole)
    frame = frames.get(name, Frame(name))
    frames[match["to"] or name] = frame.then(Make(within["column"], value, by, whole))


def _picked(text: str, match: re.Match[str], frames: dict[str, Frame]) -> None:
    """`df[df.x .> 1, :]`."""
    place = Span(text, *match.span("rows"))
    name = match["frame"]
    frames[match["to"]] = frames.get(name, Frame(name)).then(Keep(_value(place, name), place))


def _other(_text: str, match: re.Match[str], frames: dict[str, Frame]) -> None:
    """What is not known is done to a frame that is bound again: the data given are what comes out of it."""
    name = match["to"]
    if re.search(rf"(?<![\w.:]){name}\b", match["value"]):
        frames[name] = Frame(name).told(f"the data given here stand for `{match['value'].strip()}`")
    elif match["value"].strip() in frames:
        frames[name] = frames[match["value"].strip()]


def _value(place: Span, frame: str) -> Expr:
    """An expression over the columns of a frame: `:x`, `df.x`; `&&` and `.&` are and."""
    # A dot that broadcasts says nothing more here.
    plain = _DOTS.sub(" ", str(place)).replace(";", " ")

    def change(node: Expr) -> Expr | None:
        match node:
            case Name("missing", span):
                return Name("NA", span)
            case Name(name, span) if name.startswith(":"):
                return Name(name[1:], span)
            case Name(name, span) if name.startswith(f"{frame}."):
                return Name(name.partition(".")[2], span)
            case Binary("&&" | "||" | ":" as operator, left, right, span):
                joint = {"&&": "&", "||": "|", ":": "&"}[operator]
                return Binary(joint, rewritten(left, change), rewritten(right, change), span)
            case Call(function, arguments, span) if function in _CALLS:
                inner = tuple(Argument(rewritten(a.value, change), a.name, a.span) for a in arguments)
                return Call(_CALLS[function], inner, span)
            case Call(function, _, span):
                raise UnsupportedError(f"`{function}()` is not read here: prepare the data first", span)
            case _:
                return None

    return rewritten(unparenthesised(parse_julia(place, plain)), change)


def _end_of_line(text: str, start: int) -> int:
    end = re.compile(r"(?:#|;?\s*$)", re.MULTILINE).search(text, start)
    return len(text) if end is None else end.start()


Change = Callable[[str, re.Match[str], dict[str, Frame]], None]
_CHANGES: tuple[tuple[re.Pattern[str], Change], ...] = (
    (_READ, _read),
    (_COLUMN, _column),
    (_CALLED, _called),
    (_PICKED, _picked),
    (_OTHER, _other),
)
"""The lines that are read, and what each does."""
