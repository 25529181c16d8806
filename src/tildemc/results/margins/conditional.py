"""What a quantity does along a variable, or along two, all else held: brms's `conditional_effects`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Integral
from typing import TYPE_CHECKING

import numpy as np

from tildemc.arrays import Label
from tildemc.errors import SemanticError, doors, nearest
from tildemc.results.margins.asked import Asked, values_of
from tildemc.results.margins.evaluation import Estimand
from tildemc.results.margins.grid import made_up
from tildemc.results.margins.margins import Margins
from tildemc.results.margins.variables import Variable, Variables
from tildemc.visible import shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

    from tildemc.results.plots.style import Panels

__all__ = ["METHODS", "Conditional", "conditional_effects"]

METHODS = {"fitted": "mean", "predict": "response", "posterior_epred": "mean", "posterior_predict": "response",
           "posterior_linpred": "linear"}  # fmt: skip
"""brms's names of what `kind` says."""


@doors
@dataclass(frozen=True, eq=False)
class Conditional(Mapping[str, Margins]):
    """Conditional effects by their names."""

    effects: dict[str, Margins]

    def __getitem__(self, effect: str) -> Margins:
        if effect not in self.effects:
            raise KeyError(f"{effect}{nearest(str(effect), self.effects)}; there are {', '.join(self.effects)}")
        return self.effects[effect]

    def __iter__(self) -> Iterator[str]:
        return iter(self.effects)

    def __len__(self) -> int:
        return len(self.effects)

    def frame(self) -> DataFrame:
        """All of them, one below the other; the column `effect` says which."""
        import pandas as pd

        parts = [found.frame() for found in self.effects.values()]
        for effect, part in zip(self.effects, parts, strict=True):
            part.insert(0, "effect", effect)
        return pd.concat(parts, ignore_index=True)

    def plot(self) -> Axes | Panels:
        """A picture of each: one Axes, or an array of them."""
        from tildemc.results.margins.plot import draw_all

        return draw_all([*self.effects.values()])

    def __repr__(self) -> str:
        return "\n\n".join(f"{effect}\n{found!r}" for effect, found in self.effects.items())

    def _repr_html_(self) -> str:
        return "".join(found._repr_html_() for found in self.effects.values())


@dataclass(frozen=True, eq=False)
class Held:
    """What is held while something varies.

    Attributes
    ----------
    conditions : object
        A mapping of columns to values, or a frame of several such rows; None for what is usual.
    second : object
        A mapping of columns to the values that they take as the second of two.
    resolution : int
        At how many places a number is looked at.
    categorical : bool
        Whether the chance of each category is asked for, and not the mean of their numbers.
    """

    conditions: object
    second: object
    resolution: int
    categorical: bool


def conditional_effects(asked: Asked, effects: object, held: Held) -> Conditional:
    """Of each effect that is named, or of each variable and each two of one term."""
    asked, known = _of_categories(asked, held.categorical), asked.variables
    if isinstance(held.resolution, bool) or not isinstance(held.resolution, Integral) or held.resolution < 2:
        raise SemanticError(f"`resolution` is a whole number from 2, not {shown(held.resolution)}")
    if effects is None:
        named: list[tuple[str, ...]] = [*((name,) for name in known.effects), *known.interactions]
    else:
        named = [_named(asked, effect) for effect in (effects if isinstance(effects, list | tuple) else [effects])]
    if not named:
        raise SemanticError("the model has no population effect that could be varied")
    conditions, second = _conditions(known, held.conditions), _seconds(known, held.second)
    # What is asked for and makes no difference is a mistake of whoever asks.
    unused = [f"`int_conditions` sets `{name}`" for name in second if all(name not in names[1:] for names in named)]
    if effects is not None:
        varied = {name for names in named for name in names}
        unused += [f"`conditions` holds `{name}`" for name in conditions[0] if name in varied]
    if unused:
        listed = ", ".join(":".join(names) for names in named)
        raise SemanticError(f"{unused[0]}, which goes for nothing in the effects {listed}")
    return Conditional(
        {":".join(names): _one(asked, names, conditions, second, int(held.resolution)) for names in named}
    )


def _of_categories(asked: Asked, categorical: object) -> Asked:
    """What is asked of the rows, each category by itself or the mean of their numbers."""
    if not isinstance(categorical, bool):
        raise SemanticError(f"`categorical` is True or False, not {shown(categorical)}")
    spec, chances = asked.setting.spec, asked.setting.quantity.chances
    if categorical and not chances:
        why = "what is asked for has none" if spec.family.categories else f"{spec.family} response has none"
        raise SemanticError(f"`categorical` asks for the chance of each category, and {why}")
    if chances and spec.family.categories is not None and not spec.family.categories.ordered and not categorical:
        raise SemanticError(
            f"`{spec.response.label}` is one of several categories in no order, whose numbers have no mean: "
            "`categorical=True` asks for the chance of each"
        )
    return asked if categorical or not chances else asked.of_number()


def _named(asked: Asked, effect: object) -> tuple[str, ...]:
    """The variables of `x` or `x:f`."""
    known = asked.variables
    names = [effect] if effect in known.names else effect.split(":") if isinstance(effect, str) else []
    if not 1 <= len(names) <= 2 or len(set(names)) < len(names):
        raise SemanticError(
            f"an effect is of a variable or of two, `x` or `x:f`, not {shown(effect)}: set others by `conditions`"
        )
    found = tuple(known.chosen(name).name for name in names)
    for name in found:
        if name in known.grouping and not asked.grouped:
            raise SemanticError(f'`{name}` groups rows, and no group has an effect here: `groups="all"` has them')
    return found


def _conditions(known: Variables, asked: object) -> list[dict[str, Label]]:
    """The columns that are held at stated values, once for each set of them."""
    if asked is None:
        return [{}]
    given: Sequence[object] = [asked]
    if hasattr(asked, "to_dict") and hasattr(asked, "columns"):
        given = asked.to_dict("records")
    rows = [row for row in given if isinstance(row, Mapping)]
    if not rows or len(rows) < len(given):
        raise SemanticError(
            f"`conditions` is a mapping of columns to values, or a frame of such rows, not {shown(asked)}"
        )
    found = []
    for row in rows:
        stated = {name: values_of(known.chosen(name), value) for name, value in row.items()}
        for name, values in stated.items():
            if len(values) > 1:
                raise SemanticError(f"`conditions` holds `{name}` at one value; a frame has several rows of them")
        found.append({str(name): values[0] for name, values in stated.items()})
    return found


def _seconds(known: Variables, asked: object) -> dict[str, list[Label]]:
    """The values that columns take as the second of two."""
    if not isinstance(asked, Mapping | None):
        raise SemanticError(f"`int_conditions` is a mapping of columns to values, not {shown(asked)}")
    return {str(name): values_of(known.chosen(name), values) for name, values in (asked or {}).items()}


def _one(
    asked: Asked,
    names: tuple[str, ...],
    conditions: list[dict[str, Label]],
    second: dict[str, list[Label]],
    resolution: int,
) -> Margins:
    import pandas as pd

    known = asked.variables
    varied = {names[0]: _first(known[names[0]], resolution)}
    varied |= {name: second.get(name) or _second(known[name]) for name in names[1:]}
    others = [name for name in known.names if asked.grouped or name not in known.grouping]
    grids = [
        made_up(varied, {name: row[name] if name in row else _usual(known, name) for name in others})
        for row in conditions
    ]
    table = pd.concat(grids, ignore_index=True)
    several = [n for n in conditions[0] if n not in names and len({row.get(n) for row in conditions}) > 1]
    found = replace(asked, table=table, by=None).margins(
        [Estimand({}, lambda: [table], lambda values, _: values[0])], (*names, *several)
    )
    return replace(found, lines=known[names[0]].number)


def _usual(known: Variables, name: str) -> Label:
    """A number as it typically is, a level at the reference; a grouping's at that with most rows."""
    variable = known[name]
    if variable.reference is None or name not in known.effects:
        return known.typical(name)
    return variable.reference


def _first(variable: Variable, resolution: int) -> Sequence[Label]:
    if not variable.number:
        return variable.levels
    x = variable.numbers
    return np.linspace(x.min(), x.max(), resolution).tolist()


def _second(variable: Variable) -> Sequence[Label]:
    """All levels; of a number its mean, and an sd below and above."""
    if not variable.number:
        return variable.levels
    mean, sd = float(variable.numbers.mean()), float(variable.numbers.std(ddof=1))
    return [mean - sd, mean, mean + sd]
