"""Student-t model of Reaction, identity link.

    Reaction ~ Days + (1 + Days || Subject)

180 rows, 18 levels of Subject.

Default priors, made of the data:
    Intercept ~ normal(mean(Reaction), 2.5 · sd(Reaction)) at the predictors' means
    Days ~ normal(0, 2.5 · sd(Reaction) / sd(Days))
    sd(Subject, Intercept) ~ student_t(3, 0, 2.5 · sd(Reaction))
    sigma ~ student_t(3, 0, sd(Reaction))

Written by tildemc 0.2.0.
"""

import arviz as az
import pandas as pd
import pymc as pm

data = pd.read_csv("examples/sleepstudy/data/sleepstudy.csv")

# Design: one column per coefficient, one index per grouping factor.
Subject, Subject_levels = pd.factorize(data["Subject"], sort=True)
X = pd.DataFrame({"Days": data["Days"]})
X_mean = X.mean().to_numpy()
Z_Subject = pd.DataFrame({"Intercept": 1, "Days": data["Days"]})

coords = {
    "obs": data.index,
    "term": X.columns,
    "Subject": Subject_levels,
    "Subject_term": Z_Subject.columns,
}

with pm.Model(coords=coords) as model:
    # Population effects; alpha is the intercept where the predictors have their means.
    X_data = pm.Data("X", X, dims=("obs", "term"))
    alpha = pm.Normal("alpha", mu=298.5, sigma=140.8)
    b = pm.Normal("b", mu=0.0, sigma=48.89, dims="term")
    pm.Deterministic("Intercept", alpha - X_mean @ b)

    # Effects of Subject: Intercept and Days, independent; non-centred.
    Subject_idx = pm.Data("Subject_idx", Subject, dims="obs")
    Z_Subject_data = pm.Data("Z_Subject", Z_Subject, dims=("obs", "Subject_term"))
    sd_Subject_Intercept = pm.HalfStudentT("sd_Subject_Intercept", nu=3.0, sigma=140.8)
    sd_Subject_Days = pm.Truncated(
        "sd_Subject_Days", pm.Normal.dist(mu=10.0, sigma=5.0), lower=0.0
    )
    sd_Subject = pm.Deterministic(
        "sd_Subject",
        pm.math.stack([sd_Subject_Intercept, sd_Subject_Days]),
        dims="Subject_term",
    )
    z_Subject = pm.Normal(
        "z_Subject", mu=0.0, sigma=1.0, dims=("Subject", "Subject_term")
    )
    r_Subject = pm.Deterministic(
        "r_Subject", z_Subject * sd_Subject, dims=("Subject", "Subject_term")
    )

    # Likelihood.
    sigma = pm.HalfStudentT("sigma", nu=3.0, sigma=56.33)
    nu = pm.Gamma("nu", alpha=2.0, beta=0.1)
    mu = (
        alpha
        + (X_data - X_mean) @ b
        + (Z_Subject_data * r_Subject[Subject_idx]).sum(axis=-1)
    )
    pm.StudentT(
        "Reaction", nu=nu, mu=mu, sigma=sigma, observed=data["Reaction"], dims="obs"
    )

if __name__ == "__main__":
    with model:
        fit = pm.sample(chains=4, target_accept=0.9, random_seed=1)
    reported = ["Intercept", "b", "sd_Subject", "sigma", "nu"]
    print(az.summary(fit, var_names=reported))
    fit.to_netcdf("fit.nc")
