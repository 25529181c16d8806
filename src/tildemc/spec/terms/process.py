"""Gaussian processes in Hilbert-space form: functions whose coefficients' sds follow from a spectral density.

Riutort-Mayol, G. et al. (2023). Practical Hilbert space approximate Bayesian Gaussian processes for probabilistic
programming. Statistics and Computing 33, 17.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add, mul
from typing import override

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.bases import Sines
from tildemc.spec.covariance import Shape
from tildemc.spec.expr import Apply, Const, Expr, Index, Op, Var, evaluate
from tildemc.spec.priors import Prior
from tildemc.spec.support import POSITIVE, REAL
from tildemc.spec.terms.address import Kind, Sense, Target, Words, of_parameter
from tildemc.spec.terms.functions import Functions, Spectrum
from tildemc.spec.terms.group import GroupDesign, GroupSummary
from tildemc.spec.terms.term import Dim, Free, Path
from tildemc.spec.terms.view import TermView
from tildemc.spec.vocabulary import NUMPY

__all__ = ["KERNELS", "GaussianProcess", "Kernel", "ProcessNames"]


@dataclass(frozen=True, slots=True)
class Kernel:
    """A covariance function: how smooth the process is, `nu` of Matérn's family, infinite for the squared exponential.

    Attributes
    ----------
    name : str
    title : str
    nu : float
    """

    name: str
    title: str
    nu: float = math.inf

    def log_constant(self, d: int) -> float:
        """Of the spectral density in d dimensions for a length scale and an sd of one, its log constant."""
        if math.isinf(self.nu):
            return 0.5 * d * math.log(2 * math.pi)
        half = 0.5 * d
        scale = d * math.log(2) + half * math.log(math.pi) + self.nu * math.log(2 * self.nu)
        return scale + math.lgamma(self.nu + half) - math.lgamma(self.nu)

    def root(self, u: Expr, product: Expr, d: int) -> Expr:
        """The square root of the spectral density.

        Parameters
        ----------
        u : Expr
            The sum over the inputs of (length scale × frequency)².
        product : Expr
            Of the length scales of all inputs.
        d : int
        """
        scale = Const(math.exp(0.5 * self.log_constant(d))) * Apply("sqrt", (product,))
        if math.isinf(self.nu):
            return scale * Apply("exp", (-0.25 * u,))
        return scale * (2 * self.nu + u) ** (-0.5 * (self.nu + 0.5 * d))


KERNELS = {
    kernel.name: kernel
    for kernel in (
        Kernel("exp_quad", "squared exponential"),
        Kernel("matern52", "Matérn 5/2", 2.5),
        Kernel("matern32", "Matérn 3/2", 1.5),
        Kernel("exponential", "exponential", 0.5),
    )
}


@dataclass(frozen=True, slots=True)
class ProcessNames:
    """The sd, the length scales along `inputs`, the coefficients `s` along `dim`, `z` these over their sds.

    `Z` are the functions' values, `w` the squares of their frequencies.
    """

    sdgp: str
    lscale: str
    inputs: str
    s: str
    dim: str
    z: str
    Z: str
    w: str


@dataclass(frozen=True, slots=True)
class GaussianProcess(Functions[ProcessNames]):
    """A Gaussian process of some inputs, or of those of one level.

    Attributes
    ----------
    kernel : str
        In `KERNELS`.
    sd : Prior
    scales : tuple of Prior
        Of the length scale, or of each input's.
    """

    kernel: str
    sd: Prior
    scales: tuple[Prior, ...]

    @property
    @override
    def path(self) -> Path:
        return (self.parameter, "process", self.label)

    @property
    @override
    def called(self) -> str:
        """As brms has it in names: `gpx`."""
        return self.label

    @property
    def sines(self) -> Sines:
        """Its basis."""
        assert isinstance(self.basis, Sines)
        return self.basis

    @property
    def several(self) -> bool:
        """Whether each input has a length scale of its own."""
        return len(self.scales) > 1

    # As effects of one level

    @property
    def size(self) -> int:
        """One level: every row has the same coefficients."""
        return 1

    @property
    def blocks(self) -> tuple[Spectrum, ...]:
        """One."""
        d, scales = len(self.inputs), [Var(f"shape{k}") for k in range(len(self.scales))]
        product = self._product(list(scales))
        squares = self.squares if self.several else self.squares[None]
        sums = (
            reduce(add, (scale**2 * float(square) for scale, square in zip(scales, column, strict=True)))
            for column in squares.T
        )
        roots = tuple(KERNELS[self.kernel].root(u, product, d) for u in sums)
        named = tuple(Shape("lscale", POSITIVE, prior, r"\ell") for prior in self.scales)
        return (Spectrum(self.width, roots, (self.sd,), named),)

    @property
    def correlated(self) -> bool:
        """Never."""
        return False

    def reported(
        self, names: ProcessNames, sd: Floats, r: Floats, cor: Floats, shape: Floats | None
    ) -> Mapping[str, Floats]:
        """The sd, the length scales and the coefficients."""
        assert shape is not None
        return {names.sdgp: sd[..., 0], names.lscale: self.reported_scale(shape), names.s: r[..., 0, :]}

    # As a term

    @property
    def squares(self) -> Floats:
        """The squares of the functions' frequencies: (q,), or (d, q) where each input has a length scale."""
        squares = self.sines.frequencies**2
        return np.ascontiguousarray(squares.T if self.several else squares.sum(axis=1))

    def amplitudes(self, sd: Expr, scale: Expr, product: Expr, squares: Expr) -> Expr:
        """The coefficients' sds, by the process's sd, its length scales, their product over inputs, and `squares`."""
        u = Op("@", scale**2, squares) if self.several else scale**2 * squares
        return sd * KERNELS[self.kernel].root(u, product, len(self.inputs))

    def named_amplitudes(self, names: ProcessNames) -> Expr:
        """The same by what the model calls these."""
        scale = Var(names.lscale)
        parts: list[Expr] = [Index(scale, (i,)) for i in range(len(self.inputs))] if self.several else [scale]
        return self.amplitudes(Var(names.sdgp), scale, self._product(parts), Var(names.w))

    def recovered_amplitudes(self, names: ProcessNames) -> Expr:
        """The same of draws, which have an axis for the coefficients."""
        sd, scale = Index(Var(names.sdgp), (..., None)), Var(names.lscale)
        if not self.several:
            along = Index(scale, (..., None))
            return self.amplitudes(sd, along, self._product([along]), Var(names.w))
        parts: list[Expr] = [Index(scale, (..., slice(i, i + 1))) for i in range(len(self.inputs))]
        return self.amplitudes(sd, scale, self._product(parts), Var(names.w))

    def _product(self, scales: Sequence[Expr]) -> Expr:
        """Of the length scales of all inputs, be they one."""
        first, *others = scales
        if not self.several:
            return first if len(self.inputs) == 1 else first ** len(self.inputs)
        return reduce(mul, others, first)

    def drawn_amplitudes(self, sd: Floats, scales: Floats) -> Floats:
        """The same of draws (…) and (…, scales): (…, q)."""
        known, scale = ProcessNames("sd", "scale", "", "", "", "", "", "w"), self.reported_scale(scales)
        given = {"sd": sd, "scale": scale, "w": self.squares}
        return np.asarray(evaluate(self.recovered_amplitudes(known), lambda name: given[name.name], NUMPY))

    def reported_scale(self, scales: Floats) -> Floats:
        """Length scales (…, scales) as they are reported: without an axis where there is one."""
        return scales if self.several else scales[..., 0]

    @override
    def free(self) -> Iterator[Free]:
        along = (self._along,) if self.several else ()
        yield Free((*self.path, "sdgp"), (), POSITIVE, "smooth parameter", (self.sd,))
        yield Free((*self.path, "lscale"), along, POSITIVE, "smooth parameter", self.scales)
        yield Free((*self.path, "s"), (Dim("dim", tuple(range(1, self.width + 1))),), REAL, "smooth coefficient")

    @property
    def _along(self) -> Dim:
        return Dim("inputs", tuple(column.label for column in self.inputs))

    @override
    def dims(self) -> Iterator[Dim]:
        yield Dim("dim", tuple(range(1, self.width + 1)))
        if self.several:
            yield self._along

    @override
    def labelled_names(self) -> Mapping[str, str]:
        prefix = "" if self.parameter == "mu" else f"{self.parameter}_"
        called = {"sdgp": "sdgp", "lscale": "lscale", "s": "rgp", "z": "zgp", "Z": "X", "w": "w"}
        own = {"dim": f"{prefix}{self.label}", "inputs": f"{prefix}{self.label}_input"}
        return own | {kind: f"{prefix}{name}_{self.label}" for kind, name in called.items()}

    @override
    def named(self, given: Mapping[str, str]) -> ProcessNames:
        return ProcessNames(**given)

    @override
    def spoken_for(self, names: ProcessNames) -> Collection[str]:
        return names.sdgp, names.lscale

    @override
    def targets(self, names: ProcessNames, taken: Collection[str]) -> Iterator[Target]:
        yield self._target("sdgp", (self.label,), self.sd, names.sdgp)
        for column, prior in zip(self.inputs, self.scales, strict=False):
            labels = (self.label, column.label) if self.several else (self.label,)
            own = f"{names.lscale}[{column.label}]" if self.several else names.lscale
            yield self._target("lscale", labels, prior, own)

    def _target(self, kind: Kind, labels: tuple[str, ...], prior: Prior, name: str) -> Target:
        word = of_parameter(self.parameter, kind)
        shown: Words = (word, *labels)
        # brms joins the names: `gpxz` is the length scale along z of a process of x and z.
        known = (
            (shown, Sense.ONE), ((word, "".join(labels)), Sense.ONE), ((name,), Sense.ONE),
            ((word, self.label), Sense.PART), ((word, self.text), Sense.PART), ((word,), Sense.ALL),
        )  # fmt: skip
        unique = dict(reversed(known))
        return Target(self.parameter, kind, labels, POSITIVE, prior, shown, tuple((w, s) for w, s in unique.items()))

    @property
    @override
    def priors(self) -> tuple[Prior, ...]:
        return (self.sd, *self.scales)

    @override
    def with_priors(self, priors: Sequence[Prior]) -> GaussianProcess:
        sd, *scales = priors
        return replace(self, sd=sd, scales=tuple(scales))

    @override
    def spreads(self, summary: GroupSummary) -> Sequence[tuple[str, float]]:
        return [("", 1.0)] * (1 + len(self.scales))

    @override
    def views(self, numbers: GroupDesign) -> Iterator[TermView]:
        labels = tuple(f"rgp_{self.label}[{j}]" for j in range(1, self.width + 1))
        yield TermView(
            self.text, "gp", self.parameter, labels, numbers.Z, bases=(numbers.Z,),
            eigenvalues=self.sines.frequencies, learned=self.learned(),
        )  # fmt: skip
