"""tildemc: an optimising compiler for multilevel models."""

from __future__ import annotations

from tildemc.api import GroupTerm, Model, convert, model
from tildemc.errors import TildeError
from tildemc.syntax.unparse import TARGETS

__all__ = ["TARGETS", "GroupTerm", "Model", "TildeError", "convert", "model"]

__version__ = "0.1.0"
