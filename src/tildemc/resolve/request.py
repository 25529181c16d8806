"""Request: what a person gave for a model, so that the same can be asked again with some of it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from tildemc.limits import Limits

if TYPE_CHECKING:
    from tildemc.resolve.given import Given
    from tildemc.resolve.own import OwnFamily
    from tildemc.resolve.stream import Data
    from tildemc.syntax.command import Priors

__all__ = ["Request"]


@dataclass(frozen=True, eq=False)
class Request:
    """What `tildemc.model` was given, as it was given.

    Attributes
    ----------
    text : str
    data : data frame, mapping, path, or stream; or several of them, completed data sets
    family : str or None
    families : tuple of OwnFamily
        A person's own, for `family` and the text to name.
    priors : str, sequence of str, or mapping
    syntax : str
    panel : str or None
    na : sequence of str
    csv : mapping or None
    limits : Limits or None
    changes : tuple of str
        Of the formula that the text says, one after the other, as `update` was given them.
    instead : tuple of str
        What of `family` and `priors` counts instead of what the text says of them.
    data2 : mapping
        Matrices beside the data.
    """

    text: str
    data: Data | Sequence[Data] | None = field(repr=False)
    family: str | None = None
    priors: Priors = ()
    syntax: str = "auto"
    panel: str | None = None
    na: Sequence[str] = ()
    csv: Mapping[str, str] | None = None
    limits: Limits | None = None
    changes: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    families: tuple[OwnFamily, ...] = ()
    data2: Given = field(default=MappingProxyType({}), repr=False)
