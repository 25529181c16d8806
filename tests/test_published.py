"""Posteriors that others computed or published: posteriordb's, and exact integration (see the shared folder)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.results.fit import Fit

FLAT = ("Intercept ~ flat", "b ~ flat", "sigma ~ flat")
CAUCHY = ("Intercept ~ flat", "b ~ flat", "sigma ~ cauchy(0, 2.5)")
RADON = ("Intercept ~ normal(0, 10)", "b ~ normal(0, 10)", "sd ~ normal(0, 1)", "sigma ~ normal(0, 1)")


@dataclass(frozen=True)
class Published:
    """A posterior of posteriordb, with its priors in our words."""

    name: str
    priors: tuple[str, ...]
    family: str = "gaussian"
    formula: str | None = None

    def __str__(self) -> str:
        return self.name


CASES = [
    *(
        Published(name, FLAT)
        for name in (
            "earnings-earn_height", "earnings-logearn_height", "earnings-logearn_interaction",
            "earnings-logearn_logheight_male", "kidiq_with_mom_work-kidscore_interaction_c",
            "kidiq_with_mom_work-kidscore_interaction_z", "mesquite-logmesquite", "mesquite-logmesquite_logvas",
            "mesquite-logmesquite_logvolume", "nes1972-nes", "nes1980-nes", "nes1996-nes",
        )
    ),
    Published("kidiq-kidscore_interaction", CAUCHY),
    Published("kidiq-kidscore_momhsiq", CAUCHY),
    Published("arK-arK", ("Intercept ~ normal(0, 10)", "b ~ normal(0, 10)", "sigma ~ cauchy(0, 2.5)")),
    Published(
        "kilpisjarvi_mod-kilpisjarvi",
        ("Intercept ~ normal(9.31290322580645, 100)", "b ~ normal(0, 1/30)", "sigma ~ flat"),
    ),
    Published("sblrc-blr", ("b ~ normal(0, 10)", "sigma ~ normal(0, 10)")),
    Published("eight_schools-eight_schools_noncentered", ("Intercept ~ normal(0, 5)", "sd ~ cauchy(0, 5)")),
    Published("GLM_Binomial_data-GLM_Binomial_model", ("Intercept ~ normal(0, 100)", "b ~ normal(0, 100)"), "binomial"),
    Published("dogs-dogs", ("Intercept ~ normal(0, 100)", "b ~ normal(0, 100)"), "bernoulli"),
    Published("nes_logit_data-nes_logit_model", ("Intercept ~ flat", "b ~ flat"), "bernoulli"),
    *(
        Published(name, ("Intercept ~ flat", "b ~ flat"), "bernoulli")
        for name in ("wells_data-wells_dist100_model", "wells_data-wells_interaction_c_model")
    ),
    *(
        Published(f"radon_mn-radon_{name}", RADON)
        for name in (
            "hierarchical_intercept_noncentered", "partially_pooled_noncentered", "variable_intercept_centered",
            "variable_intercept_slope_centered", "variable_slope_centered",
        )
    ),
    Published(
        "radon_mod-radon_county", ("Intercept ~ normal(0, 1)", "sd ~ uniform(0, 100)", "sigma ~ uniform(0, 100)")
    ),
    Published(
        "seeds_data-seeds_stanified_model",
        ("Intercept ~ normal(0, 1)", "b ~ normal(0, 1)", "sd ~ cauchy(0, 1)"),
        "binomial",
    ),
    Published(
        "surgical_data-surgical_model", ("Intercept ~ normal(0, 1000)", "var ~ inv_gamma(0.001, 0.001)"), "binomial"
    ),
    Published(
        "GLMM_Poisson_data-GLMM_Poisson_model",
        ("Intercept ~ uniform(-20, 20)", "b ~ uniform(-10, 10)", "sd ~ uniform(0, 5)"),
        "poisson",
    ),
]  # fmt: skip


def used_priors(case: Published, formula: str) -> tuple[str, ...]:
    """The case's priors, less those of parts that its formula does not have."""
    has_group, has_slope = "|" in formula.split("~")[1], formula.split("~")[1].split("(")[0].strip(" +") != "1"
    return tuple(
        p for p in case.priors if (has_group or not p.startswith("sd ")) and (has_slope or not p.startswith("b "))
    )


def draws_of(fit: Fit, address: str) -> np.ndarray | None:
    """The draws of the parameter that posteriordb's map names as brms would; None for what is not a parameter."""
    posterior = fit.data["posterior"]
    if address in ("Intercept", "sigma"):
        return posterior[address].to_numpy()
    if address.startswith("sd_"):
        group, _, column = address.removeprefix("sd_").partition("__")
        known = column in posterior[f"{group}_term"]
        return posterior[f"sd_{group}"].sel({f"{group}_term": column}).to_numpy() if known else None
    labels = list(posterior["term"].to_numpy()) if "term" in posterior.coords else []
    return posterior["b"].sel(term=address).to_numpy() if address in labels else None


def monte_carlo_error(draws: np.ndarray) -> float:
    import arviz as az

    return float(draws.std() / np.sqrt(az.ess(draws)))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_posteriors_are_those_of_others(case: Published, shared: Path) -> None:
    folder = shared / "data/reference/posteriordb" / case.name
    spec = json.loads((folder / "spec.json").read_text())
    formula = case.formula or spec["formula"]
    data = pd.read_csv((folder / spec["data_file"]).resolve())
    fit = tm.model(formula, data, case.family, used_priors(case, formula)).fit(seed=20, progress=False)
    compared = 0
    for theirs, address in spec["parameter_map"].items():
        draws = draws_of(fit, address)
        truth = reference(folder, theirs)
        if draws is None or truth is None:
            continue
        mean, sd, error = truth
        assert abs(draws.mean() - mean) < 4 * np.hypot(monte_carlo_error(draws), error), (address, draws.mean(), mean)
        assert draws.std() == pytest.approx(sd, rel=0.2), (address, draws.std(), sd)
        compared += 1
    assert compared >= 1


def reference(folder: Path, parameter: str) -> tuple[float, float, float] | None:
    """Mean, sd and Monte Carlo error: exact where it was computed, else of posteriordb's draws."""
    if (folder / "computed.json").exists():
        found = json.loads((folder / "computed.json").read_text())["parameters"].get(parameter)
        if found is not None:
            return found["mean"], found["sd"], 0.0
    if (folder / "reference.json").exists():
        found = json.loads((folder / "reference.json").read_text()).get(parameter)
        if found is not None:
            return found["mean"], found["sd"], found["mcse_mean"]
    return None


@pytest.mark.parametrize("name", ["kidney_censored", "epilepsy_zinb"])
def test_a_pasted_brms_call_has_brmss_posterior(name: str, shared: Path) -> None:
    folder = shared / "oracles" / "posteriors"
    theirs = json.loads((folder / f"{name}.json").read_text())
    data = pd.read_csv(folder / f"{name}.csv")
    for column, known in theirs["levels"].items():
        data[column] = pd.Categorical(data[column].astype(str), known["levels"], known["ordered"])
    fit = tm.model(theirs["call"], data).fit(seed=21, progress=False)
    assert fit.path.startswith(("transport", "NUTS, direct engine"))
    for row in theirs["summary"]:
        draws = brms_draws(fit, row["parameter"])
        # brms's 8,000 draws are worth 2,000 at least.
        error = np.hypot(monte_carlo_error(draws), row["Est.Error"] / np.sqrt(2000))
        assert abs(draws.mean() - row["Estimate"]) < 4 * error, row["parameter"]
        assert draws.std() == pytest.approx(row["Est.Error"], rel=0.15), row["parameter"]


def brms_draws(fit: Fit, parameter: str) -> np.ndarray:
    """The draws of what brms calls that."""
    posterior = fit.data["posterior"]
    if not parameter.startswith("b_"):
        found = posterior[parameter].to_numpy() if parameter in posterior else draws_of(fit, parameter)
        assert found is not None
        return found
    _, of, label = parameter.removeprefix("b_").rpartition("zi_")
    if label == "Intercept":
        return posterior[f"{of}Intercept"].to_numpy()
    return posterior[f"{of}b"].sel({f"{of}term": label}).to_numpy()


# The question that tildemc began with

QUESTION = ("b ~ normal(0, 100)", "Intercept ~ normal(0, 100)", "var(j) ~ gamma(1, 1)", "var(sigma) ~ uniform(0, 100)")
ONE = {
    "formula": "y ~ treat + (0 + treat | j)",
    "b": (-0.07, 0.30),
    "u": (-0.14, 0.02, 0.30, 0.50, 0.36, -1.02, 0.33, 0.23, -0.28, -0.35),
    "variances": (0.94,),
    "var_u": 0.40,
}
TWO = {
    "formula": "y ~ treat + (0 + treat | j); sigma ~ by(treat)",
    "b": (-0.06, 0.31),
    "u": (-0.13, 0.00, 0.28, 0.53, 0.39, -1.08, 0.34, 0.22, -0.31, -0.35),
    "variances": (1.12, 0.79),
    "var_u": 0.41,
}


@pytest.mark.parametrize("answer", [ONE, TWO], ids=["one variance", "two variances"])
def test_the_partially_clustered_trial_gives_the_published_means(answer: dict, shared: Path) -> None:  # type: ignore[type-arg]
    """Published to two decimals, from 1,000 correlated draws: 0.05 is about three of their Monte Carlo errors."""
    data = shared / "data/reference/partially_clustered/data.csv"
    posterior = (
        tm.model(answer["formula"], str(data), priors=QUESTION)
        .fit(seed=2011, draws=2000, progress=False)
        .data["posterior"]
    )
    mean = {name: posterior[name].mean(("chain", "draw")).to_numpy() for name in ("Intercept", "b", "r_j")}
    np.testing.assert_allclose([mean["Intercept"], *mean["b"]], answer["b"], atol=0.03)
    np.testing.assert_allclose(mean["r_j"][:, 0], answer["u"], atol=0.06)
    variances = (posterior["sigma"] ** 2).mean(("chain", "draw")).to_numpy()
    np.testing.assert_allclose(np.atleast_1d(variances), answer["variances"], atol=0.05)
    assert float((posterior["sd_j"] ** 2).mean()) == pytest.approx(answer["var_u"], abs=0.05)
