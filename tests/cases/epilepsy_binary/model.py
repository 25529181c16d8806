"""Bernoulli model of I(count > 3), probit link.

    I(count > 3) ~ visit * scale(Age) + (factor(visit) || patient)

236 rows, 59 levels of patient. Success is TRUE. `||` makes every column's effect by
patient independent, factor levels too (as in glmmTMB and brms; lme4 would keep a
factor's levels correlated).

Default priors, made of the data:
    Intercept ~ normal(probit(mean(I(count > 3))), 2.5) at the predictors' means
    visit ~ normal(0, 2.5 / sd(visit))
    b("scale(Age)") ~ normal(0, 2.5)
    b("visit:scale(Age)") ~ normal(0, 2.5 / sd(visit:scale(Age)))
    sd(patient, Intercept) ~ student_t(3, 0, 2.5)
    sd(patient, "factor(visit)2") ~ student_t(3, 0, 2.5 / sd(factor(visit)2))
    sd(patient, "factor(visit)3") ~ student_t(3, 0, 2.5 / sd(factor(visit)3))
    sd(patient, "factor(visit)4") ~ student_t(3, 0, 2.5 / sd(factor(visit)4))

Written by tildemc 0.2.0.
"""

import arviz as az
import pandas as pd
import pymc as pm

data = pd.read_csv("tests/data/epilepsy.csv")

# Design: one column per coefficient, one index per grouping factor.
patient, patient_levels = pd.factorize(data["patient"], sort=True)
X = pd.DataFrame(
    {
        "visit": data["visit"],
        "scale(Age)": (data["Age"] - 28.338983050847457) / 6.26128983922445,
        "visit:scale(Age)": data["visit"]
        * ((data["Age"] - 28.338983050847457) / 6.26128983922445),
    }
)
X_mean = X.mean().to_numpy()
Z_patient = pd.DataFrame(
    {
        "Intercept": 1,
        "factor(visit)2": data["visit"] == 2,
        "factor(visit)3": data["visit"] == 3,
        "factor(visit)4": data["visit"] == 4,
    },
    dtype=float,
)

coords = {
    "obs": data.index,
    "term": X.columns,
    "patient": patient_levels,
    "patient_term": Z_patient.columns,
}

with pm.Model(coords=coords) as model:
    # Population effects; alpha is the intercept where the predictors have their means.
    X_data = pm.Data("X", X, dims=("obs", "term"))
    alpha = pm.Normal("alpha", mu=0.2798, sigma=2.5)
    b = pm.Normal("b", mu=0.0, sigma=[2.231, 2.5, 0.9129], dims="term")
    pm.Deterministic("Intercept", alpha - X_mean @ b)

    # Effects of patient: Intercept, factor(visit)2, factor(visit)3 and factor(visit)4,
    # independent; non-centred.
    patient_idx = pm.Data("patient_idx", patient, dims="obs")
    Z_patient_data = pm.Data("Z_patient", Z_patient, dims=("obs", "patient_term"))
    sd_patient = pm.HalfStudentT(
        "sd_patient", nu=3.0, sigma=[2.5, 5.761, 5.761, 5.761], dims="patient_term"
    )
    z_patient = pm.Normal(
        "z_patient", mu=0.0, sigma=1.0, dims=("patient", "patient_term")
    )
    r_patient = pm.Deterministic(
        "r_patient", z_patient * sd_patient, dims=("patient", "patient_term")
    )

    # Likelihood.
    probit_mu = (
        alpha
        + (X_data - X_mean) @ b
        + (Z_patient_data * r_patient[patient_idx]).sum(axis=-1)
    )
    pm.Bernoulli(
        "I(count > 3)",
        p=pm.math.invprobit(probit_mu),
        observed=(data["count"] > 3).astype(int),
        dims="obs",
    )

if __name__ == "__main__":
    with model:
        fit = pm.sample(chains=4, target_accept=0.9, random_seed=1)
    reported = ["Intercept", "b", "sd_patient"]
    print(az.summary(fit, var_names=reported))
    fit.to_netcdf("fit.nc")
