"""The lines that read the data: one file, several, SQL over files; what readers are told, once."""

from __future__ import annotations

import pytest

from tildemc.spec.origin import DataFile, Files, Options, Origin, Query, Repair, file_at
from tildemc.targets.pymc.layout import flat
from tildemc.targets.pymc.opening import opening

CSV, TSV = file_at("a.csv"), DataFile("b.tsv", file_at("b.tsv").format, (("sep", "\t"),))
UNUSED = Repair("h", ("",))
TEXT: Options = (("dtype", {"g": str}),)

CASES: dict[str, tuple[Origin, Options, list[str]]] = {
    "a file": (Origin(CSV), (), ['data = pd.read_csv("a.csv")']),
    "what the model's levels need": (Origin(CSV), TEXT, ['data = pd.read_csv("a.csv", dtype={"g": str})']),
    "types that a file has need nothing": (Origin(file_at("a.parquet")), TEXT, ['data = pd.read_parquet("a.parquet")']),
    "what a reader is always told": (
        Origin(file_at("a.dta")), TEXT, ['data = pd.read_stata("a.dta", convert_categoricals=False)'],
    ),
    "one option from two sides": (
        Origin(DataFile("a.csv", CSV.format, (("na_values", ("?",)), ("dtype", {"h": str})))),
        (*TEXT, ("na_values", ("", "?"))),
        ['data = pd.read_csv("a.csv", na_values=["?", ""], dtype={"h": str, "g": str})'],
    ),
    "files of one kind": (
        Origin(Files("*.csv", (CSV, CSV))), TEXT,
        ["data = pd.concat("
         '[pd.read_csv(path, dtype={"g": str}) for path in sorted(glob.glob("*.csv", recursive=True))], '
         "ignore_index=True)"],
    ),
    "files that are told apart": (
        Origin(Files("*", (CSV, TSV))), (),
        ['data = pd.concat([pd.read_csv("a.csv"), pd.read_csv("b.tsv", sep="\\t")], ignore_index=True)'],
    ),
    "SQL": (
        Origin(Query("from 'b.tsv'", (("b.tsv", TSV),))), TEXT,
        ['data = duckdb.connect().register("b.tsv", pd.read_csv("b.tsv", sep="\\t")).sql("from \'b.tsv\'").df()'],
    ),
    "repairs of the columns in use": (
        Origin(
            file_at("a.parquet"),
            (Repair("g", (".",)), Repair("x", ("?", -9), "number"), Repair("t", ("?",), "truth"), UNUSED),
        ),
        (),
        ['data = pd.read_parquet("a.parquet")', 'data["g"] = data["g"].mask(data["g"].isin(["."]))',
         'data["x"] = pd.to_numeric(data["x"].mask(data["x"].isin(["?", -9])))',
         'data["t"] = data["t"].mask(data["t"].isin(["?"])).str.lower().map({"true": True, "false": False})'],
    ),
    "a frame, which will be text in its file": (
        Origin(CSV, (Repair("x", ("?",), "number"), Repair("g", ("?", "."))), named=False), (),
        ['data = pd.read_csv("a.csv", na_values=["?", "."])'],
    ),
    "rows in use": (
        Origin(CSV, rows=(("g", "a"), ("k", 2))), (),
        ['data = pd.read_csv("a.csv")', 'data = data[data["g"] == "a"]', 'data = data[data["k"] == 2]'],
    ),
    "names that are no code": (
        Origin(file_at('a"; import os; ".csv')), (), ["data = pd.read_csv('a\"; import os; \".csv')"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_lines(case: str) -> None:
    origin, told, lines = CASES[case]
    assert [f"{line.target} = {flat(line.code)}" for line in opening(origin, {"x", "g", "t"}, told)] == lines
