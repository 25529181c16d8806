"""Python text laid out as `ruff format` leaves it: one item a line where a call or a collection is too long."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import assert_never

__all__ = [
    "WIDTH",
    "Bracket",
    "Code",
    "Comprehension",
    "Loose",
    "Sum",
    "assignment",
    "flat",
    "quoted",
    "render",
    "statement",
]

WIDTH = 88


@dataclass(frozen=True, slots=True)
class Bracket:
    """`head` + `opening` + items + `closing` + `tail`: a call, a list, a dict, a tuple."""

    opening: str
    items: tuple[tuple[str, Code], ...]
    closing: str
    tail: str = ""


@dataclass(frozen=True, slots=True)
class Comprehension:
    """`{element for … in …}`: broken before each `for`; the element has its key before it."""

    opening: str
    element: tuple[str, Code]
    clauses: tuple[str, ...]
    closing: str


@dataclass(frozen=True, slots=True)
class Sum:
    """`a + b + c`, broken before its operators when too long; each part with the operator before it."""

    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Loose:
    """Numbers in brackets, filled line by line as nobody would format them by rule (`# fmt: skip`)."""

    items: tuple[str, ...]


Code = str | Bracket | Comprehension | Sum | Loose


def quoted(text: str) -> str:
    """`text` as a Python string literal, by repr, with the quotes that ruff prefers."""
    literal = repr(text)
    if literal[0] == '"' or text.count('"') > text.count("'"):
        return literal
    inner = literal[1:-1].replace("\\'", "'").replace('"', '\\"')
    return f'"{inner}"'


def render(code: Code, indent: int, before: int = 0, after: int = 0) -> str:
    """`code` as text; continuation lines are indented from `indent`.

    Parameters
    ----------
    code : Code
    indent : int
        Of the statement's line.
    before, after : int
        Characters that stand before and after it on its line.
    """
    line = flat(code)
    if indent + before + len(line) + after <= WIDTH and "\n" not in line:
        return line
    inner = indent + 4
    pad = " " * inner
    match code:
        case Bracket(opening, items, closing, tail) if items:
            together = ", ".join(prefix + flat(item) for prefix, item in items)
            if opening[0] not in "[{(" and inner + len(together) <= WIDTH:
                return "\n".join([opening, pad + together, " " * indent + closing + tail])
            # An only bracket goes without a comma behind it; behind what a subscript asks for, one would make a tuple.
            picks = opening[-1] == "[" and len(opening) > 1
            alone = len(items) == 1 and not isinstance(items[0][1], str | Sum) and not items[0][0]
            comma = "" if picks or alone else ","
            lines = [f"{pad}{prefix}{_item(item, inner, len(prefix))}{comma}" for prefix, item in items]
            return "\n".join([opening, *lines, " " * indent + closing + tail])
        case Comprehension(opening, (prefix, element), clauses, closing):
            together = line.removeprefix(opening).removesuffix(closing)
            lines = [f"{prefix}{_item(element, inner, len(prefix))}", *clauses]
            lines = [together] if inner + len(together) <= WIDTH else lines
            return "\n".join([opening, *(pad + part for part in lines), " " * indent + closing])
        case Sum(parts):
            return _summed(parts, line, indent, before)
        case Loose(items):
            return "\n".join(["[", *_filled(items, pad), " " * indent + "]"])
        case _:
            return line


def _item(code: Code, indent: int, before: int) -> str:
    """`code` as an item within brackets, where a long sum needs no parentheses of its own."""
    if isinstance(code, Sum) and indent + before + len(flat(code)) + 1 > WIDTH:
        return f"\n{' ' * indent}".join(f"{sign} {part}" if sign else part for sign, part in code.parts)
    return render(code, indent, before, 1)


def _summed(parts: tuple[tuple[str, str], ...], line: str, indent: int, before: int) -> str:
    """A sum that is too long for its line: broken within its last parentheses, or else in some of its own."""
    pad = " " * (indent + 4)
    if len(parts) == 2 and _enclosed(parts[1][1]):
        (_, first), (sign, last) = parts
        if indent + before + len(f"{first} {sign} (") <= WIDTH:
            return "\n".join([f"{first} {sign} (", pad + last[1:-1], " " * indent + ")"])
    lines = [f"{sign} {part}" if sign else part for sign, part in parts]
    lines = [line] if len(pad) + len(line) <= WIDTH else lines
    return "\n".join(["(", *(pad + part for part in lines), " " * indent + ")"])


def _enclosed(text: str) -> bool:
    """Whether the text's first parenthesis is closed by its last one."""
    depth = list(accumulate((c == "(") - (c == ")") for c in text))
    return text.startswith("(") and text.endswith(")") and min(depth[:-1]) > 0


def flat(code: Code) -> str:
    """`code` on one line."""
    match code:
        case str():
            return code
        case Bracket(opening, items, closing, tail):
            return opening + ", ".join(prefix + flat(item) for prefix, item in items) + closing + tail
        case Comprehension(opening, (prefix, element), clauses, closing):
            return opening + prefix + " ".join((flat(element), *clauses)) + closing
        case Sum(parts):
            return " ".join(f"{sign} {part}" if sign else part for sign, part in parts)
        case Loose(items):
            return "[" + ", ".join(items) + "]"
        case never:
            assert_never(never)


def _filled(items: tuple[str, ...], pad: str) -> list[str]:
    lines, line = [], pad
    for item in items:
        if len(line) + len(item) + 2 > WIDTH and line != pad:
            lines.append(line.rstrip())
            line = pad
        line += f"{item}, "
    return [*lines, line.rstrip()]


def assignment(target: str, code: Code, indent: int = 0) -> str:
    """`target = code`, laid out."""
    return f"{' ' * indent}{target} = {statement(code, indent, len(target) + 3)}"


def statement(code: Code, indent: int, before: int = 0) -> str:
    """`code` to the end of its line, with the mark that keeps formatters off filled numbers."""
    text = render(code, indent, before)
    return f"{text}  # fmt: skip" if "\n" in text and _has_loose(code) else text


def _has_loose(code: Code) -> bool:
    match code:
        case Loose():
            return True
        case Bracket(_, items):
            return any(_has_loose(item) for _, item in items)
        case _:
            return False
