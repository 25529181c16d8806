"""The cases: one folder each in tests/cases, with the model (case.toml) and what must come of it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import tildemc as tm

ROOT = Path(__file__).parents[1]
FOLDER = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Case:
    """A formula, its data, and what else the model is made from."""

    name: str
    formula: str
    data: str
    family: str = "gaussian"
    priors: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name

    @property
    def folder(self) -> Path:
        return FOLDER / self.name

    @property
    def path(self) -> Path:
        return ROOT / self.data

    def model(self) -> tm.Model:
        return tm.model(self.formula, str(self.path), self.family, self.priors)


@cache
def cases() -> tuple[Case, ...]:
    """All cases, by name."""
    found = []
    for folder in sorted(FOLDER.iterdir()):
        values = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
        found.append(Case(folder.name, **{**values, "priors": tuple(values.get("priors", ()))}))
    return tuple(found)
