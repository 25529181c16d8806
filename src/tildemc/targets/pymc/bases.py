"""A basis and its inputs as NumPy code: arrays of what was learned, and the functions' values in each row."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import assert_never

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.bases import Basis, PerLevel, Piecewise, Polynomial, Sines, Tensor, ThinPlate, radial_constant
from tildemc.targets.pymc.layout import Bracket, Loose
from tildemc.targets.pymc.literals import number, real
from tildemc.targets.pymc.names import Identifiers
from tildemc.targets.pymc.program import Line

__all__ = ["BasisCode"]


class BasisCode:
    """The lines that make the values of one basis."""

    def __init__(self, name: str, identify: Identifiers) -> None:
        self.name, self.identify = name, identify
        self.lines: list[Line] = []
        self.frequencies = ""

    def values(self, basis: Basis | Sines, inputs: Sequence[str]) -> str:
        """The code of an array (n, q); its inputs are codes of columns."""
        match basis:
            case Piecewise(breaks, coefficients, periodic):
                beyond = ', extrapolate="periodic"' if periodic else ""
                arrays = f"{self._array('pieces', coefficients)}, {self._array('breaks', breaks)}"
                return f"interpolate.PPoly({arrays}{beyond})({inputs[0]})"
            case Polynomial(_, _, weights):
                return f"{_products(basis, inputs)} @ {self._array('powers', weights)}"
            case ThinPlate():
                return self._thin_plate(basis, inputs)
            case PerLevel(inner, levels):
                own = self._line("functions", self.values(inner, inputs[:-levels]))
                return _row_products((f"np.column_stack([{', '.join(inputs[-levels:])}])", own))
            case Tensor(blocks, sizes, matrix):
                ends = np.cumsum([0, *sizes])
                parts = [inputs[start:stop] for start, stop in pairwise(ends)]
                made = [self._block(block, parts) for block in blocks]
                return f"np.column_stack([{', '.join(made)}]) @ {self._array('mix', matrix)}"
            case Sines():
                return self._sines(basis, inputs)
            case never:
                assert_never(never)

    def times(self, column: str, values: str) -> str:
        """The code of the functions' products with a column."""
        return f"np.asarray({column})[:, None] * {self._line('functions', values)}"

    def _sines(self, basis: Sines, inputs: Sequence[str]) -> str:
        """Sine waves in a box; their frequencies are an array of its own before."""
        reach = self._array("reach", basis.reach)
        numbers = self._array("numbers", basis.numbers)
        self.frequencies = self._line("frequencies", f"np.pi * {numbers} / (2 * {reach})")
        waves: list[str] = []
        for i, (code, centre) in enumerate(zip(inputs, basis.centre, strict=True)):
            scaled = code if basis.scale == 1 else f"{code} / {number(basis.scale)}"
            away = self._line("input", f"np.asarray({_shifted(scaled, float(centre))} + {reach}[{i}])")
            waves.append(f"np.sin({away}[:, None] * {self.frequencies}[:, {i}])")
        return f"{' * '.join(waves)} / np.sqrt({reach}.prod())"

    def _block(self, block: Sequence[Basis], parts: Sequence[Sequence[str]]) -> str:
        margins = [self._line("margin", self.values(b, own)) for b, own in zip(block, parts, strict=True)]
        return _row_products(tuple(margins))

    def _thin_plate(self, basis: ThinPlate, inputs: Sequence[str]) -> str:
        d, m = len(inputs), basis.order
        shifted = ", ".join(_shifted(code, float(by)) for code, by in zip(inputs, basis.polynomial.shift, strict=True))
        knots = self._array("knots", basis.knots)
        r = self._line("distance", f"distance.cdist(np.column_stack([{shifted}]), {knots})")
        weights = self._array("weights", radial_constant(m, d) * basis.weights)
        power = f"{r}**{2 * m - d}" if 2 * m - d > 1 else r
        radial = f"{power} @ {weights}" if d % 2 else f"sp.xlogy({power}, {r}) @ {weights}"
        return f"{radial} + {self.values(basis.polynomial, inputs)}"

    def _line(self, what: str, code: str) -> str:
        name = self._named(what)
        self.lines.append(Line(name, code))
        return name

    def _array(self, what: str, values: Floats) -> str:
        name = self._named(what)
        shape = "" if values.ndim == 1 else f".reshape({', '.join(map(str, values.shape))})"
        numbers = Loose(tuple(map(real, values.ravel().tolist())))
        self.lines.append(Line(name, Bracket("np.array(", (("", numbers),), ")", shape)))
        return name

    def _named(self, what: str) -> str:
        # Each by a key of its own: a basis may have several of a kind.
        return self.identify(f"\0{self.name} {what} {len(self.lines)}", f"{self.name}_{what}")


def _products(basis: Polynomial, inputs: Sequence[str]) -> str:
    """The code of the products of powers, (n, products)."""
    columns: list[str] = []
    for powers in basis.powers:
        factors = [
            _power(_shifted(code, float(by)), int(p))
            for code, by, p in zip(inputs, basis.shift, powers, strict=True)
            if p
        ]
        columns.append(" * ".join(factors) or "np.ones(len(data))")
    return f"np.column_stack([{', '.join(columns)}])"


def _shifted(code: str, by: float) -> str:
    return code if by == 0 else f"({code} - {number(by)})" if by > 0 else f"({code} + {number(-by)})"


def _power(code: str, power: int) -> str:
    return code if power == 1 else f"{code}**{power}"


def _row_products(parts: Sequence[str]) -> str:
    first, *others = parts
    for other in others:
        first = f"({first}[:, :, None] * {other}[:, None, :]).reshape(len(data), -1)"
    return first
