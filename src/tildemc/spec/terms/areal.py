"""Areal: effects of areas that resemble their neighbours, brms's `car(M, gr = g)`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import override

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.areas import AREAS, AreaStructure
from tildemc.spec.covariance import Shape
from tildemc.spec.expr import Const, Expr, Index, Var, evaluate
from tildemc.spec.priors import Prior
from tildemc.spec.support import POSITIVE, REAL, Support
from tildemc.spec.terms.address import Kind, Sense, Target, Words, of_parameter
from tildemc.spec.terms.factor import Factor
from tildemc.spec.terms.functions import Spectrum
from tildemc.spec.terms.group import GroupDesign, GroupSummary
from tildemc.spec.terms.product import Column
from tildemc.spec.terms.term import Dim, Free, Path, Reader, Term
from tildemc.spec.terms.view import TermView
from tildemc.spec.vocabulary import NUMPY

__all__ = ["SHARE", "Areal", "ArealNames"]

SHARE = Support(0.0, 1.0)
"""What the one number beside the sd may be."""


@dataclass(frozen=True, slots=True)
class ArealNames:
    """The sd, the share, and the effects along `dim`, of which rows have the `index`.

    They are `loadings` times coefficients `z` along `along`, whose sds follow from `slopes`.
    """

    sdcar: str
    share: str
    rcar: str
    dim: str
    index: str
    z: str
    along: str
    loadings: str
    slopes: str


@dataclass(frozen=True, slots=True, eq=False)
class Areal(Term[GroupDesign, GroupSummary, ArealNames]):
    """Effects of areas.

    Attributes
    ----------
    parameter : str
        Whose predictor they belong to.
    text : str
        As written: `car(M, gr = g)`.
    factor : Factor
        Its levels are the areas.
    matrix : str
        What the text calls the borders.
    borders : int
        How many there are.
    structure : str
        In `AREAS`.
    loadings, slopes : (areas, q), (q,)
        What the structure makes of the borders.
    sd : Prior
    shares : tuple of Prior
        Of the share, if the structure has one.
    """

    parameter: str
    text: str
    factor: Factor
    matrix: str
    borders: int
    structure: str
    loadings: Floats
    slopes: Floats
    sd: Prior
    shares: tuple[Prior, ...]

    @property
    @override
    def path(self) -> Path:
        return (self.parameter, "areas")

    @property
    @override
    def grouped_by(self) -> Factor | None:
        return self.factor

    @property
    @override
    def columns(self) -> tuple[Column, ...]:
        return ()

    @property
    def kind(self) -> AreaStructure:
        """How areas resemble their neighbours."""
        return AREAS[self.structure]

    # As effects of one level

    @property
    def size(self) -> int:
        """One level: all areas' effects are made of the same coefficients."""
        return 1

    @property
    def width(self) -> int:
        """The number of coefficients."""
        return len(self.slopes)

    @property
    def standard(self) -> int:
        """As many as coefficients."""
        return self.width

    @property
    def blocks(self) -> tuple[Spectrum, ...]:
        """One."""
        share = None if self.kind.share is None else Var("shape0")
        roots = () if share is None else tuple(self._root(share, Const(float(slope))) for slope in self.slopes)
        named = () if self.kind.share is None else (Shape(self.kind.share, SHARE, self.shares[0], r"\rho"),)
        return (Spectrum(self.width, roots, (self.sd,), named),)

    @property
    def correlated(self) -> bool:
        """Never: neighbours' effects are, and coefficients are not."""
        return False

    def _root(self, share: Expr, slope: Expr) -> Expr:
        return (1.0 + slope * share) ** self.kind.power

    def amplitudes(self, sd: Expr, share: Expr, slopes: Expr) -> Expr:
        """The coefficients' sds."""
        return sd if self.kind.share is None else sd * self._root(share, slopes)

    def drawn_amplitudes(self, sd: Floats, shares: Floats) -> Floats:
        """The same of draws (…) and (…, 1) or, for none, (…, 0): (…, q)."""
        given = {"sd": sd[..., None], "share": shares, "slopes": self.slopes}
        amplitudes = evaluate(
            self.amplitudes(Var("sd"), Var("share"), Var("slopes")), lambda name: given[name.name], NUMPY
        )
        return np.asarray(amplitudes * np.ones(self.width))

    def effects(self, sd: Floats, shares: Floats, z: Floats) -> Floats:
        """The areas' effects (…, areas) by these and the coefficients over their sds (…, q)."""
        return np.asarray((self.drawn_amplitudes(sd, shares) * z) @ self.loadings.T)

    def reported(
        self, names: ArealNames, sd: Floats, r: Floats, cor: Floats, shape: Floats | None
    ) -> Mapping[str, Floats]:
        """The sd, the share, and the areas' effects."""
        own = {} if shape is None else {names.share: shape[..., 0]}
        return {names.sdcar: sd[..., 0], **own, names.rcar: r[..., 0, :] @ self.loadings.T}

    def in_rows(self, numbers: GroupDesign) -> GroupDesign:
        """What each row has of the coefficients, which are of one level."""
        return GroupDesign(self.loadings[numbers.index], np.zeros(len(numbers.index), dtype=np.int64))

    # As a term

    @override
    def free(self) -> Iterator[Free]:
        yield Free((*self.path, "sdcar"), (), POSITIVE, "area parameter", (self.sd,))
        if self.kind.share is not None:
            yield Free((*self.path, "share"), (), SHARE, "area parameter", self.shares)
        yield Free((*self.path, "rcar"), (Dim("dim", self.factor.values),), REAL, "smooth coefficient")

    @override
    def dims(self) -> Iterator[Dim]:
        yield Dim("dim", self.factor.values)
        yield Dim("along", tuple(range(1, self.width + 1)))

    @override
    def fixed_names(self) -> Mapping[str, str]:
        return {}

    @override
    def labelled_names(self) -> Mapping[str, str]:
        prefix = "" if self.parameter == "mu" else f"{self.parameter}_"
        called = {
            "sdcar": "sdcar", "share": self.kind.share or "car", "rcar": "rcar", "z": "zcar", "along": "zcar_number",
            "loadings": "loadings_car", "slopes": "slopes_car",
        }  # fmt: skip
        return {kind: f"{prefix}{name}" for kind, name in called.items()}

    @override
    def named(self, given: Mapping[str, str]) -> ArealNames:
        return ArealNames(**given)

    @override
    def spoken_for(self, names: ArealNames) -> Collection[str]:
        return names.sdcar, *([] if self.kind.share is None else [names.share])

    @override
    def targets(self, names: ArealNames, taken: Collection[str]) -> Iterator[Target]:
        yield self._target("sdcar", "sdcar", POSITIVE, self.sd, names.sdcar)
        for prior in self.shares:
            assert self.kind.share is not None
            yield self._target("car", self.kind.share, SHARE, prior, names.share)

    def _target(self, kind: Kind, called: str, support: Support, prior: Prior, name: str) -> Target:
        shown: Words = (of_parameter(self.parameter, called),)
        known = ((shown, Sense.ONE), ((*shown, self.factor.label), Sense.ONE), ((name,), Sense.ONE))
        return Target(self.parameter, kind, (), support, prior, shown, tuple(dict.fromkeys(known)))

    @property
    @override
    def priors(self) -> tuple[Prior, ...]:
        return (self.sd, *self.shares)

    @override
    def with_priors(self, priors: Sequence[Prior]) -> Areal:
        sd, *shares = priors
        return replace(self, sd=sd, shares=tuple(shares))

    @override
    def spreads(self, summary: GroupSummary) -> Sequence[tuple[str, float]]:
        return [("", 1.0)] * (1 + len(self.shares))

    @override
    def read(self, rows: Reader) -> GroupDesign:
        index = rows.levels(self.factor, needed=True)
        return GroupDesign(np.ones((len(index), 1)), index)

    @override
    def outline(self, summary: GroupSummary) -> GroupDesign:
        return GroupDesign(np.ones((1, 1)), np.zeros(1, dtype=np.int64))

    @override
    def value(self, names: ArealNames) -> Expr:
        return Index(Var(names.rcar), (Var(names.index),))

    @override
    def views(self, numbers: GroupDesign) -> Iterator[TermView]:
        labels = tuple(f"rcar[{level}]" for level in self.factor.levels)
        yield TermView(self.text, "areas", self.parameter, labels, numbers.Z, numbers.index)
