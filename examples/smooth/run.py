"""Carbon dioxide that plants take up: a smooth curve for each kind of plant, and a level for each plant."""

# %% The data
import pandas as pd
from matplotlib import pyplot

import tildemc as tm

plants = pd.read_csv("data/CO2.csv")
plants["kind"] = plants["Plant"].str[:2]
print(
    plants.groupby(["Type", "Treatment", "kind"]).agg(plants=("Plant", "nunique"), uptake=("uptake", "mean")).round(1)
)
print(sorted(plants["conc"].unique().tolist()))

# %% Three models
KINDS = {"Mc": "Mississippi, chilled", "Mn": "Mississippi", "Qc": "Quebec, chilled", "Qn": "Quebec"}
models = {
    "one curve": "uptake ~ Type * Treatment + s(conc, k = 6) + (1 | Plant)",
    "by type": "uptake ~ Type * Treatment + s(conc, by = Type, k = 6) + (1 | Plant)",
    "by both": "uptake ~ kind + s(conc, by = kind, k = 6) + (1 | Plant)",
}
fits = {name: tm.model(formula, plants).fit(draws=500, seed=1) for name, formula in models.items()}
print(fits["by type"].model)

# %% Which foresees rows that it has not seen?
print(tm.compare({name: fit.kfold(7, seed=1) for name, fit in fits.items()})[["elpd_diff", "dse", "p"]])

# %% The fit
fit = fits["by both"]
print(fit)
print(fit.ok)

# %% The curves
grid = tm.datagrid(fit, conc=list(range(100, 1001, 50)), kind=list(KINDS))
curves = grid.assign(**fit.predict(grid, groups="none"))
figure, panels = pyplot.subplots(1, 4, figsize=(9, 3.2), sharey=True, layout="constrained")
for panel, (kind, curve) in zip(panels, curves.groupby("kind"), strict=True):
    for _, plant in plants[plants["kind"] == kind].groupby("Plant"):
        panel.plot(plant["conc"], plant["uptake"], "o-", ms=3, lw=0.6, color="#666666")
    panel.plot(curve["conc"], curve["mean"], color="#0072B2")
    panel.fill_between(curve["conc"], curve["eti95_lb"], curve["eti95_ub"], color="#0072B2", alpha=0.2, lw=0)
    panel.set_title(f"{KINDS[kind]} ({kind})", fontsize=9)
    panel.set_xlabel("CO₂ (mL/L)")
    panel.spines[["top", "right"]].set_visible(False)
panels[0].set_ylabel("uptake (µmol/m² s)")
figure.savefig("curves.png", dpi=150)

# %% The answer
levels = tm.datagrid(fit, conc=[250, 1000], kind=list(KINDS))
print(levels[["conc", "kind"]].assign(**fit.predict(levels, groups="none")).round(1))
drawn = fit.predict(levels, groups="none", draws=True)
for place, conc in enumerate([250, 1000]):
    Mc, Mn, Qc, Qn = (drawn[..., 4 * place + kind] for kind in range(4))
    for name, lost in {"Mississippi": Mn - Mc, "Quebec": Qn - Qc}.items():
        low, high = lost.quantile([0.025, 0.975]).to_numpy()
        print(f"at {conc}, chilling costs plants of {name} {float(lost.mean()):.1f} ({low:.1f} to {high:.1f})")

# %% The same in R
for language in ("brms", "glmmTMB"):
    print(tm.convert("uptake ~ kind + s(conc, by = kind, k = 6) + (1 | Plant)", language))
