"""Times to a choice: the moments of the first passage, what stands beside the response, a fit."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from mpmath import mp, mpf

import tildemc as tm
from tildemc.errors import TildeError
from tildemc.spec.diffusion import wiener_mean, wiener_variance
from tildemc.spec.families import FAMILIES


@pytest.mark.parametrize(("drift", "start"), [(0.5, 0.3), (-2, 0.7), (1e-4, 0.4), (20, 0.3), (-15, 0.9), (0.9999, 0.2)])
def test_mean_and_variance_are_those_of_the_laplace_transform(drift: float, start: float) -> None:
    v, w = mpf(drift), mpf(start)

    def transform(s: mpf) -> mpf:
        g = mp.sqrt(v**2 + 2 * s)
        return (mp.exp(-v * w) * mp.sinh(g * (1 - w)) + mp.exp(v * (1 - w)) * mp.sinh(g * w)) / mp.sinh(g)

    with mp.workdps(60):
        at = mpf(10) ** -20
        mean, square = -mp.diff(transform, at, h=mpf(10) ** -24), mp.diff(transform, at, 2, h=mpf(10) ** -24)
    assert float(wiener_mean(drift, start)) == pytest.approx(float(mean), rel=1e-10)
    assert float(wiener_variance(drift, start)) == pytest.approx(float(square - mean**2), rel=1e-8)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    n, rng = 200, np.random.default_rng(3)
    x = np.resize([0.0, 1.0], n)
    known = {"mu": 0.5 + x, "bs": 1.5, "ndt": 0.2, "bias": 0.5}
    assert FAMILIES["wiener"].signed is not None
    signed = FAMILIES["wiener"].signed.of(known, rng, (n,))
    return pd.DataFrame({"rt": abs(signed), "upper": signed > 0, "x": x}).assign(
        choice=lambda f: np.where(f["upper"], "upper", "lower"), other="left"
    )


def test_a_fit_finds_what_made_the_data(frame: pd.DataFrame) -> None:
    model = tm.model('brm(rt | dec(choice) ~ x, d, family = wiener(link_bs = "log", link_bias = "logit"))', frame)
    fit = model.fit(draws=150, tune=200, chains=2, seed=1, progress=False)
    assert fit.path == "NUTS, direct engine"
    for parameter, value in {"Intercept": 0.5, "b": 1.0, "bs": 1.5, "ndt": 0.2, "bias": 0.5}.items():
        drawn = fit.data["posterior"][parameter].values.ravel()
        assert abs(drawn.mean() - value) < 4 * drawn.std()
    assert np.isfinite(fit.loo().elpd)
    times = fit.predict(kind="response", seed=1)["mean"]
    assert times.mean() == pytest.approx(frame["rt"].mean(), rel=0.1)
    signed = fit.predict(kind="signed", newdata=frame[["x"]].iloc[:2], seed=1, draws=True)
    assert np.sort(np.unique(np.sign(signed))).tolist() == [-1, 1]
    assert abs(fit.residuals("quantile")["residual"]).max() < 5


def test_choices_may_be_words_truth_values_or_numbers(frame: pd.DataFrame) -> None:
    values = {"mu": 0.3, "bs": 1.2, "ndt": 0.1, "bias": 0.4}
    frame = frame.assign(number=frame["upper"].astype(int))
    said = [tm.model(f"rt | dec({column}) ~ 1", frame, "wiener") for column in ("choice", "upper", "number")]
    one, *others = (model.log_likelihood(values).to_numpy() for model in said)
    for other in others:
        np.testing.assert_array_equal(other, one)


REFUSED = [
    ("⟪rt⟫ ~ x", "a wiener response needs `dec()`: `rt | dec(c)`"),
    ("rt | dec(⟪other⟫) ~ x", "`other` says lower, upper, but here it is 'left'"),
    ("rt | ⟪dec(rt)⟫ ~ x", "`dec()` takes 0 or lower, and 1 or upper, but here it is"),
    ("rt | dec(upper) + ⟪cens(x)⟫ ~ x", "`cens()` of a wiener response is not built"),
    ("rt | dec(upper) + ⟪trunc(lb = 0.1)⟫ ~ x", "`trunc()` of a wiener response is not built"),
]


@pytest.mark.parametrize(("marked", "message"), REFUSED)
def test_what_has_no_meaning_is_told(marked: str, message: str, frame: pd.DataFrame) -> None:
    text = marked.replace("⟪", "").replace("⟫", "")
    with pytest.raises(TildeError, match=re.escape(message)) as caught:
        tm.model(text, frame, "wiener")
    assert caught.value.span is not None
    assert text[caught.value.span.start : caught.value.span.end] == marked[marked.index("⟪") + 1 : marked.index("⟫")]


def test_other_families_take_no_choices(frame: pd.DataFrame) -> None:
    with pytest.raises(TildeError, match=re.escape("`dec()` goes with the families wiener, not with gaussian")):
        tm.model("rt | dec(upper) ~ x", frame)


def test_a_modelled_time_before_begins_below_every_time_that_was_seen() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {"rt": 0.3 + rng.gamma(3, 0.2, 60), "c": rng.integers(0, 2, 60), "g": np.resize(list("abcd"), 60)}
    )
    model = tm.model("rt | dec(c) ~ 1; ndt ~ 1 + (1 | g)", frame, "wiener")
    half = np.log(frame["rt"].min() / 2)
    assert f"ndt.Intercept ~ student_t(3, {half:.4g}, 2.5)" in str(model)
    assert np.isfinite(
        model.fit(draws=50, tune=50, chains=1, seed=1, progress=False).data["posterior"]["Intercept"]
    ).all()
