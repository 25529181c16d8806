"""Responses of several columns: counts of categories and shares of a whole, against SciPy's and everywhere the same."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

import tildemc as tm
from programs import density, points, run_source
from targets.direct.test_density import compare
from tildemc.errors import TildeError

N = 150
KNOWN = {"mub": 0.2, "muc": -0.1}
CHANCES = special.softmax([0.0, 0.2, -0.1])


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    x = rng.normal(size=N)
    chances = special.softmax(np.column_stack([np.zeros(N), 0.5 + 0.8 * x, -0.3 - 0.5 * x]), axis=1)
    counts = np.array([rng.multinomial(12, p) for p in chances])
    shares = np.array([rng.dirichlet(9 * p) for p in chances]).clip(1e-6)
    shares /= shares.sum(axis=1, keepdims=True)
    found = pd.DataFrame(np.column_stack([counts, shares]), columns=["a", "b", "c", "u", "v", "w"])
    return found.assign(x=x, n=12, k="k")


MODELS = {
    "multinomial": ("cbind(a, b, c) | trials(n) ~ x", {"mub": (0.5, 0.8), "muc": (-0.3, -0.5)}),
    "dirichlet": ("bind(u, v, w) ~ x", {"muv": (0.5, 0.8), "muw": (-0.3, -0.5)}),
}


def test_densities_are_scipys(frame: pd.DataFrame) -> None:
    found = tm.model("cbind(a, b, c) ~ 1", frame, "multinomial").log_likelihood(KNOWN)
    expected = stats.multinomial.logpmf(frame[["a", "b", "c"]].to_numpy(), 12, CHANCES)
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    varied = tm.model("cbind(a, b, c) ~ 1", frame, "dirichlet_multinomial").log_likelihood({**KNOWN, "phi": 4.0})
    expected = stats.dirichlet_multinomial.logpmf(frame[["a", "b", "c"]].to_numpy(int), 4 * CHANCES, 12)
    np.testing.assert_allclose(varied, expected, rtol=1e-10)
    shares = tm.model("cbind(u, v, w) ~ 1", frame, "dirichlet")
    found = shares.log_likelihood({"muv": 0.2, "muw": -0.1, "phi": 4.0})
    expected = [stats.dirichlet.logpdf(row / row.sum(), 4 * CHANCES) for row in frame[["u", "v", "w"]].to_numpy()]
    np.testing.assert_allclose(found, expected, rtol=1e-8)


@pytest.mark.parametrize("name", MODELS)
def test_graph_source_and_direct_engine_have_one_density(name: str, frame: pd.DataFrame, tmp_path: Path) -> None:
    some = frame.head(25)
    some.to_csv(tmp_path / "data.csv", index=False)
    model = tm.model(MODELS[name][0], some, name)
    compare(model, points=1)
    live, printed = model.pymc(), run_source(model.source(), tmp_path)
    at = points(live, range(1))
    ((value, slopes),), ((again, others),) = density(live, at), density(printed, at)
    assert value == pytest.approx(again, rel=1e-12)
    np.testing.assert_allclose(slopes, others, rtol=1e-12)


@pytest.mark.parametrize("name", MODELS)
def test_a_fit_finds_what_made_the_data(name: str, frame: pd.DataFrame, tmp_path: Path) -> None:
    formula, true = MODELS[name]
    fit = tm.model(formula, frame, name).fit(draws=150, tune=200, chains=2, seed=1, progress=False)
    assert fit.path == "NUTS, direct engine"
    for parameter, (intercept, slope) in true.items():
        for drawn, value in ((f"{parameter}_Intercept", intercept), (f"{parameter}_b", slope)):
            values = fit.data["posterior"][drawn].values.ravel()
            assert abs(values.mean() - value) < 4 * values.std()
    assert np.isfinite(fit.loo().elpd)
    columns = list(fit.spec.family.categories.labels)  # type: ignore[union-attr]
    means, drawn = fit.predict(), fit.predict(kind="response", seed=1)
    for table in (means, drawn):
        assert list(dict.fromkeys(label for label, _ in table.columns)) == columns
        total = sum(table[label, "mean"] for label in columns)
        np.testing.assert_allclose(total, 12 if name == "multinomial" else 1, rtol=1e-10)
        theirs = [frame[label].mean() for label in columns]
        assert [table[label, "mean"].mean() for label in columns] == pytest.approx(theirs, rel=0.05)
    fit.save(tmp_path / "fit.nc")
    assert tm.load(tmp_path / "fit.nc").loo().elpd == pytest.approx(fit.loo().elpd)


COUNTED = {
    "multinomial": lambda chance: stats.binom(12, chance),
    "dirichlet_multinomial": lambda chance: stats.betabinom(12, 4 * chance, 4 * (1 - chance)),
}
"""The distribution of each count by itself."""


@pytest.mark.parametrize("name", [*COUNTED, "dirichlet"])
def test_draws_have_the_means_and_the_distribution(name: str, frame: pd.DataFrame) -> None:
    many = pd.concat([frame] * 40)
    values = {"muv" if name == "dirichlet" else "mub": 0.2, "muw" if name == "dirichlet" else "muc": -0.1}
    values |= {} if name == "multinomial" else {"phi": 4.0}
    text = MODELS["dirichlet" if name == "dirichlet" else "multinomial"][0]
    drawn = tm.model(text.replace("~ x", "~ 1"), many, name).simulate(values, 3)
    total = 12 if name in COUNTED else 1
    np.testing.assert_allclose(drawn.sum(axis=1), total, rtol=1e-12)
    np.testing.assert_allclose(drawn.mean() / total, CHANCES, atol=0.02)
    for chance, (_, column) in zip(CHANCES, drawn.items(), strict=True):
        if name in COUNTED:
            counts = np.bincount(column.astype(int), minlength=13)
            expected = len(many) * COUNTED[name](chance).pmf(np.arange(13))
            enough = expected > 5
            assert (
                stats.chisquare(counts[enough], expected[enough] * counts[enough].sum() / expected[enough].sum()).pvalue
                > 1e-3
            )
        else:
            assert stats.kstest(column, stats.beta(4 * chance, 4 * (1 - chance)).cdf).pvalue > 1e-3


def test_a_column_of_ones_own_is_what_others_are_compared_with(frame: pd.DataFrame) -> None:
    model = tm.model("brm(cbind(a, b, c) | trials(n) ~ x, d, family = multinomial(refcat = 'c'))", frame)
    assert [p.name for p in model.spec.family.parameters] == ["mua", "mub"]
    turned = {"mua": -KNOWN["muc"], "mub": KNOWN["mub"] - KNOWN["muc"]}
    plain = tm.model("c(a, b, c) ~ x", frame, "multinomial")
    np.testing.assert_allclose(model.log_likelihood(turned), plain.log_likelihood(KNOWN), rtol=1e-10)


MISTAKES = [
    ("⟪cbind(a, b, b)⟫ ~ x", "multinomial", "`b` stands twice in the response"),
    ("⟪a⟫ ~ x", "multinomial", "a multinomial response is several columns, `cbind(a, b, c)`, and `a` is one"),
    ("cbind(a, b, ⟪k⟫) ~ x", "multinomial", "`k` is a factor, not a number"),
    ("cbind(a, ⟪b⟫, c) | trials(9) ~ x", "multinomial", "the counts of a row add up to its trials, and here one is"),
    ("cbind(u, ⟪a⟫, c) ~ x", "dirichlet", "shares are between 0 and 1, and neither, but here they are"),
    ("cbind(u, ⟪v⟫) ~ x", "dirichlet", "the shares of a row add up to 1, and here one is"),
    ("⟪cbind(a, b, c)⟫ ~ x", "multinomial(refcat = z)", "`refcat` is a category of `cbind(a, b, c)`"),
    ("cbind(a, b, c) | ⟪cens(x)⟫ ~ x", "multinomial", "`cens()` of a multinomial response is not built"),
    ("cbind(u, v, w) | ⟪trials(n)⟫ ~ x", "dirichlet", "`trials()` goes with the families"),
]


@pytest.mark.parametrize(("marked", "family", "message"), MISTAKES)
def test_a_mistake_is_answered_where_it_is(marked: str, family: str, message: str, frame: pd.DataFrame) -> None:
    text = marked.replace("⟪", "").replace("⟫", "")
    with pytest.raises(TildeError, match=re.escape(message)) as caught:
        tm.model(text, frame, family)
    assert caught.value.span is not None
    assert text[caught.value.span.start : caught.value.span.end] == marked[marked.index("⟪") + 1 : marked.index("⟫")]


def test_what_is_of_one_number_is_told(frame: pd.DataFrame) -> None:
    fit = tm.model("cbind(a, b, c) ~ x", frame, "multinomial").fit(draws=50, tune=100, chains=2, seed=1, progress=False)
    for asked in (fit.residuals, fit.r2):
        with pytest.raises(TildeError, match="is several numbers a row, which have a mean each"):
            asked()
    for kind in ("ppc", "loo_pit"):
        with pytest.raises(TildeError, match="a picture shows one number a row"):
            fit.plot(kind)
