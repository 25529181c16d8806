"""Data by path, by glob and by SQL; rows by group; and what SQL cannot reach."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.batches.sources import Source, load
from tildemc.errors import DataError
from tildemc.limits import Limits


def rows(folder: Path, text: str) -> int:
    return len(load(Source(text, str(folder))).frame)


def test_every_kind_of_file(folder: Path) -> None:
    data = pd.read_csv(folder / "data.csv")
    data.to_parquet(folder / "data.parquet")
    data.to_feather(folder / "data.feather")
    data.to_stata(folder / "data.dta", write_index=False)
    for suffix in ("csv", "parquet", "feather", "dta"):
        assert rows(folder, f"data.{suffix}") == len(data)
        assert rows(folder, str(folder / f"data.{suffix}")) == len(data)


def test_files_of_one_glob_are_read_each_in_its_way(folder: Path) -> None:
    data = pd.read_csv(folder / "data.csv").assign(k=range(60), empty=np.nan)
    data.iloc[:30].to_csv(folder / "part1.csv", index=False)
    data.iloc[30:].assign(k="A7", empty="x").to_csv(folder / "part2.csv", index=False, sep=";", decimal=",")
    frame = load(Source("part*.csv", str(folder))).frame
    np.testing.assert_array_equal(frame.values("y"), data["y"])
    assert set(frame.distinct("k")) == {*map(str, range(30)), "A7"}
    assert frame.missing("empty").tolist() == [True] * 30 + [False] * 30
    data.iloc[:30].to_parquet(folder / "one.parquet")
    data.iloc[30:].assign(k="A7").to_parquet(folder / "two.parquet")
    with pytest.raises(DataError, match=r"`k` is text in another file, but not in one\.parquet"):
        load(Source("*.parquet", str(folder)))


def test_value_labels_of_one_glob_agree(tmp_path: Path) -> None:
    data = pd.DataFrame({"k": [1, 2], "y": [1.0, 2.0]})
    for name, labels in (("a1", {1: "one"}), ("a2", {2: "two"}), ("b", {1: "uno"})):
        data.to_stata(tmp_path / f"{name}.dta", write_index=False, value_labels={"k": labels})
    frame = load(Source("a*.dta", str(tmp_path))).frame
    assert frame.value_labels("k") == {1: "one", 2: "two"}
    with pytest.raises(DataError, match=r"`k` calls 1 'uno' in b\.dta, but 'one' in another file"):
        load(Source("*.dta", str(tmp_path)))


def test_globs_are_read_in_order(folder: Path) -> None:
    data = pd.read_csv(folder / "data.csv")
    for i in (2, 1):
        data.iloc[(i - 1) * 30 : i * 30].to_csv(folder / f"part{i}.csv", index=False)
    frame = load(Source("part*.csv", str(folder))).frame
    np.testing.assert_array_equal(frame.values("y"), data["y"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dta.csv", "did you mean `data.csv`"),
        ("data.json", "data are read from files that end in"),
        ("nothing*.csv", "no file like"),
        ("/etc/passwd", "data are read from files that end in"),
        ("broken.parquet", "cannot be read"),
    ],
)
def test_unreadable_data(text: str, message: str, folder: Path) -> None:
    (folder / "broken.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(DataError, match=message):
        rows(folder, text)


def test_files_that_change_are_read_again(folder: Path) -> None:
    source = Source("data.csv", str(folder))
    table = load(source)
    assert load(source) is table
    pd.read_csv(folder / "data.csv").iloc[:10].to_csv(folder / "data.csv", index=False)
    assert len(load(source).frame) == 10


def test_rows_by_group(folder: Path) -> None:
    table = load(Source("data.csv", str(folder)))
    groups = table.groups(("state", "year"))
    assert list(groups) == [(("state", s), ("year", y)) for s in ("IA", "MN", "WI") for y in (1999, 2000)]
    data = pd.read_csv(folder / "data.csv")
    for by in groups:
        chosen = data[(data["state"] == by[0][1]) & (data["year"] == by[1][1])]
        np.testing.assert_array_equal(table.select(by).values("y"), chosen["y"])
    with pytest.raises(DataError, match="did you mean `state`"):
        table.groups(("stat",))


def test_numbers_written_as_text_are_in_the_order_of_numbers(tmp_path: Path) -> None:
    pd.DataFrame({"dept": ["10", "9", "1", "10"], "y": 1.0}).to_parquet(tmp_path / "data.parquet")
    groups = load(Source("data.parquet", str(tmp_path))).groups(("dept",))
    assert [by[0][1] for by in groups] == ["1", "9", "10"]


def test_rows_without_a_value_are_in_no_group(tmp_path: Path) -> None:
    pd.DataFrame({"y": [1.0, 2, 3, 4], "k": [1.0, None, 2, 2]}).to_csv(tmp_path / "d.csv", index=False)
    groups = load(Source("d.csv", str(tmp_path))).groups(("k",))
    assert [[r.tolist() for r in groups.values()]] == [[[0], [2, 3]]]


# SQL

duckdb = pytest.importorskip("duckdb")


def test_sql(folder: Path) -> None:
    data = pd.read_csv(folder / "data.csv")
    data.to_parquet(folder / "data.parquet")
    (folder / "sub").mkdir()
    data.iloc[:5].to_csv(folder / "sub" / "few.csv", index=False)
    assert rows(folder, "select * from 'data.csv' where state = 'MN'") == 20
    assert rows(folder, "SELECT y FROM 'data.parquet' WHERE year = 1999") == 30
    assert rows(folder, "with t as (from 'sub/few.csv') select * from t") == 5
    assert rows(folder, "from 'sub/*.csv'") == 5
    assert rows(folder, "select a.y from 'data.csv' a join \"sub/few.csv\" b using (y)") >= 5


REACHING = [
    "select * from '../secret.csv'",
    "select * from 'sub/../../secret.csv'",
    "select * from '{secret}'",
    "select * from 'file:{secret}'",
    "select * from 'link.csv'",
    "select * from read_csv('{secret}')",
    "select * from read_csv('data.csv')",
    "select * from read_text('{secret}')",
    "select * from read_blob('{secret}')",
    "select * from glob('/*')",
    "select * from sniff_csv('{secret}')",
    "select * from query('select * from read_text(''{secret}'')')",
    "select * from 'https://localhost/x.csv'",
    "select * from secret",
    "select * from frame",
    "select getenv('HOME')",
    "with t as (copy (select 1) to 'o.csv') select 1",
    "select 1; copy (select 1) to '{owned}'",
    "select 1; set enable_external_access = true",
    "with a as (select 1) insert into t select * from a",
    "from 'data.csv'; select 1",
]


@pytest.mark.parametrize("query", REACHING)
def test_sql_reaches_nothing_else(query: str, folder: Path) -> None:
    inside = folder / "inside"
    inside.mkdir()
    (inside / "data.csv").write_text("y\n1\n", encoding="utf-8")
    secret = folder / "secret.csv"
    secret.write_text("y\n42\n", encoding="utf-8")
    os.symlink(secret, inside / "link.csv")
    before = sorted(folder.rglob("*"))
    with pytest.raises(DataError):
        load(Source(query.format(secret=secret, owned=folder / "owned.csv"), str(inside)))
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("query", ["from 'data.csv' where", "select nothing from 'data.csv'", "select * from nowhere"])
def test_sql_that_fails_is_told(query: str, folder: Path) -> None:
    with pytest.raises(DataError, match="SQL"):
        rows(folder, query)


ENDLESS = {
    "rows": "select * from range(100000000000)",
    "sums": "select sum(range) from range(100000000000)",
    "a recursion": "with recursive t(n) as (select 1 union all select n + 1 from t) select * from t",
    "a recursion of one row": "with recursive t(n) as (select 1 union all select n + 1 from t) select max(n) from t",
    "products": "select a.range from range(1000000) a, range(1000000) b order by hash(a.range * b.range)",
    "a list": "select list(range) y from range(1000000000)",
    "long texts": "select repeat('a', 100000) y from range(1000000)",
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_sql_without_end_is_broken_off(kind: str, folder: Path) -> None:
    source = Source(ENDLESS[kind], str(folder), limits=Limits(sql_seconds=0.2, sql_gigabytes=0.05))
    with pytest.raises(DataError, match=r"the limit `sql_(seconds|gigabytes)`, which can be raised"):
        load(source)


def test_sql_leaves_nothing_behind_on_the_disk(folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    with pytest.raises(DataError):
        load(Source(ENDLESS["products"], str(folder), limits=Limits(sql_seconds=0.3, sql_gigabytes=0.05)))
    assert sorted(folder.rglob("*")) == before


def test_sql_that_comes_in_parts_is_whole(folder: Path) -> None:
    query = "select range y, case when range % 3 = 0 then null else range end z, range::varchar t from range(100000)"
    frame = load(Source(query, str(folder))).frame
    assert len(frame) == 100_000
    np.testing.assert_array_equal(frame.values("y"), np.arange(100_000))
    np.testing.assert_array_equal(frame.missing("z"), np.arange(100_000) % 3 == 0)
    assert load(Source("select 1 y, 'a' t where false", str(folder))).frame.names == ("y", "t")


@pytest.mark.parametrize("value", ["[1, 2]", "{'a': 1}", "map(['a'], [1])", "'a'::blob", "interval 1 day", "uuid()"])
def test_cells_of_sql_are_read_or_refused_in_words(value: str, folder: Path) -> None:
    table = load(Source(f"select {value} v, range::double y from range(9)", str(folder)))
    for formula in ("y ~ v", "v ~ y", "y ~ (1 | v)"):
        try:
            tm.model(formula, table.frame)
        except tm.TildeError as error:
            assert len(str(error)) < 1_000
