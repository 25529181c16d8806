"""Every kind of file gives the model of its columns, and the program reads it in the same way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from programs import prepared
from tildemc.errors import DataError
from tildemc.resolve import files
from tildemc.resolve.files import read_frame
from tildemc.spec.origin import FORMATS

N = 12
FRAME = pd.DataFrame(
    {
        "y": np.random.default_rng(1).normal(size=N).round(3),
        "x": np.random.default_rng(2).normal(size=N).round(3),
        "f": np.resize(["é", "b", "ü"], N),
        "k": np.resize([1, 2, 3], N),
    }
)
LABELS = {"k": {1: "one", 2: "two", 3: "three"}}


def text(**options: Any) -> Callable[[pd.DataFrame, Path], Any]:
    """Writes text in columns."""
    return lambda frame, path: frame.to_csv(path, **{"index": False, **options})


def sav(frame: pd.DataFrame, path: Path) -> None:
    """Writes an SPSS file with value labels."""
    pytest.importorskip("pyreadstat").write_sav(frame, str(path), variable_value_labels=LABELS)


def xpt(frame: pd.DataFrame, path: Path) -> None:
    """Writes a SAS transport file, of the version that pandas reads."""
    ascii_only = frame.assign(f=np.resize(["e", "b", "u"], N))
    pytest.importorskip("pyreadstat").write_xport(ascii_only, str(path), file_format_version=5)


def xlsx(frame: pd.DataFrame, path: Path) -> None:
    """Writes a workbook."""
    pytest.importorskip("openpyxl")
    frame.to_excel(path, index=False)


def trailing(frame: pd.DataFrame, path: Path) -> None:
    """Writes what a spreadsheet may: a separator after the last value, but none after the last name."""
    names, *rows = frame.to_csv(index=False).splitlines()
    path.write_text("\n".join([names, *(f"{row}," for row in rows)]), encoding="utf-8")


FILES: dict[str, tuple[str, Callable[[pd.DataFrame, Path], Any], str]] = {
    "csv": ("d.csv", text(), ""),
    "semicolons": ("d.csv", text(sep=";"), "semicolons"),
    "semicolons and decimal commas": ("d.csv", text(sep=";", decimal=","), "decimal commas"),
    "tabs in a csv": ("d.csv", text(sep="\t"), "tabs"),
    "bars": ("d.txt", text(sep="|"), "bars"),
    "spaces": ("d.txt", text(sep=" "), "spaces"),
    "names of rows, as R writes them": ("d.txt", text(sep=" ", index=True, index_label=False), "the row's name"),
    "a comma after each row": ("d.csv", trailing, ""),
    "tabs": ("d.tsv", text(sep="\t"), ""),
    "tabs and decimal commas": ("d.txt", text(sep="\t", decimal=","), "decimal commas"),
    "quoted decimal commas": ("d.csv", text(decimal=",", quoting=1), "decimal commas"),
    "byte order mark": ("d.csv", text(encoding="utf-8-sig"), ""),
    "Windows-1252": ("d.csv", text(encoding="cp1252"), "Windows-1252"),
    "UTF-16": ("d.csv", text(encoding="utf-16"), "UTF-16"),
    "UTF-16 without its mark": ("d.tsv", text(sep="\t", encoding="utf-16-le"), "UTF-16"),
    "capitals in the name": ("D.CSV", text(), ""),
    "gzip": ("d.csv.gz", text(), ""),
    "zip": ("d.tsv.zip", text(sep="\t"), ""),
    "bzip2 of semicolons": ("d.csv.bz2", text(sep=";", decimal=","), "decimal commas"),
    "parquet": ("d.parquet", lambda frame, path: frame.to_parquet(path), ""),
    "feather": ("d.feather", lambda frame, path: frame.to_feather(path), ""),
    "Excel": ("d.xlsx", xlsx, ""),
    "Stata": ("d.dta", lambda f, path: f.to_stata(path, write_index=False, value_labels=LABELS), ""),
    "SPSS": ("d.sav", sav, ""),
    "SAS transport": ("d.xpt", xpt, ""),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_gives_the_model_of_its_columns_and_the_program_reads_it_so(kind: str, tmp_path: Path) -> None:
    name, write, note = FILES[kind]
    write(FRAME, tmp_path / name)
    model = tm.model("y ~ x + f", str(tmp_path / name))
    levels = FRAME["f"].replace({"é": "e", "ü": "u"}) if name.endswith("xpt") else FRAME["f"]
    expected = tm.model("y ~ x + f", FRAME.assign(f=levels)).design_matrix()
    np.testing.assert_allclose(model.design_matrix().to_numpy(), expected.to_numpy())
    assert list(model.design_matrix()) == list(expected)
    assert note in " ".join(model.report.notes) and bool(note) == bool(model.report.notes)
    assert model.path == str(tmp_path / name)
    read = prepared(model.source(name), tmp_path)["X"]
    np.testing.assert_allclose(read.to_numpy(float), expected.to_numpy()[:, 1:])


@pytest.mark.parametrize("kind", ["parquet", "feather"])
def test_what_arrow_reads_python_does_not_open(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Arrow's threads live on, and would let go of what Python holds when there is no interpreter any more."""
    name, write, _ = FILES[kind]
    write(FRAME, tmp_path / name)
    opened: list[str] = []
    monkeypatch.setattr("builtins.open", lambda file, *args, **named: opened.append(str(file)))
    pd.testing.assert_frame_equal(files.open_file(name, tmp_path / name).frame, FRAME)
    assert not opened


@pytest.mark.parametrize("kind", ["Stata", "SPSS"])
def test_value_labels_name_codes(kind: str, tmp_path: Path) -> None:
    name, write, _ = FILES[kind]
    write(FRAME, tmp_path / name)
    frame = read_frame(tmp_path / name)
    assert frame.value_labels("k") == LABELS["k"]
    assert frame.values("k").tolist() == FRAME["k"].tolist()


@pytest.mark.parametrize("name", ["d.csv", "d.txt", "d.csv.gz"])
def test_a_program_for_the_same_data_elsewhere_reads_them_so_too(name: str, tmp_path: Path) -> None:
    FRAME.to_csv(tmp_path / "a.csv", sep=";", decimal=",", index=False)
    source = tm.model("y ~ x", tmp_path / "a.csv").source(name)
    same = name.endswith((".csv", ".gz"))
    assert f'pd.read_csv("{name}"{", sep=" if same else ")"}' in source


REFUSED: dict[str, tuple[str, bytes | None, str]] = {
    "no such file": ("nothing.csv", None, "there is no file .*nothing.csv"),
    "nearly its name": ("dta.tsv", None, "did you mean `d.tsv`"),
    "unknown suffix": ("d.json", b"{}", r"\.csv, .*\.xlsx.*csv\.gz"),
    "no suffix": ("data", b"y\n1\n", r"end in \.csv"),
    "two separators that fit": (
        "d.csv",
        b"a;b, c;d, e\n1;2,3;4,5\n",
        r"commas \(3 columns\) or semicolons \(3 columns",
    ),
    "one column of decimal commas": ("d.csv", b"y\n1,5\n2,5\n", "one number with a decimal comma"),
    "neither UTF-8 nor Windows": ("d.csv", b"y,f\n1,\x81\n", "neither UTF-8 nor Windows-1252"),
    "not parquet": ("d.parquet", b"PAR1 not really", "cannot be read"),
    "not a workbook": ("d.xlsx", b"no zip", "cannot be read"),
    "not Stata's": ("d.dta", b"?", "cannot be read"),
    "empty": ("d.csv", b"", "cannot be read: No columns"),
    "ragged": ("d.csv", b"a,b\n1,2\n1,2,3,4\n", "cannot be read"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_files_that_cannot_be_read_are_refused_in_words(kind: str, tmp_path: Path) -> None:
    name, content, message = REFUSED[kind]
    (tmp_path / "d.tsv").write_text("y\n1\n", encoding="utf-8")
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message):
        tm.model("y ~ 1", tmp_path / name)


@pytest.mark.parametrize("format", [f for f in FORMATS if f.package], ids=lambda f: f.name)
def test_a_library_that_is_missing_is_named(format: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / f"d{format.suffixes[0]}").write_bytes(b"")
    monkeypatch.setattr(files, "find_spec", lambda name: None)
    with pytest.raises(DataError, match=rf"{format.package}, which is not installed.*tildemc\[files\]"):
        tm.model("y ~ 1", tmp_path / f"d{format.suffixes[0]}")


def test_every_kind_of_file_has_its_own_suffixes() -> None:
    suffixes = [suffix for format in FORMATS for suffix in format.suffixes]
    assert len(set(suffixes)) == len(suffixes)
    assert all(hasattr(pd, format.reader) for format in FORMATS)


def test_of_a_workbook_the_first_sheet_is_read_and_said(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    with pd.ExcelWriter(tmp_path / "d.xlsx") as book:
        FRAME.to_excel(book, sheet_name="trial", index=False)
        FRAME.to_excel(book, sheet_name="notes", index=False)
    assert "'trial'" in str(tm.model("y ~ x", tmp_path / "d.xlsx"))


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_labels_of_groups_may_be_numbers_and_text(suffix: str, tmp_path: Path) -> None:
    data = FRAME.assign(g=pd.Series(np.resize([101, 102, "A7"], N), dtype=object))
    {"csv": text(), "xlsx": xlsx}[suffix](data, tmp_path / f"d.{suffix}")
    model = tm.model("y ~ x + (1 | g)", tmp_path / f"d.{suffix}")
    assert [term.levels for term in model.group_terms()] == [("101", "102", "A7")]
    assert list(prepared(model.source(f"d.{suffix}"), tmp_path)["g_levels"]) == ["101", "102", "A7"]


CELLS: dict[str, tuple[list[Any], list[Any]]] = {
    "numbers": ([1.5, 2, None], [1.5, 2.0]),
    "labels with zeros in front": (["007", "010", "7"], ["007", "010", "7"]),
    "numbers and labels": ([7, "A7", True], ["7", "A7", "True"]),
    "words": (["a", "b", None], ["a", "b"]),
}


@pytest.mark.parametrize("kind", CELLS)
def test_cells_of_a_workbook(kind: str, tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    cells, values = CELLS[kind]
    pd.DataFrame({"x": pd.Series(cells, dtype=object)}).to_excel(tmp_path / "d.xlsx", index=False)
    frame = read_frame(tmp_path / "d.xlsx")
    assert frame.values("x")[~frame.missing("x")].tolist() == values


def test_a_long_column_is_of_one_type(tmp_path: Path) -> None:
    """pandas reads in pieces, each with types of its own, unless it is told not to."""
    data = pd.DataFrame({"y": np.arange(300_000) % 7, "g": [*["12"] * 299_999, "A7"]})
    data.to_csv(tmp_path / "d.csv", index=False)
    assert read_frame(tmp_path / "d.csv").distinct("g") == ("12", "A7")


MARKED: dict[str, tuple[str, dict[str, str], list[float]]] = {
    "columns that may be separated in two ways": ("y,a;x,b\n1,0;5,0\n2,0;6,0\n4,0;8,0\n", {"sep": ";"}, [5, 6, 8]),
    "one number that may be two columns": (
        "x\n1,5\n2,5\n4,0\n", {"sep": ";", "decimal": ","}, [1.5, 2.5, 4]
    ),
    "thousands": ('x,y\n"1,001",3\n"2,002",4\n7,5\n', {"thousands": ","}, [1001, 2002, 7]),
    "thousands and decimals of other lands": (
        "x;y\n1.001,5;3\n2.002;4\n7,25;5\n", {"thousands": ".", "decimal": ","}, [1001.5, 2002, 7.25]
    ),
    "decimal commas that look like thousands": (
        "x;y\n1,001;3\n2,002;4\n7,125;5\n", {"decimal": ","}, [1.001, 2.002, 7.125]
    ),
    "a mark that nobody looks for": ("x~y\n1~3\n2~4\n7~5\n", {"sep": "~"}, [1, 2, 7]),
    "a tab that cannot be typed": ("x\ty\n1,5\t3\n2\t4\n7\t5\n", {"sep": "\\t", "decimal": ","}, [1.5, 2, 7]),
}  # fmt: skip


@pytest.mark.parametrize("kind", MARKED)
def test_marks_that_a_file_does_not_tell_can_be_said(kind: str, tmp_path: Path) -> None:
    written, marks, values = MARKED[kind]
    (tmp_path / "d.csv").write_text(written, encoding="utf-8")
    column = "x,b" if "x,b" in written else "x"
    model = tm.model(f"`{column}` ~ 1", tmp_path / "d.csv", csv=marks)
    assert model.design.y.tolist() == values
    assert prepared(model.source(), tmp_path)["data"][column].tolist() == values


@pytest.mark.parametrize("kind", list(MARKED)[:2])
def test_what_a_file_does_not_tell_is_asked_for(kind: str, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text(MARKED[kind][0], encoding="utf-8")
    with pytest.raises(DataError, match=r'csv=\{"sep": .*\}, `--csv .*sep=.*` on the command line, `csv` in a formula'):
        tm.model("x ~ 1", tmp_path / "d.csv")


NO_MARKS = {
    "another name": ({"decimals": ","}, "d.csv", "`csv` has no `decimals`; did you mean `decimal`"),
    "two characters": ({"sep": "::"}, "d.csv", "`sep` of `csv` is one character"),
    "a letter": ({"decimal": "p"}, "d.csv", "`decimal` of `csv` is one character"),
    "no text": ({"sep": 1}, "d.csv", "`sep` of `csv` is one character"),
    "one mark twice": ({"sep": ",", "decimal": ","}, "d.csv", "cannot be two marks"),
    "no mapping": ("sep=;", "d.csv", "`csv` is a mapping"),
    "a file with types": ({"sep": ";"}, "d.parquet", "the data are parquet: leave it out"),
    "a workbook": ({"decimal": ","}, "d.xlsx", "d.xlsx is Excel: leave it out"),
    "a frame": ({"sep": ";"}, None, "the data are a frame: leave it out"),
}


@pytest.mark.parametrize("kind", NO_MARKS)
def test_what_are_no_marks_of_text_in_columns(kind: str, tmp_path: Path) -> None:
    marks, name, message = NO_MARKS[kind]
    if name is not None:
        path = tmp_path / name
        {".csv": text(), ".xlsx": xlsx, ".parquet": lambda data, path: data.to_parquet(path)}[path.suffix](FRAME, path)
    with pytest.raises(DataError, match=message):
        tm.model("y ~ x", FRAME if name is None else tmp_path / name, csv=marks)  # type: ignore[arg-type]
