"""Gaussian model of log_radon, identity link.

    log_radon ~ floor

919 rows.

Default priors, made of the data:
    Intercept ~ normal(mean(log_radon), 2.5 · sd(log_radon)) at the predictors' means
    floor ~ normal(0, 2.5 · sd(log_radon) / sd(floor))
    sigma ~ student_t(3, 0, sd(log_radon))

Written by tildemc 0.2.0.
"""

import arviz as az
import pandas as pd
import pymc as pm

data = pd.read_csv("examples/radon/data/radon.csv")

# Design: one column per coefficient.
X = pd.DataFrame({"floor": data["floor"]})
X_mean = X.mean().to_numpy()

coords = {"obs": data.index, "term": X.columns}

with pm.Model(coords=coords) as model:
    # Population effects; alpha is the intercept where the predictors have their means.
    X_data = pm.Data("X", X, dims=("obs", "term"))
    alpha = pm.Normal("alpha", mu=1.265, sigma=2.048)
    b = pm.Normal("b", mu=0.0, sigma=5.496, dims="term")
    pm.Deterministic("Intercept", alpha - X_mean @ b)

    # Likelihood.
    sigma = pm.HalfStudentT("sigma", nu=3.0, sigma=0.8194)
    mu = alpha + (X_data - X_mean) @ b
    pm.Normal("log_radon", mu=mu, sigma=sigma, observed=data["log_radon"], dims="obs")

if __name__ == "__main__":
    with model:
        fit = pm.sample(chains=4, target_accept=0.9, random_seed=1)
    reported = ["Intercept", "b", "sigma"]
    print(az.summary(fit, var_names=reported))
    fit.to_netcdf("fit.nc")
