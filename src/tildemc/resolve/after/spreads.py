"""A model's sds and correlations by the names that Stata has for them: `var(x[g])`, `[lns1_1_1]_cons`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from tildemc.spec.expr import Const, Expr, Var
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import names
from tildemc.spec.terms.group import GroupEffects
from tildemc.spec.terms.product import Column
from tildemc.spec.vocabulary import apply

__all__ = ["Spreads"]

_RESIDUAL = "(Residual)"


@dataclass(frozen=True, eq=False)
class Spreads:
    """The sds and correlations of a model.

    Attributes
    ----------
    spec : ModelSpec
    effect : callable
        What an effect of a group is called.
    """

    spec: ModelSpec
    effect: Callable[[Column], str]

    @cached_property
    def named(self) -> Mapping[str, Expr]:
        """All of them in summaries' numbers, by what Stata's tables and its list of coefficients call them."""
        found: dict[str, Expr] = {}
        for number, group in self._numbered():
            found |= self._of_group(number, group)
        return found | self._residual()

    def told(self, *, variances: bool) -> dict[str, Expr]:
        """Sds and correlations, or variances and covariances: each once."""
        wanted = ("var(", "cov(") if variances else ("sd(", "corr(")
        alias = f"(e.{self.spec.response.label})"
        return {
            name: value
            for name, value in self.named.items()
            if name.rpartition(": ")[2].startswith(wanted) and not name.endswith(alias)
        }

    @cached_property
    def squares(self) -> Mapping[str, str]:
        """Stata's names of variances and covariances, by what summaries that show these call them."""
        found: dict[str, str] = {}
        for _, group in self._numbered():
            own, labels = names(self.spec).of(group), self._labels(group)
            found |= {f"{own.var}[{column.label}]": f"var({labels[i]})" for i, column in enumerate(group.columns)}
            for i, j in _pairs(group):
                pair = f"{own.cov}[{group.columns[i].label}, {group.columns[j].label}]"
                found[pair] = f"cov({self._pair(group, i, j)})"
        for front, inside in self._levels():
            sigma = self.spec.residual_sd
            assert sigma is not None, "there is one for each level"
            found[f"{names(self.spec).of(sigma).var}{inside}"] = f"{front}var{_RESIDUAL}"
        return found

    def _numbered(self) -> Iterator[tuple[str, GroupEffects]]:
        """The groups' equations, with the number of the level and of the equation in it, as Stata counts them."""
        levels: dict[str, list[GroupEffects]] = {}
        for group in self.spec.predictors[0].groups:
            levels.setdefault(group.factor.label, []).append(group)
        for number, equations in enumerate(levels.values(), 1):
            yield from ((f"{number}_{place}", group) for place, group in enumerate(equations, 1))

    def _of_group(self, number: str, group: GroupEffects) -> dict[str, Expr]:
        own, labels, places = names(self.spec).of(group), self._labels(group), _places(group)
        sds: list[Expr] = [Var(f"{own.sd}[{column.label}]") for column in group.columns]
        found: dict[str, Expr] = {}
        for label, sd, place in zip(labels, sds, places, strict=True):
            found |= {f"var({label})": sd**2, f"sd({label})": sd, f"[lns{number}_{place}]_cons": apply("log", sd)}
        for i, j in _pairs(group):
            r = Var(f"{own.cor}[{group.columns[i].label}, {group.columns[j].label}]")
            pair, (first, second) = self._pair(group, i, j), sorted((places[i], places[j]))
            found |= {f"cov({pair})": r * sds[i] * sds[j], f"corr({pair})": r}
            found[f"[atr{number}_{first}_{second}]_cons"] = 0.5 * (apply("log1p", r) - apply("log1p", -r))
        return found

    def _residual(self) -> dict[str, Expr]:
        sigma, response = self.spec.residual_sd, self.spec.response.label
        found: dict[str, Expr] = {}
        for front, inside in self._levels():
            assert sigma is not None, "there is one for each level"
            sd = Var(f"{names(self.spec).of(sigma).name}{inside}")
            found |= {f"{front}var{_RESIDUAL}": sd**2, f"{front}sd{_RESIDUAL}": sd}
            if not front:
                found |= {f"var(e.{response})": sd**2, f"sd(e.{response})": sd, "[lnsig_e]_cons": apply("log", sd)}
        return found

    def _levels(self) -> Iterator[tuple[str, str]]:
        """What stands before the residual's name in Stata, and behind it here: of one for all, or for each level."""
        sigma = self.spec.residual_sd
        if sigma is not None:
            yield from [("", "")] if sigma.by is None else ((f"{each}: ", f"[{each}]") for each in sigma.by.levels)

    def _labels(self, group: GroupEffects) -> list[str]:
        return [f"{self.effect(column)}[{'>'.join(group.factor.columns)}]" for column in group.columns]

    def _pair(self, group: GroupEffects, i: int, j: int) -> str:
        """Two effects, in Stata's order."""
        labels, places = self._labels(group), _places(group)
        return ",".join(labels[place] for place in sorted((i, j), key=lambda place: places[place]))


def _pairs(group: GroupEffects) -> Iterator[tuple[int, int]]:
    return combinations(range(len(group.columns)) if group.correlated else (), 2)


def _places(group: GroupEffects) -> list[int]:
    """The number of each effect, slopes before the constant."""
    constant = [column.value == Const(1.0) for column in group.columns]
    order = sorted(range(len(constant)), key=lambda place: constant[place])
    return [order.index(place) + 1 for place in range(len(constant))]
