"""angle ~ recipe * ordered(temp) + (1 | recipe:replicate) + offset(temp / 10)

Gaussian model of angle; 270 rows, 45 levels of recipe:replicate.
"""

import pandas as pd
import pymc as pm

data = pd.read_csv("tests/data/cake.csv")

# Design: one column per coefficient, one index per grouping factor.
ordered_temp__L = data["temp"].map(
    {
        175: -0.597614304667,
        185: -0.3585685828,
        195: -0.119522860933,
        205: 0.119522860933,
        215: 0.3585685828,
        225: 0.597614304667,
    },
)
ordered_temp__Q = data["temp"].map(
    {
        175: 0.54554472559,
        185: -0.109108945118,
        195: -0.436435780472,
        205: -0.436435780472,
        215: -0.109108945118,
        225: 0.54554472559,
    },
)
ordered_temp__C = data["temp"].map(
    {
        175: -0.37267799625,
        185: 0.52174919475,
        195: 0.298142397,
        205: -0.298142397,
        215: -0.52174919475,
        225: 0.37267799625,
    },
)
ordered_temp__4 = data["temp"].map(
    {
        175: 0.188982236505,
        185: -0.566946709514,
        195: 0.377964473009,
        205: 0.377964473009,
        215: -0.566946709514,
        225: 0.188982236505,
    },
)
ordered_temp__5 = data["temp"].map(
    {
        175: -0.062994078835,
        185: 0.314970394174,
        195: -0.629940788349,
        205: 0.629940788349,
        215: -0.314970394174,
        225: 0.062994078835,
    },
)
recipe_replicate, recipe_replicate_levels = pd.factorize(
    pd.MultiIndex.from_frame(data[["recipe", "replicate"]]), sort=True
)
recipe_replicate_levels = [":".join(map(str, level)) for level in recipe_replicate_levels]
X = pd.DataFrame(
    {
        "recipeB": data["recipe"] == "B",
        "recipeC": data["recipe"] == "C",
        "ordered(temp).L": ordered_temp__L,
        "ordered(temp).Q": ordered_temp__Q,
        "ordered(temp).C": ordered_temp__C,
        "ordered(temp)^4": ordered_temp__4,
        "ordered(temp)^5": ordered_temp__5,
        "recipeB:ordered(temp).L": (data["recipe"] == "B") * ordered_temp__L,
        "recipeC:ordered(temp).L": (data["recipe"] == "C") * ordered_temp__L,
        "recipeB:ordered(temp).Q": (data["recipe"] == "B") * ordered_temp__Q,
        "recipeC:ordered(temp).Q": (data["recipe"] == "C") * ordered_temp__Q,
        "recipeB:ordered(temp).C": (data["recipe"] == "B") * ordered_temp__C,
        "recipeC:ordered(temp).C": (data["recipe"] == "C") * ordered_temp__C,
        "recipeB:ordered(temp)^4": (data["recipe"] == "B") * ordered_temp__4,
        "recipeC:ordered(temp)^4": (data["recipe"] == "C") * ordered_temp__4,
        "recipeB:ordered(temp)^5": (data["recipe"] == "B") * ordered_temp__5,
        "recipeC:ordered(temp)^5": (data["recipe"] == "C") * ordered_temp__5,
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
    # Population effects; predictors are centred, so alpha is the intercept at their means.
    Xc = pm.Data("Xc", X - X_mean, dims=("obs", "term"))
    alpha = pm.Normal("alpha", mu=12.12, sigma=20.53)
    b = pm.Normal(
        "b",
        mu=0.0,
        sigma=[
            43.47, 43.47, 50.2, 50.2, 50.2, 50.2, 50.2, 86.95, 86.95, 86.95, 86.95, 86.95, 86.95,
            86.95, 86.95, 86.95, 86.95,
        ],
        dims="term",
    )  # fmt: skip
    pm.Deterministic("Intercept", alpha - X_mean @ b)
    offset = pm.Data("offset", data["temp"] / 10, dims="obs")

    # Effects of recipe:replicate: Intercept, non-centred.
    recipe_replicate_idx = pm.Data("recipe:replicate_idx", recipe_replicate, dims="obs")
    sd_recipe_replicate = pm.HalfCauchy(
        "sd_recipe:replicate", beta=5.0, dims="recipe:replicate_term"
    )
    z_recipe_replicate = pm.Normal(
        "z_recipe:replicate", mu=0.0, sigma=1.0, dims=("recipe:replicate", "recipe:replicate_term")
    )
    r_recipe_replicate = pm.Deterministic(
        "r_recipe:replicate",
        z_recipe_replicate * sd_recipe_replicate,
        dims=("recipe:replicate", "recipe:replicate_term"),
    )

    # Likelihood.
    sigma = pm.InverseGamma("sigma", alpha=2.0, beta=5.0)
    mu = alpha + Xc @ b + offset + r_recipe_replicate[recipe_replicate_idx, 0]
    pm.Normal("angle", mu=mu, sigma=sigma, observed=data["angle"], dims="obs")

if __name__ == "__main__":
    with model:
        fit = pm.sample(random_seed=1)
