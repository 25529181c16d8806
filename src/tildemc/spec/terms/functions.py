"""Functions: what smooths and Gaussian processes have in common, functions that were learned and their coefficients."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, override

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.bases import Basis, Sines
from tildemc.spec.covariance import COVARIANCES, Covariance, Shape
from tildemc.spec.expr import Expr, Op, Var
from tildemc.spec.priors import Prior
from tildemc.spec.terms.group import GroupDesign, GroupSummary
from tildemc.spec.terms.product import Column, Levels
from tildemc.spec.terms.term import Dim, Reader, Term
from tildemc.threads import one_blas_thread

__all__ = ["Coefficients", "Functions", "FunctionsNames", "Spectrum"]


class FunctionsNames(Protocol):
    """What every such term has names for."""

    @property
    def s(self) -> str:
        """The coefficients' name."""

    @property
    def Z(self) -> str:
        """The functions' values' name."""


class Coefficients:
    """What the coefficients of functions are to engines that know effects: independent, with one sd for all."""

    @property
    @abstractmethod
    def width(self) -> int:
        """How many there are."""

    @property
    def covariance(self) -> Covariance:
        """A multiple of a diagonal matrix."""
        return COVARIANCES["homdiag" if self.width > 1 else "diag"]

    @property
    def apart(self) -> Floats:
        """Nothing depends on it."""
        return np.zeros((self.width, self.width))

    @property
    def sds(self) -> tuple[int, ...]:
        """The same for all."""
        return (0,) * self.width

    @property
    def one_sd(self) -> bool:
        """Whether there are several coefficients."""
        return self.width > 1

    @property
    def correlated(self) -> bool:
        """Never."""
        return False


@dataclass(frozen=True, slots=True)
class Spectrum(Coefficients):
    """Coefficients whose sds are one times what a few numbers say.

    Attributes
    ----------
    size : int
    spectrum : tuple of Expr
        What each coefficient's sd is multiplied by; empty if by nothing.
    sd_priors : tuple of Prior
        One.
    shapes : tuple of Shape
        The numbers, with their priors.
    """

    size: int
    spectrum: tuple[Expr, ...]
    sd_priors: tuple[Prior, ...]
    shapes: tuple[Shape, ...]

    @property
    @override
    def width(self) -> int:
        return self.size

    @property
    def standard(self) -> int:
        """As many as coefficients."""
        return self.size

    @property
    def shape_priors(self) -> tuple[Prior, ...]:
        """The numbers' priors."""
        return tuple(shape.prior for shape in self.shapes)


@dataclass(frozen=True, slots=True)
class Functions[N: FunctionsNames](Term[GroupDesign, GroupSummary, N]):
    """Functions of some inputs that were learned of the data, or their products with a column.

    Attributes
    ----------
    parameter : str
        Whose predictor they belong to.
    text : str
        As written: `s(x, k = 6)`.
    label : str
        As brms has it in names: `sx`.
    basis : Basis or Sines
    inputs : tuple of Column
        Of the basis.
    by : Column or None
        What the functions are multiplied by.
    known : tuple of Levels
        The factors among what they are made of.
    """

    parameter: str
    text: str
    label: str
    basis: Basis | Sines
    inputs: tuple[Column, ...]
    by: Column | None
    known: tuple[Levels, ...]

    @property
    @override
    def columns(self) -> tuple[Column, ...]:
        return self.inputs if self.by is None else (*self.inputs, self.by)

    @property
    @abstractmethod
    def called(self) -> str:
        """As brms has it in names: `sx_1`."""

    @property
    def width(self) -> int:
        """The number of functions."""
        return self.basis.size

    @override
    def dims(self) -> Iterator[Dim]:
        yield Dim("dim", tuple(range(1, self.width + 1)))

    @override
    def fixed_names(self) -> Mapping[str, str]:
        return {}

    @override
    def read(self, rows: Reader) -> GroupDesign:
        return _of_one_level(self.of(rows.numbers(self.columns)))

    def of(self, values: Floats) -> Floats:
        """The functions' values (n, q) where its columns have these, (n, columns)."""
        with one_blas_thread():
            Z = self.basis(values[:, : len(self.inputs)])
        return Z if self.by is None else Z * values[:, -1:]

    @override
    def outline(self, summary: GroupSummary) -> GroupDesign:
        return _of_one_level(np.zeros((1, self.width)))

    @override
    def value(self, names: N) -> Expr:
        return Op("@", Var(names.Z), Var(names.s))

    def in_rows(self, numbers: GroupDesign) -> GroupDesign:
        """What each row has of the coefficients."""
        return numbers

    def learned(self) -> dict[str, Floats]:
        """What was learned of the data, by name."""
        return {f"{self.called}.{name}": values for name, values in self.basis.learned().items()}


def _of_one_level(Z: Floats) -> GroupDesign:
    return GroupDesign(Z, np.zeros(len(Z), dtype=np.int64))
