"""Gaussian model of angle, identity link.

    angle ~ recipe * ordered(temp) + (1 | recipe:replicate) + offset(temp / 10)

270 rows, 45 levels of recipe:replicate.

Default priors, made of the data:
    Intercept ~ normal(mean(angle) - mean(offset(temp/10)), 2.5 · sd(angle)) at the
        predictors' means
    recipeB ~ normal(0, 2.5 · sd(angle) / sd(recipeB))
    recipeC ~ normal(0, 2.5 · sd(angle) / sd(recipeC))
    b("ordered(temp).L") ~ normal(0, 2.5 · sd(angle) / sd(ordered(temp).L))
    b("ordered(temp).Q") ~ normal(0, 2.5 · sd(angle) / sd(ordered(temp).Q))
    b("ordered(temp).C") ~ normal(0, 2.5 · sd(angle) / sd(ordered(temp).C))
    b("ordered(temp)^4") ~ normal(0, 2.5 · sd(angle) / sd(ordered(temp)^4))
    b("ordered(temp)^5") ~ normal(0, 2.5 · sd(angle) / sd(ordered(temp)^5))
    b("recipeB:ordered(temp).L") ~ normal(0, 2.5 · sd(angle) /
        sd(recipeB:ordered(temp).L))
    b("recipeC:ordered(temp).L") ~ normal(0, 2.5 · sd(angle) /
        sd(recipeC:ordered(temp).L))
    b("recipeB:ordered(temp).Q") ~ normal(0, 2.5 · sd(angle) /
        sd(recipeB:ordered(temp).Q))
    b("recipeC:ordered(temp).Q") ~ normal(0, 2.5 · sd(angle) /
        sd(recipeC:ordered(temp).Q))
    and 6 more

Written by tildemc 0.2.0.
"""

import arviz as az
import pandas as pd
import pymc as pm

data = pd.read_csv("tests/data/cake.csv")

# Design: one column per coefficient, one index per grouping factor.
ordered_temp_L = data["temp"].map(
    {
        175: -0.597614304667,
        185: -0.3585685828,
        195: -0.119522860933,
        205: 0.119522860933,
        215: 0.3585685828,
        225: 0.597614304667,
    }
)
ordered_temp_Q = data["temp"].map(
    {
        175: 0.54554472559,
        185: -0.109108945118,
        195: -0.436435780472,
        205: -0.436435780472,
        215: -0.109108945118,
        225: 0.54554472559,
    }
)
ordered_temp_C = data["temp"].map(
    {
        175: -0.37267799625,
        185: 0.52174919475,
        195: 0.298142397,
        205: -0.298142397,
        215: -0.52174919475,
        225: 0.37267799625,
    }
)
ordered_temp_4 = data["temp"].map(
    {
        175: 0.188982236505,
        185: -0.566946709514,
        195: 0.377964473009,
        205: 0.377964473009,
        215: -0.566946709514,
        225: 0.188982236505,
    }
)
ordered_temp_5 = data["temp"].map(
    {
        175: -0.062994078835,
        185: 0.314970394174,
        195: -0.629940788349,
        205: 0.629940788349,
        215: -0.314970394174,
        225: 0.062994078835,
    }
)
recipe_replicate, recipe_replicate_levels = pd.factorize(
    pd.MultiIndex.from_frame(data[["recipe", "replicate"]]), sort=True
)
recipe_replicate_levels = [
    ":".join(map(str, level)) for level in recipe_replicate_levels
]
X = pd.DataFrame(
    {
        "recipeB": data["recipe"] == "B",
        "recipeC": data["recipe"] == "C",
        "ordered(temp).L": ordered_temp_L,
        "ordered(temp).Q": ordered_temp_Q,
        "ordered(temp).C": ordered_temp_C,
        "ordered(temp)^4": ordered_temp_4,
        "ordered(temp)^5": ordered_temp_5,
        "recipeB:ordered(temp).L": (data["recipe"] == "B") * ordered_temp_L,
        "recipeC:ordered(temp).L": (data["recipe"] == "C") * ordered_temp_L,
        "recipeB:ordered(temp).Q": (data["recipe"] == "B") * ordered_temp_Q,
        "recipeC:ordered(temp).Q": (data["recipe"] == "C") * ordered_temp_Q,
        "recipeB:ordered(temp).C": (data["recipe"] == "B") * ordered_temp_C,
        "recipeC:ordered(temp).C": (data["recipe"] == "C") * ordered_temp_C,
        "recipeB:ordered(temp)^4": (data["recipe"] == "B") * ordered_temp_4,
        "recipeC:ordered(temp)^4": (data["recipe"] == "C") * ordered_temp_4,
        "recipeB:ordered(temp)^5": (data["recipe"] == "B") * ordered_temp_5,
        "recipeC:ordered(temp)^5": (data["recipe"] == "C") * ordered_temp_5,
    },
    dtype=float,
)
X_mean = X.mean().to_numpy()

coords = {
    "obs": data.index,
    "term": X.columns,
    "recipe:replicate": recipe_replicate_levels,
    "recipe:replicate_term": ["Intercept"],
}

with pm.Model(coords=coords) as model:
    # Population effects; alpha is the intercept where the predictors have their means.
    X_data = pm.Data("X", X, dims=("obs", "term"))
    alpha = pm.Normal("alpha", mu=12.12, sigma=20.53)
    b = pm.Normal(
        "b",
        mu=0.0,
        sigma=[
            43.47, 43.47, 50.2, 50.2, 50.2, 50.2, 50.2, 86.95, 86.95, 86.95, 86.95,
            86.95, 86.95, 86.95, 86.95, 86.95, 86.95,
        ],
        dims="term",
    )  # fmt: skip
    pm.Deterministic("Intercept", alpha - X_mean @ b)
    offset = pm.Data("offset", data["temp"] / 10, dims="obs")

    # Effects of recipe:replicate: Intercept; non-centred.
    recipe_replicate_idx = pm.Data("recipe:replicate_idx", recipe_replicate, dims="obs")
    sd_recipe_replicate = pm.HalfCauchy(
        "sd_recipe:replicate", beta=5.0, dims="recipe:replicate_term"
    )
    z_recipe_replicate = pm.Normal(
        "z_recipe:replicate",
        mu=0.0,
        sigma=1.0,
        dims=("recipe:replicate", "recipe:replicate_term"),
    )
    r_recipe_replicate = pm.Deterministic(
        "r_recipe:replicate",
        z_recipe_replicate * sd_recipe_replicate,
        dims=("recipe:replicate", "recipe:replicate_term"),
    )

    # Likelihood.
    sigma = pm.InverseGamma("sigma", alpha=2.0, beta=5.0)
    mu = (
        alpha
        + (X_data - X_mean) @ b
        + offset
        + r_recipe_replicate[recipe_replicate_idx, 0]
    )
    pm.Normal("angle", mu=mu, sigma=sigma, observed=data["angle"], dims="obs")

if __name__ == "__main__":
    with model:
        fit = pm.sample(chains=4, target_accept=0.9, random_seed=1)
    reported = ["Intercept", "b", "sd_recipe:replicate", "sigma"]
    print(az.summary(fit, var_names=reported))
    fit.to_netcdf("fit.nc")
