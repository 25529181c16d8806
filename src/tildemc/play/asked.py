"""What the page says -> what is asked: of a model, of a fit, of a panel; nothing else gets further."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

from tildemc.engines.settings import Settings
from tildemc.errors import TildeError
from tildemc.visible import shown

__all__ = ["Asked", "Draw", "Job", "Look", "LookAtFit", "settings_of", "told_of"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person has written of a model.

    Attributes
    ----------
    text : str
        A formula, or a text of another language.
    file : str
        What the chosen data are called here.
    family, panel : str
        Empty for none.
    priors : str
        A statement or a call of brms's a line.
    na : str
        What stands for no value, with commas between.
    which : str
        The name of one of the text's models; the last if it has none of that name.
    """

    text: str
    file: str
    family: str = ""
    priors: str = ""
    panel: str = ""
    na: str = ""
    which: str = ""

    @classmethod
    def of(cls, said: object) -> Self:
        """What the page said.

        Raises
        ------
        TildeError
            If it is not that.
        """
        given = _mapping(said)
        known = {field.name for field in fields(cls)}
        for name, value in given.items():
            if name not in known or not isinstance(value, str):
                raise TildeError(f"of a model are asked {', '.join(sorted(known))}, each a text, not {shown(name)}")
        if not {"text", "file"} <= given.keys():
            raise TildeError("a model has a text and a data file")
        return cls(**given)  # type: ignore[arg-type]

    def stated_priors(self) -> list[str]:
        """The statements; one goes on where a parenthesis is open at the end of a line."""
        found = [""]
        for line in self.priors.splitlines():
            whole = found[-1].count("(") <= found[-1].count(")")
            found = [*found, line] if whole else [*found[:-1], f"{found[-1]}\n{line}"]
        return [statement for statement in found if statement.strip()]

    def blanks(self) -> list[str]:
        """What stands for no value."""
        return [part.strip() for part in self.na.split(",") if part.strip()]


@dataclass(frozen=True, slots=True)
class Look:
    """One panel of some data, or of a model of them; `place` is where the data are."""

    asked: Asked
    place: Path
    panel: str
    choice: int = 0


@dataclass(frozen=True, slots=True)
class Draw:
    """A fit of a model."""

    asked: Asked
    place: Path
    settings: Settings


@dataclass(frozen=True, slots=True)
class LookAtFit:
    """One panel of the last fit."""

    panel: str
    choice: int = 0


type Job = Look | Draw | LookAtFit

_DRAWING = ("draws", "tune", "chains", "seed")
"""The settings that are numbers; the page says `method` too."""


def settings_of(said: object) -> Settings:
    """How to draw, as the page says it.

    Raises
    ------
    TildeError
    """
    given = _mapping(said)
    numbers = {name: given[name] for name in _DRAWING if given.get(name) is not None}
    method = given.get("method", "auto")
    return Settings(**numbers, method=method, progress=False)  # type: ignore[arg-type]


def told_of(said: object) -> tuple[str, int]:
    """The panel that the page names, and which of its choices.

    Raises
    ------
    TildeError
    """
    given = _mapping(said)
    panel, choice = given.get("panel"), given.get("choice", 0)
    if not isinstance(panel, str) or not isinstance(choice, int) or choice < 0:
        raise TildeError("a panel is asked for by its name, and by the number of a choice")
    return panel, choice


def _mapping(said: object) -> Mapping[str, object]:
    if not isinstance(said, Mapping):
        raise TildeError("the page asks by names and values")
    return said
