"""The exact engine against exact integration and published means; each path where it is needed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import arviz as az
import numpy as np
import pandas as pd
import pytest

import tildemc as tm
from tildemc.engines.exact import sample_exact
from tildemc.engines.settings import Settings
from tildemc.errors import FitError
from tildemc.results.fit import Fit
from tildemc.spec.parameters import coordinates, parameters
from tildemc.targets.marginal.takes import TAKES

RADON = ("Intercept ~ normal(0, 10)", "b ~ normal(0, 10)", "sd ~ normal(0, 1)", "sigma ~ normal(0, 1)")
FLAT = ("Intercept ~ flat", "b ~ flat", "sigma ~ flat")
INTEGRATED = {
    "eight_schools-eight_schools_noncentered": ("Intercept ~ normal(0, 5)", "sd ~ cauchy(0, 5)"),
    "radon_mn-radon_hierarchical_intercept_noncentered": RADON,
    "radon_mn-radon_partially_pooled_noncentered": (RADON[0], *RADON[2:]),
    "radon_mn-radon_variable_intercept_centered": RADON,
    "radon_mn-radon_variable_intercept_slope_centered": RADON,
    "radon_mn-radon_variable_slope_centered": RADON,
    "radon_mod-radon_county": ("Intercept ~ normal(0, 1)", "sd ~ uniform(0, 100)", "sigma ~ uniform(0, 100)"),
    "kidiq-kidscore_momhsiq": ("Intercept ~ flat", "b ~ flat", "sigma ~ cauchy(0, 2.5)"),
    "earnings-logearn_interaction": FLAT,
    "mesquite-logmesquite": FLAT,
    "sblrc-blr": ("b ~ normal(0, 10)", "sigma ~ normal(0, 10)"),
}
"""Posteriors that were integrated exactly, with their priors in our words."""


def exact(model: tm.Model, **settings: object) -> Fit:
    assert not TAKES.gaps(model.spec)
    return sample_exact(model.spec, model.design, Settings(**{"seed": 1, "progress": False, **settings}), "exact")


def error(draws: np.ndarray) -> float:
    return float(draws.std() / np.sqrt(az.ess(draws)))


def draws_of(fit: Fit, address: str) -> np.ndarray | None:
    """The draws that posteriordb's map means by a name, or by a sum such as `Intercept + r_school[j] (…)` for all j."""
    posterior = fit.data["posterior"]
    total = None
    for name in address.split(" (")[0].split(" + "):
        if name in ("Intercept", "sigma"):
            part = posterior[name].to_numpy()
        elif name.startswith("r_"):
            group, _, column = name.removeprefix("r_").removesuffix("]").partition("[j")
            r = posterior[f"r_{group}"]
            term = column.removeprefix(", ") or str(r[f"{group}_term"].to_numpy()[0])
            part = r.sel({f"{group}_term": term}).to_numpy()
        elif name.startswith("sd_"):
            group, _, column = name.removeprefix("sd_").partition("__")
            part = posterior[f"sd_{group}"].sel({f"{group}_term": column}).to_numpy()
        elif name in posterior["term"].to_numpy():
            part = posterior["b"].sel(term=name).to_numpy()
        else:
            return None
        total = part if total is None else (total[..., None] if total.ndim < part.ndim else total) + part
    return total


def labelled(fit: Fit, parameter: str, draws: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """`alpha[j]` for each level j, counted from 1; levels that no row informs have no draws."""
    if draws.ndim == 2:
        return [(parameter, draws)]
    grouping = fit.spec.predictors[0].groups[0].factor
    values = [key[0] for key in grouping.keys]
    numbers = [int(v) for v in values] if all(isinstance(v, int | float) for v in values) else range(1, len(values) + 1)
    stem = parameter.removesuffix("[j]")
    return [(f"{stem}[{number}]", draws[..., j]) for j, number in enumerate(numbers)]


@pytest.mark.parametrize("name", INTEGRATED)
def test_moments_are_those_of_exact_integration(name: str, reference: Callable[..., Path]) -> None:
    folder = reference("posteriordb", name)
    spec = json.loads((folder / "spec.json").read_text())
    theirs = json.loads((folder / "computed.json").read_text())["parameters"]
    data = pd.read_csv((folder / spec["data_file"]).resolve())
    fit = exact(tm.model(spec["formula"], data, priors=INTEGRATED[name]))
    compared = 0
    for parameter, address in spec["parameter_map"].items():
        draws = draws_of(fit, address)
        if draws is None:
            continue
        for label, own in labelled(fit, parameter, draws):
            if label in theirs:
                assert abs(own.mean() - theirs[label]["mean"]) < 4.5 * error(own), label
                assert own.std() == pytest.approx(theirs[label]["sd"], rel=0.12), label
                compared += 1
    assert compared >= 2


TRIAL = ["b ~ normal(0, 100)", "Intercept ~ normal(0, 100)", "var(j) ~ gamma(1, 1)", "var(sigma) ~ uniform(0, 100)"]


@pytest.mark.parametrize(
    ("formula", "b", "u", "variances"),
    [
        (
            "y ~ treat + (0 + treat | j)", (-0.07, 0.30),
            (-0.14, 0.02, 0.30, 0.50, 0.36, -1.02, 0.33, 0.23, -0.28, -0.35), (0.94, 0.40),
        ),
        (
            "y ~ treat + (0 + treat | j); sigma ~ by(treat)", (-0.06, 0.31),
            (-0.13, 0.00, 0.28, 0.53, 0.39, -1.08, 0.34, 0.22, -0.31, -0.35), (1.12, 0.79, 0.41),
        ),
    ],
)  # fmt: skip
def test_the_partially_clustered_trial_is_as_published(
    formula: str,
    b: tuple[float, ...],
    u: tuple[float, ...],
    variances: tuple[float, ...],
    reference: Callable[..., Path],
) -> None:
    """Two decimals, from 1,000 draws by adaptive Metropolis that were not independent."""
    posterior = (
        exact(tm.model(formula, reference("partially_clustered", "data.csv"), priors=TRIAL))
        .data["posterior"]
        .to_dataset()
    )
    mean = posterior.mean(("chain", "draw"))
    assert (float(mean["Intercept"]), *mean["b"].to_numpy()) == pytest.approx(b, abs=0.025)
    assert mean["r_j"].to_numpy().ravel() == pytest.approx(u, abs=0.06)
    squares = (posterior[["sigma", "sd_j"]] ** 2).mean(("chain", "draw"))
    assert (*squares["sigma"].to_numpy().ravel(), *squares["sd_j"].to_numpy()) == pytest.approx(variances, abs=0.03)


def test_metropolis_copes_with_a_variance_at_zero(open_data: Callable[[str], Path]) -> None:
    fit = exact(tm.model("Yield ~ 1 + (1 | Batch)", open_data("Dyestuff2")))
    assert "Metropolis" in fit.path
    assert not fit.warnings()
    assert fit.data["posterior"].attrs["pareto_k"] < 0.7
    assert set(fit.data["sample_stats"].data_vars) == {"acceptance_rate", "accepted", "lp"}


def _few_groups() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    g = np.repeat(np.arange(3), 6)
    return {"y": rng.normal(size=18) + g, "x": rng.normal(size=18), "g": g.astype(str)}


def test_nuts_takes_over_with_three_groups_and_a_vague_prior() -> None:
    model = tm.model("y ~ x + (1 + x | g)", _few_groups(), priors=["sd(g) ~ lognormal(0, 8)"])
    fit = exact(model, target_accept=0.95)
    assert "NUTS" in fit.path
    assert "diverging" in fit.data["sample_stats"]
    assert fit.summary()["r_hat"].max() < 1.03


@pytest.mark.parametrize("prior", ["var(g) ~ inv_gamma(0.01, 0.01)", "sd(g) ~ inv_gamma(0.1, 0.001)"])
def test_metropolis_copes_with_a_prior_that_rules_out_zero(prior: str) -> None:
    fit = exact(tm.model("y ~ x + (1 + x | g)", _few_groups(), priors=[prior]))
    assert "Metropolis" in fit.path
    assert not fit.warnings()


@pytest.mark.parametrize("unit", [1e-7, 1e6])
def test_the_unit_of_the_response_makes_no_difference(unit: float, open_data: Callable[[str], Path]) -> None:
    data = pd.read_csv(open_data("sleepstudy"))
    formula = "Reaction ~ Days + (1 + Days | Subject)"
    one = exact(tm.model(formula, data))
    other = exact(tm.model(formula, data.assign(Reaction=data["Reaction"] * unit)))
    assert "Metropolis" in other.path
    for variable in ("Intercept", "sd_Subject", "sigma"):
        ours, theirs = (np.asarray(fit.data["posterior"][variable]).reshape(4, 1000, -1) for fit in (one, other))
        for j in range(ours.shape[2]):
            gap = np.hypot(error(ours[..., j]), error(theirs[..., j] / unit))
            assert abs(ours[..., j].mean() - theirs[..., j].mean() / unit) < 4.5 * gap


def test_nuts_takes_over_with_many_variances() -> None:
    rng = np.random.default_rng(4)
    g = np.repeat(np.arange(60), 6)
    data = {"y": rng.normal(size=360) * np.exp(0.1 * (g % 60)), "g": g.astype(str), "h": g.astype(str)}
    fit = exact(tm.model("y ~ 1 + (1 | g); sigma ~ by(h)", data), draws=300, tune=300)
    assert "NUTS" in fit.path
    assert fit.summary()["r_hat"].max() < 1.03


def test_nuts_and_metropolis_agree(monkeypatch: pytest.MonkeyPatch, open_data: Callable[[str], Path]) -> None:
    model = tm.model("log_radon ~ floor + (1 + floor | county)", open_data("radon"))
    independent = exact(model)
    monkeypatch.setattr("tildemc.engines.exact.LEAST_SHARE", 1.0)
    hamiltonian = exact(model)
    assert "Metropolis" in independent.path
    assert "NUTS" in hamiltonian.path
    for variable in ("Intercept", "b", "sd_county", "sigma", "cor_county"):
        one, two = (np.asarray(fit.data["posterior"][variable]) for fit in (independent, hamiltonian))
        one, two = (draws.reshape(*draws.shape[:2], -1) for draws in (one, two))
        for j in range(one.shape[2]):
            if one[..., j].std() > 1e-12:
                assert abs(one[..., j].mean() - two[..., j].mean()) < 4.5 * np.hypot(
                    error(one[..., j]), error(two[..., j])
                )


def test_a_singular_correlation_is_sampled() -> None:
    """Slopes that are multiples of intercepts: the correlation's likelihood rises all the way to one."""
    rng = np.random.default_rng(5)
    g = np.repeat(np.arange(12), 10)
    u, x = rng.normal(size=12), rng.normal(size=120)
    data = {"y": u[g] * (1 + x) + 0.3 * rng.normal(size=120), "x": x, "g": g.astype(str)}
    fit = exact(tm.model("y ~ x + (1 + x | g)", data))
    assert fit.summary()["r_hat"].max() < 1.02
    assert float(fit.data["posterior"]["cor_g"][..., 1, 0].mean()) > 0.9


def test_draws_keep_the_contract() -> None:
    model = tm.model("y ~ x + (1 + x | g); sigma ~ by(g)", _few_groups())
    fit = exact(model, draws=50, chains=3)
    posterior, coords = fit.data["posterior"], coordinates(model.spec)
    assert set(fit.groups["posterior"].variables) == {p.name for p in parameters(model.spec)}
    for parameter in parameters(model.spec):
        assert posterior[parameter.name].shape == (3, 50, *(len(coords[dim]) for dim in parameter.dims))
    np.testing.assert_allclose(np.diagonal(posterior["cor_g"], axis1=2, axis2=3), 1)


def test_the_same_seed_gives_the_same_draws() -> None:
    model = tm.model("y ~ x + (1 | g)", _few_groups())
    one, two, other = (exact(model, seed=seed, draws=100).data["posterior"] for seed in (7, 7, 8))
    assert one.to_dataset().equals(two.to_dataset())
    assert not one.to_dataset().equals(other.to_dataset())


def test_known_variances_leave_nothing_to_sample() -> None:
    data = {"y": np.array([1.0, 2.0, 4.0]), "s": np.array([1.0, 2.0, 1.0])}
    fit = exact(tm.model("y | se(s) ~ 1", data, priors=["Intercept ~ flat"]), draws=5000)
    draws = fit.data["posterior"]["Intercept"].to_numpy()
    weights = 1 / data["s"] ** 2
    assert draws.mean() == pytest.approx(weights @ data["y"] / weights.sum(), abs=0.03)
    assert draws.std() == pytest.approx(weights.sum() ** -0.5, abs=0.02)


@pytest.mark.parametrize("formula", ["y ~ z + (1 | g)", "y ~ x + (1 + x + z | g)"])
def test_a_response_that_the_model_reproduces_is_refused(formula: str) -> None:
    data = _few_groups()
    data["z"] = data["y"] - np.repeat(np.arange(3), 6)
    with pytest.raises(FitError, match="residual sd"):
        exact(tm.model(formula, data))


def test_an_improper_posterior_is_refused() -> None:
    data = {**_few_groups(), "z": np.zeros(18)}
    model = tm.model("y ~ x + z + (1 | g)", data, priors=["b ~ flat"])
    with pytest.raises(FitError, match="improper"):
        exact(model)
