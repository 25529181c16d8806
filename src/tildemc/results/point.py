"""Parameters at values that a person states -> draws of one, for the evaluator."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tildemc.arrays import Floats, Label
from tildemc.errors import SemanticError, nearest
from tildemc.resolve.newdata import NewRows
from tildemc.results.conditioning import Conditioning
from tildemc.results.evaluate import Draws, Rows
from tildemc.results.levels import Chosen, drawn_effects
from tildemc.results.predict import rows_for
from tildemc.results.quantity import log_density, quantity
from tildemc.results.responses import of_response
from tildemc.spec.design import Numbers
from tildemc.spec.likelihood import estimated
from tildemc.spec.model import ModelSpec
from tildemc.spec.parameters import Parameter, coordinates, names, parameters
from tildemc.spec.support import SHARES, Support
from tildemc.spec.terms.residual import PATH
from tildemc.spec.terms.term import Path, Role
from tildemc.visible import listed, shown

if TYPE_CHECKING:
    from pandas import DataFrame, Series

__all__ = ["drawn_at", "log_likelihood_at", "predicted_at"]

_UNNEEDED: tuple[Role, ...] = (
    "group sd", "group correlation", "group shape", "group tails", "smooth parameter", "hyperparameter",
)  # fmt: skip
"""What rows do not depend on, given the effects."""
_ROUNDING = 1e-8
"""How far a sum of shares may be from 1."""


def log_likelihood_at(spec: ModelSpec, design: Numbers, values: object) -> Series[float]:
    """Each row's log density at stated values; see `Model.log_likelihood`."""
    conditioning = Conditioning.of(spec, "all", "error", 0)
    rows = conditioning.rows(spec, design, None, response=True, companions=())
    point = _point(spec, rows, values, conditioning.wanted)
    asked = log_density(spec, point.stated)
    return _labelled(spec, rows, asked.of(point, conditioning.generator())[0])


def predicted_at(
    spec: ModelSpec,
    design: Numbers,
    values: object,
    kind: object,
    newdata: object,
    groups: object,
    response: str | None = None,
) -> Series[float] | DataFrame:
    """What a model says of each row at stated values; see `Model.predict_at`."""
    if kind == "response":
        raise SemanticError('a response is drawn: `simulate(values, seed=1)` does that; `kind="mean"` is its mean')
    spec, design = of_response(spec, design, response, everywhere=True)
    asked, conditioning = quantity(spec, kind), Conditioning.of(spec, groups, "error", 0)
    rows = rows_for(spec, design, conditioning, asked, newdata)
    point = _point(spec, rows, values, conditioning.wanted)
    if asked.chances:
        return _of_categories(rows, asked.each(point, conditioning.generator())[0], asked.categories)
    return _labelled(spec, rows, asked.of(point, conditioning.generator())[0])


def drawn_at(
    spec: ModelSpec, design: Numbers, values: object, newdata: object, seed: object, response: str | None = None
) -> Series[float] | DataFrame:
    """A response of each row at stated values; see `Model.simulate`."""
    spec, design = of_response(spec, design, response, everywhere=True)
    asked, conditioning = quantity(spec, "response"), Conditioning.of(spec, "all", "error", seed)
    rows = rows_for(spec, design, conditioning, asked, newdata)
    generator = conditioning.generator()
    point = _point(spec, rows, values, conditioning.wanted, generator)
    if asked.chances:
        return _of_categories(rows, asked.each(point, generator)[0], asked.categories)
    return _labelled(spec, rows, asked.of(point, generator)[0])


def _of_categories(rows: NewRows, values: Floats, labels: tuple[str, ...]) -> DataFrame:
    """A column for each category."""
    import pandas as pd

    found = np.full((len(rows.complete), len(labels)), np.nan)
    found[rows.complete] = values
    return pd.DataFrame(found, rows.index, list(labels))


def _labelled(spec: ModelSpec, rows: NewRows, values: Floats) -> Series[float]:
    import pandas as pd

    found = np.full(len(rows.complete), np.nan)
    found[rows.complete] = values
    return pd.Series(found, rows.index, name=spec.response.label)


def _point(
    spec: ModelSpec, rows: NewRows, values: object, wanted: Chosen, generator: np.random.Generator | None = None
) -> Rows:
    """The rows at stated values; with a generator, effects are drawn whose sds are stated alone.

    Raises
    ------
    SemanticError
        If a value is missing, unknown, of another shape, or not what the parameter may be.
    """
    if not isinstance(values, Mapping):
        raise SemanticError(f'values are given by name, as in {{"Intercept": 0.3, "sigma": 1}}, not as {shown(values)}')
    return _Reading(spec, rows, wanted).rows_at(values, generator)


@dataclass(frozen=True, eq=False)
class _Reading:
    """What may be stated of a model, and for which rows."""

    spec: ModelSpec
    rows: NewRows
    wanted: Chosen

    @property
    def whole(self) -> ModelSpec:
        """The model that values are stated of: that of all responses."""
        return self.spec.part_of or self.spec

    def rows_at(self, values: Mapping[str, object], generator: np.random.Generator | None) -> Rows:
        reported = {parameter.name: parameter for parameter in parameters(self.whole)}
        responses = [name for name in estimated(self.whole) if self._one_number(name)]
        draws: dict[str, Floats] = {}
        stated: dict[str, Floats] = {}
        for name, value in values.items():
            if name not in reported and name not in responses:
                known = [*reported, *(r for r in responses if r not in reported)]
                raise SemanticError(
                    f"the model has no {shown(name)}{nearest(str(name), known)}; it has {', '.join(known)}"
                )
            if name in reported and not (name in responses and self._by_row(reported[name], value)):
                # One draw: to the evaluator stated values are a posterior of that length.
                draws[name] = self._array(reported[name], value)[None]
            else:
                stated[name] = self._each_row(name, value)[None]
        if generator is not None:
            draws |= self._effects(draws, generator)
        self._check_shares(draws | stated)
        for name in self._needed(stated):
            if name not in draws:
                raise SemanticError(f"`{name}` has no value; needed are {self._listed()}")
        return Rows(self.spec, self.rows.design, draws, 1, stated)

    def _check_shares(self, values: Mapping[str, Floats]) -> None:
        """Refuse shares whose sum is not 1."""
        for shares in self.spec.shares:
            each = [np.atleast_2d(values[name]) for name in shares.parameters if name in values]
            total = np.sum(np.broadcast_arrays(*each), axis=0)
            if len(each) == shares.size and np.abs(total - 1).max() > _ROUNDING:
                named = " and ".join(f"`{name}`" for name in shares.parameters)
                raise SemanticError(f"{named} are {SHARES}, and here it is {total.flat[0]:g}")

    def _one_number(self, name: str) -> bool:
        """Whether a parameter of the response is a number for each row, and no vector of thresholds."""
        record = self.whole.family.parameter(name)
        return record is not None and record.size is None

    def _effects(self, draws: Draws, generator: np.random.Generator) -> dict[str, Floats]:
        """Effects that are not stated, of groups whose sds, and correlations if they have any, are."""
        known, found = names(self.spec), dict[str, Floats]()
        for group in self.spec.groups():
            named = known.of(group)
            stated = {named.sd, named.cor} if group.correlated else {named.sd}
            stated |= set() if group.tails is None else {named.df}
            if named.r not in draws and stated <= draws.keys():
                found |= drawn_effects(group, named, draws, generator)
        return found

    def _needed(self, stated: Collection[str]) -> Iterator[str]:
        """The reported quantities that rows need, given some parameters of the response."""
        known = names(self.spec)
        # Of one of several responses also the effects that it shares.
        own = {predictor.parameter for predictor in self.spec.predictors}
        shared = (free for group in self.spec.groups() if group.parameter not in own for free in group.free())
        for free in (*self.spec.free(), *shared):
            if free.path[0] == PATH[0] and PATH not in self.rows.design.terms:
                continue
            needed = free.role not in _UNNEEDED and not free.within
            stated_so = free.path[0] in stated or known.free(free) in stated
            if needed and not stated_so and free.path[:-1] not in self._left_out():
                yield known.free(free)

    def _left_out(self) -> set[Path]:
        """The group effects that nobody asked for."""
        return {group.path for group in self.spec.groups() if not self.wanted(group).any()}

    def _listed(self) -> str:
        by_parameter = [p.parameter for p in self.spec.predictors]
        instead = " and ".join(by_parameter)
        return f"{', '.join(self._needed(()))}; {instead} itself, one number or one for each row, may stand for its own"

    def _by_row(self, parameter: Parameter, value: object) -> bool:
        """Whether a value of a parameter of the response is for each row, or for all, and not as the model has it."""
        sizes = tuple(len(coordinates(self.whole)[dim]) for dim in parameter.dims)
        if isinstance(value, Mapping):
            return False
        shape = _numbers(parameter.name, value).shape
        return shape != sizes and shape in ((), (self._n,))

    @property
    def _n(self) -> int:
        return len(self.rows.complete)

    def _each_row(self, name: str, value: object) -> Floats:
        """A parameter of the response, (n,) or (1,)."""
        record = self.whole.family.parameter(name)
        assert record is not None
        if hasattr(value, "to_dict") and hasattr(value, "to_numpy"):
            value = _by_label(name, value.to_dict(), self.rows.labels.tolist())
        found = _numbers(name, value)
        if found.shape not in ((), (self._n,)):
            raise SemanticError(f"`{name}` is one number or one for each of {self._n} rows, not of shape {found.shape}")
        _check_support(name, found, record.support)
        return found[self.rows.complete] if found.ndim else found.reshape(1)

    def _array(self, parameter: Parameter, value: object) -> Floats:
        """A quantity that the model reports, in its shape."""
        labels = [coordinates(self.whole)[dim] for dim in parameter.dims]
        found = _numbers(parameter.name, _ordered(parameter.name, value, labels))
        shape = tuple(map(len, labels))
        if found.shape != shape:
            if found.size != 1 or int(np.prod(shape)) != 1:
                sizes = " × ".join(f"{len(along)} ({listed(list(map(str, along)))})" for along in labels)
                what = f"made of {sizes} numbers" if sizes else "one number"
                raise SemanticError(f"`{parameter.name}` is {what}, not of shape {found.shape}")
            found = found.reshape(shape)
        if not parameter.support.matrix:
            _check_support(parameter.name, found, parameter.support)
        return found


def _ordered(name: str, value: Any, labels: Sequence[Sequence[Label]]) -> object:
    """A value by labels in the model's order of these; any other as it is."""
    if hasattr(value, "dims") and hasattr(value, "to_pandas"):
        value = value.to_pandas()
    if hasattr(value, "columns") and hasattr(value, "index") and len(labels) == 2:
        columns = {str(column): value[column] for column in value.columns}
        chosen = [columns[str(label)] for label in _all_of(name, columns, labels[1])]
        return np.column_stack([_by_label(name, column.to_dict(), labels[0]) for column in chosen])
    if hasattr(value, "index") and hasattr(value, "to_dict"):
        value = value.to_dict()
    if not isinstance(value, Mapping) or not labels:
        return value
    if len(labels) == 2:
        own = {key: _ordered(name, inner, labels[1:]) for key, inner in value.items()}
        return np.array([np.atleast_1d(own_level) for own_level in _by_label(name, own, labels[0])])
    return _by_label(name, value, labels[0])


def _by_label[T](name: str, values: Mapping[Label, T], labels: Sequence[Label]) -> list[T]:
    known = {str(key): value for key, value in values.items()}
    return [known[str(label)] for label in _all_of(name, known, labels)]


def _all_of(name: str, values: Mapping[str, object], labels: Sequence[Label]) -> Sequence[Label]:
    """The labels, if a value is there for each of them and for nothing else."""
    asked = [str(label) for label in labels]
    for label in asked:
        if label not in values:
            raise SemanticError(f"`{name}` has no value for {label!r}; it has one for each of {listed(asked)}")
    known = set(asked)
    for label in values:
        if label not in known:
            raise SemanticError(f"`{name}` has nothing called {label!r}{nearest(label, asked)}; it has {listed(asked)}")
    return labels


def _numbers(name: str, value: object) -> Floats:
    try:
        found = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise SemanticError(f"`{name}` is made of numbers, not {shown(value)}") from None
    if not np.isfinite(found).all():
        raise SemanticError(f"`{name}` is made of finite numbers, and {shown(value)} has others")
    return found


def _check_support(name: str, values: Floats, support: Support) -> None:
    outside = values[(values < support.lower) | (values > support.upper)]
    if outside.size:
        raise SemanticError(f"`{name}` takes {support}, and {outside.flat[0]:g} is none")
    if support.ordered and (np.diff(values) <= 0).any():
        raise SemanticError(f"`{name}` takes {support}, and {', '.join(f'{value:g}' for value in values)} are none")
