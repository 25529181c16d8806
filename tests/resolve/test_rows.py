"""Rows that are left out are named where what is left does not vary."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tildemc as tm

N, CONTROLS = 40, 25
TREATED = np.arange(N) >= CONTROLS
DATA = pd.DataFrame(
    {
        "y": np.random.default_rng(0).normal(size=N),
        "treat": TREATED.astype(int),
        "arm": np.where(TREATED, "drug", "none"),
        "j": np.where(TREATED, np.arange(N) % 4, np.nan),
        "x": np.where(TREATED, np.arange(N) / N, np.nan),
        "one": 1,
    }
)
LABEL, VALUE, ASKED = (
    "25 rows without a label of `j`",
    "25 rows without a value of `x`",
    "25 rows that the text does not",
)

LEFT_OUT = {
    "a factor, groups without a label": ("mixed y i.treat || j:", LABEL, "`factor(treat)` has only one level, '1'"),
    "a text, groups without a label": ("y ~ arm + (1 | j)", LABEL, "`arm` has only one level, 'drug'"),
    "a factor, a missing predictor": ("y ~ factor(treat) + x", VALUE, "`factor(treat)` has only one level"),
    "a factor, rows not asked for": ("regress y i.treat if treat == 1", ASKED, "`factor(treat)` has only one level"),
    "a grouping factor": ("y ~ x + (1 | treat)", VALUE, "`treat` has only one level"),
    "sds by level": ("y ~ x; sigma ~ by(treat)", VALUE, "`treat` has only one level"),
    "indicators": ("regress y i.treat x, nocons", VALUE, "`indicators(treat)` has only one level"),
    "a binary response": ("melogit treat || j:", LABEL, "the response `treat` is 1 in every row"),
    "a response of text": ("glm(arm ~ x, family = binomial)", VALUE, "`arm` has one, 'drug'"),
}


@pytest.mark.parametrize(("text", "left_out", "found"), LEFT_OUT.values(), ids=LEFT_OUT.keys())
def test_what_is_left_does_not_vary(text: str, left_out: str, found: str) -> None:
    with pytest.raises(tm.TildeError) as caught:
        tm.model(text, DATA)
    assert caught.value.message.startswith(left_out)
    assert "are left out; in the 15 that stay, " in caught.value.message
    assert found in caught.value.message
    assert ("need no label" in caught.value.message) == (left_out == LABEL)


def test_streamed_rows_are_told_alike(tmp_path: Path) -> None:
    DATA.to_parquet(tmp_path / "data.parquet")
    messages = []
    for data in (DATA, tm.stream(tmp_path / "data.parquet", chunk=10)):
        with pytest.raises(tm.TildeError) as caught:
            tm.model("mixed y i.treat || j:", data)
        messages.append(caught.value.message)
    assert messages[0] == messages[1]


def test_where_nothing_was_left_out_it_is_the_column() -> None:
    with pytest.raises(tm.TildeError, match=r"`factor\(one\)` has only one level, '1': leave it out"):
        tm.model("regress y i.one", DATA)
