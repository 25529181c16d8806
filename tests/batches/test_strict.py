"""What is asked of every fit of a batch: how it is said, and which fits do not have it."""

from __future__ import annotations

import pandas as pd
import pytest

from tildemc.batches.store import BatchError
from tildemc.batches.strict import beyond, limits

INDEX = pd.DataFrame(
    {
        "job": ["good", "bad", "unknown", "failed"],
        "draws": [4000, 4000, 4000, 0],
        "divergences": [0, 3, 0, 0],
        "max_r_hat": [1.003, 1.034, float("nan"), float("nan")],
        "min_ess": [900.0, 80.0, 700.0, float("nan")],
    }
)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("rhat=1.01", ["bad: R-hat 1.034 is above 1.01", "unknown: its R-hat is not known"]),
        ("divergences=0", ["bad: divergences 3 is above 0"]),
        ("divergences=3", []),
        ("ess=400, divergences=0", ["bad: ESS 80 is below 400", "bad: divergences 3 is above 0"]),
    ],
)
def test_fits_beyond_a_limit_are_named(asked: str, told: list[str]) -> None:
    assert [*beyond(INDEX, limits(asked))] == told


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("r_hat=1.01", "there is no limit 'r_hat'; did you mean `rhat`?"),
        ("rhat", "the limit of `rhat` is a number, not ''"),
        ("ess=many", "the limit of `ess` is a number, not 'many'"),
        ("", "there is no limit ''"),
    ],
)
def test_a_limit_that_is_none_is_told(asked: str, told: str) -> None:
    with pytest.raises(BatchError) as error:
        limits(asked)
    assert str(error.value).startswith(told) and "rhat=1.01,divergences=0,ess=400" in str(error.value)
