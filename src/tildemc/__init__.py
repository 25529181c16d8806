"""tildemc: an optimising compiler for multilevel models."""

from __future__ import annotations

from tildemc.api import TARGETS, GroupTerm, Model, convert, model, stream
from tildemc.batch import batch, load_batch
from tildemc.errors import TildeError

__all__ = ["TARGETS", "GroupTerm", "Model", "TildeError", "batch", "convert", "load_batch", "model", "stream"]

__version__ = "0.1.0"
