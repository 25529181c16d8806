"""Ratings of 1,128 lecturers by 2,972 students, all 73,421 of them: who is rated well, and how sure one can be."""

# %% The data
import pandas as pd
from matplotlib import pyplot

import tildemc as tm

ratings = pd.read_parquet("../batch/InstEval.parquet")
print(f"{len(ratings):,} ratings, {ratings['s'].nunique():,} students, {ratings['d'].nunique():,} lecturers")
print(ratings["y"].value_counts(normalize=True).sort_index().round(2).to_dict())
print(ratings.groupby("d").size().quantile([0.05, 0.5, 0.95]).astype(int).to_dict())

# %% The model
formula = "y ~ service + (1 | s) + (1 | d) + (1 | dept)"
model = tm.model(formula, ratings, priors=["Intercept ~ normal(3, 1)", "b ~ normal(0, 1)", "sd ~ exponential(1)"])
print(model)

# %% lme4's estimates
print(model.optimize("reml"))

# %% Fit
fit = model.fit(draws=500, seed=1)
print(fit)
print(fit.ok)

# %% What ratings vary by
print(fit.icc())

# %% Lecturers
lecturers = fit.ranef()["d"]["Intercept"]
lecturers["rows"] = ratings.groupby("d").size().reindex(lecturers.index).to_numpy()
print(lecturers.sort_values("mean").iloc[[0, 1, 2, -3, -2, -1]].round(2))
clear = (lecturers["eti95_lb"] > 0).sum(), (lecturers["eti95_ub"] < 0).sum()
print(f"{clear[0]} lecturers above the mean with 95% probability, {clear[1]} below, of {len(lecturers):,}")
for least, most in ((1, 10), (11, 100), (101, 1000)):
    some = lecturers[lecturers["rows"].between(least, most)]
    print(f"{least} to {most} ratings: {len(some)} lecturers, their effects known to ± {some['sd'].mean():.2f}")

# %% The picture
sorted_ = lecturers.sort_values("mean").reset_index(drop=True)
figure, axes = pyplot.subplots(figsize=(7.5, 4), layout="constrained")
axes.vlines(sorted_.index, sorted_["eti95_lb"], sorted_["eti95_ub"], color="#56B4E9", lw=0.5)
axes.plot(sorted_.index, sorted_["mean"], color="#0072B2")
axes.axhline(0, color="black", lw=0.8)
axes.set_xlabel("lecturers, from the lowest to the highest")
axes.set_ylabel("effect on the rating\n(mean, 95% interval)")
axes.spines[["top", "right"]].set_visible(False)
figure.savefig("lecturers.png", dpi=150)

# %% A lecturer nobody has rated
new = pd.DataFrame({"service": ["0", "1"], "s": "new", "d": "new", "dept": "5"})
print(fit.predict(new, new_levels="sample", seed=1).round(2))

# %% The same in R, Julia and Stata
for language in ("lme4", "julia", "stata"):
    print(tm.convert(formula, language))
