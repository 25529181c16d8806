"""Gaussian model of log_radon, identity link.

    log_radon ~ 0 + county + county:floor

919 rows. 25 columns are zero in every row, and known from the prior alone:
countyBIGSTONE:floor, countyCASS:floor, countyCHIPPEWA:floor, countyCHISAGO:floor, ….

Default priors, made of the data:
    countyAITKIN ~ normal(0, 2.5 · sd(log_radon) / sd(countyAITKIN))
    countyANOKA ~ normal(0, 2.5 · sd(log_radon) / sd(countyANOKA))
    countyBECKER ~ normal(0, 2.5 · sd(log_radon) / sd(countyBECKER))
    countyBELTRAMI ~ normal(0, 2.5 · sd(log_radon) / sd(countyBELTRAMI))
    countyBENTON ~ normal(0, 2.5 · sd(log_radon) / sd(countyBENTON))
    countyBIGSTONE ~ normal(0, 2.5 · sd(log_radon) / sd(countyBIGSTONE))
    countyBLUEEARTH ~ normal(0, 2.5 · sd(log_radon) / sd(countyBLUEEARTH))
    countyBROWN ~ normal(0, 2.5 · sd(log_radon) / sd(countyBROWN))
    countyCARLTON ~ normal(0, 2.5 · sd(log_radon) / sd(countyCARLTON))
    countyCARVER ~ normal(0, 2.5 · sd(log_radon) / sd(countyCARVER))
    countyCASS ~ normal(0, 2.5 · sd(log_radon) / sd(countyCASS))
    countyCHIPPEWA ~ normal(0, 2.5 · sd(log_radon) / sd(countyCHIPPEWA))
    and 159 more

Written by tildemc 0.2.0.
"""

import arviz as az
import pandas as pd
import pymc as pm

data = pd.read_csv("examples/radon/data/radon.csv")

# Design: one column per coefficient.
county_levels = sorted(data["county"].unique())
X = pd.DataFrame(
    {
        **{"county" + level: data["county"] == level for level in county_levels},
        **{
            "county" + level + ":floor": (data["county"] == level) * data["floor"]
            for level in county_levels
        },
    },
    dtype=float,
)

coords = {"obs": data.index, "term": X.columns}

with pm.Model(coords=coords) as model:
    # Population effects.
    X_data = pm.Data("X", X, dims=("obs", "term"))
    b = pm.Normal(
        "b",
        mu=0.0,
        sigma=[
            31.1, 8.861, 35.89, 23.55, 31.1, 35.89, 16.71, 31.1, 19.73, 25.42, 27.83,
            31.1, 25.42, 16.71, 31.1, 43.93, 31.1, 18.03, 8.102, 35.89, 20.79, 25.42,
            43.93, 20.79, 16.71, 6.436, 25.42, 27.83, 35.89, 18.83, 27.83, 31.1, 31.1,
            35.89, 23.55, 43.93, 20.79, 31.1, 27.83, 31.1, 22.04, 62.1, 20.79, 23.55,
            17.34, 27.83, 43.93, 20.79, 17.34, 62.1, 31.1, 35.89, 35.89, 13.11, 22.04,
            35.89, 25.42, 31.1, 31.1, 43.93, 11.17, 27.83, 35.89, 18.83, 43.93, 16.71,
            17.34, 22.04, 31.1, 12.58, 19.73, 43.93, 6.165, 31.1, 35.89, 31.1, 23.55,
            27.83, 31.1, 9.389, 35.89, 62.1, 17.34, 17.34, 43.93, 62.1, 35.89, 43.93,
            31.1, 62.1, 2.048, 43.93, 43.93, 62.1, 35.89, 2.048, 2.048, 2.048, 31.1,
            43.93, 2.048, 35.89, 35.89, 31.1, 2.048, 62.1, 62.1, 62.1, 43.93, 43.93,
            18.83, 43.93, 35.89, 2.048, 2.048, 2.048, 2.048, 2.048, 43.93, 31.1, 62.1,
            62.1, 43.93, 62.1, 62.1, 62.1, 2.048, 27.83, 62.1, 31.1, 2.048, 62.1, 62.1,
            43.93, 2.048, 2.048, 2.048, 62.1, 35.89, 35.89, 43.93, 62.1, 62.1, 43.93,
            2.048, 35.89, 62.1, 62.1, 62.1, 2.048, 22.04, 31.1, 2.048, 2.048, 31.1,
            2.048, 2.048, 15.65, 2.048, 62.1, 62.1, 62.1, 43.93, 62.1, 27.83, 43.93,
            2.048, 35.89, 62.1, 2.048,
        ],
        dims="term",
    )  # fmt: skip

    # Likelihood.
    sigma = pm.HalfStudentT("sigma", nu=3.0, sigma=0.8194)
    mu = X_data @ b
    pm.Normal("log_radon", mu=mu, sigma=sigma, observed=data["log_radon"], dims="obs")

if __name__ == "__main__":
    with model:
        fit = pm.sample(chains=4, target_accept=0.9, random_seed=1)
    reported = ["b", "sigma"]
    print(az.summary(fit, var_names=reported))
    fit.to_netcdf("fit.nc")
