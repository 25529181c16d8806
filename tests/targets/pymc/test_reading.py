"""Whatever type a column has, in whichever frame or file: the program's numbers and labels are the model's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import tildemc as tm
from columns import (
    FACTORS,
    LIBRARIES,
    LOGICALS,
    NO_LABELS,
    NUMBERS,
    ColumnType,
    assert_same,
    frame_of,
    recorded,
    stated,
    write,
)
from programs import points, run_source, values
from tildemc.errors import TildeError

N = 24
RNG = np.random.default_rng(1)
OTHERS: dict[str, list[Any]] = {
    "y": RNG.normal(5, 2, N).tolist(),
    "x": RNG.normal(size=N).tolist(),
    "k": np.resize([1, 2], N).tolist(),
    "i": np.resize([100_000, 3_000_000], N).tolist(),
    "n": RNG.integers(0, 3, N).tolist(),
    "t": np.resize(["s", "r", "r", "s", "q"], N).tolist(),
    "arm": ["ctl"] * (N // 2) + ["trt"] * (N // 2),
}
PARTIAL = "y ~ x + (0 + dummy(arm, 'trt') | v) + (0 + dummy(arm, 'trt') | t:v)"
AS_FACTOR = (
    ("y ~ factor(v) * x + (1 | v)", "gaussian"),
    ("y ~ C(v, sum) + ordered(v):x + (1 | t/v); sigma ~ by(v)", "gaussian"),
    ("y ~ 0 + C(v, helmert):x + (1 | v:k)", "gaussian"),
    (PARTIAL, "gaussian"),
)
AS_RESPONSE = (("v ~ x + (1 | t)", "bernoulli"),)
AS_NUMBER = (
    ("y | weights(v) ~ I(v^3) + v:i + I(-v) + v:t + offset(v)", "gaussian"),
    ("y ~ I(v - k) + I(v * i * i) + log(v) + sqrt(v) + center(v)", "gaussian"),
    ("lm(y ~ v + I(v^-1), data = d, subset = v > 0.3)", None),
)
AS_COUNT = (("n | trials(v) ~ x", "binomial"), ("v ~ x", "poisson"))
COUNTS = ("int8", "int16", "int32", "uint8", "Int64", "Int64 with gaps", "whole floats", "whole floats with gaps")
ALL = FACTORS | LOGICALS | NUMBERS


def columns(kinds: dict[str, ColumnType]) -> list[tuple[str, str]]:
    """The types, and the libraries that have them."""
    return [(name, library) for name, kind in kinds.items() for library in LIBRARIES if getattr(kind, library)]


def column(name: str, formula: str, family: str | None) -> list[Any]:
    """The values of `v`: two of them for a response of two levels, none in the arm that no cluster belongs to."""
    values = ALL[name].values
    if family == "bernoulli":
        present = [value for value in values if value not in (None, "")]
        values = (*present[:2], *(value for value in values if value in (None, "")))
    rows = [values[row % len(values)] for row in range(N)]
    return [None if arm == "ctl" and formula == PARTIAL else v for arm, v in zip(OTHERS["arm"], rows, strict=True)]


def roles(name: str, library: str) -> list[tuple[int, str, str | None]]:
    """The formulas that a column of that type can stand in: each by pandas and by one of the others."""
    counts = AS_COUNT if name in COUNTS else ()
    numbers = AS_NUMBER if name in NUMBERS else ()
    no_response = name in NUMBERS or "float" in name or name == "numbers and text"
    found = (*AS_FACTOR, *numbers, *counts, *(() if no_response else AS_RESPONSE))
    beside = ("polars", "arrow", "arrow", "polars")
    return [(k, *role) for k, role in enumerate(found) if library in ("pandas", beside[k % 4])]


@pytest.mark.parametrize(("name", "library"), columns(ALL))
def test_program_of_any_column_has_the_models_labels_and_numbers(name: str, library: str, tmp_path: Path) -> None:
    for number, formula, family in roles(name, library):
        frame = frame_of(library, ALL[name], column(name, formula, family), OTHERS)
        if frame is None:
            continue
        model = tm.model(formula, frame, family)
        # Every formula and every library with either kind of file.
        path = tmp_path / ("data.csv", "data.parquet")[(number + (library != "pandas")) % 2]
        write(frame, path)
        if (name, formula, path.suffix) == ("levels of ids", PARTIAL, ".parquet"):
            with pytest.raises(TildeError, match="pandas rounds them"):
                model.source(path)
            continue
        assert_same(stated(model._program(str(path))), recorded(model.source(path), tmp_path))


@pytest.mark.parametrize("name", ALL)
def test_every_frame_gives_a_columns_labels_alike(name: str) -> None:
    found = []
    for library in LIBRARIES:
        frame = frame_of(library, ALL[name], column(name, "", ""), OTHERS)
        if frame is not None:
            model = tm.model("y ~ factor(v) + (1 | t/v)", frame)
            found.append((list(model.design_matrix()), model.group_terms()[1].levels))
    assert found.count(found[0]) == len(found)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("name", ["levels", "text of digits", "truths with gaps", "int64", "Int64 with gaps"])
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_model_of_a_file_is_its_program(name: str, library: str, suffix: str, tmp_path: Path) -> None:
    frame = frame_of(library, ALL[name], column(name, "", ""), OTHERS)
    path = tmp_path / f"data{suffix}"
    write(frame, path)
    for formula, family in AS_FACTOR[LIBRARIES.index(library) % 2 :: 2]:
        model = tm.model(formula, str(path), family)
        assert_same(stated(model._program(str(path))), recorded(model.source(), tmp_path))


@pytest.mark.parametrize(("name", "library"), columns(NO_LABELS))
@pytest.mark.parametrize("formula", ["y ~ factor(v)", "y ~ x + (1 | v)", "y ~ x + (1 | t:v)", "y ~ x; sigma ~ by(v)"])
def test_what_is_no_label_is_refused_in_words(name: str, formula: str, library: str) -> None:
    values = [NO_LABELS[name].values[row % 3] for row in range(N)]
    frame = frame_of(library, NO_LABELS[name], values, OTHERS)
    with pytest.raises(
        TildeError, match=r"make (integers or|numbers or)? ?text|mixes true and false with other values"
    ):
        tm.model(formula, frame)


@pytest.mark.parametrize("values", [(1, "1", "a"), (7, "007", "a"), (2**60, "a", "b"), (5, "nan", "a")])
@pytest.mark.parametrize("dtype", [object, "category"])
def test_numbers_and_texts_that_are_one_in_a_file_are_told_apart_in_memory_alone(values: Any, dtype: Any) -> None:
    frame = pd.DataFrame({**OTHERS, "v": pd.Series(np.resize(np.array(values, dtype=object), N), dtype=dtype)})
    model = tm.model("y ~ factor(v) + (1 | v)", frame)
    labels = model.group_terms()[0].levels
    assert len(set(labels)) == 3
    assert len(set(model.design_matrix())) == 3
    with pytest.raises(TildeError, match="which are one in a file: make text of all of it"):
        model.source()


@pytest.mark.parametrize(
    ("name", "formula", "family"),
    [
        ("truths with gaps", "y ~ x + (1 | v)", "gaussian"),
        ("levels", "y ~ C(v, sum):x", "gaussian"),
        ("int32", "y ~ I(v^3 / 1e15) + (1 | t)", "gaussian"),
        ("uint8", "v ~ x", "poisson"),
        ("whole floats with gaps", "n | trials(v) ~ x", "binomial"),
    ],
)
def test_density_of_the_program_is_the_graphs(name: str, formula: str, family: str, tmp_path: Path) -> None:
    frame = frame_of("polars", ALL[name], column(name, formula, family), OTHERS)
    write(frame, tmp_path / "data.parquet")
    model = tm.model(formula, frame, family)
    live, printed = model.pymc(), run_source(model.source("data.parquet"), tmp_path)
    at = points(live, range(1))
    [value], [other] = values(live, at), values(printed, at)
    assert np.isfinite(value)
    assert value == pytest.approx(other, rel=1e-10)


LARGE = pd.DataFrame({**OTHERS, "pop": np.resize([3_000_000, 5, 7], N), "w": np.resize([4, 9], N)})


@pytest.mark.parametrize(
    ("formula", "floats"),
    [
        ("y ~ pop", ""),
        ("y ~ I(pop / 10)", ""),
        ("y ~ I(pop^2)", ""),
        ("y ~ I(pop^3)", "pop"),
        ("y ~ pop:i", ""),
        ("y ~ I(pop * i):pop", "pop i"),
        ("y ~ I(w^-1)", "w"),
        ("y ~ I(2^w)", "w"),
        ("y ~ I(exp(-pop) * pop)", ""),
        ("y | weights(i * i * i) ~ x", "i"),
        ("y ~ x + offset(pop * pop * pop)", "pop"),
        ("lm(y ~ x, data = d, subset = pop * i * i > 3)", "pop i"),
        ("y ~ I(pop + " + " + ".join(["w"] * 1100) + ")", ""),
        ("y ~ I(pop * i * i + " + " + ".join(["w"] * 1100) + ")", "pop i w"),
        ("y ~ I(pop / 9 - " + " - ".join(["pop * i * i"] * 1000) + ")", "pop i"),
    ],
)
def test_integers_are_floats_only_where_arithmetic_could_overflow(formula: str, floats: str, tmp_path: Path) -> None:
    LARGE.to_csv(tmp_path / "data.csv", index=False)
    model = tm.model(formula, LARGE)
    text = model.source("data.csv")
    asked = [name for name in LARGE.columns if f'"{name}": float' in text]
    assert asked == sorted(floats.split(), key=list(LARGE.columns).index)
    assert_same(stated(model._program("data.csv")), recorded(text, tmp_path))


ALIKE = {
    "floats of 15 equal digits": [0.3, 0.1 + 0.2, 0.25],
    "floats of 16 equal digits": [1.0, np.nextafter(1.0, 2), 2.0],
    "texts of one number": ["1", "1.0", "01"],
    "texts in two cases": ["a", "A", "á"],
}


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("values", ALIKE.values(), ids=ALIKE)
@pytest.mark.parametrize("formula", ["y ~ factor(v)", "y ~ x + (1 | v)", "y ~ x + (1 | v:k)", "y ~ x; sigma ~ by(v)"])
def test_levels_that_look_alike_are_told_apart(formula: str, values: list[Any], suffix: str, tmp_path: Path) -> None:
    frame = pl.DataFrame({**OTHERS, "v": [values[row % 3] for row in range(N)]})
    write(frame, tmp_path / f"data{suffix}")
    model = tm.model(formula, frame)
    found = stated(model._program(f"data{suffix}"))
    assert_same(found, recorded(model.source(f"data{suffix}"), tmp_path))
    for labels in found["coords"].values():
        assert len(set(map(str, labels))) == len(labels)


@pytest.mark.parametrize("name", ["float", "str", "bool", "repr", "map", "data"])
def test_columns_may_be_called_like_what_the_program_uses(name: str, tmp_path: Path) -> None:
    """A name of a group is one of the program's own: it must not hide a type, a function or a module."""
    data = pd.DataFrame({**OTHERS, name: [ALIKE["floats of 15 equal digits"][row % 3] for row in range(N)]})
    data.to_parquet(tmp_path / "data.parquet")
    model = tm.model(f"y ~ x + C({name}, sum) + I(i * i * i) + (1 | {name}) + (1 | {name}:k)", data)
    assert_same(stated(model._program("data.parquet")), recorded(model.source("data.parquet"), tmp_path))
