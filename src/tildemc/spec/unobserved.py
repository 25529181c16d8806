"""Unobserved: rows whose response is drawn after a fit, beside those that a model is fitted to."""

from __future__ import annotations

from dataclasses import dataclass

from tildemc.spec.design import Design
from tildemc.spec.terms.imputed import Imputed

__all__ = ["Unobserved"]


@dataclass(frozen=True, eq=False)
class Unobserved:
    """What is drawn, and of which rows.

    Attributes
    ----------
    imputed : Imputed
        With the labels of rows that have a measured response first, if it is measured with error.
    rows : Design
        The numbers of rows without a response; their levels may be beyond those of the model.
    """

    imputed: Imputed
    rows: Design
