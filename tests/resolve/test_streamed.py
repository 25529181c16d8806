"""A model of streamed rows is the model of the same rows in memory: the slow twin of `resolve_stream` is `resolve`."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cloudpickle
import dask
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.errors import DataError, TildeError
from tildemc.targets.marginal import marginal
from tildemc.targets.marginal.takes import TAKES

N, CHUNK = 150, 17


@cache
def rows() -> pd.DataFrame:
    """Every kind of column, in an order in which the first chunks have not seen all levels."""
    rng = np.random.default_rng(5)
    g = np.sort(rng.integers(0, 12, N))
    h = rng.integers(0, 6, N)
    x = rng.normal(3, 2, N)
    treat = (g > 5).astype(int)
    frame = pd.DataFrame(
        {
            "y": 50 + 2 * x + rng.normal(0, 1, 12)[g] + rng.normal(0, 1, 6)[h] + rng.normal(size=N),
            "x": x,
            "z": np.where(rng.random(N) < 0.1, np.nan, rng.normal(size=N)),
            "g": np.array([f"site {k:02d}" for k in range(12)])[g],
            "k": g,
            "h": h.astype(float),
            "arm": pd.Categorical(np.array(["b", "a", "c"])[rng.integers(0, 3, N)], ["c", "a", "b", "unused"]),
            "grade": pd.Categorical(np.array(["lo", "hi"])[rng.integers(0, 2, N)], ["lo", "hi"], ordered=True),
            "late": rng.random(N) < 0.4,
            "w": rng.integers(1, 4, N),
            "count": rng.poisson(1.0, N),
            "most": 9,
            "s": rng.choice([0.5, 1.0, 2.0], N),
            "treat": treat,
            "j": np.where(treat == 1, g, np.nan),
            "hole": np.where(rng.random(N) < 0.2, None, np.array(["p", "q", "r"])[rng.integers(0, 3, N)]),
            "doubt": pd.array(np.where(rng.random(N) < 0.2, None, rng.random(N) < 0.5), dtype="boolean"),
            "id": pd.array(np.where(rng.random(N) < 0.1, None, 2**60 + g), dtype="Int64"),
            "blank": np.array(["", "p", "q"])[rng.integers(0, 3, N)],
            "half": np.where(g < 6, g.astype(float), g + 0.5),
        }
    )
    return frame.assign(hole=frame["hole"].astype("str").where(frame["hole"].notna()))


FORMULAS = (
    "y ~ x",
    "y ~ 0 + arm + x",
    "y ~ x + (1 | g)",
    "y ~ x + (1 + x | k)",
    "y ~ x + (1 + x || g)",
    "y ~ x + (1 | g) + (1 | h)",
    "y ~ x + (1 | h/arm)",
    "y ~ x + (1 | g:late)",
    "y ~ x + (1 | k); sigma ~ by(arm)",
    "y | weights(w) ~ x + (1 | g)",
    "y | se(s) ~ x + (1 | g)",
    "y | se(s, sigma = TRUE) + weights(w) ~ x + (1 | g); sigma ~ by(late)",
    "y ~ x + offset(2 * z) + (1 | g)",
    "y ~ z + (1 | g)",
    "y ~ arm * x + grade + (1 | g)",
    "y ~ scale(x) * late + (0 + late | h)",
    "y ~ center(x) + scale(z, center = FALSE) + (1 | g)",
    "y ~ poly(x, 2) + cut(z, 3) + factor(w) + (1 | g)",
    "y ~ I(x > 2) + (1 | g)",
    "y ~ treat + (0 + treat | j)",
    "y ~ x + (1 | j)",
    "y ~ x + (1 | hole) + (1 | g)",
    "y ~ x + hole + I(2 * x)",
    "y ~ x + (1 | doubt:h)",
    "y ~ x + doubt + (1 | g)",
    "y ~ x + (1 | id)",
    "y ~ x + factor(id) + (1 | h)",
    "y ~ x + (1 | blank:half)",
    "y ~ x + blank + factor(half) + (1 | h)",
    'log(y) ~ relevel(g, "site 03") + (1 | h)',
    "mixed y i.arm#i.hole || g:",
    "mixed y x if late & z > 0 || g:",
    "mixed y x i.arm in 3/-4 || h: x, cov(un)",
    'lmer(y ~ x + (1 | g), data = d, subset = arm != "a" & !is.na(hole))',
)


def parquet(folder: Path) -> str:
    path = folder / "rows.parquet"
    rows().to_parquet(path, row_group_size=40)
    return str(path)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return parquet(tmp_path_factory.mktemp("streamed"))


def rounded(value: Any) -> Any:
    """`value` as plain data, its numbers to ten digits: what is learned in parts differs in the last ones."""
    if isinstance(value, float):
        return float(f"{value:.10g}")
    if is_dataclass(value):
        return type(value).__name__, *(rounded(getattr(value, f.name)) for f in fields(value) if f.compare)
    return tuple(rounded(part) for part in value) if isinstance(value, tuple | list) else value


def assert_twins(streamed: tm.Model, whole: tm.Model) -> None:
    """One model of one reduction: estimates follow from it."""
    assert rounded(streamed.spec) == rounded(whole.spec)
    assert rounded(streamed.report) == rounded(whole.report)
    assert list(streamed.report.missing.items()) == list(whole.report.missing.items())
    assert str(streamed) == str(whole)
    assert streamed.design.n == whole.design.n
    if TAKES.gaps(whole.spec):
        return
    fast, slow = marginal(streamed.spec, streamed.design), marginal(whole.spec, whole.design)
    for name, value in slow.blocks._asdict().items():
        scale = np.abs(value).max(initial=0)
        np.testing.assert_allclose(getattr(fast.blocks, name), value, rtol=1e-10, atol=1e-10 * scale, err_msg=name)


def test_estimates_are_those_of_all_rows(path: str) -> None:
    formula = "y ~ x + arm + (1 + x | g)"
    streamed, whole = (tm.model(formula, data).optimize() for data in (tm.stream(path, chunk=CHUNK), path))
    assert streamed.criterion == pytest.approx(whole.criterion, rel=1e-9)
    assert streamed.fixef == pytest.approx(whole.fixef, rel=1e-5, abs=1e-6)
    assert streamed.sigma == pytest.approx(whole.sigma, rel=1e-5, abs=1e-6)
    for name, group in whole.groups.items():
        np.testing.assert_allclose(streamed.groups[name].sds, group.sds, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("formula", FORMULAS)
def test_chunks_of_a_file_give_the_model_of_the_file(formula: str, path: str) -> None:
    streamed, whole = tm.model(formula, tm.stream(path, chunk=CHUNK)), tm.model(formula, path)
    assert_twins(streamed, whole)
    assert streamed.report.columns == whole.report.columns


@pytest.mark.parametrize("formula", FORMULAS)
def test_partitions_of_a_dask_frame_give_the_model_of_the_frame(formula: str) -> None:
    frame = dd.from_pandas(rows(), npartitions=5, sort=False)
    with dask.config.set(scheduler="sync"):
        assert_twins(tm.model(formula, frame), tm.model(formula, rows()))


def elsewhere(graph: Any, keys: Any, **_: Any) -> Any:
    """A scheduler that takes what it is sent through a pickle, as another process would."""
    return dask.get(cloudpickle.loads(cloudpickle.dumps(graph)), keys)


@pytest.mark.parametrize("scheduler", ["threads", elsewhere])
def test_any_scheduler_gives_the_same(scheduler: Any) -> None:
    formula = "y ~ scale(x) + poly(z, 2) + (1 + x | g)"
    frame = dd.from_pandas(rows(), npartitions=30, sort=False)
    with dask.config.set(scheduler=scheduler):
        assert_twins(tm.model(formula, tm.stream(frame, chunk=3)), tm.model(formula, rows()))


def test_a_fit_draws_the_same_numbers_and_says_that_the_rows_are_streamed(path: str) -> None:
    formula = "y ~ x + (1 | g)"
    streamed = tm.model(formula, tm.stream(path, chunk=CHUNK)).fit(draws=50, chains=2, seed=1, progress=False)
    whole = tm.model(formula, path).fit(draws=50, chains=2, seed=1, progress=False)
    np.testing.assert_allclose(
        streamed.data["posterior"]["sigma"].values, whole.data["posterior"]["sigma"].values, rtol=1e-6
    )
    assert streamed.path == f"{whole.path}; 150 rows, streamed"
    assert streamed.data["posterior"].attrs["path"] == streamed.path
    assert set(streamed.data.children) == {"posterior", "sample_stats"}


def test_rows_are_passed_over_three_times_however_much_is_asked_of_the_model(path: str) -> None:
    data = tm.stream(path, chunk=CHUNK)
    passes: list[Any] = []
    reduce = data.reduce
    data.reduce = lambda *arguments: passes.append(arguments) or reduce(*arguments)  # type: ignore[method-assign,func-returns-value]
    model = tm.model("y ~ x + (1 + x | g)", data)
    assert len(passes) == 2
    model.optimize("reml")
    model.optimize("ml")
    model.fit(draws=20, chains=2, seed=1, progress=False)
    print(model, model.source())
    assert len(passes) == 3


def test_the_source_is_that_of_the_file(path: str) -> None:
    for formula in ("y ~ x * arm + offset(z) + (1 + x | g)", "y | weights(w) ~ treat + (0 + treat | j)"):
        assert tm.model(formula, tm.stream(path, chunk=CHUNK)).source() == tm.model(formula, path).source()


MISTAKES = (
    "y ~ nope",
    "y ~ x + (1 | nope)",
    "y ~ x + (1 + nope | g)",
    "y ~ arm + log(x - 100)",
    "treat ~ x + (1 | g); sigma ~ by(nope)",
    "g ~ x",
    "y ~ scale(I(0 * x))",
    'y ~ relevel(arm, "nope")',
    "I(0 * x) ~ x",
    "mixed y x if x > 1000",
    'mixed y x if arm == "nope"',
    "mixed y x in 1000/2000",
    "y | se(x - 3) ~ 1",
    "y ~ x + (0 + treat | treat)",
)


@pytest.mark.parametrize("formula", MISTAKES)
def test_mistakes_are_told_as_in_memory(formula: str, path: str) -> None:
    told = []
    for data in (tm.stream(path, chunk=N), path):
        with pytest.raises(TildeError) as caught:
            tm.model(formula, data)
        told.append((type(caught.value), str(caught.value)))
    assert told[0] == told[1]


@pytest.mark.parametrize(
    "ask",
    [
        lambda model: model.fit(method="pymc"),
        lambda model: model.fit(sampler="pymc"),
        lambda model: model.pymc(),
        lambda model: model.design_matrix(),
        lambda model: model.group_terms(),
        lambda model: model.fit(draws=20, chains=2, seed=1, progress=False).loo(),
        lambda model: model.fit(draws=20, chains=2, seed=1, progress=False).log_likelihood(),
    ],
)
def test_what_needs_all_rows_says_so_and_what_to_do(ask: Any, path: str) -> None:
    model = tm.model("y ~ x + (1 | g)", tm.stream(path))
    with pytest.raises(tm.TildeError, match=r"needs all rows at once.*pandas\.read_parquet"):
        ask(model)


MERGED = (
    ("count ~ w + arm + (1 | h)", "poisson"),
    ("late ~ 1 + (1 + w | h)", "bernoulli"),
    ("count | trials(most) + weights(s) ~ w + (1 | h)", "binomial"),
    ("count ~ s + (1 | h)", "negbinomial"),
    ("late ~ 0 + arm", "bernoulli"),
)


@pytest.mark.parametrize(("formula", "family"), MERGED)
def test_rows_that_are_merged_in_chunks_have_the_draws_and_the_estimates_of_rows_that_are_merged_at_once(
    formula: str, family: str, path: str
) -> None:
    streamed, whole = (tm.model(formula, data, family=family) for data in (tm.stream(path, chunk=CHUNK), path))
    assert str(streamed) == str(whole)
    settings = {"draws": 20, "tune": 20, "chains": 2, "seed": 1, "progress": False}
    fits = [model.fit(**settings) for model in (streamed, whole)]
    assert fits[0].path == f"{fits[1].path}; 150 rows, streamed"
    for name, (_, values) in fits[1].groups["posterior"].variables.items():
        np.testing.assert_allclose(fits[0].groups["posterior"].variables[name][1], values, rtol=1e-5, atol=1e-6)
    estimates = [model.optimize() for model in (streamed, whole)]
    assert estimates[0].criterion == pytest.approx(estimates[1].criterion, rel=1e-9)


def test_a_fit_of_merged_rows_predicts_new_ones_and_says_that_it_has_not_those_of_the_fit(path: str) -> None:
    model = tm.model("count ~ w + (1 | h)", tm.stream(path, chunk=CHUNK), family="poisson")
    fit = model.fit(draws=20, tune=20, chains=2, seed=1, progress=False)
    assert fit.predict({"w": [1, 2], "h": [0.0, 1.0]}, kind="mean")["mean"].shape == (2,)
    for ask in (fit.loo, fit.log_likelihood, lambda: fit.predict(kind="mean")):
        with pytest.raises(tm.TildeError, match=r"needs all rows at once.*pandas\.read_parquet"):
            ask()


def test_an_engine_that_does_not_take_the_model_names_one_that_takes_it_in_chunks(path: str) -> None:
    model = tm.model("late ~ x + (1 | g)", tm.stream(path, chunk=CHUNK), family="bernoulli")
    with pytest.raises(tm.TildeError, match="`method='exact'` cannot fit this model; `method='transport'` can"):
        model.fit(method="exact")


def test_no_rows_are_told_of(tmp_path: Path) -> None:
    rows().iloc[:0].to_parquet(tmp_path / "none.parquet")
    with pytest.raises(DataError, match="no rows"):
        tm.model("y ~ x", tm.stream(tmp_path / "none.parquet"))
