"""Plans: what is fitted, its key and its seed, and all errors at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tildemc.batches import plan_batch
from tildemc.batches.plan import Plan, build
from tildemc.batches.sources import load
from tildemc.errors import TildeError


def plan(folder: Path, text: str | None = None, **settings: object) -> Plan:
    if text is not None:
        (folder / "models.toml").write_text(text, encoding="utf-8")
    return plan_batch(folder / "models.toml", **settings)[1]  # type: ignore[arg-type]


def keys(found: Plan) -> dict[str, str]:
    return {planned.job.name: planned.key for planned in found.ready}


def test_one_fit_for_each_value(folder: Path) -> None:
    found = plan(folder)
    assert [p.job.name for p in found.ready] == ["pooled", "partial", "each.state=IA", "each.state=MN", "each.state=WI"]
    assert [p.rows for p in found.ready] == [60, 60, 20, 20, 20]
    assert [p.parameters for p in found.ready] == [3, 10, 3, 3, 3]
    assert not found.problems


def test_one_fit_for_each_group_that_a_text_names(folder: Path) -> None:
    text = '[models]\na = {formula = "bysort state: regress y x", data = "data.csv"}\n'
    found = plan(folder, text)
    assert [p.job.name for p in found.ready] == ["a.state=IA", "a.state=MN", "a.state=WI"]


TERMS = ["s(x, k = 4)", "gp(x, k = 4, c = 5/4)", "mo(k)", "corAR1(form = ~ 1 | g)", "ar1(0 + k2 | g)", "(1 | mm(g, h))"]


@pytest.mark.parametrize("term", TERMS)
def test_models_of_all_kinds_of_term_have_keys(tmp_path: Path, term: str) -> None:
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"x": rng.normal(size=40), "y": rng.normal(size=40), "k": np.arange(40) % 4})
    data = data.assign(
        k2=[f"t{k}" for k in data.k], g=np.repeat(list("abcdefghij"), 4), h=np.resize(list("abcdefghij"), 40)
    )
    data.to_csv(tmp_path / "data.csv", index=False)
    text = f'[models]\none = {{formula = "y ~ {term}", data = "data.csv"}}\n'
    found = plan(tmp_path, text)
    assert not found.problems and len(keys(found)) == 1


def test_all_errors_are_told_at_once(folder: Path) -> None:
    text = """
    [defaults]
    data = "data.csv"
    [models]
    a.formula = "y ~ z"
    b.formula = "y ~ x +"
    c = {formula = "y ~ x", data = "dta.csv"}
    d = {formula = "y ~ x", by = ["stat"]}
    e = {formula = "y ~ x", family = "gausian"}
    f = {formula = "y ~ x", priors = ["sd(g) ~ exponential(1)"]}
    h.formula = "y ~ x"
    """
    found = plan(folder, text)
    assert [p.job.name for p in found.ready] == ["h"]
    told = {p.job.name: p.error for p in found.problems}
    said = ["no column `z`", "right of `+`", "did you mean `data.csv`", "did you mean `state`"]
    said += ["did you mean `gaussian`", "sd(g)"]
    for name, expected in zip("abcdef", said, strict=True):
        assert expected in told[name]


def test_models_without_data(tmp_path: Path) -> None:
    (tmp_path / "m.txt").write_text("y ~ x", encoding="utf-8")
    [problem] = plan_batch(tmp_path / "m.txt")[1].problems
    assert "no data are named" in problem.error
    pd.DataFrame({"y": [1.0, 2, 4], "x": [1.0, 2, 3]}).to_csv(tmp_path / "d.csv", index=False)
    [ready] = plan_batch(tmp_path / "m.txt", data=tmp_path / "d.csv", draws=7)[1].ready
    assert (ready.rows, ready.job.settings.draws) == (3, 7)


@pytest.mark.parametrize(
    ("name", "told"),
    [("drws", "`batch` has no `drws`; did you mean `draws`"), ("random_seed", "no `random_seed`: it is `seed` here")],
)
def test_unknown_settings(folder: Path, name: str, told: str) -> None:
    with pytest.raises(TildeError, match=told):
        plan_batch(folder / "models.toml", **{name: 3})  # type: ignore[arg-type]


def test_every_language(folder: Path) -> None:
    text = """[defaults]
    data = "data.csv"
    [models]
    lme4.formula = "lmer(y ~ x + (1 | g), data = d)"
    stata.formula = "mixed y x || g:"
    ours.formula = "y ~ x + (1 | g)"
    """
    assert len(plan(folder, text).ready) == 3


# Keys


PARTIAL = 'formula = "y ~ x + (1 | g)"'
CHANGES = {
    "formula": (PARTIAL, 'formula = "y ~ x + (x | g)"', {"partial"}),
    "family": (PARTIAL, f'{PARTIAL}\nfamily = "student"', {"partial"}),
    "prior": (PARTIAL, f'{PARTIAL}\npriors = ["sd ~ exponential(1)"]', {"partial"}),
    "space": (PARTIAL, 'formula = "y  ~  x + (1|g)"', set[str]()),
    "name": ("[models.pooled]", "[models.other]", {"other"}),
    "draws": ("draws = 20", "draws = 21", {"pooled", "partial", "each.state=IA", "each.state=MN", "each.state=WI"}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_key_changes_with_what_it_stands_for(change: str, folder: Path) -> None:
    before = keys(plan(folder))
    old, new, changed = CHANGES[change]
    text = (folder / "models.toml").read_text(encoding="utf-8")
    assert old in text
    after = keys(plan(folder, text.replace(old, new)))
    assert {name for name, key in after.items() if before.get(name) != key} == changed
    if change == "name":
        assert after["other"] == before["pooled"]


def test_a_key_changes_with_its_own_rows_only(folder: Path) -> None:
    before = keys(plan(folder))
    data = pd.read_csv(folder / "data.csv")
    data.loc[data["state"] == "WI", "y"] += 1
    data["unused"] = 1
    data.to_csv(folder / "data.csv", index=False)
    after = keys(plan(folder))
    assert {name for name in before if before[name] != after[name]} == {"pooled", "partial", "each.state=WI"}


def test_seeds_are_each_models_own(folder: Path) -> None:
    prints = [p.fingerprint for p in plan(folder).ready]
    assert len({found.seed(5) for found in prints}) == len(prints)
    assert prints[0].seed(5) != prints[0].seed(6)
    assert [p.fingerprint.seed(5) for p in plan(folder, draws=30).ready] == [found.seed(5) for found in prints]


# Programs


def test_programs_read_their_rows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = pd.read_csv(folder / "data.csv")
    data.to_stata(folder / "data.dta", write_index=False)
    data.iloc[:30].to_csv(folder / "part1.csv", index=False)
    data.iloc[30:].to_csv(folder / "part2.csv", index=False)
    data.to_csv(folder / "data.tsv", sep="\t", decimal=",", index=False)
    data.iloc[:30].to_csv(folder / "mixed1.csv", index=False)
    data.iloc[30:].assign(g="7").to_csv(folder / "mixed2.csv", sep=";", decimal=",", index=False)
    data.astype({"x": str}).replace({"x": {data["x"].astype(str)[3]: "N/a"}}).to_csv(folder / "gaps.csv", index=False)
    data.to_csv(folder / "marks.csv", index=False, sep="~", decimal=";")
    text = """[models]
    csv = {formula = "y ~ x", data = "data.csv", by = ["state", "year"]}
    dta = {formula = "y ~ x", data = "data.dta"}
    glob = {formula = "y ~ x", data = "part*.csv"}
    sql = {formula = "y ~ x", data = "select * from 'data.csv' where state = 'MN'"}
    tsv = {formula = "y ~ x", data = "data.tsv", by = ["year"]}
    mixed = {formula = "y ~ x + (1 | g)", data = "mixed*.csv"}
    sql_of_tsv = {formula = "y ~ x", data = "select * from 'data.tsv' where state = 'MN'"}
    gaps = {formula = "y ~ x", data = "gaps.csv", na = ["N/a"], by = ["state"]}
    marks = {formula = "y ~ x", data = "marks.csv", csv = {sep = "~", decimal = ";"}, by = ["state"]}
    """
    monkeypatch.chdir(folder)
    found = plan(folder, text)
    assert not found.problems
    for planned in found.ready:
        model = build(planned.job, load(planned.job.source))
        head = model.source().split("with pm.Model")[0]
        namespace: dict[str, pd.DataFrame] = {}
        exec(compile(head, planned.job.name, "exec"), namespace)
        assert len(namespace["data"]) == planned.rows, planned.job.name
        assert (
            namespace["X"].to_numpy(float).ravel().tolist()
            == model.design_matrix().filter(regex="^(?!Intercept)").to_numpy().ravel().tolist()
        )
