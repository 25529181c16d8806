"""Thresholds that are equidistant, sum to zero, are those of some rows, or are moved each by itself: slow twins."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import tildemc as tm
from marked import mistake
from programs import same_density
from tildemc.errors import TildeError

ITEMS = {"a": 3, "b": 2, "c": 1}
"""How many thresholds each item has."""


def data(n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"x": rng.normal(1, 1, n), "z": rng.normal(size=n), "item": rng.choice([*ITEMS], n)})
    frame["most"] = frame["item"].map(ITEMS)
    frame["y"] = 1 + (rng.uniform(size=n) * (frame["most"] + 1)).astype(int)
    frame["few"] = frame["item"].map({"a": 2, "b": 3, "c": 3})
    frame["grade"] = rng.integers(1, 5, n)
    frame["from_0"] = frame["grade"] - 1
    return frame


DATA = data()
F = {"logit": stats.logistic.cdf, "probit": stats.norm.cdf, "cauchit": stats.cauchy.cdf}


def chances(family: str, link: str, mu: float, thresholds: list[float], disc: float = 1.0) -> list[float]:
    """Of each category, as brms has it."""
    below = [F[link](disc * (t - mu)) for t in thresholds]
    above = [F[link](disc * (mu - t)) for t in thresholds]
    match family:
        case "cumulative":
            return np.diff([0.0, *below, 1.0]).tolist()
        case "sratio" | "cratio":
            stop = below if family == "sratio" else [1 - p for p in above]
            return [float(p * np.prod([1 - q for q in stop[:k]])) for k, p in enumerate([*stop, 1.0])]
        case _:
            odds = [np.prod([p / (1 - p) for p in above[:k]]) for k in range(len(above) + 1)]
            return [float(o / sum(odds)) for o in odds]


FLAT = {"a": [-1.0, 0.2, 0.9], "b": [-0.3, 0.8], "c": [0.4]}
FLEXIBLE, EVEN = [-0.8, 0.1, 1.2], [-1.0, 0.0, 1.0]
OF_ITEMS = [t for own in FLAT.values() for t in own]
CASES = {
    "equidistant": ("grade ~ x", "cumulative(probit, threshold = equidistant)", {"Intercept": EVEN}),
    "sum to zero": ("grade ~ x", "acat(threshold = sum_to_zero)", {"Intercept": FLEXIBLE}),
    "by item": ("y | thres(gr = item) ~ x", "cumulative", {"Intercept": OF_ITEMS}),
    "by item, as a column says": ("y | thres(most, gr = item) ~ x", "sratio(probit)", {"Intercept": OF_ITEMS}),
    "by item, with disc": ("y | thres(gr = item) ~ x; disc ~ 0 + z", "acat(cauchit)", {"Intercept": OF_ITEMS}),
    "moved by z": ("grade ~ x + cs(z)", "cratio", {"Intercept": FLEXIBLE, "bcs": [[0.2, -0.4, 0.6]]}),
    "by item, moved": ("y | thres(gr = item) ~ x + cs(z)", "acat", {"Intercept": OF_ITEMS, "bcs": [[0.2, -0.4, 0.6]]}),
    "behind a hurdle": ("from_0 ~ x; hu ~ z", "hurdle_cumulative", {"Intercept": [-0.5, 0.7]}),
}


def by_hand(formula: str, family: str, known: Mapping[str, Any], row: Any) -> list[float]:
    """The chances of a row at b = 0.3, and 0.5 of z for what else is modelled."""
    name, _, rest = family.partition("(")
    link = next((link for link in F if link in rest), "logit")
    own = FLAT[row.item] if "item" in formula else known["Intercept"]
    own = [t - effect * row.z for t, effect in zip(own, known.get("bcs", [[0.0] * 3])[0], strict=False)]
    found = chances(name.removeprefix("hurdle_"), link, 0.3 * row.x, own, np.exp(0.5 * row.z * ("disc" in formula)))
    if "hu" in formula:
        hu = F["logit"](-0.2 + 0.5 * row.z)
        found = [hu, *((1 - hu) * p for p in found)]
    return found + [0.0] * (4 - len(found))


@pytest.mark.parametrize("case", CASES)
def test_chances_and_log_likelihoods_are_those_by_hand(case: str) -> None:
    formula, family, known = CASES[case]
    model = tm.model(formula, DATA, family)
    values = {**known, "b": [0.3]}
    values |= {"disc_b": [0.5]} if "disc" in formula else {}
    values |= {"hu_Intercept": -0.2, "hu_b": [0.5]} if "hu" in formula else {}
    expected = np.array([by_hand(formula, family, known, row) for row in DATA.itertuples()])
    assert model.design.y is not None  # type: ignore[union-attr]
    own = model.design.y.astype(int) - int(model.spec.family.values.lower)  # type: ignore[union-attr]
    np.testing.assert_allclose(model.log_likelihood(values), np.log(expected[np.arange(len(DATA)), own]), rtol=1e-8)
    new = DATA.iloc[::-7].drop(columns=["y", "grade", "from_0"])
    np.testing.assert_allclose(model.predict_at(values, new), expected[::-7], rtol=1e-8, atol=1e-15)


FITTED = {
    "equidistant": ("grade ~ x", "cumulative(threshold = equidistant)"),
    "sum to zero": ("grade ~ x", "cratio(threshold = sum_to_zero)"),
    "by item": ("y | thres(gr = item) ~ x + cs(z)", "acat"),
    "equidistant by item": ("y | thres(gr = item) ~ 1", "cumulative(threshold = equidistant)"),
}


@pytest.fixture(scope="module", params=FITTED)
def fit(request: pytest.FixtureRequest) -> tm.Fit:
    formula, family = FITTED[request.param]
    return tm.model(formula, DATA, family).fit(draws=50, tune=100, chains=2, seed=1, progress=False)


def test_fits_predict_and_are_kept(fit: tm.Fit, tmp_path: Path) -> None:
    assert fit.path.startswith("NUTS, direct engine")
    table = fit.predict(DATA.head(4)).xs("mean", axis=1, level=1)
    np.testing.assert_allclose(table.sum(axis=1), 1)
    fit.save(tmp_path / "fit.nc")
    pd.testing.assert_frame_equal(tm.load(tmp_path / "fit.nc").predict(DATA.head(4)), fit.predict(DATA.head(4)))
    drawn = fit.data["posterior"]
    thresholds = fit.spec.thresholds
    assert thresholds is not None
    if thresholds.spacing == "equidistant":
        own = np.diff(drawn["Intercept"].values[..., : thresholds.cuts[0].size])
        delta = drawn["delta"].values if thresholds.by is None else drawn["delta"].values[..., 0]
        np.testing.assert_allclose(own, np.broadcast_to(delta[..., None], own.shape), rtol=1e-9)
    if thresholds.spacing == "sum_to_zero":
        shift = drawn["b"].values[..., 0] * DATA["x"].mean()
        np.testing.assert_allclose(drawn["Intercept"].mean("threshold"), shift, atol=1e-12)
        assert "cutpoints" not in str(fit)


def test_numbers_go_by_brms_names(fit: tm.Fit) -> None:
    names = fit.fixef().index
    assert "Intercept[a,1]" in names if fit.spec.thresholds.by else "Intercept[1]" in names  # type: ignore[union-attr]
    own = {"b_Intercept[1]"} if "Intercept[1]" in names else {"b_Intercept[a,1]"}
    own |= {"bcs_z[2]"} if fit.spec.specific is not None else set()
    own |= {"delta"} if "delta" in fit.data["posterior"] and "Intercept[1]" in names else set()
    for name in own:
        assert np.isfinite(fit.hypothesis(f"{name} > 0")["mean"]).all()


def test_prior_draws_have_the_structure() -> None:
    priors = ["Intercept ~ normal(0, 1)", "delta ~ exponential(1)", "delta(b) ~ exponential(2)"]
    model = tm.model("y | thres(gr = item) ~ 1", DATA, "cumulative(threshold = equidistant)", priors=priors)
    drawn = model.prior_predictive(40, seed=1)["prior"]
    assert [*drawn["Intercept"].coords["threshold"].values] == ["a,1", "a,2", "a,3", "b,1", "b,2", "c,1"]
    np.testing.assert_allclose(np.diff(drawn["Intercept"].values[..., 3:5])[..., 0], drawn["delta"].values[..., 1])
    plain = tm.model("grade ~ cs(x)", DATA, "sratio(threshold = sum_to_zero)").prior_predictive(40, seed=1)["prior"]
    np.testing.assert_allclose(plain["Intercept"].sum("threshold"), 0, atol=1e-12)
    assert plain["bcs"].dims == ("chain", "draw", "bcs_term", "bcs_threshold")


SOURCES = (
    ("y | thres(gr = item) ~ x", "cumulative"),
    ("y | thres(gr = item) ~ x + cs(z)", "cratio(threshold = equidistant)"),
    ("grade ~ x", "cumulative(threshold = sum_to_zero)"),
    ("from_0 ~ x; hu ~ z", "hurdle_cumulative"),
)


@pytest.mark.parametrize(("formula", "family"), SOURCES, ids=str)
def test_the_source_is_the_graph(formula: str, family: str, tmp_path: Path) -> None:
    DATA.to_csv(tmp_path / "rows.csv", index=False)
    model = tm.model(formula, tmp_path / "rows.csv", family)
    same_density(model.pymc(), model.source(data="rows.csv"), tmp_path)


REFUSED = [
    ("grade ~ x + ⟪cs(z)⟫", "cumulative", "thresholds of a cumulative response may cross"),
    ("grade ~ x + ⟪cs(x)⟫", "sratio", "`x` stands within `cs()` and outside"),
    ("x ~ z + ⟪cs(z)⟫", "gaussian", "`cs()` has an effect on each threshold, and family gaussian has none"),
    ("grade ~ x; disc ~ ⟪cs(z)⟫", "sratio", "`cs()` has an effect on each threshold, and disc has none"),
    ("grade ~ x:⟪cs(z)⟫", "sratio", "`cs()` takes a sum of columns, and can only be added"),
    ("grade ~ ⟪cs(1)⟫", "sratio", "`cs()` takes columns alone"),
    ("grade ~ (⟪cs(z)⟫ | item)", "sratio", "category-specific effects that vary by group are not built"),
    ("y | ⟪thres(few, gr = item)⟫ ~ x", "acat", "is up to 4 where `item` is a, and 2 thresholds tell 3 categories"),
    ("y | ⟪thres(grade, gr = item)⟫ ~ x", "acat", "is one number for each level, and where `item` is a 1, 2, 3, 4"),
    ("y | ⟪thres(z, gr = item)⟫ ~ x", "acat", "a number of thresholds is 1, 2, …, not"),
    ("y | ⟪thres(most)⟫ ~ x", "acat", "takes a number of thresholds"),
    ("y | ⟪thres(gr = item, by = x)⟫ ~ x", "acat", "takes a number of thresholds"),
    ("⟪from_0⟫ ~ x", "cumulative", "counts its categories from 1"),
    ("⟪grade⟫ ~ x", "cumulative(threshold = even)", "thresholds are flexible, equidistant, sum_to_zero, not even"),
    ("⟪x⟫ ~ z", "gaussian(threshold = equidistant)", "family gaussian has no thresholds"),
]


@pytest.mark.parametrize(("marked", "family", "message"), REFUSED, ids=str)
def test_what_thresholds_are_not_is_told(marked: str, family: str, message: str) -> None:
    if "threshold =" in family:
        with pytest.raises(TildeError, match=message):
            tm.model(marked.replace("⟪", "").replace("⟫", ""), DATA, family)
        return
    mistake(lambda text: tm.model(text, DATA, family), marked, message, TildeError)
