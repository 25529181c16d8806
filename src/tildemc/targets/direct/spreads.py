"""Guesses of the numbers that effects' sds follow from, each step's from the effects at the step before.

Of most effects these are the sds themselves. Those of a process or of areas are an sd and a few shapes, of which all
coefficients know something: guessed together, with the coefficients integrated out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import override

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.model import Integrated
from tildemc.spec.priors import Prior
from tildemc.spec.terms.areal import Areal
from tildemc.spec.terms.effects import EffectsBlock
from tildemc.spec.terms.process import GaussianProcess
from tildemc.targets.direct.equations import Seen
from tildemc.targets.direct.start import coordinate_of, number_at, slope

__all__ = ["Spread", "spread_of"]

LEAST = 1e-6
"""No sd of a coefficient is taken for less than so much of the largest."""
STRETCH = (0.5, 3.0)
"""Between what one step may stretch sds."""
STEP, SEARCH = 1e-4, 20
"""What derivatives are differences over; steps of a search."""
SD_STEPS, SHAPE_STEPS = (-1.5, 0.0, 1.5), (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0)
"""Where a search may begin, from where it was on the scale of logs."""


@dataclass(eq=False)
class Spread:
    """The sds of one term's effects, (width,), and how these move with the logs of what they follow from."""

    term: Integrated
    sds: Floats

    @property
    def numbers(self) -> Floats:
        """What they follow from, if that is not the sds."""
        return np.zeros(0)

    def begin(self, squares: Floats, fair: float) -> None:
        """Sds by which each effect adds a fair share to rows; those that no row has are as priors have them.

        Parameters
        ----------
        squares : (width,)
            The mean over rows of the square of what these have of each effect.
        fair : float
        """
        blocks: Sequence[EffectsBlock] = self.term.blocks
        plausible = np.array([block.sd_priors[sd].plausible for block in blocks for sd in block.sds])
        self.sds = np.where(squares > 0, fair / np.sqrt(squares + 1e-12), plausible)

    def learn(self, seen: Seen) -> None:
        """One step of EM: a variance is the mean of r² as expected, the estimate's square and its own variance.

        It is stretched by what rows would have r multiplied by, without which steps are short where rows say little of
        each level (Liu, Rubin & Wu, 1998, Biometrika 85(4)). At least a fiftieth of a level's sampling variance, lest
        the sd be caught at zero.
        """
        floor = 0.02 / np.maximum(seen.known, np.finfo(float).tiny)
        found = seen.squares * np.clip(seen.stretch, *STRETCH) ** 2
        guess = np.where(seen.known > 0, np.maximum(found, floor), self.sds**2)
        self.sds = np.sqrt(_pooled(guess, self.term.blocks))

    def informed(self, known: Floats) -> Floats:
        """How much the data know of each effect, (levels, width), from the ratio of what they and what the prior know.

        The ratio is taken where the sd is two posterior sds low on its log scale; the information about that is about
        2 Σ share².
        """
        share = known / (1 + known)
        return self._low(known, 1 / np.sqrt(2 * (share**2).sum(axis=0) + 1e-12))

    def _low(self, known: Floats, spread: Floats) -> Floats:
        low = known * np.exp(-4 * spread)
        return np.asarray(low / (1 + low))


class SpectralSpread(Spread):
    """The same where one sd and a few shapes are what all follow from."""

    term: GaussianProcess | Areal

    def __init__(self, term: GaussianProcess | Areal) -> None:
        super().__init__(term, np.ones(term.width))
        self.known = np.array([prior.plausible for prior in term.priors])
        # What is made of others stays where it is.
        self.free = [k for k, prior in enumerate(term.priors) if not prior.made]

    @property
    @override
    def numbers(self) -> Floats:
        """The sd and the shapes."""
        return self.known

    @override
    def begin(self, squares: Floats, fair: float) -> None:
        self.sds = self._sds(self.known)
        total = float(squares @ self.sds**2)
        if total > 0 and 0 in self.free:
            self.known[0] *= fair / np.sqrt(total)
            self.sds = self._sds(self.known)

    @override
    def learn(self, seen: Seen) -> None:
        """Where the numbers' posterior is highest, the coefficients integrated out of what is seen of them."""
        from scipy.optimize import minimize

        priors, together = [self.term.priors[k] for k in self.free], seen.together
        if not priors or together is None:
            return

        def surprise(at: Floats) -> float:
            said = sum(_log_density(float(x), prior) for x, prior in zip(at, priors, strict=True))
            return together.surprise(self._sds(self._where(at))) - said

        here = self._at()
        # Where waves are too short to be seen, nothing asks for shorter ones: the search begins where it is best among
        # some that are far apart.
        begin = min((here + steps for steps in self._steps()), key=surprise)
        found = minimize(surprise, begin, method="L-BFGS-B", options={"maxiter": SEARCH}).x
        self.known = self._where(found)
        self.sds = self._sds(self.known)

    def _steps(self) -> Iterator[Floats]:
        """How far from where it is the search may begin: the sd by itself, the shapes together."""
        is_sd = np.array([k == 0 for k in self.free])
        yield from (np.where(is_sd, one, other) for one in SD_STEPS for other in SHAPE_STEPS)

    @override
    def informed(self, known: Floats) -> Floats:
        """As above, by what all coefficients together know of the sd and the shapes."""
        at = self._at()
        ends = np.eye(len(at)) * STEP
        each = [self._sds(self._where(at + end)) / self._sds(self._where(at - end)) for end in ends]
        slopes = np.log(np.array(each).reshape(len(at), -1)).T / (2 * STEP)
        share = (known / (1 + known)).sum(axis=0)
        # Beside the data there are priors, which leave a spread of about one on such scales.
        information = 2 * (slopes * share[:, None] ** 2).T @ slopes + np.eye(len(at))
        return self._low(known, np.sqrt(np.einsum("ik,kl,il->i", slopes, np.linalg.inv(information), slopes)))

    def _at(self) -> Floats:
        """Where the free numbers are on the real line."""
        return np.array([coordinate_of(self.known[k], self.term.priors[k]) for k in self.free])

    def _where(self, at: Floats) -> Floats:
        """All numbers, the free ones from the real line."""
        found = self.known.copy()
        found[self.free] = [number_at(float(x), self.term.priors[k]) for x, k in zip(at, self.free, strict=True)]
        return found

    def _sds(self, numbers: Floats) -> Floats:
        found = self.term.drawn_amplitudes(numbers[0], numbers[1:])
        return np.maximum(found, LEAST * found.max())


def _log_density(at: float, prior: Prior) -> float:
    """Of a number, on the real line."""
    return prior.log_density(number_at(at, prior)) + math.log(abs(slope(at, prior)))


def spread_of(term: Integrated) -> Spread:
    """What one guesses of a term."""
    if isinstance(term, GaussianProcess | Areal):
        return SpectralSpread(term)
    return Spread(term, np.ones(sum(block.width for block in term.blocks)))


def _pooled(variances: Floats, blocks: Sequence[EffectsBlock]) -> Floats:
    """The effects' variances, the same where they have one sd."""
    found, first = variances.copy(), 0
    for block in blocks:
        own = slice(first, first := first + block.width)
        if block.one_sd:
            found[own] = variances[own].mean()
    return found
