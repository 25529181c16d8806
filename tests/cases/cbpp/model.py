"""Binomial model of cbind(incidence, size - incidence), logit link.

    cbind(incidence, size - incidence) ~ factor(period) + (1 | herd)

56 rows, 15 levels of herd.

Default priors, made of the data:
    Intercept ~ normal(logit(mean(successes / trials)), 2.5) at the predictors' means
    b("factor(period)2") ~ normal(0, 2.5 / sd(factor(period)2))
    b("factor(period)3") ~ normal(0, 2.5 / sd(factor(period)3))
    b("factor(period)4") ~ normal(0, 2.5 / sd(factor(period)4))
    sd(herd, Intercept) ~ student_t(3, 0, 2.5)

Written by tildemc 0.2.0.
"""

import arviz as az
import pandas as pd
import pymc as pm

data = pd.read_csv("tests/data/cbpp.csv")

# Design: one column per coefficient, one index per grouping factor.
herd, herd_levels = pd.factorize(data["herd"], sort=True)
X = pd.DataFrame(
    {
        "factor(period)2": data["period"] == 2,
        "factor(period)3": data["period"] == 3,
        "factor(period)4": data["period"] == 4,
    },
    dtype=float,
)
X_mean = X.mean().to_numpy()

coords = {
    "obs": data.index,
    "term": X.columns,
    "herd": herd_levels,
    "herd_term": ["Intercept"],
}

with pm.Model(coords=coords) as model:
    # Population effects; alpha is the intercept where the predictors have their means.
    X_data = pm.Data("X", X, dims=("obs", "term"))
    alpha = pm.Normal("alpha", mu=-2.098, sigma=2.5)
    b = pm.Normal("b", mu=0.0, sigma=[5.722, 5.722, 5.868], dims="term")
    pm.Deterministic("Intercept", alpha - X_mean @ b)

    # Effects of herd: Intercept; non-centred.
    herd_idx = pm.Data("herd_idx", herd, dims="obs")
    sd_herd = pm.HalfStudentT("sd_herd", nu=3.0, sigma=2.5, dims="herd_term")
    z_herd = pm.Normal("z_herd", mu=0.0, sigma=1.0, dims=("herd", "herd_term"))
    r_herd = pm.Deterministic("r_herd", z_herd * sd_herd, dims=("herd", "herd_term"))

    # Likelihood.
    logit_mu = alpha + (X_data - X_mean) @ b + r_herd[herd_idx, 0]
    trials = pm.Data("trials", data["size"], dims="obs")
    pm.Binomial(
        "cbind(incidence, size - incidence)",
        n=trials,
        logit_p=logit_mu,
        observed=data["incidence"],
        dims="obs",
    )

if __name__ == "__main__":
    with model:
        fit = pm.sample(chains=4, target_accept=0.9, random_seed=1)
    reported = ["Intercept", "b", "sd_herd"]
    print(az.summary(fit, var_names=reported))
    fit.to_netcdf("fit.nc")
