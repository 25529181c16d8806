"""Memory that kernels fill again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

__all__ = ["Kept"]


@dataclass(frozen=True, eq=False)
class Kept[T]:
    """Memory that is kept: to make it takes longer than to fill it."""

    make: Callable[[], T]
    unused: list[T] = field(default_factory=list)

    @contextmanager
    def taken(self) -> Iterator[T]:
        """What nobody else uses for as long."""
        try:
            found = self.unused.pop()
        except IndexError:
            found = self.make()
        yield found
        self.unused.append(found)
