"""Merged rows have the log density of the rows that they stand for, but for a constant."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.passes import aggregate as module
from tildemc.passes import distinct
from tildemc.passes.aggregate import TooVaried, aggregate, pays
from tildemc.spec.design import Design, Streamed
from tildemc.targets.direct.entry import evaluate
from tildemc.targets.direct.pack import pack

N = 600


def data() -> pd.DataFrame:
    """Rows in few cells; `treated` rows only have a `tutor`."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "y": rng.choice([-1.0, 0.5, 2.0], N),
            "hit": rng.binomial(1, 0.3, N),
            "count": rng.poisson(1, N),
            "size": rng.integers(2, 5, N),
            "x": rng.choice([0.0, 0.3, 5.0], N, p=[0.7, 0.2, 0.1]),
            "arm": rng.choice(["a", "b"], N),
            "g": rng.choice(list("pqr"), N),
            "treated": rng.integers(0, 2, N),
            "two": 2.0,
            "w": rng.choice([0.5, 2.0], N),
            "known": rng.choice([0.5, 1.0], N),
            "exposure": rng.choice([1.0, 3.0], N),
        }
    )
    frame["tutor"] = np.where(frame.treated == 1, np.where(frame.arm == "a", rng.choice(["s", "t"], N), "u"), None)
    frame["won"] = rng.binomial(frame["size"], 0.4)
    return frame


def model(formula: str, family: str) -> tm.Model:
    return tm.model(formula, data(), family=family)


SUMS = (
    ("hit ~ 1", "bernoulli"),
    ("hit ~ x + arm + (1 | g)", "bernoulli"),
    ("hit ~ x + offset(exposure) + (1 + x | g)", "bernoulli(probit)"),
    ("hit ~ arm + (1 | g)", "bernoulli(cloglog)"),
    ("hit | weights(two) ~ x + (1 | g)", "bernoulli"),
    ("hit ~ treated + (0 + treated | tutor)", "bernoulli"),
    ("won | trials(size) ~ x + (1 | g)", "binomial"),
    ("won | trials(size) + weights(two) ~ x", "binomial(probit)"),
    ("count ~ x + (1 | g)", "poisson"),
    ("count ~ x + arm + offset(log(exposure)) + (1 | g)", "poisson"),
    ("count | weights(two) ~ x", "poisson"),
)
WEIGHTS = (
    ("hit | weights(w) ~ x + (1 | g)", "bernoulli"),
    ("won | trials(size) + weights(w) ~ x", "binomial"),
    ("count | weights(w) ~ x", "poisson"),
    ("count ~ 1 + (1 | g)", "poisson(sqrt)"),
    ("count ~ x + (1 | g)", "negbinomial"),
    ("count ~ x\nshape ~ arm", "negbinomial"),
    ("y ~ x + (1 | g)", "gaussian"),
    ("y ~ treated + (0 + treated | tutor)\nsigma ~ by(arm)", "gaussian"),
    ("y ~ x\nsigma ~ arm + (1 | g)", "gaussian"),
    ("y | se(known, sigma = TRUE) + weights(w) ~ x", "gaussian"),
    ("y ~ x + (1 | g)", "student"),
)


@pytest.mark.parametrize(("formula", "family"), SUMS + WEIGHTS)
def test_the_log_density_differs_by_a_constant(formula: str, family: str) -> None:
    given = model(formula, family)
    spec, design, note = aggregate(given.spec, given.design)
    assert design.n <= N / 2
    assert note == f"600 rows, {design.n} distinct: sampling {design.n}"
    whole = pack(given.spec, given.design, decorrelated=False)
    merged = pack(spec, design, decorrelated=False)
    rng = np.random.default_rng(0)
    constants = []
    for _ in range(2):
        x = whole.start + 0.3 * rng.normal(size=whole.size)
        (value, gradient), (expected, expected_gradient) = (evaluate(p.tables, x) for p in (merged, whole))
        np.testing.assert_allclose(gradient, expected_gradient, rtol=1e-9, atol=1e-9 * np.abs(expected_gradient).max())
        constants.append(value - expected)
    assert np.ptp(constants) < 1e-9 * abs(expected)


@pytest.mark.parametrize(("formula", "family"), SUMS)
def test_sums_need_one_row_a_cell(formula: str, family: str) -> None:
    given = model(formula, family)
    spec, design, _ = aggregate(given.spec, given.design)
    frame = data().astype({"tutor": str})
    columns = [
        name for name in ("x", "arm", "g", "treated", "tutor", "exposure") if name in re.findall(r"\w+", formula)
    ]
    assert design.n == (len(frame[columns].drop_duplicates()) if columns else 1)
    assert given.design.y is not None and design.y is not None
    assert design.y.sum() == given.design.y.sum()
    if spec.family.name == "binomial":
        assert design.trials is not None
        assert design.trials.sum() == (N if given.design.trials is None else given.design.trials.sum())


@pytest.mark.parametrize(("formula", "family"), WEIGHTS)
def test_weights_add_up(formula: str, family: str) -> None:
    given = model(formula, family)
    spec, design, _ = aggregate(given.spec, given.design)
    assert spec.family == given.spec.family and "weights" in spec.response.companions
    assert design.weights is not None
    assert design.weights.sum() == (N if given.design.weights is None else given.design.weights.sum())


def in_chunks(design: Design, size: int = 70) -> Streamed:
    """The rows as they would be streamed."""

    def fold(part: Any, merge: Any) -> Any:
        return reduce(merge, (part(design.take(np.arange(at, min(at + size, N)))) for at in range(0, N, size)))

    return Streamed(fold, design.n, "read them whole")


@pytest.mark.parametrize(("formula", "family"), SUMS + WEIGHTS)
def test_chunks_that_are_merged_come_to_what_all_rows_come_to(formula: str, family: str) -> None:
    given = model(formula, family)
    spec, design, note = aggregate(given.spec, given.design)
    again, merged, told = aggregate(given.spec, in_chunks(given.design))
    assert (again, told) == (spec, note)
    np.testing.assert_array_equal(merged.rows, design.rows)
    for name, values in design.row.items():
        np.testing.assert_array_equal(merged.row[name], values)
    for path, numbers in design.terms.items():
        for own, values in zip(merged.terms[path].alike(slice(None)), numbers.alike(slice(None)), strict=True):
            np.testing.assert_array_equal(own, values)
    for predictor in spec.predictors:
        both = (which.of(predictor.population).centre for which in (merged, design))
        np.testing.assert_allclose(*both, rtol=1e-12)


@pytest.mark.parametrize(
    ("formula", "family", "found"),
    [
        ("hit ~ z + x + (1 | g)", "bernoulli", "`z` has 140 values, `x` has 3 values, `g` has 3 values; round or cut"),
        ("z ~ x", "student", "`z` has 140 values, `x` has 3 values; round or cut"),
    ],
)
def test_streamed_rows_of_which_too_many_differ_are_refused_with_what_makes_them(
    formula: str, family: str, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = tm.model(formula, data().assign(z=np.linspace(0, 1, N)), family=family)
    streamed = in_chunks(given.design)
    assert not pays(given.spec, streamed)
    monkeypatch.setattr(module, "LARGEST", 0)
    with pytest.raises(TooVaried, match=r"of the first 140 of 600 rows 140 differ.*read them whole") as caught:
        aggregate(given.spec, streamed.then(lambda design: design))
    assert found in str(caught.value)


def test_what_a_row_without_a_level_would_have_as_effect_is_of_no_account() -> None:
    given = model("hit ~ treated + (0 + treated | tutor)", "bernoulli")
    (effects,) = given.spec.groups()
    group = given.design.of(effects)
    assert (group.index < 0).any()
    Z = np.where(group.index[:, None] < 0, np.arange(N)[:, None], group.Z)
    other = replace(given.design, terms={**given.design.terms, effects.path: replace(group, Z=Z)})
    assert aggregate(given.spec, other)[2] == aggregate(given.spec, given.design)[2] != ""


def unchanged(spec: object, design: Design, result: tuple[object, Design, str]) -> bool:
    return result[0] is spec and result[1] is design and result[2] == ""


def test_rows_stay_where_more_than_half_are_distinct() -> None:
    frame = pd.DataFrame({"hit": np.tile([0, 1], 20), "x": np.r_[np.arange(21), np.zeros(19)]})
    given = tm.model("hit ~ x", frame, family="bernoulli")
    assert unchanged(given.spec, given.design, aggregate(given.spec, given.design))
    given = tm.model("hit ~ x", frame.assign(x=np.repeat(np.arange(20), 2)), family="bernoulli")
    assert aggregate(given.spec, given.design)[2] == "40 rows, 20 distinct: sampling 20"


def test_rows_that_share_a_hash_are_not_taken_for_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    given = model("hit ~ x + (1 | g)", "bernoulli")
    expected = aggregate(given.spec, given.design)
    monkeypatch.setattr(distinct, "MULTIPLIERS", (0, *distinct.MULTIPLIERS))
    again = aggregate(given.spec, given.design)
    assert again[2] == expected[2]
    np.testing.assert_array_equal(again[1].rows, expected[1].rows)
    monkeypatch.setattr(distinct, "MULTIPLIERS", (0,))
    assert unchanged(given.spec, given.design, aggregate(given.spec, given.design))


def test_a_fit_has_the_posterior_and_the_data_of_all_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    given = model("hit ~ x + arm + (1 | g)", "bernoulli")
    settings = {"method": "direct", "draws": 400, "tune": 200, "chains": 2, "progress": False}
    merged = given.fit(seed=1, **settings)
    assert merged.path == "NUTS, direct engine; 600 rows, 18 distinct: sampling 18"
    assert merged.spec is given.spec
    assert merged.data["observed_data"].to_dataset()["hit"].shape == (N,)
    assert merged.data["constant_data"].to_dataset().sizes["obs"] == N
    monkeypatch.setattr(module, "PAYS", 0.0)
    whole = given.fit(seed=2, **settings)
    assert whole.path == "NUTS, direct engine"
    both = [fit.summary() for fit in (merged, whole)]
    error = np.hypot(*(table["sd"] / np.sqrt(table["ess_bulk"]) for table in both))
    assert (np.abs(both[0]["mean"] - both[1]["mean"]) < 5 * error).all()
