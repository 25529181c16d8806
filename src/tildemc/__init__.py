"""tildemc: an optimising compiler for multilevel models."""

from __future__ import annotations

from tildemc.api import TARGETS, compare, convert, datagrid, load, model, models, pedigree, pooling, precision, stream
from tildemc.batches import batch, load_batch
from tildemc.compiled import Model
from tildemc.described import GroupTerm
from tildemc.errors import TildeError
from tildemc.limits import Limits
from tildemc.own import Family

__all__ = [
    "TARGETS",
    "Family",
    "GroupTerm",
    "Limits",
    "Model",
    "TildeError",
    "batch",
    "compare",
    "convert",
    "datagrid",
    "load",
    "load_batch",
    "model",
    "models",
    "pedigree",
    "pooling",
    "precision",
    "stream",
]

__version__ = "0.2.0"


def __dir__() -> list[str]:
    """The public names, without the modules that they come from."""
    return sorted(__all__)
