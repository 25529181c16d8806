"""An effect that stands in two terms by one factor: by a number in the later one where lme4 has two, else refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from marked import mistake

N = 40
_RNG = np.random.default_rng(1)
DATA = pd.DataFrame(
    {"y": _RNG.normal(size=N), "x": _RNG.normal(size=N), "z": _RNG.normal(size=N), "g": np.arange(N) % 8}
)
TERMS = "y ~ (1 + x | g) + (0 + x | g) + (1 + z | g)"


@pytest.mark.parametrize("function", ["lmer", "glmmTMB"])
def test_the_later_effect_has_a_number(function: str) -> None:
    model = tm.model(f"{function}({TERMS}, d)", DATA)
    assert [term.columns for term in model.group_terms()] == [("Intercept", "x"), ("x.2",), ("Intercept.2", "z")]
    assert sum("stands in two terms" in note for note in model.report.notes) == 2
    fit = model.fit(draws=50, tune=50, chains=1, seed=1, progress=False)
    assert np.isfinite(fit.predict(DATA.head(3)).to_numpy()).all()


@pytest.mark.parametrize("marked", [f"⟪{TERMS}⟫", f"brm({TERMS}, d)"])
def test_brms_refuses_it(marked: str) -> None:
    with pytest.raises(tm.TildeError, match="the effect `x` by g stands twice, in terms that differ"):
        tm.model(marked.strip("⟪⟫"), DATA)
    mistake(lambda text: tm.model(text, DATA), "y ~ (x | g) + (⟪z | g⟫)", "stands twice", tm.TildeError)
