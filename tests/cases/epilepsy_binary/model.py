"""I(count > 3) ~ visit * scale(Age) + (factor(visit) || patient)

Bernoulli model of I(count > 3); 236 rows, 59 levels of patient. Success is TRUE. `||` makes every
column's effect by patient independent, factor levels too (as in glmmTMB and brms; lme4 would keep a
factor's levels correlated).
"""

import pandas as pd
import pymc as pm

data = pd.read_csv("tests/data/epilepsy.csv")

# Design: one column per coefficient, one index per grouping factor.
patient, patient_levels = pd.factorize(data["patient"], sort=True)
X = pd.DataFrame(
    {
        "visit": data["visit"],
        "scale(Age)": (data["Age"] - 28.338983050847457) / 6.26128983922445,
        "visit:scale(Age)": data["visit"] * ((data["Age"] - 28.338983050847457) / 6.26128983922445),
    },
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
    # Population effects; predictors are centred, so alpha is the intercept at their means.
    Xc = pm.Data("Xc", X - X_mean, dims=("obs", "term"))
    alpha = pm.Normal("alpha", mu=0.2798, sigma=2.5)
    b = pm.Normal("b", mu=0.0, sigma=[2.231, 2.5, 0.9129], dims="term")
    pm.Deterministic("Intercept", alpha - X_mean @ b)

    # Effects of patient: independent Intercept, factor(visit)2, factor(visit)3 and factor(visit)4, non-centred.
    patient_idx = pm.Data("patient_idx", patient, dims="obs")
    Z_patient_data = pm.Data("Z_patient", Z_patient, dims=("obs", "patient_term"))
    sd_patient = pm.HalfStudentT(
        "sd_patient", nu=3.0, sigma=[2.5, 5.761, 5.761, 5.761], dims="patient_term"
    )
    z_patient = pm.Normal("z_patient", mu=0.0, sigma=1.0, dims=("patient", "patient_term"))
    r_patient = pm.Deterministic(
        "r_patient", z_patient * sd_patient, dims=("patient", "patient_term")
    )

    # Likelihood.
    probit_mu = alpha + Xc @ b + (Z_patient_data * r_patient[patient_idx]).sum(axis=-1)
    pm.Bernoulli(
        "I(count > 3)",
        p=pm.math.invprobit(probit_mu),
        observed=((data["count"] > 3).astype(float)).astype(float),
        dims="obs",
    )

if __name__ == "__main__":
    with model:
        fit = pm.sample(random_seed=1)
