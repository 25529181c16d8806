"""Reaction ~ poly(Days, 2) + (1 | Subject) + (0 + Days + I(Days^2) | Subject); sigma ~ Days + (1 |
Subject)

Gaussian model of Reaction; 180 rows, 18 levels of Subject.
"""

import pandas as pd
import pymc as pm
import pytensor.tensor as pt

data = pd.read_csv("examples/sleepstudy/data/sleepstudy.csv")

# Design: one column per coefficient, one index per grouping factor.
Subject, Subject_levels = pd.factorize(data["Subject"], sort=True)
X = pd.DataFrame(
    {
        "poly(Days, 2)1": (data["Days"] - 4.5) / 38.535697735995385,
        "poly(Days, 2)2": ((data["Days"] - 4.5) * (data["Days"] - 4.5) - 8.25) / 97.48846085563153,
    },
)
X_mean = X.mean().to_numpy()
Z_Subject = pd.DataFrame({"Intercept": 1, "Days": data["Days"], "I(Days^2)": data["Days"] ** 2})
sigma_X = pd.DataFrame({"Days": data["Days"]})
sigma_X_mean = sigma_X.mean().to_numpy()

coords = {
    "obs": data.index,
    "term": X.columns,
    "Subject": Subject_levels,
    "Subject_term": Z_Subject.columns,
    "Subject_term2": Z_Subject.columns,
    "sigma_term": sigma_X.columns,
    "sigma_Subject_term": ["Intercept"],
}

with pm.Model(coords=coords) as model:
    # Population effects; predictors are centred, so alpha is the intercept at their means.
    Xc = pm.Data("Xc", X - X_mean, dims=("obs", "term"))
    alpha = pm.Normal("alpha", mu=298.5, sigma=140.8)
    b = pm.Normal("b", mu=0.0, sigma=1884.0, dims="term")
    pm.Deterministic("Intercept", alpha - X_mean @ b)

    # Effects of Subject: partly correlated Intercept, Days and I(Days^2), non-centred.
    Subject_idx = pm.Data("Subject_idx", Subject, dims="obs")
    Z_Subject_data = pm.Data("Z_Subject", Z_Subject, dims=("obs", "Subject_term"))
    sd_Subject_1_ = pm.HalfStudentT("sd_Subject[1]", nu=3.0, sigma=140.8, shape=1)
    variance_of_sd_Subject_2__Days_ = pm.Gamma(
        "variance of sd_Subject[2][Days]", alpha=2.0, beta=0.1
    )
    sd_Subject_2__I_Days_2__ = pm.HalfStudentT("sd_Subject[2][I(Days^2)]", nu=3.0, sigma=5.23)
    sd_Subject_2_ = pm.Deterministic(
        "sd_Subject[2]",
        pm.math.stack([pm.math.sqrt(variance_of_sd_Subject_2__Days_), sd_Subject_2__I_Days_2__]),
    )
    chol_Subject_2_ = pm.LKJCorr("chol_Subject[2]", n=2, eta=2.0)
    cor_Subject_2_ = pm.Deterministic("cor_Subject[2]", chol_Subject_2_ @ chol_Subject_2_.T)
    pm.Deterministic(
        "sd_Subject", pm.math.concatenate([sd_Subject_1_, sd_Subject_2_]), dims="Subject_term"
    )
    pm.Deterministic(
        "cor_Subject",
        pt.linalg.block_diag(pt.atleast_2d(1), pt.atleast_2d(cor_Subject_2_)),
        dims=("Subject_term", "Subject_term2"),
    )
    z_Subject = pm.Normal("z_Subject", mu=0.0, sigma=1.0, dims=("Subject", "Subject_term"))
    r_Subject = pm.Deterministic(
        "r_Subject",
        pm.math.concatenate(
            [
                z_Subject[:, 0:1] * sd_Subject_1_,
                z_Subject[:, 1:3] @ (sd_Subject_2_[:, None] * chol_Subject_2_).T,
            ],
            axis=-1,
        ),
        dims=("Subject", "Subject_term"),
    )

    # Population effects on log sigma; predictors are centred, so sigma_alpha is the intercept at their means.
    sigma_Xc = pm.Data("sigma_Xc", sigma_X - sigma_X_mean, dims=("obs", "sigma_term"))
    sigma_alpha = pm.Normal("sigma_alpha", mu=4.031, sigma=1.0)
    sigma_b = pm.Normal("sigma_b", mu=0.0, sigma=0.5, dims="sigma_term")
    pm.Deterministic("sigma_Intercept", sigma_alpha - sigma_X_mean @ sigma_b)

    # Effects of Subject: Intercept, non-centred. They act on log sigma.
    sigma_sd_Subject = pm.HalfNormal("sigma_sd_Subject", sigma=1.0, dims="sigma_Subject_term")
    sigma_z_Subject = pm.Normal(
        "sigma_z_Subject", mu=0.0, sigma=1.0, dims=("Subject", "sigma_Subject_term")
    )
    sigma_r_Subject = pm.Deterministic(
        "sigma_r_Subject",
        sigma_z_Subject * sigma_sd_Subject,
        dims=("Subject", "sigma_Subject_term"),
    )

    # Likelihood.
    mu = alpha + Xc @ b + (Z_Subject_data * r_Subject[Subject_idx]).sum(axis=-1)
    log_sigma = sigma_alpha + sigma_Xc @ sigma_b + sigma_r_Subject[Subject_idx, 0]
    sigma = pm.math.exp(log_sigma)
    pm.Normal("Reaction", mu=mu, sigma=sigma, observed=data["Reaction"], dims="obs")

if __name__ == "__main__":
    with model:
        fit = pm.sample(random_seed=1)
