"""How large a text, and what it is multiplied out to, may be: counted before anything is made.

`model(..., limits=Limits(terms=20_000))` lifts a limit for one model; what counts asks `allowed()`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields
from itertools import islice

from tildemc.errors import FormulaSyntaxError, SemanticError, nearest
from tildemc.span import Span
from tildemc.visible import shown

__all__ = ["DEFAULT", "Limits", "allowed", "check_text", "too_many", "under"]

_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Limits:
    """What is refused above.

    Attributes
    ----------
    words : int
        Names, numbers and signs of a text.
    terms : int
        Terms of a sum once its `*`, `^` and `/` are multiplied out.
    columns : int
        Columns that the terms of one sum have in the design.
    letters : int
        Letters of all their labels.
    sql_seconds : float
        What SQL for the data of a batch may take.
    sql_gigabytes : float
        What it may keep in memory, and what comes out of it.
    """

    words: int = 20_000
    terms: int = 5_000
    columns: int = 10_000
    letters: int = 2_000_000
    sql_seconds: float = 60.0
    sql_gigabytes: float = 2.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            kinds = (int,) if field.type == "int" else (int, float)
            if isinstance(value, bool) or not isinstance(value, kinds) or not 0 < value < float("inf"):
                what = "whole number" if field.type == "int" else "number"
                raise SemanticError(f"the limit `{field.name}` is a {what} greater than 0, not {shown(value)}")

    @classmethod
    def of(cls, stated: Iterable[str]) -> Limits:
        """The limits that `terms=20000` and the like state.

        Raises
        ------
        SemanticError
            For what states none.
        """
        types = {field.name: str(field.type) for field in fields(cls)}
        found: dict[str, float] = {}
        for text in stated:
            name, equals, number = text.partition("=")
            if not equals or name not in types:
                known = ", ".join(f"{n}=…" for n in types)
                raise SemanticError(f"`{text}` states no limit{nearest(name, types)}; limits are {known}")
            try:
                found[name] = int(number) if types[name] == "int" else float(number)
            except ValueError:
                raise SemanticError(f"the limit `{name}` is a number, not `{number}`") from None
        return cls(**found)  # type: ignore[arg-type]


_current: ContextVar[Limits] = ContextVar("limits")
DEFAULT = Limits()


def allowed() -> Limits:
    """The limits that hold here."""
    return _current.get(DEFAULT)


@contextmanager
def under(limits: Limits | None) -> Iterator[None]:
    """Let other limits hold for what is done within; None leaves them."""
    if limits is None:
        yield
        return
    if not isinstance(limits, Limits):
        raise SemanticError(f"`limits` are `Limits(…)`, as in `Limits(terms=20_000)`, not {shown(limits)}")
    token = _current.set(limits)
    try:
        yield
    finally:
        _current.reset(token)


def too_many(what: str, name: str, found: int | None = None) -> str:
    """What to say of something that has more than the limit called `name`: `found`, where that was counted."""
    most = f"more than {getattr(allowed(), name):,}"
    counted = f"{most} {name}" if found is None else f"{found:,} {name}, {most}"
    return f"{what} has {counted} (the limit `{name}`, which can be raised)"


def check_text(text: str) -> None:
    """Refuse a text that is too long to be read, and what is no text.

    Raises
    ------
    FormulaSyntaxError
    """
    if not isinstance(text, str):
        raise FormulaSyntaxError(f"a formula, a command or a prior is a text, not {shown(text)}")
    words = _WORD.finditer(text)
    last = next(islice(words, allowed().words, None), None)
    if last is not None:
        raise FormulaSyntaxError(too_many("this text", "words"), Span(text, *last.span()))
