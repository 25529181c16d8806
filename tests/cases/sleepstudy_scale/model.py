"""Gaussian model of Reaction, identity link.

    Reaction ~ poly(Days, 2) + (1 | Subject) + (0 + Days + I(Days^2) | Subject); sigma ~
        Days + (1 | Subject)

180 rows, 18 levels of Subject.

Default priors, made of the data:
    Intercept ~ normal(mean(Reaction), 2.5 · sd(Reaction)) at the predictors' means
    b("poly(Days, 2)1") ~ normal(0, 2.5 · sd(Reaction) / sd(poly(Days, 2)1))
    b("poly(Days, 2)2") ~ normal(0, 2.5 · sd(Reaction) / sd(poly(Days, 2)2))
    sd(Subject, Intercept) ~ student_t(3, 0, 2.5 · sd(Reaction))
    sd(Subject, "I(Days^2)") ~ student_t(3, 0, 2.5 · sd(Reaction) / sd(I(Days^2)))
    sigma.Intercept ~ normal(log(sd(Reaction)), 1) at the predictors' means

Written by tildemc 0.2.0.
"""

import arviz as az
import pandas as pd
import pymc as pm
import pytensor.tensor as pt

data = pd.read_csv("examples/sleepstudy/data/sleepstudy.csv")

# Design: one column per coefficient, one index per grouping factor.
Subject, Subject_levels = pd.factorize(data["Subject"], sort=True)
X = pd.DataFrame(
    {
        "poly(Days, 2)1": (data["Days"] - 4.5) / 38.535697735995385,
        "poly(Days, 2)2": ((data["Days"] - 4.5) * (data["Days"] - 4.5) - 8.25)
        / 97.48846085563153,
    }
)
X_mean = X.mean().to_numpy()
Z_Subject = pd.DataFrame(
    {"Intercept": 1, "Days": data["Days"], "I(Days^2)": data["Days"] ** 2}
)
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
    # Population effects; alpha is the intercept where the predictors have their means.
    X_data = pm.Data("X", X, dims=("obs", "term"))
    alpha = pm.Normal("alpha", mu=298.5, sigma=140.8)
    b = pm.Normal("b", mu=0.0, sigma=1884.0, dims="term")
    pm.Deterministic("Intercept", alpha - X_mean @ b)

    # Effects of Subject: Intercept, Days and I(Days^2), partly correlated; non-centred.
    Subject_idx = pm.Data("Subject_idx", Subject, dims="obs")
    Z_Subject_data = pm.Data("Z_Subject", Z_Subject, dims=("obs", "Subject_term"))
    sd_Subject_1 = pm.HalfStudentT("sd_Subject_1", nu=3.0, sigma=140.8, shape=1)
    var_Subject_2_Days = pm.Gamma("var_Subject_2_Days", alpha=2.0, beta=0.1)
    sd_Subject_2_I_Days_2 = pm.HalfStudentT("sd_Subject_2_I_Days_2", nu=3.0, sigma=5.23)
    sd_Subject_2 = pm.Deterministic(
        "sd_Subject_2",
        pm.math.stack([pm.math.sqrt(var_Subject_2_Days), sd_Subject_2_I_Days_2]),
    )
    chol_Subject_2 = pm.LKJCorr("chol_Subject_2", n=2, eta=2.0)
    cor_Subject_2 = pm.Deterministic("cor_Subject_2", chol_Subject_2 @ chol_Subject_2.T)
    pm.Deterministic(
        "sd_Subject",
        pm.math.concatenate([sd_Subject_1, sd_Subject_2]),
        dims="Subject_term",
    )
    pm.Deterministic(
        "cor_Subject",
        pt.linalg.block_diag(pt.atleast_2d(1), pt.atleast_2d(cor_Subject_2)),
        dims=("Subject_term", "Subject_term2"),
    )
    z_Subject = pm.Normal(
        "z_Subject", mu=0.0, sigma=1.0, dims=("Subject", "Subject_term")
    )
    r_Subject = pm.Deterministic(
        "r_Subject",
        pm.math.concatenate(
            [
                z_Subject[:, 0:1] * sd_Subject_1,
                z_Subject[:, 1:3] @ (sd_Subject_2[:, None] * chol_Subject_2).T,
            ],
            axis=-1,
        ),
        dims=("Subject", "Subject_term"),
    )

    # Population effects on log sigma; sigma_alpha is the intercept where the predictors
    # have their means.
    sigma_X_data = pm.Data("sigma_X", sigma_X, dims=("obs", "sigma_term"))
    sigma_alpha = pm.Normal("sigma_alpha", mu=4.031, sigma=1.0)
    sigma_b = pm.Normal("sigma_b", mu=0.0, sigma=0.5, dims="sigma_term")
    pm.Deterministic("sigma_Intercept", sigma_alpha - sigma_X_mean @ sigma_b)

    # Effects of Subject on log sigma: Intercept; non-centred.
    sigma_sd_Subject = pm.HalfNormal(
        "sigma_sd_Subject", sigma=1.0, dims="sigma_Subject_term"
    )
    sigma_z_Subject = pm.Normal(
        "sigma_z_Subject", mu=0.0, sigma=1.0, dims=("Subject", "sigma_Subject_term")
    )
    sigma_r_Subject = pm.Deterministic(
        "sigma_r_Subject",
        sigma_z_Subject * sigma_sd_Subject,
        dims=("Subject", "sigma_Subject_term"),
    )

    # Likelihood.
    mu = (
        alpha
        + (X_data - X_mean) @ b
        + (Z_Subject_data * r_Subject[Subject_idx]).sum(axis=-1)
    )
    log_sigma = (
        sigma_alpha
        + (sigma_X_data - sigma_X_mean) @ sigma_b
        + sigma_r_Subject[Subject_idx, 0]
    )
    sigma = pm.math.exp(log_sigma)
    pm.Normal("Reaction", mu=mu, sigma=sigma, observed=data["Reaction"], dims="obs")

if __name__ == "__main__":
    with model:
        fit = pm.sample(chains=4, target_accept=0.9, random_seed=1)
    reported = [
        "Intercept",
        "b",
        "sigma_Intercept",
        "sigma_b",
        "sd_Subject",
        "cor_Subject",
        "sigma_sd_Subject",
    ]
    print(az.summary(fit, var_names=reported))
    fit.to_netcdf("fit.nc")
