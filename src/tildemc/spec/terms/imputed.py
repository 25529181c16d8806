"""Imputed: responses that no row of the data has, drawn once all else is, brms's `y | mi() ~ x`.

A row without a response says nothing of the parameters: the posterior is that of the others, and given a draw of it
the response is one more draw. The same goes for a response that is measured with a normal error, `y | mi(sd) ~ x`: its
rows have the variance of both, and given these the true response is normal.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import override

from tildemc.arrays import Label
from tildemc.spec.expr import Expr, Var
from tildemc.spec.support import REAL
from tildemc.spec.terms.alone import NoNumbers, NoSummary
from tildemc.spec.terms.product import Column
from tildemc.spec.terms.term import Dim, Free, Given, Path, Reader

__all__ = ["Imputed", "ImputedNames"]

_CALLED = {False: "Ymi", True: "Yl"}
"""brms's names, of what is missing and of what is measured with error."""


@dataclass(frozen=True, slots=True)
class ImputedNames:
    """`true` along `dim`."""

    true: str
    dim: str


@dataclass(frozen=True, slots=True)
class Imputed(Given[NoNumbers, NoSummary, ImputedNames]):
    """Responses that are drawn after all else.

    Attributes
    ----------
    rows : tuple of Label
        What their rows are called.
    noise : Column or None
        The sd with which the response is measured; then the true one of every row is drawn.
    """

    rows: tuple[Label, ...]
    noise: Column | None

    @property
    @override
    def path(self) -> Path:
        return ("imputed",)

    @property
    @override
    def columns(self) -> tuple[Column, ...]:
        return ()

    @override
    def free(self) -> Iterator[Free]:
        yield Free((*self.path, "true"), tuple(self.dims()), REAL, "true value")

    @override
    def dims(self) -> Iterator[Dim]:
        yield Dim("dim", self.rows)

    @override
    def fixed_names(self) -> Mapping[str, str]:
        called = _CALLED[self.noise is not None]
        return {"true": called, "dim": f"{called}_row"}

    @override
    def named(self, given: Mapping[str, str]) -> ImputedNames:
        return ImputedNames(**given)

    @override
    def spoken_for(self, names: ImputedNames) -> Collection[str]:
        return (names.true,)

    @override
    def read(self, rows: Reader) -> NoNumbers:
        return NoNumbers()

    @override
    def outline(self, summary: NoSummary) -> NoNumbers:
        return NoNumbers()

    @override
    def value(self, names: ImputedNames) -> Expr:
        return Var(names.true)
