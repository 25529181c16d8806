"""Pasted R calls: text to Statement, each call in the meaning that its package gives it."""

from __future__ import annotations

from tildemc.syntax.rcall.read import read_rcall

__all__ = ["read_rcall"]
