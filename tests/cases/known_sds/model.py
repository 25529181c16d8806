"""Reaction | se(10 + Days) ~ Days + (1 | Subject)

Gaussian model of Reaction; 180 rows, 18 levels of Subject.
"""

import pandas as pd
import pymc as pm

data = pd.read_csv("examples/sleepstudy/data/sleepstudy.csv")

# Design: one column per coefficient, one index per grouping factor.
Subject, Subject_levels = pd.factorize(data["Subject"], sort=True)
X = pd.DataFrame({"Days": data["Days"]})
X_mean = X.mean().to_numpy()

coords = {
    "obs": data.index,
    "term": X.columns,
    "Subject": Subject_levels,
    "Subject_term": ["Intercept"],
}

with pm.Model(coords=coords) as model:
    # Population effects; predictors are centred, so alpha is the intercept at their means.
    Xc = pm.Data("Xc", X - X_mean, dims=("obs", "term"))
    alpha = pm.Normal("alpha", mu=298.5, sigma=140.8)
    b = pm.Normal("b", mu=0.0, sigma=48.89, dims="term")
    pm.Deterministic("Intercept", alpha - X_mean @ b)

    # Effects of Subject: Intercept, non-centred.
    Subject_idx = pm.Data("Subject_idx", Subject, dims="obs")
    sd_Subject = pm.HalfStudentT("sd_Subject", nu=3.0, sigma=140.8, dims="Subject_term")
    z_Subject = pm.Normal("z_Subject", mu=0.0, sigma=1.0, dims=("Subject", "Subject_term"))
    r_Subject = pm.Deterministic(
        "r_Subject", z_Subject * sd_Subject, dims=("Subject", "Subject_term")
    )

    # Likelihood.
    mu = alpha + Xc @ b + r_Subject[Subject_idx, 0]
    se = pm.Data("se", (10 + data["Days"]).astype(float), dims="obs")
    pm.Normal("Reaction", mu=mu, sigma=se, observed=data["Reaction"], dims="obs")

if __name__ == "__main__":
    with model:
        fit = pm.sample(random_seed=1)
