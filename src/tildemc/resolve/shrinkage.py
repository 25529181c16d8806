"""A prior statement of several parameters together × these parameters -> a prior for each, and what they follow."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tildemc.errors import PriorError
from tildemc.resolve.priorvalues import flag, value_of
from tildemc.spec.densities import DISTRIBUTIONS
from tildemc.spec.expr import Const, Expr, Var, substitute
from tildemc.spec.model import ModelSpec
from tildemc.spec.priors import Prior, whitening
from tildemc.spec.responses import of_response, response_names
from tildemc.spec.shrinkage import SHRINKAGE, Quantity, Region, Shrinkage, Shrunk, element
from tildemc.spec.simplify import worked_out
from tildemc.spec.terms.address import Target
from tildemc.spec.terms.hyperparameter import Hyperparameter
from tildemc.syntax import tree
from tildemc.syntax.matching import Signature
from tildemc.syntax.tree import Argument, PriorStatement, deparse

__all__ = ["Together", "shrinks", "written"]


def shrinks(statement: PriorStatement) -> bool:
    """Whether a statement is of parameters together."""
    return statement.distribution in SHRINKAGE


def written(statement: PriorStatement) -> str:
    """A density as it is written: coefficients of one predictor with the same are together."""
    given = tuple(Argument(argument.value, argument.name) for argument in statement.arguments)
    return deparse(tree.Call(statement.distribution, given))


@dataclass(frozen=True, eq=False)
class Together:
    """Coefficients of one predictor, or sds of one block of effects, whose prior is one statement's.

    `number` tells it from others with quantities of the same names.
    """

    spec: ModelSpec
    statement: PriorStatement
    targets: Sequence[Target]
    number: int = 1

    def __post_init__(self) -> None:
        kind = self._record.kind
        if self._record.whitened:
            self._check_whole()
        others = [target.address for target in self.targets if target.kind != kind or not target.made]
        if others:
            what = "coefficients" if kind == "b" else "the sds of group effects"
            message = f"`{self.statement.distribution}()` is a prior of {what}, not of `{others[0]}`"
            raise PriorError(message, self.statement.span)

    def _check_whole(self) -> None:
        """What whitens a predictor's columns needs all of them, about their means."""
        population = next(p.population for p in self.spec.predictors if p.parameter == self.targets[0].parameter)
        centred = population.about_means or population.intercept is not None
        if len(self.targets) != len(population.columns) or not centred:
            message = f"`{self.statement.distribution}()` is a prior of all coefficients of a formula with an intercept"
            raise PriorError(message, self.statement.span)
        location, what, half = self._numbers("location")[0], self._word("what"), len(self.targets) / 2
        inside = location < 0 if what == "log" else 0 < location < 1
        if not inside or (what == "mode" and half <= 1):
            allowed = "a number below 0" if what == "log" else "between 0 and 1"
            allowed += "; with one or two coefficients the share has no mode: say `what = mean`" if inside else ""
            raise PriorError(f"the {what} of R2 is {allowed}, not {location:g}", self.statement.span)

    def hyperparameters(self) -> tuple[Hyperparameter, ...]:
        """What the coefficients follow."""
        labels = tuple(target.labels[-1] for target in self.targets)
        known = self._renamed
        return tuple(
            Hyperparameter(
                self._named(quantity.name),
                self._prior(quantity, known),
                quantity.support,
                labels if quantity.each else (),
            )
            for quantity in self._shrunk.quantities
        )

    def prior(self, target: Target) -> Prior:
        """That of one of the parameters."""
        shrunk, number = self._shrunk, [other.key for other in self.targets].index(target.key)
        own: dict[Expr, Expr] = {Var(quantity.name): self._own(quantity, number) for quantity in shrunk.quantities}
        return Prior(
            DISTRIBUTIONS[shrunk.density],
            tuple(worked_out(substitute(argument, own)) for argument in shrunk.arguments),
            stated=str(self.statement.span) if self.statement.span else None,
            together=written(self.statement),
        )

    def _own(self, quantity: Quantity, number: int) -> Expr:
        """What one of the parameters has of a quantity."""
        name = self._named(quantity.name)
        if not quantity.each:
            return Var(name)
        if quantity.name != self._record.whitened:
            return element(name, number)
        # R⁻¹ has nothing below its diagonal.
        parts = [whitening(number, k) * element(name, k) for k in range(number, len(self.targets))]
        total: Expr = parts[0]
        for part in parts[1:]:
            total = total + part
        return total

    def correlations(self) -> Prior | None:
        """That of the correlations between the effects whose sds these are, if the statement says one."""
        argument = self._record.correlations
        if not argument:
            return None
        eta = Const(self._numbers(argument)[0])
        return Prior(DISTRIBUTIONS["lkj"], (eta,), stated=written(self.statement))

    def _named(self, name: str) -> str:
        """What a quantity is called: after a parameter that a formula models, a factor, or the number of the set."""
        first = self.targets[0]
        parts = [first.parameter] if first.parameter != "mu" else []
        parts += [name, *(first.labels[:1] if first.kind == "sd" else ())]
        return "_".join(parts) + (f"_{self.number}" if self.number > 1 else "")

    @property
    def _renamed(self) -> Mapping[Expr, Expr]:
        return {Var(q.name): Var(self._named(q.name)) for q in self._shrunk.quantities}

    def _prior(self, quantity: Quantity, known: Mapping[Expr, Expr]) -> Prior:
        arguments = tuple(worked_out(substitute(argument, known)) for argument in quantity.prior.arguments)
        if quantity.support.shares:
            arguments = self._concentrations()
        return replace(quantity.prior, arguments=arguments, stated=written(self.statement))

    def _concentrations(self) -> tuple[Expr, ...]:
        """The numbers of a Dirichlet prior: one for each coefficient."""
        (name,) = self._record.several
        values, count = self._numbers(name), len(self.targets)
        if len(values) not in (1, count):
            message = f"`{name}` has {len(values)} numbers for {count} coefficients"
            raise PriorError(message, self.statement.span)
        return tuple(map(Const, values * count if len(values) == 1 else values))

    # Arguments

    @property
    def _record(self) -> Shrinkage:
        return SHRINKAGE[self.statement.distribution]

    @property
    def _given(self) -> Mapping[str, Argument]:
        record = self._record
        known = (*record.arguments, *record.words, *record.flags)
        given = Signature(record.name, known, error=PriorError).match(self.statement.arguments, self.statement.span)
        return {name: argument for name, argument in given.items() if argument.value != tree.Constant(None)}

    @property
    def _shrunk(self) -> Shrunk:
        record, given = self._record, self._given
        known: dict[str, Expr] = {
            name: Const(self._numbers(name)[0]) for name in record.arguments if name in {**record.defaults, **given}
        }
        flags = {name: flag(given[name]) if name in given else value for name, value in record.flags.items()}
        known |= {name: Const(1.0) for name, said in flags.items() if said}
        known |= {name: Const(self._word(name)) for name in record.words}
        known["count"] = Const(float(len(self.targets)))
        sigma = self._sigma if flags.get("autoscale", record.kind == "sd") else None
        return record.made({**known, "sigma": Const(1.0) if sigma is None else Var(sigma)})

    @property
    def _sigma(self) -> str | None:
        """The residual sd of the response whose mean these are of, if it is one number."""
        spec, parameter = self.spec, self.targets[0].parameter
        for model in [of_response(spec, name) for name in response_names(spec)] or [spec]:
            if parameter in (predictor.parameter for predictor in model.mains()):
                found = model.residual_sd
                return None if found is None or found.by is not None else found.parameter
        return None

    def _numbers(self, name: str) -> tuple[float, ...]:
        """The number, or the numbers, of an argument."""
        record, given = self._record, self._given
        if name not in given:
            return (record.defaults[name],)
        match given[name].value:
            case tree.Call("c", arguments) if name in record.several:
                values = [argument.value for argument in arguments]
            case alone:
                values = [alone]
        found = tuple(value_of(value) for value in values)
        numbers = tuple(float(value.value) for value in found if isinstance(value, Const))
        for value in numbers:
            self._check(name, value, record.arguments[name])
        return numbers

    def _word(self, name: str) -> str:
        """One of the words that an argument may be, or how it begins."""
        words = self._record.words[name]
        if name not in self._given:
            return words[0]
        match self._given[name].value:
            case tree.Text(said) | tree.Name(said) if begun := [word for word in words if word.startswith(said)]:
                return begun[0]
            case other:
                message = f"`{name}` of {self.statement.distribution} is one of {', '.join(words)}"
                raise PriorError(f"{message}, not {deparse(other)}", self._given[name].span or other.span)

    def _check(self, name: str, value: float, region: Region) -> None:
        low, high, what = _REGIONS[region]
        if not low < value < high or (region == "whole" and value != int(value)):
            message = f"`{name}` of {self.statement.distribution} is {what}, not {value:g}"
            raise PriorError(message, self._given[name].span or self.statement.span)


_REGIONS: Mapping[Region, tuple[float, float, str]] = {
    "positive": (0.0, math.inf, "greater than 0"),
    "real": (-math.inf, math.inf, "a number"),
    "share": (0.0, 1.0, "between 0 and 1"),
    "whole": (0.0, math.inf, "a whole number from 1"),
}
