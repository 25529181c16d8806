"""Draws -> what R's users ask of a fit by name: fixef, ranef, coef, VarCorr, sigma and vcov."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Floats, Label
from tildemc.errors import FitError
from tildemc.resolve.quantities import population_label, prefix
from tildemc.results.components import Components
from tildemc.results.datatree import Group
from tildemc.results.tables import Labelled, Levels
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import Parameter, parameters
from tildemc.spec.terms.term import Role

if TYPE_CHECKING:
    from pandas import DataFrame
    from xarray import DataArray

__all__ = ["Effects", "Variation"]


RESIDUAL = "Residual"
"""lme4's name for the row of what is left."""


@dataclass(frozen=True, eq=False)
class Variation:
    """Draws of sds and correlations, and of the variances and covariances that they make.

    Attributes
    ----------
    rows : tuple of (str, str, str)
        The group, the effect, and the other effect of a correlation: the first columns of lme4's data frame.
    sdcor, vcov : Labelled
    """

    rows: tuple[tuple[str, str, str], ...]
    sdcor: Labelled
    vcov: Labelled

    def frame(self, interval: float) -> DataFrame:
        """A row for each; columns `sdcor` and `vcov`, and of each mean, sd and interval."""
        import pandas as pd

        both = {"sdcor": self.sdcor.frame(interval), "vcov": self.vcov.frame(interval)}
        found = pd.concat(both, axis=1)
        found.index = pd.MultiIndex.from_tuples(self.rows, names=["group", "effect", "effect2"])
        return found

    def array(self) -> DataArray:
        """The draws: (statistic, chain, draw, row)."""
        import xarray as xr

        statistic = xr.Variable("statistic", ["sdcor", "vcov"])
        return xr.concat([self.sdcor.array(), self.vcov.array()], statistic)


@dataclass(frozen=True, eq=False)
class Effects:
    """The draws of a model's effects and of how they vary.

    Attributes
    ----------
    spec : ModelSpec
    posterior : Group
        The draws of what the model reports.
    """

    spec: ModelSpec
    posterior: Group

    @cached_property
    def population(self) -> dict[str, Floats]:
        """The draws of each population effect, (chains, draws), by brms's names, all intercepts first."""
        found: dict[str, Floats] = {}
        for parameter in sorted(self._of("population"), key=lambda p: len(p.dims)):
            values = self._values(parameter)
            labels = [[str(label) for label in self._along(parameter, k)] for k in range(len(parameter.dims))]
            for place in np.ndindex(values.shape[2:]):
                own = [along[i] for along, i in zip(labels, place, strict=True)]
                found[population_label(self.spec, parameter, own)] = values[..., *place]
        return found

    def fixef(self) -> Labelled:
        """The population effects."""
        return self._stacked("effect", self.population)

    def vcov(self, *, correlation: bool = False) -> DataFrame:
        """The covariances of the population effects, or their correlations."""
        from tildemc.table import Table

        known = self.fixef()
        flat = known.values.reshape(-1, len(known.labels))
        with np.errstate(invalid="ignore", divide="ignore"):
            found = np.corrcoef(flat, rowvar=False) if correlation else np.cov(flat, rowvar=False)
        return Table(np.atleast_2d(found), known.labels, known.labels)

    def ranef(self) -> dict[str, Levels]:
        """The group effects by grouping factor; those of further parameters have brms's names, `sigma_Intercept`."""
        found: dict[str, Levels] = {}
        for parameter in self._of("group effect"):
            front, values = prefix(self.spec, parameter), self._values(parameter)
            effects = {f"{front}{label}": values[..., i] for i, label in enumerate(self._along(parameter, 1))}
            dim, factor = parameter.dims[0], parameter.path[-2]
            # A factor whose levels are not all in both predictors is two.
            key = factor if factor not in found or found[factor].dim == dim else dim
            before = found[key].effects if key in found else {}
            found[key] = Levels(before | effects, dim, self._along(parameter))
        return found

    def coef(self) -> dict[str, Levels]:
        """By grouping factor the sums of population and group effects, population effects that do not vary too."""
        found = {}
        for factor, known in self.ranef().items():
            size = len(known.labels)
            sums = {
                name: np.broadcast_to(draws[..., None], (*draws.shape, size)) for name, draws in self.population.items()
            }
            for name, draws in known.effects.items():
                sums[name] = sums[name] + draws if name in sums else draws
            found[factor] = Levels(sums, known.dim, known.labels)
        return found

    def varcorr(self) -> Variation:
        """The sds and correlations of group effects, and the residual sd if there is one, in lme4's order."""
        known = [*self._spread(), *self._residual()]
        if not known:
            raise FitError("the model has neither group effects nor a residual sd")
        rows, sdcor, vcov = zip(*known, strict=True)
        labels = [", ".join(part for part in row if part) for row in rows]
        made = (Labelled(np.stack(draws, axis=-1), "row", labels) for draws in (sdcor, vcov))
        return Variation(rows, *made)

    def components(self) -> Components:
        """The principal components of group effects, by grouping factor.

        Raises
        ------
        FitError
            If there are none.
        """
        correlations = {p.path[:-1]: self._values(p) for p in self._of("group correlation")}
        covariances: dict[str, Floats] = {}
        for parameter in self._of("group sd"):
            sds = self._values(parameter)
            sds = sds.reshape(-1, sds.shape[-1])
            cor = correlations.get(parameter.path[:-1], np.eye(sds.shape[-1]))
            factor = f"{prefix(self.spec, parameter)}{parameter.path[-2]}"
            covariances[factor] = sds[:, :, None] * cor.reshape(-1, *cor.shape[-2:]) * sds[:, None, :]
        if not covariances:
            raise FitError("the model has no group effects")
        return Components(covariances)

    def sigma(self) -> Labelled:
        """The residual sd, or one for each level that has its own, and for each component of a mixture.

        Raises
        ------
        FitError
            If the model has none, or a formula for it.
        """
        found = self._residual_sds()
        if not found:
            raise FitError(self._no_residual_sd())
        first, *others = found
        if first.dims and not others:
            return Labelled(self._values(first), first.dims[0], self._along(first))
        labels = [f"{sd.name}[{level}]" if sd.dims else sd.name for sd in found for level in self._levels(sd)]
        draws = [self._values(sd).reshape(*self._values(sd).shape[:2], -1) for sd in found]
        return Labelled(np.concatenate(draws, axis=-1), "parameter", labels)

    def _spread(self) -> Iterator[tuple[tuple[str, str, str], Floats, Floats]]:
        """Of each grouping the sds, then the correlations."""
        correlations = {p.path[:-1]: self._values(p) for p in self._of("group correlation")}
        for parameter in self._of("group sd"):
            factor, front, sds = parameter.path[-2], prefix(self.spec, parameter), self._values(parameter)
            labels = [f"{front}{label}" for label in self._along(parameter)]
            for i, label in enumerate(labels):
                yield (factor, label, ""), sds[..., i], sds[..., i] ** 2
            cor = correlations.get(parameter.path[:-1])
            for i, j in combinations(range(len(labels)), 2):
                # Effects of different blocks are independent: zero in all draws, and nothing to tell.
                if cor is not None and cor[:, :, i, j].any():
                    covariance = cor[:, :, i, j] * sds[..., i] * sds[..., j]
                    yield (factor, labels[i], labels[j]), cor[:, :, i, j], covariance

    def _residual(self) -> Iterator[tuple[tuple[str, str, str], Floats, Floats]]:
        if not self._residual_sds():
            return
        known = self.sigma()
        for i, label in enumerate(known.labels):
            level = str(label) if len(known.labels) > 1 else ""
            yield (RESIDUAL, level, ""), known.values[..., i], known.values[..., i] ** 2

    def _residual_sds(self) -> list[Parameter]:
        return [parameter for parameter in self._of("residual") if self._is_sd(parameter)]

    def _levels(self, sd: Parameter) -> list[Label]:
        return self._along(sd) if sd.dims else [""]

    def _no_residual_sd(self) -> str:
        modelled = [p.path[0] for p in self._of("population") if self._is_sd(p)]
        if modelled:
            return f"`{modelled[0]}` has a formula here, so that each row has its own: see `predict`"
        if any(parameter.residual for parameter in self.spec.family.parameters):
            return "the residual sds are known here, and none is estimated"
        return f"{self.spec.family} model has no residual sd"

    def _is_sd(self, parameter: Parameter) -> bool:
        """Whether it is, or belongs to, the family's residual sd."""
        record = self.spec.family.parameter(parameter.path[0])
        return record is not None and record.residual

    def _of(self, role: Role) -> list[Parameter]:
        return [parameter for parameter in parameters(self.spec) if parameter.role == role]

    def _values(self, parameter: Parameter) -> Floats:
        return np.asarray(self.posterior.variables[parameter.name][1], np.float64)

    def _along(self, parameter: Parameter, axis: int = 0) -> list[Label]:
        found: list[Label] = self.posterior.labels[parameter.dims[axis]].tolist()
        return found

    def _stacked(self, dim: str, draws: dict[str, Floats]) -> Labelled:
        if not draws:
            raise FitError("the model has no population effects")
        return Labelled(np.stack([*draws.values()], axis=-1), dim, [*draws])
