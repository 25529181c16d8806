"""Gaussian model of log_radon, identity link.

    log_radon ~ floor + (1 | county); sigma ~ by(floor)

919 rows, 85 levels of county, 2 levels of floor.

Default priors, made of the data:
    Intercept ~ normal(mean(log_radon), 2.5 · sd(log_radon)) at the predictors' means
    floor ~ normal(0, 2.5 · sd(log_radon) / sd(floor))
    sd(county, Intercept) ~ student_t(3, 0, 2.5 · sd(log_radon))
    sigma ~ student_t(3, 0, sd(log_radon))

Written by tildemc 0.2.0.
"""

import arviz as az
import pandas as pd
import pymc as pm

data = pd.read_csv("examples/radon/data/radon.csv")

# Design: one column per coefficient, one index per grouping factor.
county, county_levels = pd.factorize(data["county"], sort=True)
floor, floor_levels = pd.factorize(data["floor"], sort=True)
X = pd.DataFrame({"floor": data["floor"]})
X_mean = X.mean().to_numpy()

coords = {
    "obs": data.index,
    "term": X.columns,
    "county": county_levels,
    "county_term": ["Intercept"],
    "floor": floor_levels,
}

with pm.Model(coords=coords) as model:
    # Population effects; alpha is the intercept where the predictors have their means.
    X_data = pm.Data("X", X, dims=("obs", "term"))
    alpha = pm.Normal("alpha", mu=1.265, sigma=2.048)
    b = pm.Normal("b", mu=0.0, sigma=5.496, dims="term")
    pm.Deterministic("Intercept", alpha - X_mean @ b)

    # Effects of county: Intercept; non-centred.
    county_idx = pm.Data("county_idx", county, dims="obs")
    sd_county = pm.HalfStudentT("sd_county", nu=3.0, sigma=2.048, dims="county_term")
    z_county = pm.Normal("z_county", mu=0.0, sigma=1.0, dims=("county", "county_term"))
    r_county = pm.Deterministic(
        "r_county", z_county * sd_county, dims=("county", "county_term")
    )

    # Likelihood.
    floor_idx = pm.Data("floor_idx", floor, dims="obs")
    sigma = pm.HalfStudentT("sigma", nu=3.0, sigma=0.8194, dims="floor")
    mu = alpha + (X_data - X_mean) @ b + r_county[county_idx, 0]
    pm.Normal(
        "log_radon",
        mu=mu,
        sigma=sigma[floor_idx],
        observed=data["log_radon"],
        dims="obs",
    )

if __name__ == "__main__":
    with model:
        fit = pm.sample(chains=4, target_accept=0.9, random_seed=1)
    reported = ["Intercept", "b", "sd_county", "sigma"]
    print(az.summary(fit, var_names=reported))
    fit.to_netcdf("fit.nc")
