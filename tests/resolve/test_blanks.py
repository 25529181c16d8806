"""What stands for no value, by a person's word or since the data or the text come from Stata or SAS."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import tildemc as tm
from programs import prepared
from tildemc.errors import DataError

N = 20
DATA = pd.DataFrame(
    {
        "y": np.random.default_rng(1).normal(size=N).round(3),
        "x": ["N/a" if i == 3 else "?" if i == 7 else str(i / 4) for i in range(N)],
        "f": ["N/a" if i == 5 else "ab"[i % 2] for i in range(N)],
        "n": [-99 if i == 8 else i for i in range(N)],
        "g": ["N/a" if i == 9 else "pq"[i % 2] for i in range(N)],
        "t": ["N/a" if i == 11 else ("TRUE", "FALSE")[i * 7 % 3 % 2] for i in range(N)],
        "unused": "N/a",
    }
)
NA = ["N/a", "?", "-99"]


def with_commas(path: Path) -> Path:
    """Numbers as many countries write them."""
    data = DATA.assign(x=DATA["x"].str.replace(".", ","))
    data.to_csv(path, index=False, sep=";", decimal=",")
    return path


HELD: dict[str, Callable[[Path], Any]] = {
    "pandas": lambda _: DATA,
    "objects": lambda _: DATA.astype({"x": object, "f": object, "t": object}),
    "truths among text": lambda _: DATA.assign(t=DATA["t"].astype(object).replace({"TRUE": True, "FALSE": False})),
    "polars": lambda _: pl.DataFrame(DATA.to_dict("list")),
    "arrow": lambda _: pa.table(DATA.to_dict("list")),
    "csv": lambda path: DATA.to_csv(path / "d.csv", index=False) or path / "d.csv",
    "decimal commas": lambda path: with_commas(path / "d.csv"),
    "parquet": lambda path: DATA.to_parquet(path / "d.parquet") or path / "d.parquet",
    "feather": lambda path: DATA.to_feather(path / "d.feather") or path / "d.feather",
    "Stata": lambda path: DATA.to_stata(path / "d.dta", write_index=False) or path / "d.dta",
    "Excel": lambda path: DATA.to_excel(path / "d.xlsx", index=False) or path / "d.xlsx",
}


@pytest.mark.parametrize("held", HELD)
def test_what_a_person_names_is_missing_everywhere(held: str, tmp_path: Path) -> None:
    if held == "Excel":
        pytest.importorskip("openpyxl")
    DATA.to_csv(tmp_path / "data.csv", index=False)
    model = tm.model("y ~ x + f + n + I(!t) + (1 | g)", HELD[held](tmp_path), na=NA)
    assert model.report.missing == {"x": 2, "f": 1, "n": 1, "t": 1}
    assert model.report.unlabelled == {"g": 1}
    assert list(model.design_matrix().columns) == ["Intercept", "x", "fb", "n", "I(!t)TRUE"]
    source = model.source()
    assert "unused" not in source
    read = prepared(source, tmp_path)
    np.testing.assert_allclose(read["X"].to_numpy(float), model.design_matrix().to_numpy()[:, 1:])
    assert read["data"].index.tolist() == model.design.rows.tolist()


STATA: dict[str, tuple[Callable[[pd.DataFrame, Path], Any], str, dict[str, Any]]] = {
    "a Stata command": (lambda data, path: data.to_csv(path, index=False), "d.csv", {}),
    "a Stata command by name": (lambda data, path: data.to_csv(path, index=False), "d.csv", {"syntax": "stata"}),
    "a command and tabs": (lambda data, path: data.to_csv(path, index=False, sep="\t"), "d.tsv", {}),
    "a command and parquet": (lambda data, path: data.to_parquet(path), "d.parquet", {}),
    "Stata's file": (lambda data, path: data.to_stata(path, write_index=False), "d.dta", {"text": "y ~ x"}),
}


@pytest.mark.parametrize("kind", STATA)
def test_a_point_is_missing_in_what_comes_from_stata(kind: str, tmp_path: Path) -> None:
    write, name, options = STATA[kind]
    write(pd.DataFrame({"y": range(9), "x": ["1", ".", "2.5", "4", "3", "1", "0", "0", "1"]}), tmp_path / name)
    model = tm.model(**{"text": "regress y x", "data": str(tmp_path / name), **options})
    assert model.report.missing == {"x": 1}
    assert len(prepared(model.source(name), tmp_path)["data"]) == 8


def test_text_with_empty_cells_stays_text(tmp_path: Path) -> None:
    """Stata's way to have no value in text says nothing of numbers; nor do labels with zeros in front."""
    ids, zeros = ["101", "102", "", "101", "102", ""], ["007", "008", ".", "7", "8", "9"]
    data = pd.DataFrame({"y": range(6), "id": ids, "z": zeros})
    data.to_stata(tmp_path / "d.dta", write_index=False)
    origin = tm.model("y ~ 1", tmp_path / "d.dta").origin
    assert origin is not None
    assert [(repair.column, repair.meant) for repair in origin.repairs] == [("id", None), ("z", None)]


def test_statas_other_missing_values(tmp_path: Path) -> None:
    data = pd.DataFrame({"y": range(9), "x": ["1", ".a", "2.5", "4", ".z", ".", "0", "0", "1"]})
    assert tm.model("regress y x", data).report.missing == {"x": 3}
    with pytest.raises(DataError, match=r"na=\['\.a', '\.z', '\.'\]"):
        tm.model("y ~ x", data)


@pytest.mark.parametrize("text", ["a command that says nothing of missing values", "y ~ f"])
def test_a_program_says_no_more_than_the_file_needs(text: str, tmp_path: Path) -> None:
    DATA.to_csv(tmp_path / "d.csv", index=False)
    text = "regress y n" if text.startswith("a command") else text
    assert "na_values" not in tm.model(text, tmp_path / "d.csv").source()


@pytest.mark.parametrize(("na", "message"), [([None], "texts or numbers"), ([True], "texts or numbers")])
def test_what_cannot_stand_for_no_value(na: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        tm.model("y ~ n", DATA, na=na)


def test_one_text_and_numbers_will_do() -> None:
    assert tm.model("y ~ n", DATA, na="-99").report.missing == tm.model("y ~ n", DATA, na=[-99]).report.missing


def test_streams_are_read_as_they_are(tmp_path: Path) -> None:
    DATA.to_parquet(tmp_path / "d.parquet")
    with pytest.raises(DataError, match="`na` needs all rows"):
        tm.model("y ~ n", tm.stream(tmp_path / "d.parquet"), na=["N/a"])
