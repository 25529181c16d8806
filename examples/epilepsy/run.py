"""Seizures of 59 patients: counts that vary more than Poisson's, two ways of saying so, and what that changes."""

# %% The data
import numpy as np
import pandas as pd
from matplotlib import pyplot

import tildemc as tm

epilepsy = pd.read_csv("../batch/epilepsy.csv")
print(epilepsy.groupby("Trt")["count"].agg(["size", "median", "mean", "var"]).round(1))

# %% Three models of one formula
formula = "count ~ zAge + zBase * Trt + (1 | patient)"
priors = ["Intercept ~ normal(2, 1) at the predictors' means", "b ~ normal(0, 0.5)", "sd ~ exponential(2)"]
models = {
    "Poisson": tm.model(formula, epilepsy, "poisson", priors),
    "effect of each visit": tm.model(f"{formula} + (1 | obs)", epilepsy, "poisson", priors),
    "negative binomial": tm.model(formula, epilepsy, "negbinomial", priors),
}
print(models["negative binomial"])

# %% What the priors foresee
default = tm.model(formula, epilepsy, "negbinomial")
for name, model in {"by default": default, "as stated": models["negative binomial"]}.items():
    foreseen = model.prior_predictive(200, seed=1)["prior_predictive"]["count"]
    quarter, half, most = foreseen.quantile([0.25, 0.5, 0.95]).to_numpy()
    print(f"{name:10}  quarter below {quarter:,.0f}, half below {half:,.0f}, 95% below {most:,.0f}")

# %% Three fits
fits = {name: model.fit(draws=400, seed=1) for name, model in models.items()}
print(fits["negative binomial"])
print({name: fit.ok for name, fit in fits.items()})
print(pd.DataFrame({name: fit.fixef().loc["Trt"] for name, fit in fits.items()}).T.round(2))


# %% Would they give such counts again?
def variation(counts: np.ndarray) -> np.ndarray:
    """How much a patient's four counts vary, over their mean; the average of the patients."""
    by_patient = counts.reshape(59, 4, -1)
    mean = by_patient.mean(axis=1)
    return (by_patient.var(axis=1, ddof=1) / np.where(mean > 0, mean, 1)).mean(axis=0)


epilepsy = epilepsy.sort_values(["patient", "visit"])
seen = variation(epilepsy["count"].to_numpy()).item()
again = {}
for name, fit in fits.items():
    replicated = fit.predict(epilepsy, "response", draws=True, seed=1).stack(sample=("chain", "draw"))
    again[name] = variation(replicated.to_numpy())
    low, high = np.quantile(again[name], [0.025, 0.975])
    print(f"{name:20} replicated {low:.2f} to {high:.2f}; observed {seen:.2f}")

# %% A picture of that
figure, axes = pyplot.subplots(figsize=(7, 3.2), layout="constrained")
for name, color in zip(again, ("#666666", "#D55E00", "#0072B2"), strict=True):
    axes.hist(again[name], bins=40, density=True, histtype="stepfilled", alpha=0.5, color=color, label=name)
axes.axvline(seen, color="black", label="observed")
axes.set_xlabel("variance of a patient's counts over their mean, averaged")
axes.set_yticks([])
axes.spines[["top", "right", "left"]].set_visible(False)
axes.legend(frameon=False)
figure.savefig("variation.png", dpi=150)

# %% Which foresees visits that it has not seen?
print(tm.compare(fits)[["elpd_diff", "dse", "diag_elpd"]])
folds = {name: fit.kfold(3, seed=1, draws=150) for name, fit in fits.items()}
print(tm.compare(folds)[["elpd_diff", "dse"]])

# %% The answer
for name, fit in fits.items():
    ratio = fit.avg_comparisons("Trt", comparison="ratio").frame()
    print(f"{name:20}", ratio[["estimate", "eti95_lb", "eti95_ub"]].iloc[0].round(2).to_dict())
print(fits["negative binomial"].hypothesis("Trt < 0")[["mean", "probability"]])

# %% The same in R and Stata
call = "brm(count ~ zAge + zBase * Trt + (1 | patient), data = epilepsy, family = negbinomial())"
for language in ("glmmTMB", "stata"):
    print(tm.convert(call, language))
