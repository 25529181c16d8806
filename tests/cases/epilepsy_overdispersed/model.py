"""Negative binomial model of count, log link.

    count ~ cut(Age, 3) + scale(Age) + offset(log(Base)) + (1 | patient)
    shape ~ Trt

236 rows, 59 levels of patient.

Default priors, made of the data:
    Intercept ~ normal(log(mean(count)) - mean(offset(log(Base))), 2.5) at the
        predictors' means
    b("cut(Age, 3)(26,34]") ~ normal(0, 2.5 / sd(cut(Age, 3)(26,34]))
    b("cut(Age, 3)(34,42]") ~ normal(0, 2.5 / sd(cut(Age, 3)(34,42]))
    b("scale(Age)") ~ normal(0, 2.5)
    sd(patient, Intercept) ~ student_t(3, 0, 2.5)
    shape.b(Trt) ~ normal(0, 1 / sd(Trt))

Written by tildemc 0.2.0.
"""

import arviz as az
import numpy as np
import pandas as pd
import pymc as pm

data = pd.read_csv("tests/data/epilepsy.csv")

# Design: one column per coefficient, one index per grouping factor.
patient, patient_levels = pd.factorize(data["patient"], sort=True)
X = pd.DataFrame(
    {
        "cut(Age, 3)(26,34]": (data["Age"] > 26) & (data["Age"] <= 34),
        "cut(Age, 3)(34,42]": (data["Age"] > 34) & (data["Age"] <= 42.024),
        "scale(Age)": (data["Age"] - 28.338983050847457) / 6.26128983922445,
    },
    dtype=float,
)
X_mean = X.mean().to_numpy()
shape_X = pd.DataFrame({"Trt": data["Trt"]})
shape_X_mean = shape_X.mean().to_numpy()

coords = {
    "obs": data.index,
    "term": X.columns,
    "patient": patient_levels,
    "patient_term": ["Intercept"],
    "shape_term": shape_X.columns,
}

with pm.Model(coords=coords) as model:
    # Population effects; alpha is the intercept where the predictors have their means.
    X_data = pm.Data("X", X, dims=("obs", "term"))
    alpha = pm.Normal("alpha", mu=-1.044, sigma=2.5)
    b = pm.Normal("b", mu=0.0, sigma=[5.339, 6.019, 2.5], dims="term")
    pm.Deterministic("Intercept", alpha - X_mean @ b)
    offset = pm.Data("offset", np.log(data["Base"]), dims="obs")

    # Effects of patient: Intercept; non-centred.
    patient_idx = pm.Data("patient_idx", patient, dims="obs")
    sd_patient = pm.HalfStudentT("sd_patient", nu=3.0, sigma=2.5, dims="patient_term")
    z_patient = pm.Normal(
        "z_patient", mu=0.0, sigma=1.0, dims=("patient", "patient_term")
    )
    r_patient = pm.Deterministic(
        "r_patient", z_patient * sd_patient, dims=("patient", "patient_term")
    )

    # Population effects on log shape; shape_alpha is the intercept where the predictors
    # have their means.
    shape_X_data = pm.Data("shape_X", shape_X, dims=("obs", "shape_term"))
    shape_alpha = pm.StudentT("shape_alpha", nu=3.0, mu=0.0, sigma=2.5)
    shape_b = pm.Normal("shape_b", mu=0.0, sigma=1.998, dims="shape_term")
    pm.Deterministic("shape_Intercept", shape_alpha - shape_X_mean @ shape_b)

    # Likelihood.
    log_mu = alpha + (X_data - X_mean) @ b + offset + r_patient[patient_idx, 0]
    log_shape = shape_alpha + (shape_X_data - shape_X_mean) @ shape_b
    shape = pm.math.exp(log_shape)
    pm.NegativeBinomial(
        "count", mu=pm.math.exp(log_mu), alpha=shape, observed=data["count"], dims="obs"
    )

if __name__ == "__main__":
    with model:
        fit = pm.sample(chains=4, target_accept=0.9, random_seed=1)
    reported = ["Intercept", "b", "shape_Intercept", "shape_b", "sd_patient"]
    print(az.summary(fit, var_names=reported))
    fit.to_netcdf("fit.nc")
