"""`mo(x)` in a predictor: the terms that are monotonic effects, apart from those that are columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tildemc.arrays import Values
from tildemc.errors import DataError, SemanticError, UnsupportedError
from tildemc.resolve.algebra import Interaction, Terms
from tildemc.resolve.coding import code_terms
from tildemc.resolve.lessons import whole
from tildemc.resolve.meaning import meaning
from tildemc.resolve.schema import Schema
from tildemc.resolve.values import Category
from tildemc.spec.priors import Prior, default
from tildemc.spec.terms.monotonic import Monotonic
from tildemc.spec.terms.product import Column, Levels
from tildemc.syntax import tree
from tildemc.syntax.tree import deparse

__all__ = ["monotonic_effects", "without_monotonic"]

_MOST = 100
"""Steps, beyond which a predictor is hardly ordered categories."""


def without_monotonic(terms: Terms) -> Terms:
    """The terms that have no `mo()` in them."""
    return replace(terms, interactions=tuple(i for i in terms.interactions if not _calls(i)))


def monotonic_effects(terms: Terms, columns: Schema, parameter: str, coefficient: Prior) -> Iterator[Monotonic]:
    """The monotonic effects among some terms.

    Raises
    ------
    SemanticError, UnsupportedError, DataError
        With the place in the text.
    """
    by_call: dict[str, list[Interaction]] = {}
    for interaction in terms.interactions:
        calls = _calls(interaction)
        if len(calls) > 1:
            raise UnsupportedError("a product of several `mo()` is not built", calls[1].span)
        if calls:
            by_call.setdefault(deparse(calls[0]), []).append(interaction)
    owners: dict[str, Monotonic] = {}
    for interactions in by_call.values():
        [call] = _calls(interactions[0])
        variable, shared = _variable(call), _shared(call)
        code, steps, known = _steps(call, variable, columns)
        shares = default("dirichlet", *[1.0] * steps)
        made = Monotonic(
            parameter, deparse(call), f"mo{_plain(variable)}", code, steps, None, coefficient, shares, known
        )
        alone = [i for i in interactions if len(i.variables) == 1]
        if alone:
            yield _owned(made, shared, owners, call)
        # What multiplies the effect is coded as it is beside an intercept, if the effect itself is there.
        rest = tuple(_rest(i, call) for i in interactions if len(i.variables) > 1)
        for product in code_terms(Terms(bool(alone), rest), columns):
            for column in product.columns:
                times = replace(
                    made, text=f"{made.text}:{column.label}", label=f"{made.label}:{column.label}", times=column
                )
                yield _owned(times, shared, owners, call)


def _owned(effect: Monotonic, shared: str | None, owners: dict[str, Monotonic], call: tree.Call) -> Monotonic:
    """The effect, with the shares of the first one that has its ID."""
    if shared is None:
        return effect
    effect = replace(effect, id=shared)
    owner = owners.setdefault(shared, effect)
    if owner.steps != effect.steps:
        raise SemanticError(
            f'`id = "{shared}"` is of effects with one set of shares: {owner.text} has {owner.steps} steps, '
            f"{effect.text} has {effect.steps}",
            call.span,
        )
    return effect if owner is effect else replace(effect, owner=owner.path)


def _calls(interaction: Interaction) -> list[tree.Call]:
    return [v for v in interaction.variables if isinstance(v, tree.Call) and v.function == "mo"]


def _rest(interaction: Interaction, call: tree.Call) -> Interaction:
    """A product without the effect in it."""
    kept = [pair for pair in zip(interaction.variables, interaction.names, strict=True) if pair[0] is not call]
    kept = [pair for pair in kept if not (isinstance(pair[0], tree.Call) and pair[0].function == "mo")]
    return Interaction(tuple(variable for variable, _ in kept), tuple(name for _, name in kept))


def _variable(call: tree.Call) -> tree.Expr:
    for argument in call.arguments:
        if argument.name not in (None, "x", "id"):
            raise SemanticError(f"`mo()` has no `{argument.name}`: it takes a variable and `id`", argument.span)
    variables = [argument.value for argument in call.arguments if argument.name != "id"]
    if len(variables) != 1:
        raise SemanticError("`mo()` takes one ordered variable, as in `mo(income)`", call.span)
    return variables[0]


def _shared(call: tree.Call) -> str | None:
    """The ID of effects that have one set of shares."""
    for argument in call.arguments:
        match argument:
            case tree.Argument(tree.Text(text) | tree.Name(text), "id") if text != "NA":
                return text
            case tree.Argument(tree.Constant(None) | tree.Name("NA"), "id"):
                return None
            case tree.Argument(_, "id"):
                raise SemanticError('`id` is a name, as in `mo(income, id = "a")`', argument.span)
            case _:
                pass
    return None


def _plain(variable: tree.Expr) -> str:
    """A variable in a name, as brms has it."""
    return "".join(deparse(variable).split())


def _steps(call: tree.Call, variable: tree.Expr, columns: Schema) -> tuple[Column, int, tuple[Levels, ...]]:
    """How many steps a row is above the lowest value, and how many there are."""
    text = deparse(variable)
    value = meaning(variable, columns)
    if isinstance(value, Category):
        if not value.ordered:
            message = f"`{text}` is a factor without an order; `mo(ordered({text}))` takes its levels as they stand"
            raise SemanticError(message, variable.span)
        steps = len(value.levels) - 1
        found, known = value.code(tuple(map(float, range(steps + 1)))), value.known(text)
    else:
        number = value.columns[0]
        if len(value.columns) > 1:
            raise SemanticError(f"`{text}` is several columns; `mo()` takes one", variable.span)
        key = f"range of {text}"
        low, high, broken = columns.learned(key, number, whole(_places))
        if broken is not None:
            raise DataError(f"`mo({text})` takes an ordered factor or whole numbers, not {broken:g}", call.span)
        steps, found, known = int(high - low), number - low, ()
    if not 1 <= steps <= _MOST:
        what = "has one value" if steps < 1 else f"goes through {steps + 1} values, which is no ordered category"
        raise SemanticError(f"`{text}` {what}: `mo()` needs steps between a few ordered values", call.span)
    return Column(deparse(call), found, call.span), steps, known


def _places(values: Values) -> tuple[float, float, float | None]:
    """The least and the greatest, and one that is not whole."""
    known = np.asarray(values, np.float64)
    known = known[np.isfinite(known)]
    broken = known[known != np.round(known)]
    return float(known.min()), float(known.max()), float(broken[0]) if len(broken) else None
