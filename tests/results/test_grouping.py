"""The grouping factor that is meant is told apart in words."""

from __future__ import annotations

import pytest

import tildemc as tm
from tildemc.results.grouping import factor_of

DATA = {"y": [1.0, 2, 4, 3], "x": [1.0, 3, 2, 5], "g": list("aabb"), "h": list("abab")}

MISTAKES = {
    "no group term": ("y ~ x", None, "no group effects"),
    "two and none named": ("y ~ x + (1 | g) + (1 | h)", None, 'name one of these, as in `group="g"`'),
    "one that there is not": ("y ~ x + (1 | g)", "gg", "did you mean `g`?"),
    "no name": ("y ~ x + (1 | g)", 3, "no group effects by 3"),
}


@pytest.mark.parametrize(("formula", "group", "told"), MISTAKES.values(), ids=MISTAKES.keys())
def test_the_factor_is_told_apart_in_words(formula: str, group: str | None, told: str) -> None:
    with pytest.raises(tm.TildeError) as error:
        factor_of(tm.model(formula, DATA).spec, group)
    assert told in str(error.value)
