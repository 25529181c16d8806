"""incidence | trials(size) ~ 0 + factor(period) + (1 | herd)

Binomial model of incidence; 56 rows, 15 levels of herd.
"""

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

coords = {"obs": data.index, "term": X.columns, "herd": herd_levels, "herd_term": ["Intercept"]}

with pm.Model(coords=coords) as model:
    # Population effects.
    X_data = pm.Data("X", X, dims=("obs", "term"))
    b_factor_period_1_ = pm.Normal("b[factor(period)1]", mu=-2.0, sigma=1.0)
    b_factor_period_2_ = pm.StudentT("b[factor(period)2]", nu=3.0, mu=0.0, sigma=2.0)
    b_factor_period_3_ = pm.StudentT("b[factor(period)3]", nu=3.0, mu=0.0, sigma=2.0)
    b_factor_period_4_ = pm.StudentT("b[factor(period)4]", nu=3.0, mu=0.0, sigma=2.0)
    b = pm.Deterministic(
        "b",
        pm.math.stack(
            [b_factor_period_1_, b_factor_period_2_, b_factor_period_3_, b_factor_period_4_]
        ),
        dims="term",
    )

    # Effects of herd: Intercept, non-centred.
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
        fit = pm.sample(random_seed=1)
