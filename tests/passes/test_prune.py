"""Levels that no row informs cost no parameter, and are reported."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm


def trial(control: object) -> pd.DataFrame:
    """Four groups of three in the treated arm, twelve controls; `control` is the controls' label in j."""
    rng = np.random.default_rng(3)
    labels = [*np.repeat([1.0, 2.0, 3.0, 4.0], 3), *np.broadcast_to(np.asarray(control, dtype=float), 12)]
    return pd.DataFrame({"y": rng.normal(size=24), "treat": np.repeat([1, 0], 12), "j": labels})


CONTROLS = {"singletons": np.arange(5.0, 17.0), "one dummy cluster": 0.0, "no label": np.nan, "a treated label": 2.0}


@pytest.mark.parametrize("control", CONTROLS.values(), ids=CONTROLS.keys())
def test_controls_have_no_cluster_however_they_are_labelled(control: object) -> None:
    model = tm.model("y ~ treat + (0 + treat | j)", trial(control))
    (term,) = model.group_terms()
    assert model.report.used == 24
    assert term.levels == (1, 2, 3, 4)
    assert (term.index[:12] == np.repeat([0, 1, 2, 3], 3)).all()
    assert (term.values[term.index < 0] == 0).all()


def test_pruned_levels_are_reported() -> None:
    assert "4 of the 16 levels of j" in str(tm.model("y ~ treat + (0 + treat | j)", trial(CONTROLS["singletons"])))


def test_a_missing_label_costs_the_row_where_the_effect_needs_it() -> None:
    model = tm.model("y ~ treat + (1 | j)", trial(np.nan))
    assert model.report.used == 12
    assert model.report.unlabelled == {"j": 12}


def test_dummy_does_what_a_numeric_indicator_does() -> None:
    data = trial(np.nan).assign(arm=lambda d: np.where(d["treat"] == 1, "treated", "control"))
    model = tm.model('y ~ arm + (0 + dummy(arm, "treated") | j); sigma ~ by(arm)', data)
    (term,) = model.group_terms()
    assert term.levels == (1, 2, 3, 4)
    assert model.report.used == 24


def test_two_levels_at_least_must_be_informed() -> None:
    data = trial(np.nan)
    data.loc[data["treat"] == 1, "j"] = 1.0
    with pytest.raises(tm.TildeError, match="one level"):
        tm.model("y ~ treat + (0 + treat | j)", data)
    with pytest.raises(tm.TildeError, match="at least two"):
        tm.model("y ~ treat + (0 + treat | j)", data.fillna({"j": 7.0}))
