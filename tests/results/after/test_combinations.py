"""Combinations of coefficients after a fit, against the same of the draws by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from afterwards import effects, stated
from logistic import B, logistic
from tildemc.results.fit import Fit

Draws = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def fit() -> Fit:
    return stated()


COMBINED: dict[str, Callable[[Draws], list[np.ndarray]]] = {
    "lincom x": lambda b: [b["x"]],
    "lincom 2.f - 3.f": lambda b: [b["2.f"] - b["3.f"]],
    "lincom 2*_b[x] + _cons/3": lambda b: [2 * b["x"] + b["_cons"] / 3],
    "lincom 1.f + c.x#2.f": lambda b: [b["2.f#c.x"]],
    "lincom _b[y:2.f#c.x] + [y]1.h": lambda b: [b["2.f#c.x"] + b["1.h"]],
    "lincom x, or": lambda b: [np.exp(b["x"])],
    "lincom 1.h, eform level(90)": lambda b: [np.exp(b["1.h"])],
    "nlcom (r: _b[x]/_b[_cons]) (l: ln(abs(_b[x])))": lambda b: [b["x"] / b["_cons"], np.log(np.abs(b["x"]))],
    "nlcom [lnsig_e]_cons": lambda b: [np.log(b["sigma"])],
    "nlcom exp([lns1_1_2]_cons) - exp([lns1_1_1]_cons)": lambda b: [b["sd _cons"] - b["sd x"]],
    "nlcom tanh([atr1_1_1_2]_cons)": lambda b: [b["cor"]],
    "nlcom _b[/var(_cons[g])]": lambda b: [b["sd _cons"] ** 2],
    "nlcom _b[/cov(x[g],_cons[g])] / _b[/var(e.y)]": lambda b: [b["cor"] * b["sd x"] * b["sd _cons"] / b["sigma"] ** 2],
    "contrast r.f": lambda b: [b["2.f"], b["3.f"]],
    "contrast ar.f": lambda b: [b["2.f"], b["3.f"] - b["2.f"]],
    "contrast a.f": lambda b: [-b["2.f"], b["2.f"] - b["3.f"]],
    "contrast rb3.f r.h": lambda b: [-b["3.f"], b["2.f"] - b["3.f"], b["1.h"]],
    "pwcompare f": lambda b: [b["2.f"], b["3.f"], b["3.f"] - b["2.f"]],
    "pwcompare h, effects": lambda b: [b["1.h"]],
    "display exp(_b[x])": lambda b: [np.exp(b["x"])],
}


def _all(fit: Fit) -> Draws:
    drawn = fit.groups["posterior"].draws
    others = {"sigma": drawn["sigma"], "sd _cons": drawn["sd_g"][..., 0], "sd x": drawn["sd_g"][..., 1]}
    others |= {"cor": drawn["cor_g"][..., 0, 1]}
    return effects(fit) | {name: values[0] for name, values in others.items()}


@pytest.mark.parametrize("command", COMBINED)
def test_combinations_are_those_of_the_draws(command: str, fit: Fit) -> None:
    expected = np.array(COMBINED[command](_all(fit)))
    found = fit.stata(command).frame()
    np.testing.assert_allclose(found["mean"], expected.mean(axis=1))
    np.testing.assert_allclose(found["sd"], expected.std(axis=1, ddof=1))
    tail = 0.05 if "level(90)" in command else 0.025
    np.testing.assert_allclose(found.iloc[:, 2], np.quantile(expected, tail, axis=1))


TESTED: dict[str, Callable[[Draws], list[np.ndarray]]] = {
    "test x": lambda b: [b["x"]],
    "test x 2.f": lambda b: [b["x"], b["2.f"]],
    "test 2.f = 3.f": lambda b: [b["2.f"] - b["3.f"]],
    "test (x = 1) (2.f = 3.f = 0)": lambda b: [b["x"] - 1, b["2.f"] - b["3.f"], b["2.f"]],
    "testparm i.f": lambda b: [b["2.f"], b["3.f"]],
    "testparm i.f#c.x": lambda b: [b["2.f#c.x"], b["3.f#c.x"]],
    "testparm i.f, equal": lambda b: [b["2.f"] - b["3.f"]],
    "contrast f": lambda b: [b["2.f"], b["3.f"]],
}


@pytest.mark.parametrize("command", TESTED)
def test_what_is_zero_together_is_by_the_ellipse_that_zero_is_on(command: str, fit: Fit) -> None:
    draws = np.array(TESTED[command](_all(fit)))
    mean, inverse = draws.mean(axis=1), np.linalg.inv(np.atleast_2d(np.cov(draws)))
    away = draws - mean[:, None]
    (row,) = fit.stata(command).frame().to_dict("records")
    assert row["chi2"] == pytest.approx(mean @ inverse @ mean)
    assert row["df"] == len(mean)
    farther = np.einsum("ad,ab,bd->d", away, inverse, away) >= mean @ inverse @ mean
    assert row["contour"] == pytest.approx(farther.mean())


def test_interactions_are_differences_of_differences_averaged_over_other_factors() -> None:
    import tildemc as tm
    from afterwards import DATA

    model = tm.model("regress y i.f##i.h", DATA)
    b = np.random.default_rng(2).normal(size=(1, 40, 5))
    posterior = {"Intercept": np.zeros((1, 40)), "b": b, "sigma": np.ones((1, 40))}
    fit = Fit.of(model.spec, model.design, posterior, {}, "stated", 0.0).of_model(model, {})
    columns = model.spec.predictors[0].population.columns
    mean = {column.label: value for column, value in zip(columns, b[0].mean(axis=0), strict=True)}
    crossed = {key: value for key, value in mean.items() if ":" in key}
    found = fit.stata("contrast r.f#r.h").frame()["mean"]
    np.testing.assert_allclose(found, [*crossed.values()])
    half = mean["factor(f)2"] + crossed["factor(f)2:factor(h)1"] / 2
    assert fit.stata("contrast r.f").frame()["mean"].iloc[0] == pytest.approx(half)
    assert len(fit.stata("pwcompare f#h").frame()) == 15
    assert fit.stata("contrast f##h").frame()["df"].tolist() == [2, 1, 2]


def test_levels_that_are_text_go_by_their_number() -> None:
    fit = logistic()
    assert fit.stata("lincom 2.f").frame()["mean"].iloc[0] == pytest.approx(B[:, 1].mean())
    assert fit.stata("lincom 2.f#c.x, or").frame()["mean"].iloc[0] == pytest.approx(np.exp(B[:, 2]).mean())


def test_a_line_is_displayed_with_its_numbers(fit: Fit) -> None:
    (answer,) = fit.stata('di "slope " %5.2f _b[x] " and more"')
    assert answer.title.startswith("slope 0.4") and answer.title.endswith(" and more")
    (answer,) = fit.stata('display "only words"')
    assert answer.title == "only words" and answer.table is None
