"""Gaussian model of y, identity link.

    y ~ treat + (0 + treat | j)
    sigma ~ by(treat)

200 rows, 10 levels of j, 2 levels of treat.

Written by tildemc 0.2.0.
"""

import arviz as az
import numpy as np
import pandas as pd
import pymc as pm

data = pd.read_csv("examples/partially_clustered/trial.csv")

# Design: one column per coefficient, one index per grouping factor.
# Rows without an effect of j have the index -1.
has_j = data["treat"] != 0
j, j_levels = pd.factorize(data["j"].where(has_j).astype("Int64"), sort=True)
treat, treat_levels = pd.factorize(data["treat"], sort=True)
X = pd.DataFrame({"treat": data["treat"]})

coords = {
    "obs": data.index,
    "term": X.columns,
    "j": j_levels,
    "j_term": ["treat"],
    "treat": treat_levels,
}

with pm.Model(coords=coords) as model:
    # Population effects.
    X_data = pm.Data("X", X, dims=("obs", "term"))
    Intercept = pm.Normal("Intercept", mu=0.0, sigma=100.0)
    b = pm.Normal("b", mu=0.0, sigma=100.0, dims="term")

    # Effects of j: treat; non-centred.
    j_idx = pm.Data("j_idx", np.maximum(j, 0), dims="obs")
    Z_j = pm.Data("Z_j", data["treat"].astype(float), dims="obs")
    var_j = pm.Gamma("var_j", alpha=1.0, beta=1.0, dims="j_term")
    sd_j = pm.Deterministic("sd_j", pm.math.sqrt(var_j), dims="j_term")
    z_j = pm.Normal("z_j", mu=0.0, sigma=1.0, dims=("j", "j_term"))
    r_j = pm.Deterministic("r_j", z_j * sd_j, dims=("j", "j_term"))

    # Likelihood.
    treat_idx = pm.Data("treat_idx", treat, dims="obs")
    var_sigma = pm.Uniform("var_sigma", lower=0.0, upper=100.0, dims="treat")
    sigma = pm.Deterministic("sigma", pm.math.sqrt(var_sigma), dims="treat")
    mu = Intercept + X_data @ b + Z_j * r_j[j_idx, 0]
    pm.Normal("y", mu=mu, sigma=sigma[treat_idx], observed=data["y"], dims="obs")

if __name__ == "__main__":
    with model:
        fit = pm.sample(chains=4, target_accept=0.9, random_seed=1)
    reported = ["Intercept", "b", "sd_j", "sigma"]
    print(az.summary(fit, var_names=reported))
    fit.to_netcdf("fit.nc")
