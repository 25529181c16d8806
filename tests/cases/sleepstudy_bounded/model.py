"""Gaussian model of Reaction, identity link.

    Reaction ~ Days + I(Days > 5) + (1 + Days | Subject); sigma ~ by(Days)

180 rows, 18 levels of Subject, 10 levels of Days.

Written by tildemc 0.2.0.
"""

import arviz as az
import pandas as pd
import pymc as pm

data = pd.read_csv("examples/sleepstudy/data/sleepstudy.csv")

# Design: one column per coefficient, one index per grouping factor.
Subject, Subject_levels = pd.factorize(data["Subject"], sort=True)
Days_codes, Days_levels = pd.factorize(data["Days"], sort=True)
X = pd.DataFrame(
    {"Days": data["Days"], "I(Days > 5)TRUE": data["Days"] > 5}, dtype=float
)
X_mean = X.mean().to_numpy()
Z_Subject = pd.DataFrame({"Intercept": 1, "Days": data["Days"]})

coords = {
    "obs": data.index,
    "term": X.columns,
    "Subject": Subject_levels,
    "Subject_term": Z_Subject.columns,
    "Subject_term2": Z_Subject.columns,
    "Days": Days_levels,
}

with pm.Model(coords=coords) as model:
    # Population effects; alpha is the intercept where the predictors have their means.
    X_data = pm.Data("X", X, dims=("obs", "term"))
    alpha = pm.Truncated("alpha", pm.Normal.dist(mu=290.0, sigma=50.0), lower=200.0)
    b = pm.Truncated(
        "b", pm.Normal.dist(mu=0.0, sigma=20.0), lower=0.0, upper=40.0, dims="term"
    )
    pm.Deterministic("Intercept", alpha - X_mean @ b)

    # Effects of Subject: Intercept and Days, correlated; non-centred.
    Subject_idx = pm.Data("Subject_idx", Subject, dims="obs")
    Z_Subject_data = pm.Data("Z_Subject", Z_Subject, dims=("obs", "Subject_term"))
    sd_Subject_Intercept = pm.Truncated(
        "sd_Subject_Intercept",
        pm.Normal.dist(mu=30.0, sigma=10.0),
        lower=0.0,
        upper=60.0,
    )
    sd_Subject_Days = pm.Truncated(
        "sd_Subject_Days",
        pm.Normal.dist(mu=0.0, sigma=0.3333333333333333),
        lower=0.0,
        upper=20.0,
    )
    sd_Subject = pm.Deterministic(
        "sd_Subject",
        pm.math.stack([sd_Subject_Intercept, sd_Subject_Days]),
        dims="Subject_term",
    )
    chol_Subject = pm.LKJCorr("chol_Subject", n=2, eta=2.0)
    pm.Deterministic(
        "cor_Subject",
        chol_Subject @ chol_Subject.T,
        dims=("Subject_term", "Subject_term2"),
    )
    z_Subject = pm.Normal(
        "z_Subject", mu=0.0, sigma=1.0, dims=("Subject", "Subject_term")
    )
    r_Subject = pm.Deterministic(
        "r_Subject",
        z_Subject @ (sd_Subject[:, None] * chol_Subject).T,
        dims=("Subject", "Subject_term"),
    )

    # Likelihood.
    Days_idx = pm.Data("Days_idx", Days_codes, dims="obs")
    var_sigma = pm.Truncated(
        "var_sigma", pm.Cauchy.dist(alpha=0.0, beta=100.0), lower=1.0, dims="Days"
    )
    sigma = pm.Deterministic("sigma", pm.math.sqrt(var_sigma), dims="Days")
    mu = (
        alpha
        + (X_data - X_mean) @ b
        + (Z_Subject_data * r_Subject[Subject_idx]).sum(axis=-1)
    )
    pm.Normal(
        "Reaction", mu=mu, sigma=sigma[Days_idx], observed=data["Reaction"], dims="obs"
    )

if __name__ == "__main__":
    with model:
        fit = pm.sample(chains=4, target_accept=0.9, random_seed=1)
    reported = ["Intercept", "b", "sd_Subject", "cor_Subject", "sigma"]
    print(az.summary(fit, var_names=reported))
    fit.to_netcdf("fit.nc")
