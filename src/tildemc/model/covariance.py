"""One class per covariance structure of the effects within a group."""

from __future__ import annotations

from dataclasses import dataclass

from tildemc.model.priors import Prior

__all__ = ["Covariance", "Diagonal", "Unstructured"]


@dataclass(frozen=True, slots=True)
class Diagonal:
    """Independent effects: a standard deviation each."""

    correlated = False


@dataclass(frozen=True, slots=True)
class Unstructured:
    """Correlated effects: a standard deviation each and a free correlation matrix with the prior `correlation`."""

    correlation: Prior

    correlated = True


Covariance = Diagonal | Unstructured
