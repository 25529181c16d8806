"""Measured: the true values of variables that are measured with error, brms's `me(x, sd)`.

Each is normal over the rows, or over the levels of a factor; several go together, correlated. What is observed is the
true value plus a normal error whose sd is known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import override

import numpy as np

from tildemc.arrays import Floats, Integers, Label
from tildemc.spec.expr import Expr, Var, evaluate
from tildemc.spec.measurement import (
    Measurement,
    Triangle,
    correlations,
    factor_of_correlations,
    factor_of_partials,
    in_turn,
)
from tildemc.spec.priors import Prior
from tildemc.spec.support import CORRELATIONS, POSITIVE, REAL, Support
from tildemc.spec.terms.address import Kind, Sense, Target, Words
from tildemc.spec.terms.factor import Factor
from tildemc.spec.terms.product import Column
from tildemc.spec.terms.term import Dim, Free, Path, Reader, Rows, Term
from tildemc.spec.vocabulary import NUMPY

__all__ = ["MEASURED", "Measured", "MeasuredDesign", "MeasuredNames", "MeasuredSummary", "Variable"]

MEASURED = "measured"
"""What stands first in their paths: they belong to no parameter's predictor alone."""
_CORRELATION = Support(-1.0, 1.0)

MeasuredNames = Mapping[str, str]
"""`dim` and `index`; of variable k `mean k`, `sd k`, `true k`, `z k`, `observed k`, `value k` and `noise k`, of two
`cor j k` and `partial j k`."""


@dataclass(frozen=True, slots=True)
class Variable:
    """What is measured with error.

    Attributes
    ----------
    label : str
        As brms has it in names: `mex`.
    value, noise : Column
        What was measured, and the sd of its error.
    mean, sd : Prior
        Of the mean and the sd of the true values.
    """

    label: str
    value: Column
    noise: Column
    mean: Prior
    sd: Prior


@dataclass(frozen=True, slots=True)
class MeasuredSummary:
    """Nothing: default priors of true values are made of the columns themselves."""

    def merge(self, other: MeasuredSummary) -> MeasuredSummary:
        """Of all rows."""
        return self


@dataclass(frozen=True, eq=False)
class MeasuredDesign:
    """`values` and `noise` (levels, variables), and `index` (n,), each row's level.

    New data have levels beyond those of the model, row by row; `values` are of these then.
    """

    values: Floats
    noise: Floats
    index: Integers

    def summary(self) -> MeasuredSummary:
        """Nothing."""
        return MeasuredSummary()

    def take(self, rows: Rows) -> MeasuredDesign:
        """Those of some rows; what was measured of the others is known still."""
        return MeasuredDesign(self.values, self.noise, self.index[rows])

    def alike(self, rows: Rows) -> Iterator[Integers]:
        """The levels."""
        yield self.index[rows]


@dataclass(frozen=True, slots=True)
class Measured(Term[MeasuredDesign, MeasuredSummary, MeasuredNames]):
    """True values that belong together.

    Attributes
    ----------
    variables : tuple of Variable
    factor : Factor or None
        What has one true value for each of its levels; None where each row has its own.
    rows : tuple of Label
        What each row is called, where it has its own.
    correlations : Prior or None
        None if the true values of different variables are independent.
    """

    variables: tuple[Variable, ...]
    factor: Factor | None
    rows: tuple[Label, ...]
    correlations: Prior | None

    @property
    def label(self) -> str:
        """The variables'."""
        return "_".join(variable.label for variable in self.variables)

    @property
    @override
    def path(self) -> Path:
        return (MEASURED, self.label)

    @property
    @override
    def grouped_by(self) -> Factor | None:
        return self.factor

    @property
    def width(self) -> int:
        """How many variables there are."""
        return len(self.variables)

    @property
    def size(self) -> int:
        """How many levels, or rows."""
        return len(self.levels)

    @property
    def levels(self) -> tuple[Label, ...]:
        """What these are called."""
        return self.rows if self.factor is None else self.factor.values

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """The variables whose true values are correlated, each pair once."""
        return () if self.correlations is None else tuple(combinations(range(self.width), 2))

    @property
    @override
    def columns(self) -> tuple[Column, ...]:
        """What was measured of each, then the sds of errors."""
        return (*(v.value for v in self.variables), *(v.noise for v in self.variables))

    # Arithmetic

    def seen(self, called: Mapping[str, Expr]) -> list[Measurement]:
        """How each true value of a level is seen from those before it.

        Correlations are known by their names or by the places of partial ones, true values by theirs or by standard
        normal numbers: whichever of these `called` has.
        """

        def true(k: int, one: Measurement) -> Expr:
            return called[f"true {k}"] if f"true {k}" in called else one.true(called[f"z {k}"])

        return [*in_turn(lambda kind, k: called[f"{kind} {k}"], self.factor_in(called), true, self.width)]

    def factor_in(self, called: Mapping[str, Expr]) -> Triangle | None:
        """The Cholesky factor of the correlations; None if there are none."""
        if not self.pairs:
            return None
        if "cor 0 1" in called:
            return factor_of_correlations(lambda j, k: called[f"cor {j} {k}"], self.width)
        return factor_of_partials(lambda j, k: 2 * called[f"partial {j} {k}"] - 1, self.width)

    @property
    def in_rows(self) -> dict[str, Expr]:
        """Each of its quantities in the density of a row."""
        return {name: Var(called) for name, called in (self.drawn_in_rows | self.given_in_rows).items()}

    @property
    def drawn_in_rows(self) -> dict[str, str]:
        """What the density of a row calls what is estimated."""
        own = [f"{kind} {k}" for kind in ("mean", "sd", "z") for k in range(self.width)]
        own += [f"partial {j} {k}" for j, k in self.pairs]
        return {name: f"{self.label} {name}" for name in own}

    @property
    def given_in_rows(self) -> dict[str, str]:
        """And what the data give."""
        return {f"{kind} {k}": f"{self.label} {kind} {k}" for kind in ("value", "noise") for k in range(self.width)}

    @property
    def correlated(self) -> dict[tuple[int, int], Expr]:
        """The correlations, by the places of partial ones."""
        factor = self.factor_in(self.in_rows)
        return {} if factor is None else correlations(factor)

    def given(self, numbers: MeasuredDesign) -> dict[str, Floats]:
        """What the density of a row names of the data, for each level, (levels,) each."""
        columns = np.column_stack([numbers.values, numbers.noise]).T
        return dict(zip(self.given_in_rows.values(), columns, strict=True))

    def drawn(
        self, names: MeasuredNames, draws: Mapping[str, Floats], numbers: MeasuredDesign, z: Floats
    ) -> dict[str, Floats]:
        """True values under draws of all else, (draws, levels), by name.

        Parameters
        ----------
        names : MeasuredNames
        draws : mapping of str to (draws,)
        numbers : MeasuredDesign
            Of rows that are levels.
        z : (variables, draws, levels)
            Standard normal numbers.
        """
        fields = [field for field in names if field.partition(" ")[0] in ("mean", "sd", "cor")]
        known = {field: draws[names[field]][:, None] for field in fields}
        for k in range(self.width):
            known |= {f"value {k}": numbers.values[:, k], f"noise {k}": numbers.noise[:, k], f"z {k}": z[k]}
        seen = self.seen({field: Var(field) for field in known})
        with np.errstate(invalid="ignore"):
            true = [one.true(Var(f"z {k}")) for k, one in enumerate(seen)]
            each = [evaluate(expr, lambda name: known[name.name], NUMPY) for expr in true]
        return {names[f"true {k}"]: np.asarray(values) for k, values in enumerate(each)}

    def partial_weight(self, first: int) -> float:
        """What a is for partial correlations with that variable, whose places between -1 and 1 are beta(a, a)."""
        assert self.correlations is not None
        return self.correlations.values[0] + 0.5 * (self.width - 2 - first)

    # What is estimated

    @override
    def free(self) -> Iterator[Free]:
        for k, variable in enumerate(self.variables):
            yield Free((*self.path, f"mean {k}"), (), REAL, "measured", (variable.mean,))
        for k, variable in enumerate(self.variables):
            yield Free((*self.path, f"sd {k}"), (), POSITIVE, "measured", (variable.sd,))
        for j, k in self.pairs:
            yield Free((*self.path, f"cor {j} {k}"), (), _CORRELATION, "measured")
        for k in range(self.width):
            yield Free((*self.path, f"true {k}"), tuple(self.dims()), REAL, "true value")

    @override
    def dims(self) -> Iterator[Dim]:
        yield Dim("dim", self.levels)

    @override
    def fixed_names(self) -> Mapping[str, str]:
        return {}

    @override
    def labelled_names(self) -> Mapping[str, str]:
        found = {} if self.factor is not None else {"dim": f"{self.label}_row", "index": f"{self.label}_row_idx"}
        kinds = {"mean": "meanme_{}", "sd": "sdme_{}", "true": "Xme_{}", "z": "zme_{}", "observed": "{}",
                 "value": "{}_value", "noise": "{}_sd"}  # fmt: skip
        for k, variable in enumerate(self.variables):
            found |= {f"{kind} {k}": shown.format(variable.label) for kind, shown in kinds.items()}
        for j, k in self.pairs:
            both = f"{self.variables[j].label}__{self.variables[k].label}"
            found |= {f"cor {j} {k}": f"corme_{both}", f"partial {j} {k}": f"partial_{both}"}
        return found

    @override
    def named(self, given: Mapping[str, str]) -> MeasuredNames:
        return given

    # Priors

    @override
    def spoken_for(self, names: MeasuredNames) -> Collection[str]:
        return [name for field, name in names.items() if field.partition(" ")[0] in ("mean", "sd", "cor")]

    @override
    def targets(self, names: MeasuredNames, taken: Collection[str]) -> Iterator[Target]:
        for k, variable in enumerate(self.variables):
            yield self._target("meanme", REAL, variable.mean, variable, names[f"mean {k}"])
        for k, variable in enumerate(self.variables):
            yield self._target("sdme", POSITIVE, variable.sd, variable, names[f"sd {k}"])
        if self.correlations is not None:
            shown: Words = ("corme",) if self.factor is None else ("corme", self.factor.label)
            of_all = ((("corme",), Sense.ALL), (("corme", self.label), Sense.ONE))
            called = of_all if self.factor is None else (*of_all, (shown, Sense.PART))
            yield Target(MEASURED, "corme", (self.label,), CORRELATIONS, self.correlations, shown, called, made=False)

    def _target(self, kind: Kind, support: Support, prior: Prior, variable: Variable, name: str) -> Target:
        shown: Words = (kind, variable.label)
        own = ((shown, Sense.ONE), ((kind, variable.value.label), Sense.ONE), ((name,), Sense.ONE))
        return Target(MEASURED, kind, (variable.label,), support, prior, shown, (((kind,), Sense.ALL), *own))

    @property
    @override
    def priors(self) -> tuple[Prior, ...]:
        own = (*(v.mean for v in self.variables), *(v.sd for v in self.variables))
        return own if self.correlations is None else (*own, self.correlations)

    @override
    def with_priors(self, priors: Sequence[Prior]) -> Measured:
        n = self.width
        means, sds, others = priors[:n], priors[n : 2 * n], priors[2 * n :]
        variables = (replace(v, mean=mean, sd=sd) for v, mean, sd in zip(self.variables, means, sds, strict=True))
        return replace(self, variables=tuple(variables), correlations=others[0] if others else None)

    @override
    def spreads(self, summary: MeasuredSummary) -> Sequence[tuple[str, float]]:
        return [("", 1.0)] * len(self.priors)

    # Numbers

    @override
    def read(self, rows: Reader) -> MeasuredDesign:
        numbers = rows.numbers(self.columns)
        values, noise = numbers[:, : self.width], numbers[:, self.width :]
        if self.factor is None:
            return MeasuredDesign(values, noise, np.arange(len(values)))
        index = rows.levels(self.factor, needed=True)
        _, first = np.unique(index, return_index=True)
        return MeasuredDesign(values[first], noise[first], index)

    @override
    def outline(self, summary: MeasuredSummary) -> MeasuredDesign:
        empty = np.ones((1, self.width))
        return MeasuredDesign(empty, empty, np.zeros(1, np.int64))

    @override
    def value(self, names: MeasuredNames) -> Expr:
        return Var(names["true 0"])
