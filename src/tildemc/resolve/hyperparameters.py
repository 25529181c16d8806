"""Statements by what they name × ModelSpec -> the priors, and the hyperparameters that these are arithmetic of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tildemc.errors import PriorError
from tildemc.resolve.densities import read_prior
from tildemc.resolve.shrinkage import Together, shrinks, written
from tildemc.spec.addresses import targets
from tildemc.spec.covariance import Pattern
from tildemc.spec.expr import Apply, Const, Expr, Var, substitute, walk
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import names
from tildemc.spec.priors import SCALES, Prior, default
from tildemc.spec.support import POSITIVE, REAL
from tildemc.spec.terms.address import Kind, Sense, Target
from tildemc.spec.terms.hyperparameter import HyperNames, Hyperparameter
from tildemc.syntax.tree import PriorStatement

__all__ = ["Chosen", "Key", "Stating"]

Key = tuple[str, Kind, tuple[str, ...]]
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
        sets = [*self._together()]
        shared = {own.name: own for together in sets for own in together.hyperparameters()}
        able = {*shared, *(statement.target for statement in self.waiting), *self._scalars}
        priors = {target.key: together.prior(target) for together in sets for target in together.targets}
        for together in sets:
            priors |= self._of_correlations(together)
        priors |= {
            key: read_prior(
                found.statement, found.target, on_variance=found.on_variance, place=found.place, quantities=able
            )
            for key, found in self.chosen.items()
            if not shrinks(found.statement)
        }
        found = self._hyperparameters(shared, priors, able)
        self._check_order(found, priors)
        self.unused += [statement for statement in self.waiting if statement.target not in found]
        return replace(self.spec, hyperparameters=tuple(found.values())), priors

    def _together(self) -> Iterator[Together]:
        """Parameters whose prior is one: of one predictor, or one block of its effects, with the same words."""
        sets: dict[tuple[object, ...], list[Chosen]] = {}
        for found in self.chosen.values():
            if shrinks(found.statement):
                block = self._block(found.target)
                sets.setdefault((found.target.parameter, block, written(found.statement)), []).append(found)
        seen: Counter[tuple[object, ...]] = Counter()
        for members in sets.values():
            first, statement = members[0].target, members[0].statement
            alike = first.parameter, statement.distribution, first.labels[:1] if first.kind == "sd" else ()
            seen[alike] += 1
            yield Together(self.spec, statement, [member.target for member in members], seen[alike])

    def _block(self, target: Target) -> tuple[str, int] | None:
        """Of an sd the grouping factor and the number of its block there."""
        if target.kind != "sd":
            return None
        factor, *labels = target.labels
        group = next(g for g in self.spec.groups() if (g.parameter, g.factor.label) == (target.parameter, factor))
        each = ([[c.label for c in columns] for columns in block.sd_columns] for block in group.blocks)
        return factor, next(number for number, block in enumerate(each) if labels in block)

    def _of_correlations(self, together: Together) -> dict[Key, Prior]:
        """What a prior of sds says of the correlations between their effects."""
        prior, block = together.correlations(), self._block(together.targets[0])
        if prior is None or block is None:
            return {}
        factor, number = block
        first = together.targets[0].parameter
        group = next(g for g in self.spec.groups() if (g.parameter, g.factor.label) == (first, factor))
        own = group.blocks[number]
        if own.one_sd or isinstance(own.covariance.correlations, Pattern):
            message = f"`{together.statement.distribution}()` is a prior of free variances and correlations"
            raise PriorError(f"{message}, not of {own.covariance.name}", together.statement.span)
        return {(first, "cor", (factor, *own.labels)): prior} if own.correlated else {}

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
        positive = {target.key for target in targets(self.spec) if target.support.lower >= 0}
        uses = [(prior, key in positive) for key, prior in priors.items()]
        while missing := [n for prior, _ in uses for n in sorted(prior.follows) if n not in found and n not in scalars]:
            for name in dict.fromkeys(missing):
                if name in taken:
                    span = stated[name].target_span if name in stated else None
                    raise PriorError(f"the model has a `{name}` of its own: call the hyperparameter otherwise", span)
                region = POSITIVE if any(name in _units(prior, positive=above) for prior, above in uses) else REAL
                own = shared.get(name, Hyperparameter(name, default("flat"), region))
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
                spans = [
                    s.span for s in (*self.waiting, *(c.statement for c in self.chosen.values())) if s.target == name
                ]
                raise PriorError(
                    f"`{name}` follows itself: {' follows '.join((*above, name))}", next(iter(spans), None)
                )
            for other in sorted(own[name].follows) if name in own else ():
                look(other, (*above, name))

        for name in own:
            look(name, ())


def _units(prior: Prior, *, positive: bool) -> set[str]:
    """What a prior's unit is arithmetic of; or a number's place, which has to be positive."""
    part = prior.shift if prior.distribution.point and positive else prior.stretch
    # What an exponential is of may be any number.
    outside = substitute(part, {inner: Const(1.0) for inner in walk(part) if _is_exponential(inner)})
    return {inner.name for inner in walk(outside) if isinstance(inner, Var)}


def _is_exponential(expr: Expr) -> bool:
    return isinstance(expr, Apply) and expr.function == "exp"
