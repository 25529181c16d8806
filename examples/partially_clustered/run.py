"""A trial in which the treated are treated in groups and the controls are not: three answers to one question."""

# %% The data
import pandas as pd
from matplotlib import pyplot

import tildemc as tm

trial = pd.read_csv("trial.csv", dtype={"j": "Int64"})
print(
    trial.groupby("treat")
    .agg(people=("y", "size"), groups=("j", "nunique"), mean=("y", "mean"), sd=("y", "std"))
    .round(2)
)
print(trial[trial["treat"] == 1].groupby("j")["y"].mean().round(2).to_list())

# %% Three models
PRIORS = ["Intercept ~ normal(0, 100)", "b ~ normal(0, 100)", "var(sigma) ~ uniform(0, 100)"]
OF_GROUPS = [*PRIORS, "var(j) ~ gamma(1, 1)"]
models = {
    "no groups": tm.model("y ~ treat", trial, priors=PRIORS),
    "groups of the treated": tm.model("y ~ treat + (0 + treat | j)", trial, priors=OF_GROUPS),
    "and an sd of each arm": tm.model("y ~ treat + (0 + treat | j); sigma ~ by(treat)", trial, priors=OF_GROUPS),
}
print(models["and an sd of each arm"])

# %% What the groups' term holds
(term,) = models["groups of the treated"].group_terms()
print(f"effects of {', '.join(term.columns)} by {term.group}, {len(term.levels)} levels")

# %% Fit
fits = {name: model.fit(seed=1) for name, model in models.items()}
print(fits["and an sd of each arm"])
print({name: fit.ok for name, fit in fits.items()})

# %% Three answers
effects = pd.DataFrame({name: fit.fixef().loc["treat"] for name, fit in fits.items()}).T
effects["above 0"] = [fit.hypothesis("treat > 0")["probability"].iloc[0] for fit in fits.values()]
print(effects.round(3))

# %% Do the arms differ in their spread?
by_arm = fits["and an sd of each arm"]
sigma = by_arm.data["posterior"]["sigma"]
ratio = sigma.sel(treat=1) / sigma.sel(treat=0)
print("sd of the treated over that of controls:", ratio.quantile([0.025, 0.5, 0.975]).round(2).to_numpy())
print(tm.compare(fits)[["elpd_diff", "dse"]])

# %% Groups
print(by_arm.ranef()["j"]["treat"].round(2))

# %% The picture
figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.6), width_ratios=[3, 2], layout="constrained")
means = by_arm.predict(pd.DataFrame({"treat": 1, "j": range(1, 11)}))
left.scatter([0] * 100, trial.loc[trial["treat"] == 0, "y"], s=6, color="#999999")
left.scatter(trial["j"].dropna().astype(int), trial.loc[trial["treat"] == 1, "y"], s=6, color="#999999")
left.errorbar(range(1, 11), means["mean"], yerr=[means["mean"] - means["eti95_lb"], means["eti95_ub"] - means["mean"]],
              fmt="o", ms=4, color="#0072B2")  # fmt: skip
left.set_xticks(range(11), ["controls", *map(str, range(1, 11))], fontsize=8)
left.set_xlabel("group of the treated (blue: its mean, 95% interval)")
left.set_ylabel("y")
for place, (name, row) in enumerate(effects.iloc[::-1].iterrows()):
    right.errorbar(row["mean"], place, xerr=[[row["mean"] - row["eti95_lb"]], [row["eti95_ub"] - row["mean"]]],
                   fmt="o", color="#D55E00" if name == "no groups" else "#0072B2")  # fmt: skip
right.axvline(0, color="black", lw=0.8)
right.set_yticks(range(3), effects.index[::-1])
right.set_ylim(-0.6, 2.6)
right.set_xlabel("effect of the treatment")
for axes in (left, right):
    axes.spines[["top", "right"]].set_visible(False)
figure.savefig("trial.png", dpi=150)

# %% The same in Stata, R and SAS
stata = "mixed y treat || j: treat, nocons residuals(independent, by(treat))"
for language in ("formula", "nlme", "glmmTMB", "brms", "sas"):
    print(f"{language}:", tm.convert(stata, language, data=trial), sep="\n", end="\n\n")
