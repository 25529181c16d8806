"""Stata commands: text to Statement, by the stages written, varlist, coding, levels, priors, read."""

from __future__ import annotations

from tildemc.syntax.stata.read import read_stata

__all__ = ["read_stata"]
