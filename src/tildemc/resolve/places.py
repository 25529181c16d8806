"""Where effects are, for covariances that follow from how far apart they are: the coordinates in a factor's levels."""

from __future__ import annotations

import re

from tildemc.errors import SemanticError
from tildemc.resolve.expanded import Bar
from tildemc.spec.covariance import Covariance, Pattern, Places
from tildemc.spec.derivative import depends
from tildemc.spec.terms.product import Product
from tildemc.visible import listed

__all__ = ["places_of", "refuse_alone"]

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_PLACE = re.compile(rf"\s*\(?\s*({_NUMBER}(?:\s*,\s*{_NUMBER})*)\s*\)?\s*")


def places_of(products: tuple[Product, ...], bar: Bar) -> Places:
    """The coordinates of the levels of the one factor whose levels the effects are of: `(1.5,2)`, or `1.5`.

    Raises
    ------
    SemanticError
        If the effects are of something else, or levels have no coordinates, or some the same.
    """
    example = f"`{bar.structure}(0 + factor(time) | g)`"
    factors = products[0].codings[0].factors if len(products) == 1 and len(products[0].codings) == 1 else ()
    if len(factors) != 1 or len(factors[0].names) != len(products[0].columns):
        raise SemanticError(
            f"`{bar.structure}()` is of the levels of one factor, whose labels say where they are, as in {example}",
            bar.span,
        )
    found = [_PLACE.fullmatch(name) for name in factors[0].names]
    places = tuple(tuple(map(float, match[1].split(","))) for match in found if match)
    if len(places) < len(found):
        wrong = [name for name, match in zip(factors[0].names, found, strict=True) if not match]
        raise SemanticError(
            f"`{bar.structure}()` needs to know where levels are, and {listed(wrong, 3)} of `{factors[0].label}` "
            "is no place: write numbers, or coordinates such as `(1.5,2)`",
            bar.span,
        )
    if len({len(place) for place in places}) > 1:
        raise SemanticError(f"the levels of `{factors[0].label}` have unlike numbers of coordinates", bar.span)
    if len(set(places)) < len(places):
        raise SemanticError(f"two levels of `{factors[0].label}` are in the same place", bar.span)
    return places


def refuse_alone(covariance: Covariance, products: tuple[Product, ...], bar: Bar) -> None:
    """Refuse correlations by distance of a number's one effect: times are meant to be levels there.

    Raises
    ------
    SemanticError
    """
    pattern = covariance.correlations
    if products[0].constant or not isinstance(pattern, Pattern):
        return
    if depends(pattern.of_two, frozenset({"distance"})):
        label = products[0].label
        raise SemanticError(
            f"`{bar.structure}()` correlates the levels of a factor, and `{label}` is one number: write "
            f"`{bar.structure}(0 + factor({label}) | …)`",
            bar.span,
        )
