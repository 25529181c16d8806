"""Many fits from one file: a formula file in, a folder of tables, draws and a page out."""

from __future__ import annotations

from tildemc.batches.api import batch, load_batch, plan_batch

__all__ = ["batch", "load_batch", "plan_batch"]
