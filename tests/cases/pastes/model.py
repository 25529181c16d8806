"""Gaussian model of strength, identity link.

    strength ~ 1 + (1 | batch/cask)

60 rows, 10 levels of batch, 30 levels of batch:cask.

Default priors, made of the data:
    Intercept ~ normal(mean(strength), 2.5 · sd(strength))
    sd(batch:cask, Intercept) ~ student_t(3, 0, 2.5 · sd(strength))

Written by tildemc 0.2.0.
"""

import arviz as az
import pandas as pd
import pymc as pm

data = pd.read_csv("tests/data/Pastes.csv")

# Design: one index per grouping factor.
batch, batch_levels = pd.factorize(data["batch"], sort=True)
batch_cask, batch_cask_levels = pd.factorize(
    pd.MultiIndex.from_frame(data[["batch", "cask"]]), sort=True
)
batch_cask_levels = [":".join(map(str, level)) for level in batch_cask_levels]

coords = {
    "obs": data.index,
    "batch": batch_levels,
    "batch_term": ["Intercept"],
    "batch:cask": batch_cask_levels,
    "batch:cask_term": ["Intercept"],
}

with pm.Model(coords=coords) as model:
    # Population effects.
    Intercept = pm.Normal("Intercept", mu=60.05, sigma=8.095)

    # Effects of batch: Intercept; non-centred.
    batch_idx = pm.Data("batch_idx", batch, dims="obs")
    sd_batch = pm.HalfStudentT("sd_batch", nu=4.0, sigma=2.0, dims="batch_term")
    z_batch = pm.Normal("z_batch", mu=0.0, sigma=1.0, dims=("batch", "batch_term"))
    r_batch = pm.Deterministic(
        "r_batch", z_batch * sd_batch, dims=("batch", "batch_term")
    )

    # Effects of batch:cask: Intercept; non-centred.
    batch_cask_idx = pm.Data("batch:cask_idx", batch_cask, dims="obs")
    sd_batch_cask = pm.HalfStudentT(
        "sd_batch:cask", nu=3.0, sigma=8.095, dims="batch:cask_term"
    )
    z_batch_cask = pm.Normal(
        "z_batch:cask", mu=0.0, sigma=1.0, dims=("batch:cask", "batch:cask_term")
    )
    r_batch_cask = pm.Deterministic(
        "r_batch:cask",
        z_batch_cask * sd_batch_cask,
        dims=("batch:cask", "batch:cask_term"),
    )

    # Likelihood.
    sigma = pm.Exponential("sigma", lam=0.5)
    mu = Intercept + r_batch[batch_idx, 0] + r_batch_cask[batch_cask_idx, 0]
    pm.Normal("strength", mu=mu, sigma=sigma, observed=data["strength"], dims="obs")

if __name__ == "__main__":
    with model:
        fit = pm.sample(chains=4, target_accept=0.9, random_seed=1)
    reported = ["Intercept", "sd_batch", "sd_batch:cask", "sigma"]
    print(az.summary(fit, var_names=reported))
    fit.to_netcdf("fit.nc")
