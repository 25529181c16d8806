"""count ~ zAge + zBase * Trt + (1 | patient) + (1 | obs)

Poisson model of count; 236 rows, 59 levels of patient, 236 levels of obs.
"""

import pandas as pd
import pymc as pm

data = pd.read_csv("tests/data/epilepsy.csv")

# Design: one column per coefficient, one index per grouping factor.
patient, patient_levels = pd.factorize(data["patient"], sort=True)
obs_, obs__levels = pd.factorize(data["obs"], sort=True)
X = pd.DataFrame(
    {
        "zAge": data["zAge"],
        "zBase": data["zBase"],
        "Trt": data["Trt"],
        "zBase:Trt": data["zBase"] * data["Trt"],
    },
)
X_mean = X.mean().to_numpy()

coords = {
    "obs": data.index,
    "term": X.columns,
    "patient": patient_levels,
    "patient_term": ["Intercept"],
    "obs_": obs__levels,
    "obs_term": ["Intercept"],
}

with pm.Model(coords=coords) as model:
    # Population effects; predictors are centred, so alpha is the intercept at their means.
    Xc = pm.Data("Xc", X - X_mean, dims=("obs", "term"))
    alpha = pm.Normal("alpha", mu=2.111, sigma=2.5)
    b = pm.Normal("b", mu=0.0, sigma=[2.5, 2.5, 4.996, 3.339], dims="term")
    pm.Deterministic("Intercept", alpha - X_mean @ b)

    # Effects of patient: Intercept, non-centred.
    patient_idx = pm.Data("patient_idx", patient, dims="obs")
    sd_patient = pm.HalfStudentT("sd_patient", nu=3.0, sigma=2.5, dims="patient_term")
    z_patient = pm.Normal("z_patient", mu=0.0, sigma=1.0, dims=("patient", "patient_term"))
    r_patient = pm.Deterministic(
        "r_patient", z_patient * sd_patient, dims=("patient", "patient_term")
    )

    # Effects of obs: Intercept, non-centred.
    obs_idx = pm.Data("obs_idx", obs_, dims="obs")
    sd_obs = pm.HalfStudentT("sd_obs", nu=3.0, sigma=2.5, dims="obs_term")
    z_obs = pm.Normal("z_obs", mu=0.0, sigma=1.0, dims=("obs_", "obs_term"))
    r_obs = pm.Deterministic("r_obs", z_obs * sd_obs, dims=("obs_", "obs_term"))

    # Likelihood.
    log_mu = alpha + Xc @ b + r_patient[patient_idx, 0] + r_obs[obs_idx, 0]
    pm.Poisson("count", mu=pm.math.exp(log_mu), observed=data["count"], dims="obs")

if __name__ == "__main__":
    with model:
        fit = pm.sample(random_seed=1)
