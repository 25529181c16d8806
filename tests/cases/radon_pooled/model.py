"""log_radon ~ floor

Gaussian model of log_radon; 919 rows.
"""

import pandas as pd
import pymc as pm

data = pd.read_csv("examples/radon/data/radon.csv")

# Design: one column per coefficient.
X = pd.DataFrame({"floor": data["floor"]})
X_mean = X.mean().to_numpy()

coords = {"obs": data.index, "term": X.columns}

with pm.Model(coords=coords) as model:
    # Population effects; predictors are centred, so alpha is the intercept at their means.
    Xc = pm.Data("Xc", X - X_mean, dims=("obs", "term"))
    alpha = pm.Normal("alpha", mu=1.265, sigma=2.048)
    b = pm.Normal("b", mu=0.0, sigma=5.496, dims="term")
    pm.Deterministic("Intercept", alpha - X_mean @ b)

    # Likelihood.
    sigma = pm.HalfStudentT("sigma", nu=3.0, sigma=0.8194)
    mu = alpha + Xc @ b
    pm.Normal("log_radon", mu=mu, sigma=sigma, observed=data["log_radon"], dims="obs")

if __name__ == "__main__":
    with model:
        fit = pm.sample(random_seed=1)
