"""Radon in Minnesota: three ways of pooling, the uranium of the soil, and which counties are above the limit."""

# %% The data
import numpy as np
import pandas as pd
from matplotlib import pyplot

import tildemc as tm

radon = pd.read_csv("data/radon.csv")
print(radon.groupby("floor")["log_radon"].agg(["size", "mean", "std"]).round(2))
print(radon["county"].value_counts().describe()[["count", "min", "50%", "max"]].astype(int))

# %% The model, and its priors
formula = "log_radon ~ floor + (1 + floor | county)"
model = tm.model(formula, radon, priors=["sd(county) ~ exponential(1)"])
print(model)

# %% What the priors foresee
foreseen = model.prior_predictive(500, seed=1)["prior_predictive"]["log_radon"]
print(foreseen.quantile([0.05, 0.5, 0.95]).round(1).to_numpy())

# %% Three ways of pooling
fit = model.fit(draws=250, seed=1)
pooling = fit.pooling(folds=5)
print(pooling)

# %% Some counties, from few houses to many
listed = ["LACQUIPARLE", "CASS", "CROWWING", "FREEBORN", "ANOKA", "STLOUIS"]
counties = pooling.coefficients().loc[listed]
print(counties.xs("Intercept", level="effect").drop(columns=["eti95_lb", "eti95_ub"], level=1).round(2))

# %% Pictures of pooling
pooling.plot("groups", levels=["CASS", "CROWWING", "FREEBORN"], out="counties.png")
pooling.plot("shrinkage", out="shrinkage.png")

# %% Partial pooling
print(fit)
print(fit.ok)

# %% Replicated data
draws = fit.posterior_predictive(seed=1)["posterior_predictive"]["log_radon"].stack(sample=("chain", "draw"))
statistics = ["mean", "std", "min", "max"]
replicated = pd.DataFrame(draws.to_numpy()).agg(statistics).T
ends = replicated.quantile([0.05, 0.95]).T.set_axis(["replicated: 5%", "95%"], axis=1)
print(ends.assign(observed=radon["log_radon"].agg(statistics)).round(2))
fit.plot("ppc", out="replicated.png")

# %% What a county's soil says
with_uranium = fit.update("~ . + log_uranium", priors=["sd(county) ~ exponential(1)"])
print(with_uranium.fixef())
print(with_uranium.varcorr()["sdcor"])
print(tm.compare({"uranium": with_uranium.kfold(5, seed=1), "no uranium": fit.kfold(5, seed=1)})
      [["rank", "elpd_diff", "dse"]])  # fmt: skip

# %% Counties along uranium
soil = radon.groupby("county")["log_uranium"].first()
basement = with_uranium.predict(soil.reset_index().assign(floor=0)).set_index(soil.index)
slope = with_uranium.fixef()["mean"]
figure, axes = pyplot.subplots(figsize=(7, 4.5), layout="constrained")
axes.errorbar(soil, basement["mean"], yerr=basement["sd"], fmt="o", ms=3, lw=0.6, color="#0072B2")
ends = np.array([soil.min(), soil.max()])
axes.plot(ends, slope["Intercept"] + slope["log_uranium"] * ends, color="#D55E00")
axes.set_xlabel("log uranium of the county's soil (ppm)")
axes.set_ylabel("log radon in a basement\n(each county: mean ± sd)")
axes.spines[["top", "right"]].set_visible(False)
figure.savefig("uranium.png", dpi=150)

# %% Which houses are above the limit
houses = soil.reset_index().assign(floor=0)
measured = with_uranium.predict(houses, kind="response", draws=True, seed=1)
chance = pd.Series((measured > np.log(4)).mean(("chain", "draw")).to_numpy(), soil.index)
print(chance.loc[listed].round(2))
print((chance > 0.5).sum(), "of", len(chance), "counties above one half")

# %% A county without a house
unknown = pd.DataFrame({"county": ["NOWHERE"] * 2, "floor": [0, 0], "log_uranium": soil.quantile([0.1, 0.9])})
print(with_uranium.predict(unknown, new_levels="sample", seed=1).round(2))

# %% The same in R and Stata
for language in ("lme4", "brms", "stata"):
    print(tm.convert("log_radon ~ floor + log_uranium + (1 + floor | county)", language))
