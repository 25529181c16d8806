"""What is worked out of a model is worked out once for each, and stays in its process."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pandas as pd

import tildemc as tm
from tildemc.spec.once import KEPT, once
from tildemc.spec.parameters import names

SPEC = tm.model("k ~ x + (1 | g)", pd.DataFrame({"k": [1.0, 0, 2, 3], "x": [1.0, 2, 4, 3], "g": list("aabb")})).spec


def test_a_function_of_a_model_is_asked_once_for_each_model_and_each_word() -> None:
    asked: list[str] = []

    @once
    def of(spec: object, word: str) -> str:
        asked.append(word)
        return word.upper()

    other = replace(SPEC)
    assert [of(SPEC, "a"), of(SPEC, "a"), of(SPEC, "b"), of(other, "a")] == ["A", "A", "B", "A"]
    assert asked == ["a", "b", "a"]


def test_what_is_kept_is_no_part_of_the_model() -> None:
    assert names(SPEC) is names(SPEC)
    again = pickle.loads(pickle.dumps(SPEC))
    assert again == SPEC == replace(SPEC)
    assert KEPT in vars(SPEC) and KEPT not in vars(again)
