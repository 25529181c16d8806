"""tildemc: an optimising compiler for multilevel models."""

from __future__ import annotations

from tildemc.api import GroupTerm, Model, model
from tildemc.errors import TildeError

__all__ = ["GroupTerm", "Model", "TildeError", "model"]

__version__ = "0.1.0"
