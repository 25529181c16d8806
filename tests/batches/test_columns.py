"""A batch refuses a column that holds something else than in the last run, until a person takes the change."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tildemc.batches.results import Batch

Run = Callable[..., Batch]
Change = Callable[[pd.DataFrame], pd.DataFrame]

CHANGES: dict[str, tuple[Change, str]] = {
    "numbers, then labels": (lambda d: d.assign(x=[f"a{i % 3}" for i in range(len(d))]), "numbers .* holds labels"),
    "numbers, then truth values": (lambda d: d.assign(x=d["x"] > 0), "numbers .* holds truth values"),
    "labels, then numbers": (lambda d: d.assign(f=d["f"].str[1:]), "labels .* holds numbers"),
    "truth values, then words": (
        lambda d: d.replace({"t": {True: "yes", False: "no"}}),
        "truth values .* labels",
    ),
}
FORMULAS = {"x": "y ~ x", "f": "y ~ f", "t": "y ~ t"}
MODELS = """
[defaults]
data = "data.csv"
[models.one]
formula = "{formula}"
[models.other]
formula = "y ~ year"
"""


def rewrite(folder: Path, change: Change) -> None:
    """The next night's data."""
    change(pd.read_csv(folder / "data.csv")).to_csv(folder / "data.csv", index=False)


@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_is_refused_night_after_night_until_it_is_taken(kind: str, fake: Run, folder: Path) -> None:
    change, message = CHANGES[kind]
    name = {"numbers": "x", "labels": "f", "truth": "t"}[kind.split()[0].rstrip(",")]
    text = MODELS.format(formula=FORMULAS[name])
    (folder / "models.toml").write_text(text, encoding="utf-8")
    rewrite(folder, lambda d: d.assign(f=[f"a{i % 3}" for i in range(len(d))], t=d["y"] > 0))
    assert fake().ok
    rewrite(folder, change)
    for _ in range(2):
        found = fake()
        assert found.failed["job"].tolist() == ["one"]
        [error] = found.failed["error"]
        assert f"column `{name}` held" in error and "model one, data.csv" in error and f"--accept {name}" in error
        assert pd.Series([error]).str.contains(message).all()
    assert not fake(accept=["another"]).ok
    assert fake(accept=[name]).ok
    assert fake().ok


ALIKE: dict[str, tuple[str, Change]] = {
    "whole numbers, then decimals": ("y ~ year", lambda d: d.assign(year=d["year"] + 0.5)),
    "numbers, then some of them missing": ("y ~ x", lambda d: d.assign(x=d["x"].where(d.index > 3))),
    "other labels": ("y ~ state", lambda d: d.assign(state=d["state"].str.lower())),
    "labels of groups, which are labels whatever they are": (
        "y ~ x + (1 | year)",
        lambda d: d.assign(year=d["year"].astype(str).where(d.index > 3, "A7")),
    ),
    "a column that no model names": ("y ~ x", lambda d: d.assign(g=range(len(d)))),
}


@pytest.mark.parametrize("kind", ALIKE)
def test_what_is_no_change_of_type(kind: str, fake: Run, folder: Path) -> None:
    formula, change = ALIKE[kind]
    text = MODELS.format(formula=formula).replace("y ~ year", "y ~ 1") if "year" in formula else None
    (folder / "models.toml").write_text(text or MODELS.format(formula=formula), encoding="utf-8")
    assert fake().ok
    rewrite(folder, change)
    assert fake().ok


def test_other_data_are_another_matter(fake: Run, folder: Path) -> None:
    assert fake().ok
    pd.read_csv(folder / "data.csv").assign(x=["u", "v"] * 30).to_csv(folder / "e.csv", index=False)
    path = folder / "models.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("data.csv", "e.csv"), encoding="utf-8")
    assert fake().ok


def test_a_stray_text_is_refused_and_what_was_known_stays(fake: Run, folder: Path) -> None:
    assert fake().ok
    rewrite(folder, lambda d: d.assign(x=d["x"].astype(str).where(d.index != 4, "N/a")))
    errors = fake().failed["error"]
    assert len(errors) == 5 and all("'N/a' in row 4" in error for error in errors)
    known = json.loads((folder / "out" / "columns.json").read_text(encoding="utf-8"))
    assert known["pooled"]["data.csv"] == {"x": "numbers", "y": "numbers"}
    assert fake(na=["N/a"]).ok


def test_a_damaged_memory_is_none(fake: Run, folder: Path) -> None:
    assert fake().ok
    (folder / "out" / "columns.json").write_text("{", encoding="utf-8")
    assert fake().ok
