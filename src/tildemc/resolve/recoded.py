"""Formula functions that give a factor other levels, names or order: forcats' `fct_…`, `recode()`, `match()`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import nan

import numpy as np

from tildemc.arrays import Integers, Label, Values
from tildemc.errors import SemanticError
from tildemc.resolve.arguments import Arguments, Transform, always
from tildemc.resolve.column import Categorical
from tildemc.resolve.lessons import whole
from tildemc.resolve.levelled import category_of, number_by_level, relabelled
from tildemc.resolve.listed import as_texts, listed_values
from tildemc.resolve.values import Category, Quantity, Value
from tildemc.syntax import tree
from tildemc.syntax.tree import Argument, deparse

__all__ = ["RECODED"]


def _parts(a: Arguments) -> tuple[Arguments, list[Argument]]:
    """A function's first argument, as `x`, and the others."""
    if not a.call.arguments or a.call.arguments[0].name not in (None, "x", ".x", ".f", "f"):
        raise SemanticError(f"`{a.call.function}()` begins with a column", a.call.span)
    first, *others = a.call.arguments
    return Arguments(a.call, {"x": first.value}, a.reader), others


def _values(a: Arguments, argument: Argument) -> tuple[Label, ...]:
    found = listed_values(argument.value, a.reader)
    if found is None:
        shown = deparse(argument.value)
        raise SemanticError(f"`{shown}` is no value that the text says", argument.value.span or a.call.span)
    return found


def _ordered(category: Category, places: Sequence[int]) -> Category:
    levels = tuple(category.levels[place] for place in places)
    return Category(levels, category.ordered, category.column)


def _same(a: Arguments) -> Value:
    """`droplevels(f)`: levels that no row has are left out anyway."""
    return category_of(a, "x")


def _relevelled(a: Arguments) -> Value:
    """`fct_relevel(f, "b", "c")`: these first, or after so many others."""
    a, others = _parts(a)
    category, after, wanted = category_of(a, "x"), 0, list[str]()
    labels = [level.label for level in category.levels]
    for argument in others:
        match argument:
            case Argument(tree.Number(number), "after"):
                after = int(number)
            case Argument(tree.Name("Inf"), "after"):
                after = len(labels)
            case Argument(_, None):
                wanted += as_texts(_values(a, argument))
            case _:
                raise SemanticError(f"`fct_relevel()` has no argument `{argument.name}`", a.call.span)
    for text in wanted:
        if text not in labels:
            raise a.no_level(text, a.call.span, category.levels)
    rest = [place for place, label in enumerate(labels) if label not in wanted]
    chosen = [labels.index(text) for text in wanted]
    return _ordered(category, [*rest[:after], *chosen, *rest[after:]])


def _reversed(a: Arguments) -> Value:
    category = category_of(a, "x")
    return _ordered(category, range(len(category.levels))[::-1])


def _in_learned_order(a: Arguments, category: Category, order: Callable[[Integers], Iterable[int]]) -> Category:
    """The factor with its levels as `order` sorts them by the place of each row's; of all rows that have one."""
    labels = [level.label for level in category.levels]

    def learn(values: Values) -> tuple[str, ...]:
        return tuple(labels[place] for place in order(np.asarray(values, dtype=np.int64)))

    code = category.code(tuple(float(k) for k in range(len(labels))))
    learned = a.columns.learned(a.key, code, whole(learn))
    return _ordered(category, [labels.index(label) for label in learned if label in labels])


def _by_frequency(a: Arguments) -> Value:
    """`fct_infreq(f)`: the most frequent level first; of two as frequent, the first of them."""
    category = category_of(a, "x")
    size = len(category.levels)
    return _in_learned_order(a, category, lambda codes: np.argsort(-np.bincount(codes, minlength=size), kind="stable"))


def _by_appearance(a: Arguments) -> Value:
    return _in_learned_order(a, category_of(a, "x"), lambda codes: dict.fromkeys(codes.tolist()))


def _as_factor(a: Arguments) -> Value:
    """Forcats' `as_factor()`: text in the order in which rows have it, numbers in theirs."""
    return _by_appearance(a) if isinstance(a.as_given("x"), Category) else category_of(a, "x")


def _renamed(a: Arguments, pairs: Mapping[str, str]) -> Category:
    """A factor whose levels have new names, those that `pairs` names."""
    category = category_of(a, "x")
    labels = [level.label for level in category.levels]
    for old in pairs:
        if old not in labels:
            raise a.no_level(old, a.call.span, category.levels)
    return relabelled(category, [pairs.get(label, label) for label in labels])


def _collapsed(a: Arguments) -> Value:
    """`fct_collapse(f, ab = c("a", "b"))`, `fct_recode(f, new = "old")`: the new name of some levels."""
    a, others = _parts(a)
    pairs: dict[str, str] = {}
    for argument in others:
        if argument.name is None:
            message = f'`{a.call.function}()` gives levels a name, as in `new = c("a", "b")`'
            raise SemanticError(message, argument.value.span or a.call.span)
        pairs |= dict.fromkeys(as_texts(_values(a, argument)), argument.name)
    return _renamed(a, pairs)


def _recoded(a: Arguments) -> Value:
    """Dplyr's `recode(x, old = new)`: text or numbers for levels, or values, by their names."""
    a, others = _parts(a)
    category, pairs = category_of(a, "x"), _pairs(a, others)
    rest = pairs.pop(".default", None)
    new = [pairs.get(level.label, rest) for level in category.levels]
    texts = isinstance(a.as_given("x"), Category)
    if any(isinstance(value, str) for value in new):
        labels = [
            as_texts([value])[0] if value is not None else level.label if texts else None
            for level, value in zip(category.levels, new, strict=True)
        ]
        sort = sorted({label for label in labels if label is not None}) if _is_text(a, category) else ()
        return relabelled(category, labels, sort)
    # Numbers stay where nothing is said of them; what is text has no value then.
    old = [nan if texts or isinstance(level.value, str) else float(level.value) for level in category.levels]
    numbers = [before if value is None else float(value) for before, value in zip(old, new, strict=True)]
    return Quantity((number_by_level(category, numbers),))


def _pairs(a: Arguments, others: Sequence[Argument]) -> dict[str, Label]:
    pairs: dict[str, Label] = {}
    for argument in others:
        found = _values(a, argument)
        if argument.name is None or len(found) != 1:
            message = 'each value has a new one here, as in `recode(x, a = "b", `2` = "c")`'
            raise SemanticError(message, argument.value.span or a.call.span)
        (pairs[argument.name],) = found
    return pairs


def _is_text(a: Arguments, category: Category) -> bool:
    """Whether R has it as text, whose levels are in the order of their names, or as numbers."""
    match a.given["x"]:
        case tree.Name(name) if name in a.columns.names:
            kind = a.columns.kind(name)
            return not isinstance(kind, Categorical) or not kind.declared
        case _:
            return category.text


def _matched(a: Arguments) -> Value:
    """`match(f, c("a", "b"))`: the place of each row's value among these, none of what is not among them."""
    category = category_of(a, "x")
    places = a.levels("table", category.levels) or ()
    numbers = [float(places.index(k) + 1) if k in places else nan for k in range(len(category.levels))]
    return Quantity((number_by_level(category, numbers),))


RECODED: Mapping[str, Transform] = {
    "droplevels": Transform(("x",), 1, _same),
    "fct_drop": Transform(("x",), 1, _same),
    "fct_rev": Transform(("x",), 1, _reversed),
    "fct_infreq": Transform(("x",), 1, _by_frequency),
    "fct_inorder": Transform(("x",), 1, _by_appearance),
    "as_factor": Transform(("x",), 1, _as_factor),
    "fct_relevel": Transform(("...",), 1, _relevelled),
    "fct_collapse": Transform(("...",), 1, _collapsed),
    "fct_recode": Transform(("...",), 1, _collapsed),
    "recode": Transform(("...",), 1, _recoded, gaps=always),
    "match": Transform(("x", "table"), 2, _matched, gaps=always),
}
"""By R's names."""
