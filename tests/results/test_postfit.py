"""What R's brms gives after a fit under the same stated priors, within four Monte Carlo errors of both."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.results.fit import Fit

THEIRS = 3000
"""How many independent draws brms's 16,000 are worth, at the least."""
AT_MEANS = " at the predictors' means"


@dataclass(frozen=True)
class Oracle:
    """What brms gave, and our fit of the same."""

    given: Mapping[str, Any]
    fit: Fit

    @property
    def least(self) -> float:
        """How many independent draws ours are worth, of whatever mixes worst."""
        return float(self.fit.summary(group_effects=True)["ess_bulk"].min())

    def agree(self, ours: pd.DataFrame, theirs: pd.DataFrame, ends: tuple[str, str], *, quantiles: bool = True) -> None:
        """Means, sds and ends of intervals, the ends' errors being some three times those of means."""
        error = theirs["Est.Error"].to_numpy() * np.sqrt(1 / self.least + 1 / THEIRS)
        columns = {"Estimate": ("mean", 1), "Est.Error": ("sd", 1)}
        columns |= {end: (own, 3) for end, own in zip(ends, ours.columns[2:4], strict=True)} if quantiles else {}
        for column, (own, times) in columns.items():
            away = np.abs(ours[own].to_numpy() - theirs[column].to_numpy()) / (times * error)
            assert away.max() < 4, (column, away)


@pytest.fixture(scope="module", params=["sleepstudy", "epilepsy"])
def oracle(request: pytest.FixtureRequest, shared: Path) -> Iterator[Oracle]:
    path = shared / "oracles" / f"postfit_{request.param}.json"
    if not path.exists():
        pytest.skip(f"no {path.name} among the shared data")
    given = json.loads(path.read_text(encoding="utf-8"))
    data = pd.read_csv(shared / "data" / "open" / f"{given['data']}.csv")
    if "Trt" in data:
        data["Trt"] = data["Trt"].astype(str)
    priors = [" ~ ".join(prior.split("  ", 1)) for prior in given["priors"]]
    stated = [prior + AT_MEANS if prior.startswith("Intercept") else prior for prior in priors]
    model = tm.model(given["formula"], data, given["family"], stated)
    yield Oracle(given, model.fit(draws=1000, seed=3, progress=False))


def test_summaries_agree(oracle: Oracle) -> None:
    theirs = pd.DataFrame(oracle.given["summary"]).set_index("row")
    draws = {name: oracle.fit.hypothesis(f"{name} > 0", draws=True).values.ravel() for name in theirs.index}
    table = pd.DataFrame(draws)
    ours = pd.DataFrame(
        {"mean": table.mean(), "sd": table.std(), "lower": table.quantile(0.025), "upper": table.quantile(0.975)}
    )
    oracle.agree(ours, theirs, ("Q2.5", "Q97.5"))


def test_group_effects_agree(oracle: Oracle) -> None:
    theirs = pd.DataFrame(oracle.given["ranef"])
    (table,) = oracle.fit.ranef().values()
    levels = {str(level): place for place, level in enumerate(table.index)}
    ours = table["Intercept"].iloc[[levels[row] for row in theirs["row"]]]
    oracle.agree(ours, theirs, ("Q2.5", "Q97.5"))


def test_r2_agrees(oracle: Oracle) -> None:
    theirs = pd.DataFrame([*oracle.given["bayes_R2"], *oracle.given["bayes_R2_population"]])
    oracle.agree(oracle.fit.r2(), theirs, ("Q2.5", "Q97.5"))


def test_hypotheses_agree(oracle: Oracle) -> None:
    theirs = pd.DataFrame(oracle.given["hypothesis"])
    ours = oracle.fit.hypothesis(list(theirs["Hypothesis"]))
    oracle.agree(ours, theirs, ("CI.Lower", "CI.Upper"))
    one_sided = theirs["Evid.Ratio"].notna().to_numpy()
    share = theirs["Post.Prob"][one_sided].to_numpy(dtype=float)
    error = np.sqrt(share * (1 - share) * (1 / oracle.least + 1 / THEIRS))
    assert (np.abs(ours["probability"][one_sided].to_numpy() - share) < 4 * error).all()
    assert list(ours["star"]) == list(theirs["Star"])


def test_conditional_effects_agree(oracle: Oracle) -> None:
    """On the log scale, which keeps quantiles, and on which these are nearly normal."""
    theirs = pd.DataFrame(oracle.given["conditional_effects"])
    names = [name for name in theirs.columns if not name.endswith("__")]
    effect = ":".join(names)
    found = oracle.fit.conditional_effects(effect, resolution=theirs[names[0]].nunique())[effect]
    np.testing.assert_allclose(found.labels[names[0]].to_numpy(), theirs[names[0]].to_numpy(), atol=1e-6)
    assert [found.labels[name].tolist() for name in names[1:]] == [theirs[name].tolist() for name in names[1:]]
    draws, ours = np.log(found.draws().values.reshape(-1, len(found))), found.frame()
    error = draws.std(axis=0) * np.sqrt(1 / oracle.least + 1 / THEIRS)
    for times, own, name in ((1.3, "estimate", "estimate__"), (3, "eti95_lb", "lower__"), (3, "eti95_ub", "upper__")):
        away = np.abs(np.log(ours[own].to_numpy()) - np.log(theirs[name].to_numpy())) / (times * error)
        assert away.max() < 4, (name, away)


def test_hypotheses_have_brms_estimates(oracle: Oracle) -> None:
    theirs = pd.DataFrame(oracle.given["hypothesis"])
    found = oracle.fit.hypotheses(theirs["Hypothesis"].tolist()).frame()
    error = theirs["Est.Error"] * np.sqrt(1 / oracle.least + 1 / THEIRS)
    assert (np.abs(found["estimate"] - theirs["Estimate"]) < 4 * 1.3 * error).all()
