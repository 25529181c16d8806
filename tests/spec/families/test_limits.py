"""Censored and truncated responses against brms's, and against sums and integrals."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from shared import SHARED
from tildemc.spec.families import FAMILIES

ORACLE = None if SHARED is None else SHARED / "oracles" / "families.json"
BESIDE = {
    "left": "cens(-1)",
    "right": "cens(1)",
    "interval": "cens(2, end)",
    "trunc_lb": "trunc(low)",
    "trunc_lb_ub": "trunc(low, ub = high)",
}


def oracle() -> list[Any]:
    """brms's values, a list of cases for each family and mode."""
    if ORACLE is None or not ORACLE.is_file():
        return []
    found: dict[tuple[str, str], list[Any]] = {}
    for case in json.loads(ORACLE.read_text())["cases"]:
        # No angle is below -4, where brms's distribution function has gone around once more.
        elsewhere = case["family"] == "von_mises" and case["mode"] == "trunc_lb"
        if case["family"] in FAMILIES and case["mode"] in BESIDE and not elsewhere:
            found.setdefault((case["family"], case["mode"]), []).append(case)
    return list(found.values())


@pytest.mark.skipif(not oracle(), reason="no shared oracles")
@pytest.mark.parametrize("cases", oracle(), ids=lambda cases: f"{cases[0]['family']}-{cases[0]['mode']}")
def test_densities_within_limits_are_brms(cases: list[dict[str, Any]]) -> None:
    """One row for each case and draw."""
    family, mode = FAMILIES[cases[0]["family"]], cases[0]["mode"]
    # A model needs a response that varies.
    more = [{**cases[0], "y": 1 - cases[0]["y"]}] if family.values.binary else []
    rows = pd.concat([rows_of(case) for case in (*cases, *more)], ignore_index=True)
    parameters = {name: rows.pop(name).to_numpy() for name in cases[0]["parameters"]}
    beside = [BESIDE[mode], *(["trials(n)"] if "trials" in family.modifiers else [])]
    model = tm.model(f"y | {' + '.join(beside)} ~ 1", rows, family=family.name)
    found, expected = model.log_likelihood(parameters).to_numpy(), rows["expected"].to_numpy()
    found, expected = found[: 6 * len(cases)], expected[: 6 * len(cases)]
    # brms subtracts probabilities: of a difference of 1e-11 it has five digits. Below, ours are held to mpmath's.
    lost = 1e-11 if mode in ("left", "right") else 1e-15 * np.exp(-expected)
    with np.errstate(invalid="ignore"):
        close = np.abs(found - expected) <= 1e-8 * np.abs(expected) + lost
    assert (close | (found == expected)).all()


def rows_of(case: dict[str, Any]) -> pd.DataFrame:
    """The draws of a case as rows."""
    named = {"end": "y2", "low": "lb", "high": "ub", "n": "trials"}
    known = {name: case.get(theirs) for name, theirs in named.items()}
    expected = [-np.inf if value is None else value for value in case["log_lik"]]
    return pd.DataFrame({**case["parameters"], "expected": expected}).assign(
        y=case["y"], **{name: value for name, value in known.items() if value is not None}
    )
