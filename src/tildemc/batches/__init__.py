"""Many fits from one file: a formula file in, a folder of tables, draws and a page out."""

from __future__ import annotations

from tildemc.batches.api import batch, load_batch, plan_batch
from tildemc.batches.formula_file import FormulaFileError

__all__ = ["FormulaFileError", "batch", "load_batch", "plan_batch"]
