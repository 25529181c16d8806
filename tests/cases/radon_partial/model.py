"""Gaussian model of log_radon, identity link.

    log_radon ~ floor + (1 + floor | county)

919 rows, 85 levels of county.

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

# Design: one column per coefficient, one index per grouping factor.
county, county_levels = pd.factorize(data["county"], sort=True)
X = pd.DataFrame({"floor": data["floor"]})
X_mean = X.mean().to_numpy()
Z_county = pd.DataFrame({"Intercept": 1, "floor": data["floor"]})

coords = {
    "obs": data.index,
    "term": X.columns,
    "county": county_levels,
    "county_term": Z_county.columns,
    "county_term2": Z_county.columns,
}

with pm.Model(coords=coords) as model:
    # Population effects; alpha is the intercept where the predictors have their means.
    X_data = pm.Data("X", X, dims=("obs", "term"))
    alpha = pm.Normal("alpha", mu=1.265, sigma=2.048)
    b = pm.Normal("b", mu=0.0, sigma=5.496, dims="term")
    pm.Deterministic("Intercept", alpha - X_mean @ b)

    # Effects of county: Intercept and floor, correlated; non-centred.
    county_idx = pm.Data("county_idx", county, dims="obs")
    Z_county_data = pm.Data("Z_county", Z_county, dims=("obs", "county_term"))
    chol_county, cor_county, sd_county = pm.LKJCholeskyCov(
        "chol_county",
        n=2,
        eta=2.0,
        sd_dist=pm.Exponential.dist(lam=1.0, shape=2),
        compute_corr=True,
        store_in_trace=False,
    )
    pm.Deterministic("sd_county", sd_county, dims="county_term")
    pm.Deterministic("cor_county", cor_county, dims=("county_term", "county_term2"))
    z_county = pm.Normal("z_county", mu=0.0, sigma=1.0, dims=("county", "county_term"))
    r_county = pm.Deterministic(
        "r_county", z_county @ chol_county.T, dims=("county", "county_term")
    )

    # Likelihood.
    sigma = pm.HalfStudentT("sigma", nu=3.0, sigma=0.8194)
    mu = (
        alpha
        + (X_data - X_mean) @ b
        + (Z_county_data * r_county[county_idx]).sum(axis=-1)
    )
    pm.Normal("log_radon", mu=mu, sigma=sigma, observed=data["log_radon"], dims="obs")

if __name__ == "__main__":
    with model:
        fit = pm.sample(chains=4, target_accept=0.9, random_seed=1)
    reported = ["Intercept", "b", "sd_county", "cor_county", "sigma"]
    print(az.summary(fit, var_names=reported))
    fit.to_netcdf("fit.nc")
