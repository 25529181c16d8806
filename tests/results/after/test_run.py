"""Commands one after the other: what they remember, what a do-file asks, how answers are shown, what is refused."""

from __future__ import annotations

import matplotlib
import numpy as np
import pytest

import tildemc as tm
from afterwards import COMMAND, DATA, SMALLER, estimate, stated
from tildemc.errors import FitError, TildeError
from tildemc.results.fit import Fit

matplotlib.use("agg")


@pytest.fixture(scope="module")
def fit() -> Fit:
    return stated()


def test_commands_are_answered_in_their_order(fit: Fit) -> None:
    found = fit.stata("quietly margins f\nmarginsplot\n* a comment\nlincom x, ///\n  level(90)")
    assert [answer.command for answer in found] == ["margins f", "marginsplot", "lincom x,       level(90)"]
    assert found[1].axes is not None and len(found[1].axes.get_xticklabels()) == 3
    assert found[:2].each == found.each[:2]
    assert found.frame().columns[-1] == "eti90_ub"


def test_a_picture_is_of_the_last_margins() -> None:
    fit = stated()
    with pytest.raises(FitError, match="`margins` goes before `marginsplot`"):
        fit.stata("marginsplot")
    fit.stata("margins h, dydx(x)")
    assert fit.stata("marginsplot")[0].axes is not None


def test_margins_are_those_of_the_method(fit: Fit) -> None:
    (answer,) = fit.stata("margins r.f, at(x=(0 1))")
    assert answer.margins is not None
    np.testing.assert_array_equal(answer.frame()["estimate"], fit.margins("r.f, at(x=(0 1))").frame()["estimate"])


def test_answers_are_lines_and_html(fit: Fit) -> None:
    found = fit.stata("estat icc\ntest x")
    text = str(found)
    assert (
        text.startswith(". estat icc\nIntraclass correlation\n")
        and "\n\n. test x\n" in text
        and "! where random" in text
    )
    html = found._repr_html_()
    assert html.count("<table") == 2 and "<pre>. test x</pre>" in html
    with pytest.raises(FitError, match="has no table"):
        fit.stata("estimates store m1")[0].frame()
    with pytest.raises(FitError, match="none of these commands has a table"):
        fit.stata("estimates store m1").frame()


@pytest.mark.filterwarnings("ignore:Pareto")
def test_fits_stand_side_by_side_by_their_names(fit: Fit) -> None:
    smaller = stated_smaller()
    found = fit.stata("estimates table . m0", m0=smaller).frame()
    assert found.columns.get_level_values(0).tolist() == [".", ".", "m0", "m0"]
    assert np.isnan(found.loc["3.f#c.x", ("m0", "mean")])
    (answer,) = fit.stata("lrtest m0 .", m0=smaller)
    assert set(answer.frame().index) == {"m0", "."} and "leave-one-out" in answer.notes[0]
    assert fit.stata("est store m1\nest stats m0 m1", m0=smaller).frame().index.tolist() == ["m0", "m1"]
    assert fit.stata('esttab using "t.rtf", se replace', m0=smaller).frame().shape[1] == 4


def stated_smaller() -> Fit:
    model = tm.model("regress y i.f x i.h", DATA)
    rng = np.random.default_rng(1)
    posterior = {
        "Intercept": rng.normal(1, 0.1, (1, 50)),
        "b": rng.normal(0.4, 0.1, (1, 50, 4)),
        "sigma": np.ones((1, 50)),
    }
    return Fit.of(model.spec, model.design, posterior, {}, "stated", 0.0).of_model(model, {})


DO = f"""use d, clear
mixed y x || g:
margins, dydx(x)
estimates store small
{COMMAND}
estat icc
predict u*, reffects
display 2 + 2
gen late = x
local v x
lincom `v' + 2.f
lrtest small .
"""


def test_a_do_file_asks_what_follows_its_model() -> None:
    model = tm.model(DO, DATA)
    assert model.after == ("estat icc", "predict u*, reffects", "lincom x + 2.f", "lrtest small .")
    assert any("after the model, `estat icc`" in note and "fit.stata()" in note for note in model.report.notes)
    fit = stated(DO)
    found = fit.stata()
    assert [answer.table is None for answer in found] == [False, False, False, True]
    assert "there is no fit `small` here" in found[3].notes[0]
    each = tm.models(DO, DATA)
    assert each["small"].after == ("margins, dydx(x)", "estimates store small")
    assert each["model2"].after == model.after


def test_a_model_alone_asks_nothing(fit: Fit) -> None:
    with pytest.raises(FitError, match="has no commands after it"):
        fit.stata()


REFUSED = {
    "foo x": "there is no command `foo` after a model; there are margins",
    "lincon x": "did you mean `lincom`",
    "": "the text holds no command",
    "lincom q": "no coefficient `q`: it has 2.f, 3.f, x",
    "lincom 4.f": "`f` has no level 4; it has 1, 2, 3",
    "lincom 2.x": "`x` is no factor of the model",
    "lincom [z]x": "there is no equation `z`; there are y",
    "lincom x +": "cannot stand here",
    "lincom x, level(950)": "a percentage",
    "lincom x = 2.f": "`test` says whether two are equal",
    "lincom x 2.f": "`nlcom (a) (b)` of several",
    "lincom 3 + 4": "names no number of the model",
    "lincom _se[x]": "a standard error is no number",
    "lincom i.f": "no coefficient `i.f`",
    "lincom foo(x)": "no function `foo`",
    "lincom x, or or": "stands twice",
    "lincom x, robust": "has no option `robust`",
    "test": "names coefficients",
    "test [y]": "cannot stand here",
    "test x, accumulate": "`accumulate` is not built here",
    "test 1 = 1": "names no number of the model",
    "testparm i.h#c.x": "no coefficients of these",
    "testparm i.h, equal": "of two coefficients or more",
    "contrast x": "`x` is no factor of the model",
    "contrast f r.h": "two commands",
    "contrast f, mcompare(bonferroni)": "is not built here",
    "contrast": "names factors of the model",
    "contrast f if x > 1": "are not read here",
    "contrast h#f": "the model has no effect of `h#f`",
    "estat foo": "there are `estat icc`",
    "estat icc if x > 1": "`if` is not read here",
    "predict": "names the new variable",
    "predict a b, reffects xb": "two predictions",
    "predict a, reffects": "there are 2 new variables, of x",
    "predict a, reffects relevel(h)": "no effects by `h`",
    "predict a, scores": "`scores` is not built here",
    "predict a, outcome(2)": "the response has none",
    "predict a, residuals marginal": "are not built",
    "lrtest": "names two fits",
    "lrtest . .": "two different fits",
    "lrtest m9": "no fit `m9` here",
    "estimates drop m1": "there are `estimates store m`",
    "mixed y x": "a model of its own",
    "mixed, noconstant": "changes the model",
    "foreach v in x {\nlincom x\n}": "loops and programs are not run",
    "margins, dydx(q)": "no variable 'q'",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_read_is_said_in_a_sentence(text: str, fit: Fit) -> None:
    with pytest.raises(TildeError) as error:
        fit.stata(text)
    assert REFUSED[text] in error.value.message


def test_texts_are_texts_and_fits_are_fits(fit: Fit) -> None:
    with pytest.raises(TildeError, match="are a text such as"):
        fit.stata(3)  # type: ignore[arg-type]
    with pytest.raises(TildeError, match="`m0` is a fit"):
        fit.stata("lrtest m0 .", m0=3)  # type: ignore[arg-type]
    with pytest.raises(TildeError, match="compare like with like"):
        fit.stata("lrtest m0 .", m0=estimate(SMALLER))  # type: ignore[arg-type]


def test_places_are_those_of_the_whole_text(fit: Fit) -> None:
    with pytest.raises(TildeError) as error:
        fit.stata("estat icc\nlincom x + q")
    assert error.value.span is not None and str(error.value.span) == "q" and error.value.span.start == 21
