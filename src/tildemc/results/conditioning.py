"""What predictions are conditioned on, as a person may ask for it: group effects, new levels, chance."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, get_args

import numpy as np

from tildemc.errors import FitError, one_of
from tildemc.resolve.newdata import Needed, NewLevels, NewRows, new_rows
from tildemc.results.levels import Chosen, Unseen, chosen, only
from tildemc.spec.design import Numbers
from tildemc.spec.model import ModelSpec
from tildemc.visible import shown

if TYPE_CHECKING:
    pass

__all__ = ["Conditioning", "seeded"]

_NEW_LEVELS: tuple[NewLevels, ...] = get_args(NewLevels)
_LARGEST_SEED = 2**32 - 1


def seeded(seed: object) -> int:
    """A seed, one by chance if there is none.

    Raises
    ------
    FitError
        If it is no whole number that may be one.
    """
    if seed is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    if isinstance(seed, bool) or not isinstance(seed, Integral) or not 0 <= int(seed) <= _LARGEST_SEED:
        raise FitError(f"`seed` is a whole number from 0 to {_LARGEST_SEED:,}, not {shown(seed)}")
    return int(seed)


@dataclass(frozen=True, eq=False)
class Conditioning:
    """What a prediction is conditioned on: whose group effects it has, and what stands for those of new levels.

    Attributes
    ----------
    wanted : Chosen
    new_levels : str
    seed : int
    """

    wanted: Chosen
    new_levels: NewLevels
    seed: int

    @classmethod
    def of(cls, spec: ModelSpec, groups: object, new_levels: object, seed: object) -> Conditioning:
        """As a person asks for it.

        Raises
        ------
        SemanticError, FitError
            If there is no such thing.
        """
        unseen = one_of("new_levels", new_levels, _NEW_LEVELS)
        return cls(chosen(spec, groups), unseen, seeded(seed))

    @property
    def unseen(self) -> Unseen:
        """What becomes of levels that the model has not seen."""
        return Unseen(self.new_levels == "existing", self.seed)

    def rows(
        self,
        spec: ModelSpec,
        design: Numbers,
        newdata: object,
        *,
        response: bool,
        companions: tuple[str, ...],
        parameters: frozenset[str] | None = None,
        gaps: bool = False,
    ) -> NewRows:
        """The rows that are asked for, those of the fit if there are no new data."""
        if newdata is not None:
            needed = Needed(spec, self.wanted, response, companions, parameters, gaps)
            return new_rows(needed, newdata, self.new_levels)
        whole = design.whole("what is said of the rows of the fit")
        return NewRows(only(spec, whole, self.wanted), np.ones(whole.n, dtype=bool), whole.index)

    def generator(self, start: int = 0) -> np.random.Generator:
        """The chance of the rows from one on."""
        return np.random.default_rng([self.seed, start])
