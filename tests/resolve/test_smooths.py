"""Smooths are mgcv's in mixed-model form, at the data and beyond; a mistake in a call is told where it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.arrays import Floats
from tildemc.resolve.encode import Read
from tildemc.resolve.frame import Frame
from tildemc.resolve.smooths.sampling import sample
from tildemc.spec.terms.smooth import Smooth
from tildemc.spec.terms.view import TermView

FROZEN = json.loads((Path(__file__).parent / "mgcv_smooths.json").read_text())
"""Made by R: the file says how."""


def _frame(records: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(records)
    frame["o"] = pd.Categorical(frame["o"], categories=["u", "v", "w"], ordered=True)
    return frame.assign(y=np.arange(len(frame)) % 7)


DATA, NEW = _frame(FROZEN["data"]), _frame(FROZEN["new"])


def _smooth(model: tm.Model) -> TermView:
    [found] = (term for term in model.terms() if term.kind == "smooth")
    return found


def _hat(X: Floats) -> Floats:
    return np.asarray(X @ np.linalg.pinv(X))


@pytest.mark.parametrize("case", FROZEN["cases"], ids=lambda case: case["term"])
def test_bases_are_mgcvs(case: dict[str, Any]) -> None:
    model = tm.model(f"y ~ {case['term']}", DATA)
    found = _smooth(model)
    assert [Z.shape[1] for Z in found.bases] == [block["columns"] for block in case["blocks"]]
    for Z, block in zip(found.bases, case["blocks"], strict=True):
        expected = np.array(block["gram"])
        np.testing.assert_allclose((Z @ Z[:12].T)[:2], expected, rtol=1e-8, atol=1e-8 * np.abs(expected).max())
    assert found.unpenalised is not None
    assert found.unpenalised.shape[1] == case["unpenalised"]
    if case["unpenalised"]:
        np.testing.assert_allclose(_hat(found.unpenalised)[:2, :12], case["projection"], atol=1e-8)
        np.testing.assert_allclose((found.unpenalised**2).sum(axis=0), case["norms"], rtol=1e-8)
    terms = [term for term in model.spec.terms() if isinstance(term, Smooth)]
    for term, Z, expected in zip(terms, found.bases, case["new"], strict=False):
        beyond = term.read(Read(Frame(NEW))).Z
        np.testing.assert_allclose(beyond @ Z[:2].T, expected, rtol=1e-7, atol=1e-8 * np.abs(expected).max())


def test_bases_are_those_of_the_oracle(shared: Path) -> None:
    oracle = json.loads((shared / "oracles" / "terms.json").read_text())
    frame = pd.DataFrame(oracle["data"])
    for case in oracle["smooths"]:
        if "fs" in case["term"]:
            # Which combinations of its unpenalised functions have a penalty each, mgcv leaves to rounding.
            continue
        found = _smooth(tm.model(f"y ~ {case['term']}", frame))
        for Z, block in zip(found.bases, case["penalised"], strict=True):
            np.testing.assert_allclose((Z @ Z.T)[:6], block["gram_first_rows"], atol=1e-8, err_msg=case["term"])
        if case["unpenalised"]:
            assert found.unpenalised is not None
            rows = case["unpenalised"]["projection_first_rows"]
            np.testing.assert_allclose(_hat(found.unpenalised)[: len(rows)], rows, atol=1e-8, err_msg=case["term"])


def test_knots_among_many_points_are_drawn_as_r_draws_them() -> None:
    # set.seed(1); sample(3000, 5) and sample(10, 10), R 4.2.2
    np.testing.assert_array_equal(sample(3000, 5) + 1, [1017, 679, 2177, 930, 1533])
    np.testing.assert_array_equal(sample(10, 10) + 1, [9, 4, 7, 1, 2, 5, 3, 10, 6, 8])


def test_many_points_have_two_thousand_knots() -> None:
    x = np.random.default_rng(0).normal(size=2010)
    found = _smooth(tm.model("y ~ s(x)", {"x": x, "y": x**2}))
    assert found.learned["sx_1.knots"].shape == (2000, 1)
    assert found.bases[0].shape == (2010, 8)


MISTAKES = {
    "y ~ s(x, <kk = 3>)": "has no `kk`; did you mean `k`?",
    'y ~ <s(x, bs = "ad")>': "penalties that overlap",
    'y ~ <s(x, bs = "gq")>': "is not built; there are tp",
    "y ~ <s(f)>": "a factor is no input of a smooth",
    "y ~ <s(x, k = 50)>": "has 40 different values, fewer than k = 50: `k = 40` is the most",
    'y ~ <s(x, z, bs = "cr")>': "is of one input",
    "y ~ z + <s(x)>:z": "a smooth can only be added",
    "y ~ s(x, k = <a>)": "`k` is a whole number",
    "y ~ s(x, <sp = 0.1>)": "a fixed smoothing parameter is not built",
    "y ~ s(x, k = 5, <k = 6>)": "`k` is given twice",
    "y ~ <s()>": "at least one column",
    "y ~ s(x) + <s(x, k = 5)>": "could not be told apart",
    "y ~ t2(x, z, d = <c(2, 1)>)": "`d` says how many inputs",
    "y ~ t2(x, z, k = <c(4, 4, 4)>)": "one for each of 2 margins",
    'y ~ <s(x, z, bs = "fs")>': "takes one factor",
    'y ~ <s(x, bs = "ps", k = 3)>': "is at least 4 here",
    "y ~ s(<q>)": "no column `q`",
    "y ~ <ridge(x, f)>": "effects of a factor's levels are `(1 | f)`",
    "y ~ ridge(x, <k = 3>)": "has no `k`",
}  # fmt: skip


@pytest.mark.parametrize(("marked", "told"), MISTAKES.items(), ids=MISTAKES)
def test_a_mistake_is_told_where_it_is(marked: str, told: str) -> None:
    text = marked.replace("<", "").replace(">", "")
    with pytest.raises(tm.TildeError) as caught:
        tm.model(text, DATA)
    assert told in str(caught.value)
    if caught.value.span is not None:
        assert str(caught.value.span) in marked.partition("<")[2].partition(">")[0] + " = "
