"""Gaussian model of angle, identity link.

    angle | weights(temp / 100) ~ C(recipe, sum) + dummy(recipe, "B"):temp + (temp |
        replicate)

270 rows, 15 levels of replicate.

Default priors, made of the data:
    b("C(recipe, sum)1") ~ normal(0, 2.5 · sd(angle) / sd(C(recipe, sum)1))
    b("C(recipe, sum)2") ~ normal(0, 2.5 · sd(angle) / sd(C(recipe, sum)2))
    b('dummy(recipe, "B"):temp') ~ normal(0, 2.5 · sd(angle) / sd(dummy(recipe,
        "B"):temp))
    sigma ~ student_t(3, 0, sd(angle))

Written by tildemc 0.2.0.
"""

import arviz as az
import pandas as pd
import pymc as pm

data = pd.read_csv("tests/data/cake.csv")

# Design: one column per coefficient, one index per grouping factor.
C_recipe_sum_1 = data["recipe"].map({"A": 1, "B": 0, "C": -1})
C_recipe_sum_2 = data["recipe"].map({"A": 0, "B": 1, "C": -1})
replicate, replicate_levels = pd.factorize(data["replicate"], sort=True)
X = pd.DataFrame(
    {
        "C(recipe, sum)1": C_recipe_sum_1,
        "C(recipe, sum)2": C_recipe_sum_2,
        'dummy(recipe, "B"):temp': (data["recipe"] == "B").astype(float) * data["temp"],
    }
)
Z_replicate = pd.DataFrame({"Intercept": 1, "temp": data["temp"]})

coords = {
    "obs": data.index,
    "term": X.columns,
    "replicate": replicate_levels,
    "replicate_term": Z_replicate.columns,
    "replicate_term2": Z_replicate.columns,
}

with pm.Model(coords=coords) as model:
    # Population effects.
    X_data = pm.Data("X", X, dims=("obs", "term"))
    Intercept = pm.Flat("Intercept")
    b = pm.Normal("b", mu=0.0, sigma=[25.1, 25.1, 0.2162], dims="term")

    # Effects of replicate: Intercept and temp, correlated; non-centred.
    replicate_idx = pm.Data("replicate_idx", replicate, dims="obs")
    Z_replicate_data = pm.Data(
        "Z_replicate", Z_replicate, dims=("obs", "replicate_term")
    )
    var_replicate = pm.Exponential("var_replicate", lam=1.0, dims="replicate_term")
    sd_replicate = pm.Deterministic(
        "sd_replicate", pm.math.sqrt(var_replicate), dims="replicate_term"
    )
    chol_replicate = pm.LKJCorr("chol_replicate", n=2, eta=4.0)
    pm.Deterministic(
        "cor_replicate",
        chol_replicate @ chol_replicate.T,
        dims=("replicate_term", "replicate_term2"),
    )
    z_replicate = pm.Normal(
        "z_replicate", mu=0.0, sigma=1.0, dims=("replicate", "replicate_term")
    )
    r_replicate = pm.Deterministic(
        "r_replicate",
        z_replicate @ (sd_replicate[:, None] * chol_replicate).T,
        dims=("replicate", "replicate_term"),
    )

    # Likelihood.
    sigma = pm.HalfStudentT("sigma", nu=3.0, sigma=8.213)
    mu = (
        Intercept
        + X_data @ b
        + (Z_replicate_data * r_replicate[replicate_idx]).sum(axis=-1)
    )
    weights = pm.Data("weights", data["temp"] / 100, dims="obs")
    angle = pm.Normal("angle", mu=mu, sigma=sigma, observed=data["angle"], dims="obs")
    # Weights multiply a row's log likelihood: once is there already.
    row_logp = pm.logp(angle, model.rvs_to_values[angle])
    pm.Potential("likelihood_weights", ((weights - 1) * row_logp).sum())

if __name__ == "__main__":
    with model:
        fit = pm.sample(chains=4, target_accept=0.9, random_seed=1)
    reported = ["Intercept", "b", "sd_replicate", "cor_replicate", "sigma"]
    print(az.summary(fit, var_names=reported))
    fit.to_netcdf("fit.nc")
