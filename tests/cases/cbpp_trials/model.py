"""Binomial model of incidence, cloglog link.

    incidence | trials(size) ~ 0 + factor(period) + (1 | herd)

56 rows, 15 levels of herd.

Default priors, made of the data:
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
        "factor(period)1": data["period"] == 1,
        "factor(period)2": data["period"] == 2,
        "factor(period)3": data["period"] == 3,
        "factor(period)4": data["period"] == 4,
    },
    dtype=float,
)

coords = {
    "obs": data.index,
    "term": X.columns,
    "herd": herd_levels,
    "herd_term": ["Intercept"],
}

with pm.Model(coords=coords) as model:
    # Population effects.
    X_data = pm.Data("X", X, dims=("obs", "term"))
    b_factor_period_1 = pm.Normal("b_factor_period_1", mu=-2.0, sigma=1.0)
    b_factor_period_2 = pm.StudentT("b_factor_period_2", nu=3.0, mu=0.0, sigma=2.0)
    b_factor_period_3 = pm.StudentT("b_factor_period_3", nu=3.0, mu=0.0, sigma=2.0)
    b_factor_period_4 = pm.StudentT("b_factor_period_4", nu=3.0, mu=0.0, sigma=2.0)
    b = pm.Deterministic(
        "b",
        pm.math.stack(
            [b_factor_period_1, b_factor_period_2, b_factor_period_3, b_factor_period_4]
        ),
        dims="term",
    )

    # Effects of herd: Intercept; non-centred.
    herd_idx = pm.Data("herd_idx", herd, dims="obs")
    sd_herd = pm.HalfStudentT("sd_herd", nu=3.0, sigma=2.5, dims="herd_term")
    z_herd = pm.Normal("z_herd", mu=0.0, sigma=1.0, dims=("herd", "herd_term"))
    r_herd = pm.Deterministic("r_herd", z_herd * sd_herd, dims=("herd", "herd_term"))

    # Likelihood.
    cloglog_mu = X_data @ b + r_herd[herd_idx, 0]
    trials = pm.Data("trials", data["size"], dims="obs")
    pm.Binomial(
        "incidence",
        n=trials,
        p=-pm.math.expm1(-pm.math.exp(cloglog_mu)),
        observed=data["incidence"],
        dims="obs",
    )

if __name__ == "__main__":
    with model:
        fit = pm.sample(chains=4, target_accept=0.9, random_seed=1)
    reported = ["b", "sd_herd"]
    print(az.summary(fit, var_names=reported))
    fit.to_netcdf("fit.nc")
