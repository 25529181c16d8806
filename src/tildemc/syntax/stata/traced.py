"""Traced: text that was made of a person's, each of whose characters knows where in theirs it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import cast, get_args

from tildemc.errors import TildeError
from tildemc.span import Span
from tildemc.syntax.rewrite import respanned
from tildemc.syntax.tree import Expr

__all__ = ["Traced"]

_EXPRESSIONS = get_args(Expr)


@dataclass(frozen=True, slots=True)
class Traced:
    """A text, the person's text that it was made of, and of each of its characters the place there: start and end."""

    text: str
    source: str
    places: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, source: str) -> Traced:
        """A person's text itself."""
        return cls(source, source, tuple((k, k + 1) for k in range(len(source))))

    def part(self, start: int, stop: int) -> Traced:
        """A part of it."""
        return Traced(self.text[start:stop], self.source, self.places[start:stop])

    def then(self, other: Traced) -> Traced:
        """What goes on with another."""
        return Traced(self.text + other.text, self.source, self.places + other.places)

    def reading(self, text: str) -> Traced:
        """Another text of the same length, at the same places."""
        assert len(text) == len(self.text), "every character has its place"
        return Traced(text, self.source, self.places)

    def with_part(self, start: int, stop: int, instead: str) -> Traced:
        """The same with something else for a part, which stands at that part's place."""
        place = (self.places[start][0], self.places[stop - 1][1])
        inside = Traced(instead, self.source, (place,) * len(instead))
        return self.part(0, start).then(inside).then(self.part(stop, len(self.text)))

    def stripped(self) -> Traced:
        """Without the blanks around it."""
        start = len(self.text) - len(self.text.lstrip())
        return self.part(start, max(start, len(self.text.rstrip())))

    def span(self, start: int = 0, stop: int | None = None) -> Span:
        """Where a part of it stands in the person's text."""
        stop = len(self.text) if stop is None else stop
        if not self.places:
            return Span(self.source, 0, 0)
        first, last = self.places[min(start, len(self.places) - 1)], self.places[max(start, stop - 1, 0)]
        return Span(self.source, first[0], max(first[0], last[1]) if stop > start else first[0])

    @property
    def line(self) -> int:
        """The number of the line that it begins in."""
        return self.source.count("\n", 0, self.span().start) + 1

    def placed[T](self, value: T) -> T:
        """What was read of this text, with every place in it a place in the person's text."""
        return cast(T, self._placed(value))

    def _placed(self, value: object) -> object:
        if isinstance(value, Span):
            return self._origin(value)
        if isinstance(value, tuple):
            return tuple(self._placed(item) for item in value)
        if isinstance(value, _EXPRESSIONS):
            return respanned(cast(Expr, value), self._origin)
        if is_dataclass(value) and not isinstance(value, type):
            return replace(value, **{field.name: self._placed(getattr(value, field.name)) for field in fields(value)})
        return value

    def _origin(self, span: Span | None) -> Span | None:
        if span is None or span.text != self.text or span.start < 0:
            return span
        return self.span(span.start, span.end)

    @contextmanager
    def told(self) -> Iterator[None]:
        """Mistakes that are found in this text are told of the person's."""
        try:
            yield
        except TildeError as error:
            if error.span is not None and error.span.text == self.text:
                raise type(error)(error.message, self._origin(error.span)) from None
            raise
