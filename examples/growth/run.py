"""Weights of rats on three diets: a line for each rat, and residuals that go on from one weighing to the next."""

# %% The data
import pandas as pd
from matplotlib import pyplot

import tildemc as tm

rats = pd.read_csv("data/BodyWeight.csv", dtype={"Rat": str, "Diet": str})
rats["week"] = (rats["Time"] - 1) / 7
print(rats.groupby("Diet").agg(rats=("Rat", "nunique"), rows=("weight", "size"), mean=("weight", "mean")).round(0))
print(sorted(rats["Time"].unique().tolist()))

# %% A line for each rat
formula = "weight ~ week * Diet + (1 + week | Rat)"
priors = ["Intercept ~ normal(400, 200)", "b ~ normal(0, 200)", "b(week) ~ normal(0, 10)",
          "b(week:Diet2) ~ normal(0, 10)", "b(week:Diet3) ~ normal(0, 10)"]  # fmt: skip
lines = tm.model(formula, rats, priors=priors).fit(draws=250, seed=1)
print(lines)

# %% Are the residuals alone?
residuals = rats.assign(residual=lines.residuals("ordinary")["mean"]).sort_values(["Rat", "Time"])
before = residuals.groupby("Rat")[["residual", "Time"]].shift()
pairs = residuals.assign(before=before["residual"], days=residuals["Time"] - before["Time"]).dropna()
for days, some in pairs.groupby("days"):
    print(f"{int(days)} days apart: {len(some)} pairs, correlation {some['residual'].corr(some['before']):.2f}")

# %% Residuals that go on
together = tm.model(f"{formula} + corCAR1(form = ~ Time | Rat)", rats, priors=priors)
print(together)
fit = together.fit(draws=250, seed=1)
print(fit)
print(fit.ok)

# %% What that changes
print(tm.compare({"residuals that go on": fit, "residuals alone": lines})[["elpd_diff", "dse", "diag_elpd"]])
slopes = {"alone": lines.fixef(), "going on": fit.fixef()}
print(pd.concat({name: found.filter(like="week", axis=0)[["mean", "sd"]] for name, found in slopes.items()}, axis=1))
print(together.optimize())

# %% The answer
print(fit.avg_slopes("week", by="Diet", groups="none"))
print(fit.hypothesis(["week:Diet2 > 0", "week:Diet3 > 0"])[["mean", "probability"]])

# %% The next weighing
last = rats[rats["Rat"] == "9"].sort_values("Time")
to_come = pd.DataFrame({"Rat": "9", "Diet": "2", "Time": [65, 68, 71], "week": [64 / 7, 67 / 7, 10.0], "weight": None})
days = pd.concat([last, to_come.astype({"weight": float})], ignore_index=True)
for name, told in {"without the last residual": "none", "with it": "before"}.items():
    print(name, fit.predict(days, residuals=told).tail(3)["mean"].round(1).to_list())

# %% The picture
figure, panels = pyplot.subplots(1, 3, figsize=(8, 3.6), sharey=True, layout="constrained")
rats["line"] = fit.predict(rats)["mean"]
for panel, (diet, some) in zip(panels, rats.groupby("Diet"), strict=True):
    for _, rat in some.groupby("Rat"):
        panel.plot(rat["Time"], rat["weight"], "o", ms=2.5, color="#333333")
        panel.plot(rat["Time"], rat["line"], color="#0072B2", lw=1)
    panel.set_title(f"diet {diet}", fontsize=10)
    panel.set_xlabel("day")
    panel.spines[["top", "right"]].set_visible(False)
panels[0].set_ylabel("weight (g)")
figure.savefig("rats.png", dpi=150)

# %% The same in R and SAS
for language in ("nlme", "sas", "stata"):
    print(tm.convert(f"{formula} + corCAR1(form = ~ Time | Rat)", language))
