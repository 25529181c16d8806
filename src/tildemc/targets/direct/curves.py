"""A quick look at the posterior of a non-linear formula: the curve is linearised where the parameters are.

η = f(θ₁ …) is about f(θ⁰) + Σ Jₖ (θₖ - θₖ⁰), Jₖ = ∂f/∂θₖ: each step is that of a linear predictor whose columns
are Jₖ times those of θₖ, as in Pinheiro and Bates (2000), Mixed-Effects Models in S and S-PLUS, section 7.5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import override

import numpy as np

from tildemc.arrays import Floats
from tildemc.spec.derivative import differentiate
from tildemc.spec.design import Design
from tildemc.spec.expr import Expr, evaluate
from tildemc.spec.families import Family
from tildemc.spec.families.curves import Curved
from tildemc.spec.links import Link
from tildemc.spec.model import ModelSpec, Predictor
from tildemc.spec.priors import Prior
from tildemc.spec.vocabulary import NUMPY
from tildemc.targets.direct.equations import DENSE
from tildemc.targets.direct.search import STEPS_LARGE, Part, Search

__all__ = ["CurveSearch"]

STEPS, HALVINGS = 25, 8
"""Steps of the iteration, more than a linear predictor needs, and how often one may be halved."""
SHARE = 0.9
"""How much of its way to an end of a coefficient's support a step may go."""


class CurveSearch(Search):
    """The iteration's state, with the columns of the curve as it is linear at the present parameters."""

    def __init__(
        self,
        spec: ModelSpec,
        design: Design,
        predictors: Sequence[Predictor],
        X: Sequence[Floats],
        priors: Sequence[Sequence[Prior]],
    ) -> None:
        self.curve = next(curve for curve in _recipe(spec).curves if curve.first)
        self.slopes = {p.parameter: differentiate(self.curve.value, p.parameter) for p in predictors}
        self.row = design.row
        self.support = [prior.support for own in priors for prior in own]
        self.begin = np.array([prior.plausible for own in priors for prior in own])
        super().__init__(spec, design, predictors, X, priors)

    @override
    def _of(self, predictors: Sequence[Predictor]) -> tuple[Family, Link]:
        return _recipe(self.spec).base, self.curve.link

    @override
    def _begin(self) -> None:
        self._bend(self.begin, np.zeros(self.Z.shape[1]))
        super()._begin()

    @override
    def arrive(self) -> tuple[Floats, Floats]:
        c, r = self.begin, np.zeros(self.Z.shape[1])
        for _ in range(STEPS if len(r) <= DENSE else 2 * STEPS_LARGE):
            eta = self._bend(c, r)
            w, working = self._linearised(eta)
            # The rest of the curve's plane, where all parameters are zero, is known.
            to_c, to_r = self._solve(w, working - eta + self.X @ c + self.Z @ r)
            c, r = self._towards(c, r, to_c, to_r)
        return c, r

    def _bend(self, c: Floats, r: Floats) -> Floats:
        """The curve at these coefficients and effects; the columns are made those of its plane there."""
        return self.plane(c, r)[0]

    def plane(self, c: Floats, r: Floats) -> tuple[Floats, dict[str, Floats]]:
        """The same, with the curve's slope by each parameter; (n,) each."""
        from scipy.sparse import diags_array

        known = self.row | {part.parameter: part.offset + part.X @ c[own] + part.Z @ r for part, own in self._own()}
        J = [self._at(self.slopes[part.parameter], known) for part in self.parts]
        self.X = np.hstack([slope[:, None] * part.X for slope, part in zip(J, self.parts, strict=True)])
        bent = [
            slope[:, None] * part.Z if isinstance(part.Z, np.ndarray) else diags_array(slope) @ part.Z
            for slope, part in zip(J, self.parts, strict=True)
        ]
        self.Z = sum(bent[1:], start=bent[0])
        return self._at(self.curve.value, known), {p.parameter: s for p, s in zip(self.parts, J, strict=True)}

    def _own(self) -> list[tuple[Part, slice]]:
        ends = np.cumsum([part.X.shape[1] for part in self.parts])
        return [(part, slice(end - part.X.shape[1], end)) for part, end in zip(self.parts, ends, strict=True)]

    def _at(self, expr: Expr, known: Mapping[str, Floats]) -> Floats:
        value = evaluate(expr, lambda name: known[name.name], NUMPY)
        return np.asarray(value, dtype=np.float64) * np.ones(self.n)

    def _towards(self, c: Floats, r: Floats, to_c: Floats, to_r: Floats) -> tuple[Floats, Floats]:
        """As far towards the new ones as the fit gets better and supports allow."""
        step, here = min([1.0, *self._room(c, to_c)]), self._misfit(c, r)
        for _ in range(HALVINGS):
            new_c, new_r = c + step * (to_c - c), r + step * (to_r - r)
            if self._misfit(new_c, new_r) <= here:
                return new_c, new_r
            step /= 2
        return c, r

    def _room(self, c: Floats, to: Floats) -> list[float]:
        """How much of its step each coefficient may go."""
        ends = [s.upper if there > here else s.lower for s, here, there in zip(self.support, c, to, strict=True)]
        found = SHARE * (np.array(ends) - c) / (to - c)
        return list(found[np.isfinite(found)])

    def _misfit(self, c: Floats, r: Floats) -> float:
        """Twice what a Gaussian log likelihood of the same variances lacks, with the priors; infinite for no number."""
        known = self.row | {part.parameter: part.offset + part.X @ c[own] + part.Z @ r for part, own in self._own()}
        mu = self.inverse(self._at(self.curve.value, known))
        V = self._variance(mu)
        D = np.concatenate([np.tile(sd**-2.0, J) for sd, J in zip(self.sds, self.levels, strict=True)] or [np.ones(0)])
        total = self.weights @ ((self.y - mu) ** 2 / V + np.log(V)) + D @ r**2 + self.P @ (c - self.mean) ** 2
        return float(total) if np.isfinite(total) else np.inf


def _recipe(spec: ModelSpec) -> Curved:
    assert isinstance(spec.family.recipe, Curved)
    return spec.family.recipe
