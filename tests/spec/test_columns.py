"""What labels are called, and the type that they keep."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from tildemc.spec.columns import Labels, Stored, combined, label_of, own_types


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ((1.0, 2.0, 1e15), (1, 2, 10**15)),
        ((1, 2.0), (1, 2)),
        ((1, 2.5), (1.0, 2.5)),
        ((2**60 + 1, 2**60 + 2), (2**60 + 1, 2**60 + 2)),
        ((0.5, np.inf), (0.5, np.inf)),
        ((True, False), (True, False)),
        (("1", "1.0"), ("1", "1.0")),
        ((101.0, "A7"), (101, "A7")),
        ((1, "1", 0.5), (1.0, "1", 0.5)),
        ((), ()),
    ],
)
def test_labels_keep_their_type_and_whole_numbers_are_integers(values: Any, kept: Any) -> None:
    found = own_types(values)
    assert found == kept
    assert list(map(type, found)) == list(map(type, kept))


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ((1, 2, 2**60 + 1), ["1", "2", "1152921504606846977"]),
        ((0.5, 2.0, 1e-5), ["0.5", "2", "1e-05"]),
        ((0.1, 0.25), ["0.1", "0.25"]),
        ((0.3, 0.1 + 0.2), ["0.3", "0.30000000000000004"]),
        ((1.0, float(np.nextafter(1.0, 2))), ["1.0", "1.0000000000000002"]),
        ((0.1, 0.1000000000000002), ["0.1", "0.1000000000000002"]),
        ((1.5, -np.inf), ["1.5", "-inf"]),
        ((False, True), ["FALSE", "TRUE"]),
        (("", "a"), ["", "a"]),
        ((9, 101, "A7"), ["9", "101", "A7"]),
        ((1, "1", "a"), ["1", '"1"', "a"]),
        ((0.5, "0.5", "1"), ["0.5", '"0.5"', "1"]),
        ((1, "1", '"1"'), ["1", '"1"', '"\\"1\\""']),
        ((2, '"2"'), ["2", '"2"']),
    ],
)
def test_different_values_have_different_names(values: Any, names: list[str]) -> None:
    assert [Labels.of(values)(value) for value in own_types(values)] == names


@pytest.mark.parametrize(
    ("codes", "names"),
    [
        ((1, 2, 1), ["low", "high", "low"]),
        ((1.0, 3.0), ["low", "3"]),
        ((2, 4), ["high (2)", "high (4)"]),
        ((1, 2, 4), ["low", "high (2)", "high (4)"]),
    ],
)
def test_codes_have_the_names_that_data_give_them_each_its_own(codes: Any, names: list[str]) -> None:
    given = {1: "low", 2: "high", 4: "high"}
    assert [Labels.of(codes, given)(code) for code in codes] == names
    assert combined(tuple((code, "a") for code in codes), [given, {}])[0] == tuple(f"{name}:a" for name in names)


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        ((("s", 1), ("s", 2)), ("s:1", "s:2")),
        (((True, 0.5), (False, 2.0)), ("TRUE:0.5", "FALSE:2")),
        ((("a:b", "c"), ("a", "d")), ("a:b:c", "a:d")),
        ((("a:b", "c"), ("a", "b:c")), ('"a:b":c', 'a:"b:c"')),
        ((("a:b", "c"), ("a", "b:c"), ('"a:b"', "c")), ('"a:b":c', 'a:"b:c"', '"\\"a:b\\"":c')),
        ((("a", "b:c", "d"), ("a:b", "c", "d"), ("a", "b", "c:d")), ('a:"b:c":d', '"a:b":c:d', 'a:b:"c:d"')),
    ],
)
def test_different_combinations_have_different_names(keys: Any, names: tuple[str, ...]) -> None:
    assert combined(keys)[0] == names


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (np.bool_(True), "TRUE"),
        (3.0, "3"),
        (np.float32(0.5), "0.5"),
        (1e300, "1e+300"),
        (10**400, "1" + "0" * 400),
        (Decimal("1.50"), "1.50"),
    ],
)
def test_a_value_by_itself_has_a_name(value: Any, name: str) -> None:
    assert label_of(value) == name


def test_no_combinations_have_no_names() -> None:
    assert combined((), [{}, {1: "a"}]) == ((), {})


def test_parts_of_a_column_say_together_how_it_is_stored() -> None:
    whole, real = Stored("number", "float64", largest=3.0), Stored("number", "float64", gaps=True)
    assert whole.merge(real) == real.merge(whole) == Stored("number", "float64", gaps=True)
    assert whole.merge(Stored("number", "float64", largest=2.0**60)).wide
    assert Stored("text", "null").merge(whole) == whole.merge(Stored("text", "null")) == whole
