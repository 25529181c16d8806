"""Customs: how the package of a model's text estimates such models, for whoever asks for its estimates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

__all__ = ["NOBODYS", "Customs", "customs_of"]


@dataclass(frozen=True, slots=True)
class Customs:
    """How the package of a model's text estimates such models.

    Attributes
    ----------
    criterion : {"", "reml", "ml"}
        Of Gaussian models; empty where the text says nothing of it.
    points : int
        Of the integral over each effect: 1 for Laplace's approximation, more for quadrature.
    expected : bool
        Whether curvatures are expected ones, as lme4 has them.
    told : tuple of str
        In what its estimates of other models than Gaussian ones are others, a sentence without its full stop each.
    dispersion : str
        The same where such a model has a dispersion, or another number of its own; empty if nothing is.
    """

    criterion: str = ""
    points: int = 1
    expected: bool = False
    told: tuple[str, ...] = ()
    dispersion: str = ""

    def of_model(self, *, dispersed: bool) -> Customs:
        """Those for a model that has a dispersion, or none: curvatures are observed where the package has no such."""
        if not (dispersed and self.dispersion):
            return self
        return replace(self, expected=False, told=(*self.told, self.dispersion), dispersion="")


NOBODYS = Customs()
"""Where a text is of no package."""


_DISPERSION = (
    "`glmer()` has no number for the dispersion in its likelihood, and works it out of residuals: these are estimates "
    "of all numbers by maximum likelihood, as glmmTMB's"
)


def _lme4(given: int | None) -> Customs:
    if given == 0:
        told = (
            "`nAGQ = 0` has coefficients where they are likeliest together with the effects, which is rougher: these "
            "are by the likelihood of the coefficients, as with `nAGQ = 1`"
        )
        return Customs(expected=True, told=(told,), dispersion=_DISPERSION)
    return Customs(points=given or 1, expected=True, dispersion=_DISPERSION)


def _stata(given: int | None) -> Customs:
    points = 7 if given is None else given
    told = "Stata's nodes are about posterior means, these about modes: with {} points last digits differ"
    return Customs(points=points, told=(told.format(points),) if points > 1 else ())


def _ordinal(given: int | None) -> Customs:
    if given is not None and given < 0:
        return Customs(points=-given, told=("`clmm()` has fixed nodes where `nAGQ` is negative: these are adaptive",))
    return Customs(points=given or 1)


def _adaptive(given: int | None) -> Customs:
    return Customs(points=11 if given is None else given)


def _sas(given: int | None) -> Customs:
    if given is None:
        told = "`proc glimmix` has a pseudo-likelihood where its method is not said: this is Laplace's approximation"
        return Customs(told=(told,))
    return Customs(points=given)


_PACKAGES: Mapping[str, Callable[[int | None], Customs]] = {
    "lme4": _lme4,
    # By `glmer.nb()` the shape is climbed with the rest.
    "lme4 with a shape": lambda given: replace(_lme4(given), dispersion=""),
    "stata": _stata,
    "ordinal": _ordinal,
    "GLMMadaptive": _adaptive,
    "MixedModels": lambda given: Customs(points=given or 1),
    "sas": _sas,
}
"""Those that do not have Laplace's approximation by observed curvatures, whatever is said."""


def customs_of(package: str, criterion: str, points: int | None) -> Customs:
    """Those of a package, where a text says a criterion or a number of points."""
    found = _PACKAGES[package](points) if package in _PACKAGES else NOBODYS
    return replace(found, criterion=criterion)
