"""Blocks: effects of a grouping factor that share a covariance matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tildemc.arrays import Floats
from tildemc.spec.covariance import Covariance, Places, Shape, distances
from tildemc.spec.expr import Expr
from tildemc.spec.priors import Prior
from tildemc.spec.terms.product import Column, Product, columns_of

__all__ = ["Block"]


@dataclass(frozen=True, slots=True)
class Block:
    """Effects of one grouping factor that share a covariance matrix: one bar term.

    Attributes
    ----------
    products : tuple of Product
        What R calls terms.
    covariance : Covariance
    sd_priors : tuple of Prior
        One for each sd of the structure.
    shape_priors : tuple of Prior
        Of what its correlations follow from, if it has any.
    places : Places
        Where the effects are, if the structure asks for that.
    parameters : tuple of str
        For each effect the parameter of the response that it is on, if it is not the term's for all.
    """

    products: tuple[Product, ...]
    covariance: Covariance
    sd_priors: tuple[Prior, ...]
    shape_priors: tuple[Prior, ...] = ()
    places: Places = ()
    parameters: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[Column, ...]:
        """The effects' columns; `Intercept` is a column of ones."""
        return columns_of(self.products)

    @property
    def width(self) -> int:
        """How many effects a level has."""
        return len(self.columns)

    @property
    def labels(self) -> tuple[str, ...]:
        """The effects'."""
        return tuple(column.label for column in self.columns)

    @property
    def correlated(self) -> bool:
        """Whether there is a correlation to speak of."""
        return self.covariance.correlations is not None

    @property
    def spectrum(self) -> tuple[Expr, ...]:
        """Nothing that sds are multiplied by."""
        return ()

    @property
    def apart(self) -> Floats:
        """How far apart the effects are, (q, q): by their places, or else by their order."""
        return distances(self.places or tuple((float(k),) for k in range(len(self.columns))))

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """What its correlations follow from."""
        return self.covariance.shapes(self.apart)

    @property
    def sds(self) -> tuple[int, ...]:
        """For each effect the number of its sd, which is its place in `sd_priors`."""
        return self.covariance.sds(len(self.columns))

    @property
    def sd_columns(self) -> tuple[tuple[Column, ...], ...]:
        """For each sd the columns of the effects that have it."""
        each = tuple(zip(self.columns, self.sds, strict=bool(self.sds)))
        return tuple(tuple(c for c, own in each if own == number) for number in range(len(self.sd_priors)))

    def owners(self, parameter: str) -> tuple[str, ...]:
        """For each prior the parameter of the response that the effect is on, where `parameter` is the term's."""
        each = self.parameters or (parameter,) * len(self.columns)
        of_sds = (each[self.sds.index(number)] for number in range(len(self.sd_priors)))
        of_shapes = (parameter if shape.entry is None else each[shape.entry[0]] for shape in self.shapes)
        return (*of_sds, *of_shapes)

    @property
    def one_sd(self) -> bool:
        """Whether several effects have one sd between them."""
        return 0 < len(self.sd_priors) < len(self.columns)

    @property
    def standard(self) -> int:
        """Of how many standard normal numbers a level's effects are made."""
        return self.covariance.standard(len(self.columns))

    @property
    def priors(self) -> tuple[Prior, ...]:
        """Of its sds, and of its correlations."""
        return (*self.sd_priors, *self.shape_priors)

    def with_priors(self, priors: Sequence[Prior]) -> Block:
        """The same with others, in the order of `priors`."""
        n = len(self.sd_priors)
        return replace(self, sd_priors=tuple(priors[:n]), shape_priors=tuple(priors[n:]))
