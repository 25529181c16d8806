"""A response that its family cannot have is answered with what would make it one."""

from __future__ import annotations

import re

import pandas as pd
import pytest

import tildemc as tm
from tildemc.errors import DataError

FRAME = pd.DataFrame({
    "share": [0.1, 0.5, 0.25, 0.7], "n": [10, 10, 8, 10], "one_two": [1, 2, 1, 2], "amount": [1.5, 2.0, 3.0, 4.0],
    "percent": [10.0, 50.0, 25.0, 70.0], "some": [0.0, 0.5, 0.2, 0.3], "all": [0.1, 0.5, 1.0, 0.3],
    "count": [0, 1, 2, 3], "time": [0.0, 1.0, 2.0, 3.0], "debt": [-1.0, 2.0, 3.0, 4.0],
})  # fmt: skip

REMEDIES = [
    ("share ~ 1", "binomial", "for shares of trials write `round(share * n) | trials(n)`"),
    ("amount | trials(n) ~ 1", "binomial", "`round(amount)` makes whole numbers of successes"),
    ("one_two ~ 1", "bernoulli", "`one_two == 2` is 1 where it is 2"),
    ("amount ~ 1", "poisson", "for counts by time or area write `round(amount * d) | rate(d)`"),
    ("percent ~ 1", "beta", "for percentages write `percent / 100`"),
    ("some ~ 1", "beta", "zero_inflated_beta, zero_one_inflated_beta or ordbeta has such"),
    ("all ~ 1", "beta", "zero_one_inflated_beta or ordbeta has such"),
    ("count ~ 1", "truncated_poisson", "poisson has such"),
    ("time ~ 1", "gamma", "hurdle_gamma has such"),
    ("time ~ 1", "weibull", "hurdle_gamma or hurdle_lognormal has such"),
]


@pytest.mark.parametrize(("text", "family", "sentence"), REMEDIES)
def test_the_remedy_is_told(text: str, family: str, sentence: str) -> None:
    with pytest.raises(DataError, match=re.escape(sentence)) as error:
        tm.model(text, FRAME, family)
    assert "^" in str(error.value)


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("round(share * n) | trials(n) ~ 1", "binomial"),
        ("one_two == 2 ~ 1", "bernoulli"),
        ("round(amount * n) | rate(n) ~ 1", "poisson"),
        ("percent / 100 ~ 1", "beta"),
    ],
)
def test_the_remedy_works(text: str, family: str) -> None:
    assert tm.model(text, FRAME, family).design.n == 4


def test_what_has_no_remedy_is_only_told() -> None:
    with pytest.raises(DataError, match=r"^a gamma response is a number greater than 0, but `debt` is -1 in row 0"):
        tm.model("debt ~ 1", FRAME, "gamma")
