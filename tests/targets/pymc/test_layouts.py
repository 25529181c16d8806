"""Sources of models with odd data run, agree with the graph, and are formatted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from programs import same_density

N = 60
RNG = np.random.default_rng(3)
DATA = pd.DataFrame(
    {
        "y": RNG.normal(5, 2, N),
        "x": RNG.normal(size=N),
        "w": RNG.normal(size=N),
        "f": pd.Categorical(np.resize(list("cab"), N), categories=["c", "a", "b"]),
        "g": np.resize([f"{i}" for i in range(7)], N),
        "h": np.resize([10.0, 2.0, 3.0], N),
        "cls": np.resize([1, 2, 3, 4], N).astype(float),
        "sch": np.resize(["s1", "s2", "s3", "s4", "s5"], N),
        "l": np.resize([True, False, False], N),
        "k": RNG.poisson(3, N),
        "NA": np.resize(["NA", "null", "x"], N),
        "arm": np.repeat(["ctl", "trt"], N // 2),
    }
)
DATA.loc[DATA["arm"] == "ctl", "cls"] = np.nan
DATA.loc[[3, 40], "x"] = np.nan

MODELS = [
    ("y ~ f + (1 | f:g)", "gaussian", ()),
    ("y ~ 0 + (1 | g)", "gaussian", ()),
    ("y ~ 0 + Intercept + x + (1 | h)", "gaussian", ()),
    ("y ~ 1 + offset(w)", "gaussian", ()),
    ("y ~ l * f + (l | g)", "gaussian", ()),
    ("y ~ x + (0 + dummy(arm, 'trt') | sch/cls); sigma ~ by(arm)", "gaussian", ()),
    ("y ~ x + (0 + dummy(arm, 'trt') + I((arm == 'trt') * x) | cls)", "gaussian", ()),
    ("y ~ NA + (1 | NA)", "gaussian", ()),
    ("k ~ x + (1 | h:l) + (x | cls)", "poisson(sqrt)", ()),
    ("k > 2 ~ x * l + (1 | sch:h)", "bernoulli(cloglog)", ()),
    ("k | trials(10) ~ x + (1 | sch)", "binomial(probit)", ()),
    ("log(y + 10) ~ log2(x + 10) + sqrt(abs(w)) + I(x %% 2) + I(!l) + round(x)", "gaussian", ()),
    ("y ~ x; sigma ~ 0 + f; nu ~ x", "student", ("nu.Intercept ~ normal(3, 1)", "sigma.b ~ normal(0, 1)")),
    ("y ~ x; nu ~ by(f); sigma ~ by(f)", "student", ()),
    ("k ~ x; shape ~ by(arm)", "negbinomial(log)", ()),
    ("y ~ g * f", "gaussian", ("b ~ normal(0, 1)", "b(fa) ~ exponential(1)")),
    ("y ~ sch:f + x:sch", "gaussian", ("b ~ student_t(3, 0, 1)",)),
    ("y ~ I(y > 3 & x < 2) + factor(h, levels = c('3', '10', '2'))", "gaussian", ()),
    ("y ~ x + (x | g)", "gaussian", ("sd(g) ~ normal(1, 1)", "b ~ HalfNormal(1)", "sigma ~ student_t(3, 1, 1)")),
    ("y ~ x + (x || g)", "gaussian", ("sd(g, x) ~ flat", "Intercept ~ Cauchy(0, 1)", "sigma ~ lognormal(0, 1)")),
    ("y ~ x + (x | g)", "gaussian", ("sd(g, x) ~ beta(2, 2)", "sd(g, Intercept) ~ gamma(2, 2)")),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sources")
    DATA.to_csv(path / "data.csv", index=False)
    return path


@pytest.mark.parametrize(("formula", "family", "priors"), MODELS)
def test_source_of_odd_data_is_the_graph(formula: str, family: str, priors: tuple[str, ...], folder: Path) -> None:
    model = tm.model(formula, DATA, family, priors)
    same_density(model.pymc(), model.source("data.csv"), folder)


def test_source_of_odd_data_is_formatted(folder: Path) -> None:
    for number, (formula, family, priors) in enumerate(MODELS):
        (folder / f"m{number}.py").write_text(tm.model(formula, DATA, family, priors).source("data.csv"))
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "88", "--diff", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
