"""Group effects with covariance structures: the graph, and its source, which is run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from programs import run_source, same_density


def test_source_has_the_graphs_density_with_every_structure(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    data = pd.DataFrame({name: rng.normal(size=60) for name in ("y", "x", "z")})
    data["g"], data["h"] = np.resize(list("abcde"), 60), np.resize(list("uvw"), 60)
    data["k"], data["at"] = np.resize(["1", "2", "4"], 60), np.resize(["(0,1)", "(2,1)", "(1,1.5)"], 60)
    data.to_csv(tmp_path / "data.csv", index=False)
    text = (
        "y ~ x + cs(1 + x | g) + homdiag(0 + z + I(z^2) | g) + homcs(1 + x + z | h) + ar1(0 + k | g) + exp(0 + k | h)"
    )
    model = tm.model(text, data, priors=("var(h) ~ gamma(2, 1)", "cor(h) ~ normal(0, 0.5)"))
    same_density(model.pymc(), model.source("data.csv"), tmp_path)
    names = {variable.name for variable in run_source(model.source("data.csv"), tmp_path).free_RVs}
    assert {"rho_g_1", "sd_g_2_shared", "var_h_1_shared", "rho_h_1", "shape_h_2"} < names


@pytest.mark.parametrize(
    "terms",
    [
        "(1 + mmc(x, w) | mm(g, g2, weights = cbind(w, 1))) + (1 + x |p| h); sigma ~ (1 |p| h)",
        '(1 + x | gr(g, dist = "student")) + (1 | gr(h, pw = k))',
        "rr(1 + x + w | g, d = 2) + (0 + k | g) + rr(1 + x + w | h)",
        # What is the same in all rows is a column, too.
        "(1 | mm(g, g2)); sigma ~ offset(0.5)",
    ],
)
def test_source_has_what_brms_says_of_groups(terms: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    data = pd.DataFrame({name: rng.normal(size=60) for name in ("y", "x")})
    data["g"], data["g2"], data["h"] = (np.resize(list(text), 60) for text in ("abcde", "bfca", "uvwxyz"))
    data["w"], data["k"] = rng.uniform(1, 2, 60), np.resize([1, 2, 2, 4, 3, 1], 60)
    data.to_csv(tmp_path / "data.csv", index=False)
    model = tm.model(f"y ~ x + {terms}", data)
    same_density(model.pymc(), model.source("data.csv"), tmp_path)


def test_source_has_what_correlations_follow_from(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    data = pd.DataFrame({"y": rng.normal(size=60), "g": np.resize(list("abcde"), 60)})
    data["k"], data["at"] = np.resize(list("pqrs"), 60), np.resize(["(0,1)", "(2,1)", "(1,1.5)"], 60)
    data["h"] = np.resize(list("uvwxyz"), 60)
    data.to_csv(tmp_path / "data.csv", index=False)
    model = tm.model("y ~ toep(0 + k | g) + gau(0 + at | h)", data)
    source = model.source("data.csv")
    same_density(model.pymc(), source, tmp_path)
    assert "def autocorrelations(" in source and '"shape_g"' in source and '"shape_h"' in source
