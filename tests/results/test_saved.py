"""A fit that was saved is opened as it was, without its data; what is no such file is refused in a sentence."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import tildemc as tm
from tildemc.results import saved
from tildemc.results.fit import Fit
from tildemc.results.margins.margins import Margins
from tildemc.results.stored import read_sealed, write_sealed

ASKED = {"draws": 60, "tune": 100, "chains": 2, "seed": 1, "progress": False}


def rows() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    data = pd.DataFrame({"x": rng.normal(size=48), "g": np.resize(list("abcdef"), 48), "f": np.resize([1, 2, 3], 48)})
    data["y"] = data["x"] + rng.normal(size=48)
    data["hit"] = np.where(data["y"] > 0, "yes", "no")
    return data.set_index(pd.Index([f"r{i}" for i in range(48)]))


TWO_PARTS = "y ~ scale(x) + factor(f) + (1 + x | g); sigma ~ by(f)"

MODELS: dict[str, Callable[[Path], tm.Model]] = {
    "gaussian": lambda _: tm.model(TWO_PARTS, rows(), priors="b ~ normal(0, 1)"),
    "bernoulli": lambda _: tm.model("hit ~ poly(x, 2) + (1 | g:f)", rows(), "bernoulli(probit)"),
    "a Stata command": lambda _: tm.model("mixed y x i.f || g:, level(90) variance", rows()),
    "a file": lambda folder: tm.model("y ~ x + (1 | g)", parquet(folder)),
    "streamed": lambda folder: tm.model("y ~ x + (1 | g)", tm.stream(parquet(folder))),
}  # fmt: skip


def parquet(folder: Path) -> Path:
    rows().to_parquet(folder / "data.parquet", index=False)
    return folder / "data.parquet"


@pytest.fixture(scope="module", params=MODELS)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Fit, Fit]:
    """A fit, and the same from its file; the data are gone by then."""
    folder = tmp_path_factory.mktemp("saved")
    fit = MODELS[request.param](folder).fit(**ASKED)
    fit.save(folder / "fit.nc")
    (folder / "data.parquet").unlink(missing_ok=True)
    return fit, tm.load(folder / "fit.nc")


AVERAGED: dict[str, Callable[[Fit], Margins]] = {
    "slopes": lambda fit: fit.avg_slopes(),
    "each row": lambda fit: fit.predictions(),
    "groups of rows": lambda fit: fit.slopes("x", by="o"),
    "conditional": lambda fit: fit.conditional_effects("o:x")["o:x"],
}


def test_it_knows_the_rows_that_averages_are_over(tmp_path: Path) -> None:
    """Their levels in order, a row without a label; and so does a file of what came from a file."""
    order = pd.CategoricalDtype(["low", "mid", "high"])
    data = rows().assign(f=np.resize([True, False, False], 48))
    data["o"] = pd.Series(np.resize(["mid", "low", "high"], 48), data.index, order)
    data.loc["r3", "g"] = None
    fit = tm.model("y ~ scale(x) * f + o + (1 + x | g)", data).fit(**ASKED)
    fit.save(tmp_path / "once.nc")
    tm.load(tmp_path / "once.nc").save(tmp_path / "twice.nc")
    opened = tm.load(tmp_path / "twice.nc")
    for ask in AVERAGED.values():
        pd.testing.assert_frame_equal(ask(opened).frame(), ask(fit).frame(), check_dtype=False)


def test_it_prints_and_summarises_as_it_did(pair: tuple[Fit, Fit]) -> None:
    fit, opened = pair
    assert (str(opened), repr(opened)) == (str(fit), repr(fit))
    for table in ({}, {"group_effects": True}, {"variances": True, "interval": 0.5}):
        pd.testing.assert_frame_equal(opened.summary(**table), fit.summary(**table))
    assert opened.data.identical(fit.data)


def test_it_knows_its_model(pair: tuple[Fit, Fit]) -> None:
    fit, opened = pair
    one, two = opened.model, fit.model
    assert isinstance(one, tm.Model) and isinstance(two, tm.Model)
    assert opened.spec == fit.spec
    assert (str(one), one.source(), repr(one)) == (str(two), two.source(), repr(two))
    pd.testing.assert_frame_equal(one.priors(), two.priors())
    assert opened.settings == fit.settings


def test_rows_are_evaluated_and_fitted_again_as_before(pair: tuple[Fit, Fit]) -> None:
    fit, opened = pair
    assert opened.model is not None
    if "streamed" in fit.path:
        with pytest.raises(tm.TildeError, match=r"fit\.nc does not hold the rows that were streamed"):
            opened.model.fit(**ASKED)
        return
    xr.testing.assert_identical(opened.log_likelihood(), fit.log_likelihood())
    xr.testing.assert_identical(opened.model.fit(**ASKED).data["posterior"].b, fit.data["posterior"].b)


def test_new_rows_are_predicted_as_before(pair: tuple[Fit, Fit]) -> None:
    fit, opened = pair
    new = rows()[::5].assign(g=["a", "new", "b", "a", "c", "d", "e", "f", "a", "b"]).drop(columns=["y", "hit"])
    for kind in ("mean", "response"):
        one, two = (each.predict(new, kind, new_levels="sample", seed=3, progress=False) for each in pair)
        pd.testing.assert_frame_equal(one, two)
    with pytest.raises(tm.TildeError) as caught:
        fit.predict(new, progress=False)
    with pytest.raises(tm.TildeError, match="new") as again:
        opened.predict(new, progress=False)
    assert str(again.value) == str(caught.value)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    """What is in a file."""
    path = tmp_path_factory.mktemp("tree") / "fit.nc"
    tm.model("y ~ x", rows()).fit(**ASKED).save(path)
    return read_sealed(path)


def test_a_model_without_its_data_frame_asks_for_data(tree: xr.DataTree, tmp_path: Path) -> None:
    write_sealed(tree, tmp_path / "fit.nc")
    fit = tm.load(tmp_path / "fit.nc")
    with pytest.raises(tm.TildeError, match="the data are not in the file that this came from: give them too"):
        fit.update("~ . + f")
    assert fit.update("~ . + f", rows()).spec.formula == "y ~ x + f"


def without_the_model(tree: xr.DataTree) -> None:
    del tree[saved.GROUP]


def of_another_version(tree: xr.DataTree) -> None:
    tree[saved.GROUP].attrs["version"] = "0.0.7"


def with_other_records(tree: xr.DataTree) -> None:
    tree[saved.GROUP].attrs["layout"] = "0"


def with_other_content(tree: xr.DataTree) -> None:
    tree[saved.GROUP] = tree[saved.GROUP].to_dataset().assign(content=("line", ['{"records": []}']))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (without_the_model, "holds draws, but not the model that they are of"),
        (of_another_version, f"was written by tildemc 0.0.7, and tildemc {version('tildemc')} cannot open it"),
        (with_other_records, f"was written by tildemc {version('tildemc')}, and another state of it cannot open it"),
        (with_other_content, "holds no fit that tildemc has written"),
    ],
)  # fmt: skip
def test_what_is_no_fit_of_this_version_is_refused(
    change: Callable[[xr.DataTree], None], told: str, tree: xr.DataTree, tmp_path: Path
) -> None:
    changed = tree.copy(deep=True)
    change(changed)
    write_sealed(changed, tmp_path / "fit.nc")
    with pytest.raises(tm.TildeError, match=told) as caught:
        tm.load(tmp_path / "fit.nc")
    assert "`xarray.open_datatree` reads its draws" in str(caught.value)


@pytest.mark.parametrize("path", ["none.nc", "", 3, "a\0b"], ids=repr)
def test_a_path_that_is_none_is_told_of(path: str) -> None:
    with pytest.raises(tm.TildeError, match=r"path of a file is a text|cannot be read"):
        tm.load(path)
