"""Statements by what they name × ModelSpec -> the priors, and the hyperparameters that these are arithmetic of."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tildemc.errors import PriorError
from tildemc.resolve.densities import read_prior
from tildemc.resolve.shrinkage import Together, shrinks, written
from tildemc.spec.expr import Var, walk
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import names
from tildemc.spec.priors import SCALES, Prior, default
from tildemc.spec.support import POSITIVE, REAL
from tildemc.spec.terms.address import Sense, Target
from tildemc.spec.terms.hyperparameter import HyperNames, Hyperparameter
from tildemc.syntax.tree import PriorStatement

__all__ = ["Chosen", "Key", "Stating"]

Key = tuple[str, str, tuple[str, ...]]
"""What tells a target from others."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The statement that counts for a target, how much it names, and which of that, of how many, the target is."""

    target: Target
    sense: Sense
    statement: PriorStatement
    on_variance: bool
    place: tuple[int, int]


@dataclass
class Stating:
    """What comes of statements: `waiting` are those that name no part of the model.

    Attributes
    ----------
    unused : list of PriorStatement
        Those that, after all, no prior follows.
    """

    spec: ModelSpec
    chosen: Mapping[Key, Chosen]
    waiting: Sequence[PriorStatement]
    unused: list[PriorStatement] = field(default_factory=list)

    def stated(self) -> tuple[ModelSpec, dict[Key, Prior]]:
        """The model with its hyperparameters, and the priors of everything else that has one stated."""
        together = {found.target.key: own for own in self._together() for found in own}
        shrunk = {key: self._of(members, together) for key, members in together.items()}
        shared = {h.name: h for members in _distinct(together.values()) for h in self._of(members, together).hyperparameters()}
        able = {*shared, *(s.target for s in self.waiting), *self._scalars}
        priors = {
            key: shrunk[key].prior(found.target)
            if key in shrunk
            else read_prior(
                found.statement, found.target, on_variance=found.on_variance, place=found.place, quantities=able
            )
            for key, found in self.chosen.items()
        }
        found = self._hyperparameters(shared, priors, able)
        self._check_order(found, priors)
        self.unused += [statement for statement in self.waiting if statement.target not in found]
        return replace(self.spec, hyperparameters=tuple(found.values())), priors

    def _together(self) -> Iterator[list[Chosen]]:
        """Coefficients that shrink together: of one predictor, with the same words."""
        sets: dict[tuple[str, str], list[Chosen]] = {}
        for found in self.chosen.values():
            if shrinks(found.statement):
                sets.setdefault((found.target.parameter, written(found.statement)), []).append(found)
        yield from sets.values()

    def _of(self, members: list[Chosen], together: Mapping[Key, list[Chosen]]) -> Together:
        """One such set; those of a predictor are numbered where they would have the same quantities."""
        first = members[0]
        alike = [
            own
            for own in _distinct(together.values())
            if own[0].target.parameter == first.target.parameter
            and own[0].statement.distribution == first.statement.distribution
        ]
        number = 1 + [own[0].target.key for own in alike].index(first.target.key)
        return Together(self.spec, first.statement, [found.target for found in members], number)

    @property
    def _scalars(self) -> list[str]:
        """The parameters of the response that are one number."""
        return [auxiliary.parameter for auxiliary in self.spec.auxiliaries if auxiliary.by is None]

    def _hyperparameters(
        self, shared: Mapping[str, Hyperparameter], priors: Mapping[Key, Prior], able: Collection[str]
    ) -> dict[str, Hyperparameter]:
        """Those that a prior follows, and those that these follow."""
        stated = {statement.target: statement for statement in self.waiting}
        taken, scalars = names(self.spec).taken | SCALES, self._scalars
        found: dict[str, Hyperparameter] = {}
        targets = {key: chosen.target for key, chosen in self.chosen.items()}
        uses = [(prior, targets[key].support.lower >= 0) for key, prior in priors.items()]
        while missing := [n for prior, _ in uses for n in sorted(prior.follows) if n not in found and n not in scalars]:
            for name in dict.fromkeys(missing):
                if name in taken:
                    span = stated[name].target_span if name in stated else None
                    raise PriorError(f"the model has a `{name}` of its own: call the hyperparameter otherwise", span)
                positive = any(name in _units(prior, positive=positive) for prior, positive in uses)
                own = shared.get(name, Hyperparameter(name, default("flat"), POSITIVE if positive else REAL))
                if name in stated:
                    (target,) = own.targets(HyperNames(name), ())
                    own = own.with_priors([read_prior(stated[name], target, quantities=able)])
                found[name] = own
                uses.append((own.prior, own.support.lower >= 0))
        return found

    def _check_order(self, found: Mapping[str, Hyperparameter], priors: Mapping[Key, Prior]) -> None:
        """No quantity may follow itself."""
        own = {name: hyperparameter.prior for name, hyperparameter in found.items()}
        own |= {chosen.target.parameter: priors[key] for key, chosen in self.chosen.items() if key[1] == "parameter"}

        def look(name: str, above: tuple[str, ...]) -> None:
            if name in above:
                spans = [s.span for s in (*self.waiting, *(c.statement for c in self.chosen.values())) if s.target == name]
                raise PriorError(f"`{name}` follows itself: {' follows '.join((*above, name))}", next(iter(spans), None))
            for other in sorted(own[name].follows) if name in own else ():
                look(other, (*above, name))

        for name in own:
            look(name, ())


def _units(prior: Prior, *, positive: bool) -> set[str]:
    """What a prior's unit is arithmetic of; or a number's place, which has to be positive."""
    part = prior.shift if prior.distribution.point and positive else prior.stretch
    return {inner.name for inner in walk(part) if isinstance(inner, Var)}


def _distinct(sets: Collection[list[Chosen]]) -> list[list[Chosen]]:
    return [*{id(own): own for own in sets}.values()]
