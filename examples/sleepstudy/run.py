"""Reaction times after short nights: a line for each person, and what a person nobody has seen would do."""

# %% The data
import pandas as pd

import tildemc as tm

sleep = pd.read_csv("data/sleepstudy.csv")
print(sleep.groupby("Days")["Reaction"].agg(["size", "mean", "std"]).round(0).T)

# %% The model, and its priors
formula = "Reaction ~ Days + (1 + Days | Subject)"
priors = ["Intercept ~ normal(250, 100)", "Days ~ normal(0, 20)", "sd(Subject, Intercept) ~ exponential(0.02)",
          "sd(Subject, Days) ~ exponential(0.1)", "sigma ~ exponential(0.02)"]  # fmt: skip
model = tm.model(formula, sleep, priors=priors)
print(model)

# %% What the priors foresee
foreseen = model.prior_predictive(500, seed=1)["prior_predictive"]["Reaction"]
print(foreseen.quantile([0.05, 0.5, 0.95]).round(-1).to_numpy())

# %% Fit
fit = model.fit(seed=1)
print(fit)
print(fit.ok)

# %% What lme4 says
print(tm.model("lmer(Reaction ~ Days + (Days | Subject), sleepstudy)", sleep).optimize())

# %% Are slopes and intercepts correlated?
independent = fit.update("~ . - (1 + Days | Subject) + (1 + Days || Subject)")
print(fit.hypothesis("cor_Subject__Intercept__Days > 0")[["mean", "lower", "upper", "probability"]])
print(tm.compare({"correlated": fit, "independent": independent})[["elpd_diff", "dse"]])

# %% People
print(fit.coef()["Subject"]["Days"].sort_values("mean").round(1).iloc[[0, 1, -2, -1]])
fit.plot("groups", levels=[308, 309, 335, 337], out="people.png")
fit.plot("ranef", out="effects.png")

# %% The first two days were practice
since = tm.model("Reaction ~ I(Days - 2) + (1 + I(Days - 2) | Subject)", sleep[sleep["Days"] >= 2]).fit(seed=1)
print(since.fixef())

# %% Somebody new
new = pd.DataFrame({"Days": [0, 9], "Subject": 999})
print(fit.predict(new, new_levels="sample", seed=1).round(0))
print(fit.predict(new, "response", new_levels="sample", seed=1).round(0))

# %% The same in R, Julia and Stata
for language in ("lme4", "brms", "julia", "stata"):
    print(tm.convert(formula, language))
