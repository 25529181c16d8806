"""Columns as each language takes them: value labels for display, codes for Stata, levels for formulas."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from programs import same_density
from tildemc.resolve.frame import Frame
from tildemc.spec.origin import Origin, file_at

LABELS = {
    "region": {1: "North", 2: "South", 4: "East"},
    "sex": {0: "man", 1: "woman"},
    "grade": {0: "none", 1: "some", 2: "much"},
    "id": {code: f"school {code}" for code in range(1, 6)},
}


@cache
def codes() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    numbers = {name: rng.normal(size=60) for name in ("y", "x")}
    known = {name: rng.permutation(np.resize([*labels], 60)) for name, labels in LABELS.items()}
    return pd.DataFrame({**numbers, **known})


def labelled() -> Frame:
    """What a reader of .dta files makes of one."""
    return Frame(codes(), value_labels=LABELS)


def categoricals() -> pd.DataFrame:
    """What `pd.read_stata` makes of the same file: the codes are gone."""
    found = codes().copy()
    for name, labels in LABELS.items():
        found[name] = pd.Categorical(found[name].map(labels), [*labels.values()], ordered=True)
    return found


def columns(model: tm.Model) -> list[str]:
    return [*model.design_matrix().columns]


INDICATORS = {
    "a factor": ("regress y i.region", ["factor(region)South", "factor(region)East"]),
    "another base": ("regress y ib(last).region", ["C(region, SAS)North", "C(region, SAS)South"]),
    "slopes by level": ("regress y i.sex#c.x", ["factor(sex)man:x", "factor(sex)woman:x"]),
    "cells": ("regress y sex#region", ["man:South", "man:East", "woman:North", "woman:South", "woman:East"]),
}


@pytest.mark.parametrize(("command", "labels"), INDICATORS.values(), ids=INDICATORS.keys())
@pytest.mark.parametrize("data", [labelled, categoricals], ids=["codes", "ordered categoricals"])
def test_factor_variables_are_indicators_by_label(command: str, labels: list[str], data: Any) -> None:
    model = tm.model(command, data())
    assert [label.removeprefix("indicators(sex, region)") for label in columns(model)] == ["Intercept", *labels]
    assert set(np.unique(model.design_matrix()[columns(model)[1:2]])) <= {0, 1} or "x" in command


NUMBERS = {
    "a bare name": ("regress y region", "y ~ region"),
    "a slope": ("regress y c.region#c.x", "y ~ region:x"),
    "a condition": ("regress y x if region == 4", "y ~ x | region == 4"),
    "another condition": ("regress y x if inlist(grade, 0, 2)", "y ~ x | grade != 1"),
    "one level's indicator": ("regress y 4.region", "y ~ I(as.numeric(region == 4))"),
    "a base by its code": ("regress y ib4.region", 'y ~ C(factor(region, levels = c("4", "1", "2")))'),
    "a random slope": ("mixed y sex || id: sex, nocons", "y ~ sex + (0 + sex | id)"),
    "a response": ("mixed grade x || id:", "grade ~ x + (1 | id)"),
}


@pytest.mark.parametrize(("command", "formula"), NUMBERS.values(), ids=NUMBERS.keys())
def test_codes_are_numbers_in_stata(command: str, formula: str) -> None:
    text, _, rows = formula.partition(" | ") if "==" in formula or "!=" in formula else (formula, "", "")
    data = codes() if not rows else codes().query(rows)
    model, plain = tm.model(command, labelled()), tm.model(text if rows else formula, data)
    np.testing.assert_array_equal(model.design_matrix(), plain.design_matrix())
    np.testing.assert_array_equal(model.design.y, plain.design.y)


LOST = {
    "a bare name": "regress y ⟪region⟫",
    "a condition": "regress y x if ⟪region⟫ == 1",
    "an offset": "meglm y x, offset(⟪region⟫)",
    "one level": "regress y ⟪2.region⟫",
    "a base": "regress y ⟪ib4.region⟫",
    "a random slope": "mixed y x || id: ⟪sex⟫, nocons",
    "a response": "regress ⟪grade⟫ x",
    "a binary response of three labels": "logit ⟪grade⟫ x",
}


@pytest.mark.parametrize("marked", LOST.values(), ids=LOST.keys())
def test_codes_that_pandas_has_dropped_are_asked_for(marked: str) -> None:
    with pytest.raises(
        tm.TildeError, match=r"give the \.dta file itself, or read it with `convert_categoricals=False`"
    ) as e:
        tm.model(marked.replace("⟪", "").replace("⟫", ""), categoricals().astype({"grade": "category"}))
    span = e.value.span
    assert span is not None
    assert f"{span.text[: span.start]}⟪{span}⟫{span.text[span.end :]}" == marked


def test_text_is_no_number_in_stata() -> None:
    with pytest.raises(tm.TildeError, match=r"hold text; `i\.s` has an indicator for each"):
        tm.model("regress y s", codes().assign(s="a"))


SUCCESSES = {
    "melogit": "melogit grade x || id:",
    "meprobit": "meprobit grade x || id:",
    "mecloglog": "mecloglog grade x || id:",
    "meglm": "meglm grade x || id:, family(bernoulli)",
    "xtlogit": "xtlogit grade x, i(id)",
    "logit": "logit grade x",
    "fractions": "logit share x",
}


@pytest.mark.parametrize("command", SUCCESSES.values(), ids=SUCCESSES.keys())
def test_a_binary_response_of_stata_is_a_success_where_it_is_not_zero(command: str) -> None:
    frame = Frame(codes().assign(share=codes()["grade"] / 2), value_labels=LABELS)
    model = tm.model(command, frame)
    np.testing.assert_array_equal(model.design.y, codes()["grade"] != 0)
    assert model.spec.response.success == "any value but 0"


def test_a_response_of_zeros_and_ones_stays_as_it_is() -> None:
    assert tm.model("logit sex x", labelled()).spec.response.success == "1"
    with pytest.raises(tm.TildeError, match="a bernoulli response is 0 or 1"):
        tm.model("grade ~ x", codes(), "bernoulli")


NO_FACTORS = {
    "fractions": ("regress y ⟪x⟫#sex", "write `c.x`"),
    "fractions under i.": ("regress y i.⟪x⟫", "write `c.x`"),
    "below zero": ("regress y i.⟪down⟫", "holds -4 too; write `c.down`"),
}


@pytest.mark.parametrize(("marked", "fragment"), NO_FACTORS.values(), ids=NO_FACTORS.keys())
def test_what_stata_refuses_as_a_factor_variable(marked: str, fragment: str) -> None:
    frame = Frame(codes().assign(down=-codes()["region"]))
    with pytest.raises(tm.TildeError) as caught:
        tm.model(marked.replace("⟪", "").replace("⟫", ""), frame)
    assert fragment in caught.value.message


FORMULAS = {
    "a factor": ("y ~ region", ["regionSouth", "regionEast"]),
    "one level by name": ('y ~ I(as.numeric(region == "East"))', ['I(as.numeric(region == "East"))']),
    "a base by name": ('y ~ relevel(sex, ref = "woman")', ['relevel(sex, ref = "woman")man']),
    "a base by code": ("y ~ relevel(sex, ref = 1)", ["relevel(sex, ref = 1)man"]),
}


@pytest.mark.parametrize(("formula", "labels"), FORMULAS.values(), ids=FORMULAS.keys())
def test_named_codes_are_a_factor_in_formulas(formula: str, labels: list[str]) -> None:
    assert columns(tm.model(formula, labelled())) == ["Intercept", *labels]


def test_priors_address_levels_by_code() -> None:
    command = "bayes, prior({y:2.region}, normal(0, 4)) prior({y:4.region#c.x}, normal(0, 9)): regress y i.region##c.x"
    (predictor,) = tm.model(command, labelled()).spec.predictors
    known = dict(zip([c.label for c in predictor.population.columns], predictor.population.coefficients, strict=True))
    assert str(known["factor(region)South"]) == "normal(0, 2)"
    assert str(known["factor(region)East:x"]) == "normal(0, 3)"


def test_coordinates_are_labels_and_the_source_goes_by_codes(tmp_path: Path) -> None:
    """Codes as a csv would have them, with gaps and labels that only some rows need."""
    frame = codes().assign(treat=lambda d: d["sex"]).astype({"grade": float})
    frame.loc[frame["treat"] == 0, "grade"] = np.nan
    frame.to_csv(tmp_path / "data.csv", index=False)
    command = "mixed y i.region treat || id: || region:, nocons || grade: treat, nocons residuals(ind, by(sex))"
    model = tm.model(command, Frame(frame, Origin(file_at("data.csv")), value_labels=LABELS))
    live = model.pymc()
    assert live.coords["sex"] == ("man", "woman")
    assert live.coords["id"][0] == "school 1"
    assert all(label.endswith((":none", ":some", ":much")) for label in live.coords["id:region:grade"])
    same_density(live, model.source(), tmp_path)


def test_codes_of_one_name_are_told_apart() -> None:
    frame = Frame(codes(), value_labels=LABELS | {"grade": {0: "none", 1: "some", 2: "some"}})
    names = [label.removeprefix("factor(grade)") for label in columns(tm.model("regress y i.grade", frame))]
    assert names == ["Intercept", "some (1)", "some (2)"]
    assert tm.model("y ~ x + (1 | grade)", frame).group_terms()[0].levels == ("none", "some (1)", "some (2)")
