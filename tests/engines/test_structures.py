"""Covariance structures fitted: the exact engine and the direct one have one posterior, and both keep alike what is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.results.records import pack, unpack
from tildemc.spec.matrices import loadings


def data() -> pd.DataFrame:
    """Something like sleepstudy: 18 subjects on 10 days, with effects of three columns that are equally correlated."""
    rng = np.random.default_rng(7)
    subject, day = np.repeat(np.arange(18), 10), np.tile(np.arange(10.0), 18)
    late = (day > 5).astype(float)
    effects = rng.multivariate_normal(np.zeros(3), 0.4 * np.eye(3) + 0.6, size=18)[subject]
    mean = 25 + day + (effects * np.column_stack([np.ones(180), day / 5, late])).sum(axis=1)
    return pd.DataFrame(
        {"y": mean + rng.normal(size=180), "day": day / 5, "late": late, "subject": subject.astype(str)}
    )


@pytest.mark.parametrize("structure", ["homdiag", "cs", "homcs"])
def test_the_exact_and_the_direct_engine_have_one_posterior(structure: str) -> None:
    model = tm.model(f"y ~ day + late + {structure}(1 + day + late | subject)", data())
    found = {}
    for method in ("exact", "direct"):
        posterior = model.fit(method=method, draws=1500, seed=1, progress=False).data["posterior"].to_dataset()
        cor = posterior["cor_subject"].to_numpy() if "cor_subject" in posterior else None
        sd = posterior["sd_subject"].to_numpy()
        if structure != "cs":
            assert np.ptp(sd, axis=-1).max() < 1e-12
        if cor is not None:
            assert np.abs(cor[..., 1, 0] - cor[..., 2, 1]).max() < 1e-9
        numbers = [posterior["b"].to_numpy(), sd, posterior["sigma"].to_numpy()[..., None]]
        numbers += [] if cor is None else [cor[..., 1, :1]]
        joined = np.concatenate(numbers, axis=-1)
        found[method] = joined.reshape(-1, joined.shape[-1])
    spread = found["exact"].std(axis=0)
    away = (found["direct"].mean(axis=0) - found["exact"].mean(axis=0)) / spread
    np.testing.assert_allclose(away, 0, atol=0.12)
    np.testing.assert_allclose(found["direct"].std(axis=0), spread, rtol=0.12)


def test_sums_of_factors_are_told_with_what_they_are_made_of(tmp_path: Path) -> None:
    text = "y ~ day + rr(1 + day + late | subject, d = 2) + (0 + I(day^2) | subject)"
    for method in ("exact", "direct"):
        fit = tm.model(text, data()).fit(method=method, draws=20, tune=30, chains=1, seed=1, progress=False)
        posterior = fit.data["posterior"]
        factor = loadings(posterior["shape_subject"].to_numpy(), 3, 2)
        r = posterior["r_subject"].to_numpy()
        np.testing.assert_allclose(posterior["z_subject"].to_numpy()[..., :2] @ factor.swapaxes(-1, -2), r[..., :3])
        np.testing.assert_allclose(np.sqrt((factor**2).sum(-1)), posterior["sd_subject"].to_numpy()[..., :3])
    fit.save(tmp_path / "fit.nc")
    assert tm.load(tmp_path / "fit.nc").spec == fit.spec
    new = {"day": [1.0], "late": [0.0], "subject": ["new"]}
    assert fit.predict(new, new_levels="sample").notna().all(axis=None)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_a_file_knows_how_many_factors_there_are(d: int) -> None:
    spec = tm.model(f"y ~ day + rr(1 + day + late | subject, d = {d})", data()).spec
    assert unpack(pack(spec)) == spec


def test_sums_of_factors_stand_beside_effects_of_the_same_columns() -> None:
    """By glmmTMB 1.1.5, `rr(0 + third | Subject, d = 1) + diag(0 + third | Subject)` of sleepstudy, by ML."""
    frame = pd.read_csv(Path(__file__).parents[2] / "examples/sleepstudy/data/sleepstudy.csv")
    frame["third"] = (frame["Days"] // 3).astype(str)
    text = "Reaction ~ Days + rr(0 + third | Subject, d = 1) + diag(0 + third | Subject)"
    model = tm.model(text, frame)
    assert "sums of 1 factor" in str(model)
    found = model.optimize("ml")
    assert found.log_likelihood == pytest.approx(-873.3166644, abs=1e-4)
    assert [*found.sds["Subject"]][::4] == ["rr_third0", "third0"]
