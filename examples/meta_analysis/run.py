"""Thirteen trials of a vaccine: known standard errors, a forest plot, heterogeneity, and what a new trial may find."""

# %% The data
import numpy as np
import pandas as pd
from matplotlib import pyplot

import tildemc as tm

trials = pd.read_csv("data/bcg.csv")
trials["study"] = trials["author"] + " " + trials["year"].astype(str)
treated, controls = trials["tpos"] + trials["tneg"], trials["cpos"] + trials["cneg"]
trials["log_rr"] = np.log((trials["tpos"] / treated) / (trials["cpos"] / controls))
trials["se"] = np.sqrt(1 / trials["tpos"] - 1 / treated + 1 / trials["cpos"] - 1 / controls)
print(trials[["study", "tpos", "tneg", "cpos", "cneg", "ablat", "log_rr", "se"]].round(2).to_string(index=False))

# %% The model
formula = "log_rr | se(se) ~ 1 + (1 | study)"
model = tm.model(formula, trials, priors=["Intercept ~ normal(0, 1)", "sd(study) ~ half_normal(0, 0.5)"])
print(model)

# %% The estimates of a classical meta-analysis
print(model.optimize())

# %% Fit
fit = model.fit(seed=1)
print(fit)
print(fit.ok)

# %% Heterogeneity
tau2 = fit.data["posterior"]["sd_study"] ** 2
weight = 1 / trials["se"] ** 2
typical = (len(trials) - 1) * weight.sum() / (weight.sum() ** 2 - (weight**2).sum())
print((tau2 / (tau2 + typical)).quantile([0.025, 0.5, 0.975]).round(2).to_numpy())

# %% The mean, and a new study
new = pd.DataFrame({"study": ["a study to come"]})
found = pd.concat({
    "mean of all studies": fit.predict(new, groups="none"),
    "a study to come": fit.predict(new, new_levels="sample", seed=1),
}).droplevel(1)  # fmt: skip
print(found.round(2))
print(np.exp(found[["mean", "eti95_lb", "eti95_ub"]]).round(2))
effect = fit.predict(new, new_levels="sample", seed=1, draws=True)
print(f"chance that it protects: {float((effect < 0).mean()):.2f}")

# %% The forest plot
order = trials.sort_values("ablat").reset_index(drop=True)
each = fit.predict(order)
figure, axes = pyplot.subplots(figsize=(7.5, 6), layout="constrained")
at = np.arange(len(order), 0, -1)
axes.errorbar(
    order["log_rr"], at + 0.13, xerr=1.96 * order["se"], fmt="s", ms=4, color="#999999", label="the study alone"
)
axes.errorbar(each["mean"], at - 0.13, xerr=[each["mean"] - each["eti95_lb"], each["eti95_ub"] - each["mean"]],
              fmt="o", ms=4, color="#0072B2", label="given all studies")  # fmt: skip
for row, (name, color) in enumerate(zip(found.index, ("#D55E00", "#E69F00"), strict=True)):
    mean, low, high = found.loc[name, ["mean", "eti95_lb", "eti95_ub"]]
    axes.errorbar(mean, -row, xerr=[[mean - low], [high - mean]], fmt="D", ms=6, lw=2, color=color)
axes.set_yticks([*at, 0, -1], [*(order["study"] + " (" + order["ablat"].astype(str) + "°)"), *found.index])
axes.axvline(0, color="black", lw=0.8)
ticks = [0.1, 0.2, 0.5, 1, 2, 5]
axes.set_xticks(np.log(ticks), [f"{tick:g}" for tick in ticks])
axes.set_xlabel("risk ratio: vaccinated / not (mean, 95% interval)")
axes.spines[["top", "right", "left"]].set_visible(False)
axes.tick_params(axis="y", length=0)
figure.legend(loc="outside lower center", ncols=2, frameon=False)
figure.savefig("forest.png", dpi=150)

# %% Does the latitude explain it?
trials["latitude"] = (trials["ablat"] - 33) / 10
priors = ["Intercept ~ normal(0, 1)", "latitude ~ normal(0, 0.5)", "sd(study) ~ half_normal(0, 0.5)"]
with_latitude = fit.update("~ . + latitude", data=trials, priors=priors)
print(with_latitude)

# %% The vaccine at the equator and in the north
places = pd.DataFrame({"latitude": [-2.0, 0.0, 2.0], "study": "new"}, index=["13°", "33°", "53°"])
print(np.exp(with_latitude.predict(places, groups="none")[["mean", "eti95_lb", "eti95_ub"]]).round(2))
print(np.exp(with_latitude.predict(places, new_levels="sample", seed=1)[["mean", "eti95_lb", "eti95_ub"]]).round(2))

# %% The same in R
for language in ("brms", "lme4"):
    print(tm.convert("log_rr | se(se) ~ latitude + (1 | study)", language))
