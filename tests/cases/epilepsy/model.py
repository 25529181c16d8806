"""Poisson model of count, log link.

    count ~ zAge + zBase * Trt + (1 | patient) + (1 | obs)

236 rows, 59 levels of patient, 236 levels of obs.

Default priors, made of the data:
    Intercept ~ normal(log(mean(count)), 2.5) at the predictors' means
    zAge ~ normal(0, 2.5 / sd(zAge))
    zBase ~ normal(0, 2.5 / sd(zBase))
    Trt ~ normal(0, 2.5 / sd(Trt))
    zBase:Trt ~ normal(0, 2.5 / sd(zBase:Trt))
    sd(patient, Intercept) ~ student_t(3, 0, 2.5)
    sd(obs, Intercept) ~ student_t(3, 0, 2.5)

Written by tildemc 0.2.0.
"""

import arviz as az
import pandas as pd
import pymc as pm

data = pd.read_csv("tests/data/epilepsy.csv")

# Design: one column per coefficient, one index per grouping factor.
patient, patient_levels = pd.factorize(data["patient"], sort=True)
obs, obs_levels = pd.factorize(data["obs"], sort=True)
X = pd.DataFrame(
    {
        "zAge": data["zAge"],
        "zBase": data["zBase"],
        "Trt": data["Trt"],
        "zBase:Trt": data["zBase"] * data["Trt"],
    }
)
X_mean = X.mean().to_numpy()

coords = {
    "obs": data.index,
    "term": X.columns,
    "patient": patient_levels,
    "patient_term": ["Intercept"],
    "obs_": obs_levels,
    "obs_term": ["Intercept"],
}

with pm.Model(coords=coords) as model:
    # Population effects; alpha is the intercept where the predictors have their means.
    X_data = pm.Data("X", X, dims=("obs", "term"))
    alpha = pm.Normal("alpha", mu=2.111, sigma=2.5)
    b = pm.Normal("b", mu=0.0, sigma=[2.5, 2.5, 4.996, 3.339], dims="term")
    pm.Deterministic("Intercept", alpha - X_mean @ b)

    # Effects of patient: Intercept; non-centred.
    patient_idx = pm.Data("patient_idx", patient, dims="obs")
    sd_patient = pm.HalfStudentT("sd_patient", nu=3.0, sigma=2.5, dims="patient_term")
    z_patient = pm.Normal(
        "z_patient", mu=0.0, sigma=1.0, dims=("patient", "patient_term")
    )
    r_patient = pm.Deterministic(
        "r_patient", z_patient * sd_patient, dims=("patient", "patient_term")
    )

    # Effects of obs: Intercept; non-centred.
    obs_idx = pm.Data("obs_idx", obs, dims="obs")
    sd_obs = pm.HalfStudentT("sd_obs", nu=3.0, sigma=2.5, dims="obs_term")
    z_obs = pm.Normal("z_obs", mu=0.0, sigma=1.0, dims=("obs_", "obs_term"))
    r_obs = pm.Deterministic("r_obs", z_obs * sd_obs, dims=("obs_", "obs_term"))

    # Likelihood.
    log_mu = (
        alpha + (X_data - X_mean) @ b + r_patient[patient_idx, 0] + r_obs[obs_idx, 0]
    )
    pm.Poisson("count", mu=pm.math.exp(log_mu), observed=data["count"], dims="obs")

if __name__ == "__main__":
    with model:
        fit = pm.sample(chains=4, target_accept=0.9, random_seed=1)
    reported = ["Intercept", "b", "sd_patient", "sd_obs"]
    print(az.summary(fit, var_names=reported))
    fit.to_netcdf("fit.nc")
