"""Would you curse? 316 people answer 24 items with no, perhaps or yes: thresholds, items, people."""

# %% The data
import pandas as pd
from matplotlib import pyplot

import tildemc as tm

answers = pd.read_parquet("data/VerbAgg.parquet")
print(pd.crosstab(answers["btype"], answers["resp"], normalize="index").round(2))
print(pd.crosstab(answers["mode"], answers["resp"], normalize="index").round(2))

# %% The model, and its priors
formula = "resp ~ btype + mode + situ + Gender + (1 | id) + (1 | item)"
priors = ["b ~ normal(0, 1)", "sd ~ exponential(1)"]
model = tm.model(formula, answers, "cumulative", priors)
print(model)

# %% What the priors foresee
foreseen = model.prior_predictive(100, seed=1)["prior_predictive"]["resp"]
shares = pd.Series(foreseen.to_numpy().ravel()).value_counts(normalize=True).sort_index()
print(shares.round(2).to_dict())

# %% Fit
fit = model.fit(draws=500, seed=1)
print(fit)
print(fit.ok)

# %% Would people answer so again?
again = fit.predict(kind="response", draws=True, seed=1).stack(sample=("chain", "draw")).to_numpy()
codes = answers["resp"].cat.codes.to_numpy() + 1
for name, category in {"no": 1, "perhaps": 2, "yes": 3}.items():
    by_person = pd.DataFrame(again == category).groupby(answers["id"].to_numpy()).mean()
    seen = pd.Series(codes == category).groupby(answers["id"].to_numpy()).mean()
    spread = by_person.std()
    print(f"{name:8} sd of people's shares: observed {seen.std():.3f}, "
          f"replicated {spread.quantile(0.025):.3f} to {spread.quantile(0.975):.3f}")  # fmt: skip

# %% The answer, as chances
print(fit.avg_predictions(by="btype"))

# %% People and items on one scale
items = fit.ranef()["item"]["Intercept"]
print(items.sort_values("mean").round(2).iloc[[0, 1, -2, -1]])
sds = fit.varcorr()["sdcor"]
print(sds.round(2))

# %% The picture
shares = fit.avg_predictions(by="item").frame().pivot(index="item", columns="group", values="estimate")
shares = shares.sort_values("no", ascending=False)
observed = pd.crosstab(answers["item"], answers["resp"], normalize="index").loc[shares.index]
figure, axes = pyplot.subplots(figsize=(7, 6), layout="constrained")
left = 0.0
for answer, color in {"no": "#D55E00", "perhaps": "#DDDDDD", "yes": "#0072B2"}.items():
    axes.barh(shares.index, shares[answer], left=left, color=color, label=answer, height=0.8)
    left = left + shares[answer]
for answers_so_far in (["no"], ["no", "perhaps"]):
    axes.plot(observed[answers_so_far].sum(axis=1), observed.index, "k|", ms=9)
axes.set_xlim(0, 1)
axes.set_xlabel("share of answers: the model's, and the observed (black marks)")
axes.tick_params(axis="y", labelsize=8, length=0)
axes.spines[["top", "right", "left"]].set_visible(False)
figure.legend(loc="outside upper center", ncols=3, frameon=False)
figure.savefig("items.png", dpi=150)

# %% The same in R
for language in ("brms", "stata"):
    print(tm.convert("clmm(resp ~ btype + mode + situ + Gender + (1 | id) + (1 | item), data = VerbAgg)", language))
