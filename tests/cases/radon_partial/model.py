"""log_radon ~ floor + (1 + floor | county)

Gaussian model of log_radon; 919 rows, 85 levels of county.
"""

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
    # Population effects; predictors are centred, so alpha is the intercept at their means.
    Xc = pm.Data("Xc", X - X_mean, dims=("obs", "term"))
    alpha = pm.Normal("alpha", mu=1.265, sigma=2.048)
    b = pm.Normal("b", mu=0.0, sigma=5.496, dims="term")
    pm.Deterministic("Intercept", alpha - X_mean @ b)

    # Effects of county: correlated Intercept and floor, non-centred.
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
    mu = alpha + Xc @ b + (Z_county_data * r_county[county_idx]).sum(axis=-1)
    pm.Normal("log_radon", mu=mu, sigma=sigma, observed=data["log_radon"], dims="obs")

if __name__ == "__main__":
    with model:
        fit = pm.sample(random_seed=1)
