"""The public objects give what they promise."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from case import cases

RNG = np.random.default_rng(4)
DATA = pd.DataFrame({"y": RNG.normal(size=20), "x": RNG.normal(size=20), "g": np.resize(list("abcd"), 20)})


def test_design_matrix_is_labelled_with_the_intercept_first() -> None:
    X = tm.model("y ~ x + g", DATA).design_matrix()
    assert list(X.columns) == ["Intercept", "x", "gb", "gc", "gd"]
    assert (X["Intercept"] == 1).all() and np.allclose(X["x"], DATA["x"])


def test_design_matrix_of_a_modelled_parameter() -> None:
    model = tm.model("y ~ x; sigma ~ 0 + g", DATA)
    assert list(model.design_matrix("sigma").columns) == ["ga", "gb", "gc", "gd"]
    with pytest.raises(tm.TildeError, match="mu, sigma"):
        model.design_matrix("nu")


def test_group_terms_give_levels_columns_and_values() -> None:
    first, second = tm.model("y ~ x + (1 + x | g) + (0 + I(x^2) | g)", DATA).group_terms()
    assert (first.group, first.levels, first.columns, first.correlated) == (
        "g",
        ("a", "b", "c", "d"),
        ("Intercept", "x"),
        True,
    )
    assert (second.columns, second.correlated) == (("I(x^2)",), False)
    np.testing.assert_allclose(first.values, np.column_stack([np.ones(20), DATA["x"]]))
    assert (first.index == np.resize([0, 1, 2, 3], 20)).all()


@pytest.mark.parametrize("case", cases(), ids=str)
def test_facts_are_json(case) -> None:  # type: ignore[no-untyped-def]
    facts = case.model().facts()
    assert json.loads(json.dumps(facts)) == facts


def test_models_of_several_parameters_read_alike_in_all_spellings() -> None:
    texts = ["y ~ x; sigma ~ x", "y ~ x\nsigma ~ x", "bf(y ~ x, sigma ~ x)", "y ~\n  x  # mean\n\nsigma ~ x"]
    first, *others = [tm.model(text, DATA).spec for text in texts]
    assert all(other == first for other in others)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("bysort g: regress y x", ["g=a", "g=b", "g=c", "g=d"]),
        ("m <- lmList(y ~ x | g, d)\nm2 <- lm(y ~ x, d)", ["m.g=a", "m.g=b", "m.g=c", "m.g=d", "m2"]),
        ("y ~ x", ["model1"]),
    ],
)
def test_models_have_one_of_each_group(text: str, names: list[str]) -> None:
    found = tm.models(text, DATA)
    assert [*found] == names
    if "g=b" in found:
        own = found["g=b"]
        assert own.design.rows.tolist() == [1, 5, 9, 13, 17]
        assert own.priors().equals(tm.model("y ~ x", DATA[DATA.g == "b"]).priors())
        fit = own.fit(draws=20, chains=1, seed=1, progress=False)
        assert len(fit.predictions().frame()) == 5


def test_a_model_by_groups_is_of_one_group() -> None:
    with pytest.raises(tm.TildeError, match=r"there are 4 \(g=a; g=b; g=c; …\): `tildemc.models"):
        tm.model("bysort g: regress y x", DATA)
    assert tm.model("bysort g: regress y x", DATA[DATA.g == "b"]).design.n == 5
    with pytest.raises(tm.TildeError, match="`by` names `h`, which is no column"):
        tm.models("by h: regress y x", DATA)
    with pytest.raises(tm.TildeError, match="changes all rows before it asks for a model of each group"):
        tm.models("egen m = mean(x)\nby g: regress y x m", DATA)


def test_a_binary_response_reports_its_success() -> None:
    data = DATA.assign(s=np.resize(["no", "yes", "no"], 20))
    model = tm.model("s ~ x", data, "bernoulli")
    assert model.spec.response.success == "yes"
    assert "s is yes" in str(model)
    assert (model.design.y == (data["s"] == "yes")).all()


def test_a_binomial_without_trials_is_a_bernoulli_and_says_so() -> None:
    model = tm.model("I(y > 0) ~ x", DATA, "binomial")
    assert model.spec.family.name == "bernoulli" and "bernoulli" in str(model)


def test_the_response_on_the_right_is_left_out_and_told() -> None:
    assert "right-hand side" in str(tm.model("y ~ x + y", DATA))


def test_source_reads_the_path_that_the_model_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("my data.csv")
    DATA.to_csv(path, index=False)
    assert 'pd.read_csv("my data.csv")' in tm.model("y ~ x", path).source()
    assert 'pd.read_csv("other.csv")' in tm.model("y ~ x", path).source("other.csv")
    assert 'pd.read_parquet("d.parquet")' in tm.model("y ~ x", DATA).source("d.parquet")


def test_text_levels_that_look_like_numbers_stay_text_in_source() -> None:
    data = DATA.assign(id=[str(i % 5) for i in range(20)])
    assert 'dtype={"id": str}' in tm.model("y ~ x + (1 | id)", data).source()


def test_the_package_lists_its_public_names_alone() -> None:
    assert dir(tm) == sorted(tm.__all__)
    assert all(hasattr(tm, name) for name in dir(tm))


@pytest.mark.parametrize("name", ["batch", "convert", "load_batch", "stream"])
def test_no_public_function_hides_a_package(name: str) -> None:
    assert callable(getattr(tm, name))
    assert importlib.util.find_spec(f"tildemc.{name}") is None


def test_the_methods_of_a_model_are_no_modules() -> None:
    assert not hasattr(tm, "fit")


@pytest.mark.parametrize(
    ("text", "change", "columns"),
    [
        pytest.param("y ~ x + (1 | g)", "~ . + I(x^2)", ["Intercept", "x", "I(x^2)"], id="a formula"),
        pytest.param("lmer(y ~ x + (1 | g), data = d)", "~ . - x", ["Intercept"], id="an R call"),
        pytest.param("mixed y x || g:", "~ . + I(x^2)", ["Intercept", "x", "I(x^2)"], id="a Stata command"),
        pytest.param("y ~ 1", "mixed y x || g:", ["Intercept", "x"], id="a formula by a Stata command"),
    ],
)
def test_a_model_is_updated_in_any_language(text: str, change: str, columns: list[str]) -> None:
    model = tm.model(text, DATA).update(change)
    assert list(model.design_matrix().columns) == columns
    assert [term.group for term in model.group_terms()] == ["g"]


def test_a_prior_of_what_an_update_takes_away_is_told_with_what_would_work() -> None:
    stated = tm.model("y ~ x + (1 | g)", DATA, priors="b(x) ~ normal(0, 1)")
    with pytest.raises(tm.TildeError, match=r"no `b\(x\)`.*`update\(…, priors=…\)` states others"):
        stated.update("~ . - x")


def test_an_update_keeps_what_it_does_not_change() -> None:
    model = tm.model("y ~ x + (1 | g)", DATA, "student", "b(x) ~ normal(0, 3)")
    fewer = model.update(data=DATA.iloc[:12])
    assert fewer.design.n == 12
    assert (fewer.spec.family.name, fewer.priors().loc[1, "prior"]) == ("student", "normal(0, 3)")
    other = model.update("~ .", family="gaussian", priors="b(x) ~ normal(0, 1)").update("~ . + I(x^2)")
    assert (other.spec.family.name, other.priors().loc[1, "prior"]) == ("gaussian", "normal(0, 1)")
    assert other.spec.formula == "y ~ x + (1 | g) + I(x^2)"
    said = tm.model("glmer(k ~ x + (1 | g), data = d, family = poisson)", DATA.assign(k=np.arange(20)))
    assert said.update(family="negbinomial").spec.family.name == "negbinomial"
    brms = tm.model("brm(y ~ x, data = d, prior = prior(normal(0, 3), class = b))", DATA)
    assert brms.update(priors="b ~ normal(0, 1)").priors().loc[1, "prior"] == "normal(0, 1)"
    with pytest.raises(tm.TildeError, match="`formula` is a text"):
        model.update(3)  # type: ignore[arg-type]
    with pytest.raises(tm.TildeError, match="give them too"):
        replace(model, request=replace(model.request, data=None)).update("~ . + z")
